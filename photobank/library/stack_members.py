"""Who is in a stack, as far as the library changes it: photos that leave, stacks that move with all their photos.

Stacks are made and shown in duplicates/stacks.py. A stack lies in one folder, has two photos or more, and one of them is its cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.models.assets import Asset
from photobank.models.duplicates import Stack, StackMember
from photobank.scope import Scope


async def touch(scope: Scope, asset_ids: Sequence[UUID]) -> None:
    """What lists tell of these photos has changed: open grids read them again."""
    change = update(Asset).where(col(Asset.id).in_(asset_ids)).values(changed_at=scope.now())
    await scope.db.execute(change.execution_options(synchronize_session=False))


async def leave(scope: Scope, asset_ids: Sequence[UUID]) -> None:
    """Take photos out of whatever stacks they are in; those left with one photo go, those left without a cover get the next."""
    out = delete(StackMember).where(col(StackMember.asset_id).in_(asset_ids)).returning(col(StackMember.stack_id))
    touched = set((await scope.db.scalars(out)).all())
    if not touched:
        return
    stay = select(col(StackMember.asset_id)).where(col(StackMember.stack_id).in_(touched))
    await touch(scope, [*asset_ids, *(await scope.db.scalars(stay)).all()])
    here = col(StackMember.stack_id) == col(Stack.id)
    left = select(func.count()).where(here).correlate(Stack).scalar_subquery()
    await scope.db.execute(delete(Stack).where(col(Stack.id).in_(touched), left < 2))
    cover = aliased(StackMember)
    covered = exists().where(col(cover.stack_id) == col(StackMember.stack_id), col(cover.is_cover))
    bare = select(col(StackMember.asset_id)).where(col(StackMember.stack_id).in_(touched), ~covered)
    first = bare.ext(distinct_on(col(StackMember.stack_id))).order_by(col(StackMember.stack_id), col(StackMember.asset_id))
    await scope.db.execute(update(StackMember).where(col(StackMember.asset_id).in_(first.scalar_subquery())).values(is_cover=True))


async def moved(scope: Scope, asset_ids: Sequence[UUID], folder_id: UUID) -> None:
    """Photos were put into this folder: a stack of which all were, comes along; others lose those that were."""
    mine = col(StackMember.asset_id).in_(asset_ids)
    elsewhere = select(col(StackMember.stack_id)).join(Stack).where(mine, col(Stack.folder_id) != folder_id)
    touched = set((await scope.db.scalars(elsewhere)).all())
    if not touched:
        return
    behind = exists().where(col(StackMember.stack_id) == col(Stack.id), ~mine)
    along = update(Stack).where(col(Stack.id).in_(touched), ~behind).values(folder_id=folder_id).returning(col(Stack.id))
    whole = set((await scope.db.scalars(along.execution_options(synchronize_session=False))).all())
    parted = select(col(StackMember.asset_id)).where(mine, col(StackMember.stack_id).in_(touched - whole))
    await leave(scope, (await scope.db.scalars(parted)).all())

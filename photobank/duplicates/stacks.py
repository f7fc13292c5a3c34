"""Stacks: photos that belong together, of one burst say, with a cover. Made by people; suggested by time and likeness. In one folder each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, tuple_, update
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.duplicates import repository
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import stack_members
from photobank.messaging.events import AssetsChanged
from photobank.models.assets import Asset, AssetState
from photobank.models.duplicates import DuplicatePair, PairKind, Stack, StackMember
from photobank.scope import Scope

MOST = 200
MOST_PAIRS = 2000


@dataclass(frozen=True, slots=True)
class StackRow:
    """A stack as its viewer sees it: photos in sight, the cover first, the others in the order they were taken."""

    id: UUID
    folder_id: UUID
    cover_id: UUID
    asset_ids: tuple[UUID, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InStack:
    """What a list tells of a photo in a stack."""

    stack_id: UUID
    is_cover: bool
    count: int


async def make(scope: Scope, asset_ids: Sequence[UUID], cover_id: UUID | None = None) -> StackRow:
    """Put photos of one folder into a stack; those that were in other stacks leave them. The cover is the first taken, unless named."""
    wanted = list(dict.fromkeys(asset_ids))
    if not 2 <= len(wanted) <= MOST or (cover_id is not None and cover_id not in wanted):
        raise Invalid("asset_ids", fields={"asset_ids": "errors.stack"})
    query = (await visibility.assets(scope)).where(col(Asset.id).in_(wanted)).with_for_update()
    found = {asset.id: asset for asset in (await scope.db.execute(query)).scalars()}
    if len(found) != len(wanted):
        raise NotFound("no such photo")
    (folder_id, *others) = {asset.folder_id for asset in found.values()}
    await require_on_folder(scope, Action.asset_edit, Permission.edit, folder_id)
    if others:
        raise Conflict("the photos of a stack lie in one folder")
    if any(asset.state not in (AssetState.ready, AssetState.archived) for asset in found.values()):
        raise Conflict("a photo that is not ready cannot be stacked")
    await stack_members.leave(scope, wanted)
    stack = Stack(id=new_id(), folder_id=folder_id, made_by=scope.actor.user_id, created_at=scope.now())
    scope.db.add(stack)
    await scope.db.flush()
    cover = cover_id or min(found.values(), key=lambda asset: (asset.sort_at, asset.id)).id
    scope.db.add_all(StackMember(asset_id=id_, stack_id=stack.id, is_cover=id_ == cover) for id_ in wanted)
    await _tell(scope, Tag.stack_made, stack, wanted)
    await scope.db.flush()
    return await get(scope, stack.id)


async def get(scope: Scope, stack_id: UUID) -> StackRow:
    """One stack with a photo in sight."""
    return (await _rows(scope, [await _find(scope, stack_id)]))[0]


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[StackRow]:
    """Stacks in sight, last made first."""
    size = clamp(limit)
    query = await _in_sight(scope)
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(Stack.created_at), col(Stack.id)) < tuple_(after.at, after.id))
    found = list(
        (await scope.db.execute(query.order_by(col(Stack.created_at).desc(), col(Stack.id).desc()).limit(size + 1))).scalars()
    )
    rows = await _rows(scope, found[:size])
    more = len(found) > size
    return Page(rows, TimeCursor(found[size - 1].created_at, found[size - 1].id).encode() if more else None)


async def of_assets(scope: Scope, asset_ids: Sequence[UUID]) -> dict[UUID, InStack]:
    """Which of these photos in sight lie in a stack, and how many photos in sight that has. Two queries, one when none does."""
    mine = _lying(select(StackMember)).where(col(StackMember.asset_id).in_(asset_ids))
    found = list((await scope.db.execute(mine)).scalars())
    if not found:
        return {}
    sight = (await visibility.assets(scope)).join(StackMember, col(StackMember.asset_id) == col(Asset.id))
    sight = sight.where(col(StackMember.stack_id).in_({one.stack_id for one in found}))
    sight = sight.join(Stack, (col(Stack.id) == col(StackMember.stack_id)) & (col(Stack.folder_id) == col(Asset.folder_id)))
    counts = sight.with_only_columns(col(StackMember.stack_id), func.count(), maintain_column_froms=True)
    rows = await scope.db.execute(counts.group_by(col(StackMember.stack_id)))
    counted = {row[0]: row[1] for row in rows}
    return {
        one.asset_id: InStack(one.stack_id, one.is_cover, counted[one.stack_id])
        for one in found
        if counted.get(one.stack_id, 0) > 1
    }


async def choose_cover(scope: Scope, stack_id: UUID, asset_id: UUID) -> StackRow:
    """Another photo of the stack stands for it."""
    stack = await _editable(scope, stack_id)
    if asset_id not in await _members(scope, stack_id):
        raise NotFound("no such photo in this stack")
    here = col(StackMember.stack_id) == stack_id
    await scope.db.execute(update(StackMember).where(here, col(StackMember.is_cover)).values(is_cover=False))
    await scope.db.execute(update(StackMember).where(col(StackMember.asset_id) == asset_id).values(is_cover=True))
    await _tell(scope, Tag.stack_changed, stack, await _members(scope, stack_id))
    return await get(scope, stack_id)


async def take_out(scope: Scope, stack_id: UUID, asset_id: UUID) -> None:
    """One photo leaves the stack; a stack of one is none."""
    stack = await _editable(scope, stack_id)
    members = await _members(scope, stack_id)
    if asset_id not in members:
        raise NotFound("no such photo in this stack")
    await stack_members.leave(scope, [asset_id])
    await _tell(scope, Tag.stack_changed, stack, members)


async def dissolve(scope: Scope, stack_id: UUID) -> list[UUID]:
    """Every photo stands by itself again; gives them, for undo."""
    stack = await _editable(scope, stack_id)
    members = await _members(scope, stack_id)
    await scope.db.execute(delete(Stack).where(col(Stack.id) == stack_id))
    await _tell(scope, Tag.stack_dissolved, stack, members)
    return members


async def suggestions(scope: Scope) -> list[tuple[UUID, ...]]:
    """Bursts in sight that nobody has stacked or said no to: photos of one folder, taken within seconds, that look alike."""
    require(scope, Action.asset_edit)
    stacked = exists().where(col(StackMember.asset_id).in_([col(DuplicatePair.older_id), col(DuplicatePair.newer_id)]))
    query = (await repository.in_sight(scope, kind=PairKind.burst)).where(col(DuplicatePair.answer).is_(None), ~stacked)
    found = list((await scope.db.execute(query.order_by(col(DuplicatePair.found_at).desc()).limit(MOST_PAIRS))).scalars())
    known = await repository.assets_of(scope, found)
    of: dict[UUID, UUID] = {}

    def root(id_: UUID) -> UUID:
        while of.setdefault(id_, id_) != id_:
            id_ = of[id_]
        return id_

    editable = await visibility.folder_ids(scope, Permission.edit)
    for pair in found:
        folders = {known[pair.older_id].folder_id, known[pair.newer_id].folder_id}
        if len(folders) == 1 and folders <= editable:
            of[root(pair.newer_id)] = root(pair.older_id)
    groups: dict[UUID, list[UUID]] = defaultdict(list)
    for id_ in sorted(of, key=lambda id_: (known[id_].sort_at, id_)):
        groups[root(id_)].append(id_)
    return sorted((tuple(group) for group in groups.values() if len(group) > 1), key=lambda group: group[0], reverse=True)


async def _find(scope: Scope, stack_id: UUID) -> Stack:
    stack = await scope.db.scalar((await _in_sight(scope)).where(col(Stack.id) == stack_id))
    if stack is None:
        raise NotFound("no such stack")
    return stack


async def _editable(scope: Scope, stack_id: UUID) -> Stack:
    stack = await _find(scope, stack_id)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, stack.folder_id)
    await scope.db.execute(select(col(Stack.id)).where(col(Stack.id) == stack_id).with_for_update())
    return stack


async def _in_sight(scope: Scope) -> Select[Stack]:
    sight = (await visibility.assets(scope)).with_only_columns(col(Asset.id), maintain_column_froms=True)
    lying = sight.where(col(Asset.folder_id) == col(Stack.folder_id)).correlate(Stack)
    return select(Stack).where(exists().where(col(StackMember.stack_id) == col(Stack.id), col(StackMember.asset_id).in_(lying)))


async def _rows(scope: Scope, found: Sequence[Stack]) -> list[StackRow]:
    """Stacks with their photos in sight, in one query. A cover out of sight, in the trash say, is stood in for by the next photo."""
    sight = (await visibility.assets(scope)).join(StackMember, col(StackMember.asset_id) == col(Asset.id))
    sight = sight.join(Stack, (col(Stack.id) == col(StackMember.stack_id)) & (col(Stack.folder_id) == col(Asset.folder_id)))
    query = sight.where(col(StackMember.stack_id).in_([stack.id for stack in found])).with_only_columns(
        col(StackMember.stack_id), col(Asset.id), maintain_column_froms=True
    )
    query = query.order_by(col(StackMember.is_cover).desc(), col(Asset.sort_at), col(Asset.id))
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for stack_id, asset_id in await scope.db.execute(query):
        members[stack_id].append(asset_id)
    return [
        StackRow(stack.id, stack.folder_id, members[stack.id][0], tuple(members[stack.id]), stack.created_at)
        for stack in found
        if members[stack.id]
    ]


def _lying(query: Any) -> Any:
    """Members that lie where the stack lies. Photos that move leave their stack; rights follow the folder, so it is asked for here too."""
    query = query.join(Stack, col(Stack.id) == col(StackMember.stack_id))
    return query.join(Asset, (col(Asset.id) == col(StackMember.asset_id)) & (col(Asset.folder_id) == col(Stack.folder_id)))


async def _members(scope: Scope, stack_id: UUID) -> list[UUID]:
    query = _lying(select(col(StackMember.asset_id))).where(col(StackMember.stack_id) == stack_id)
    query = query.order_by(col(StackMember.asset_id))
    return list((await scope.db.scalars(query)).all())


async def _tell(scope: Scope, tag: Tag, stack: Stack, members: Sequence[UUID]) -> None:
    await stack_members.touch(scope, members)
    record(scope, tag, folder_id=stack.folder_id, payload={"stack": str(stack.id), "photos": len(members)})
    scope.announce(AssetsChanged(asset_ids=tuple(members)))

"""Photos on which no face was found, or none is left: somebody looks, and says of many at once that nobody is recognisable.

What is said is said in nobody.py; here they are found.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action, Permission
from photobank.kernel.errors import Invalid
from photobank.kernel.paging import Page, clamp
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState
from photobank.scope import Scope


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[UUID]:
    """Photos that wait for somebody to say so, newest first."""
    size = clamp(limit)
    query = await _waiting(scope)
    if cursor:
        query = query.where(col(Asset.id) < _cursor(cursor))
    ids = list((await scope.db.scalars(query.order_by(col(Asset.id).desc()).limit(size + 1))).all())
    return Page(ids[:size], str(ids[size - 1]) if len(ids) > size else None)


async def count(scope: Scope) -> int:
    """How many there are."""
    waiting = (await _waiting(scope)).with_only_columns(func.count(), maintain_column_froms=True)
    return await scope.db.scalar(waiting) or 0


async def _waiting(scope: Scope) -> Any:
    require(scope, Action.face_review)
    somebody = exists().where(col(Face.asset_id) == col(Asset.id), col(Face.state) != FaceState.ignored)
    return select(col(Asset.id)).where(
        col(Asset.state) == AssetState.ready,
        col(Asset.version_of).is_(None),
        col(Asset.no_people_at).is_(None),
        ~somebody,
        await visibility.in_sight(scope, Permission.edit),
    )


def _cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

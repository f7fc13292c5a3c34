"""Photos as the people on them are shown them: where somebody was confirmed, and what of the picture is theirs to see.

What is kept in for everybody stays in here too: locked or held photos, and folders that open for a fresh proof only. For those one asks
for access.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from photobank.access.actor import ActorKind
from photobank.access.authorise import under_lock
from photobank.audit.tags import Tag
from photobank.clearance import facts
from photobank.db.among import among
from photobank.delivery import streams
from photobank.delivery.deciding import Released, read_rendition
from photobank.delivery.outside import one_state
from photobank.imaging import alone
from photobank.imaging.crop import Box
from photobank.kernel.errors import NotFound, Refused
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.people import Face, FaceState
from photobank.scope import Scope

SMALL = "thumb"


@dataclass(frozen=True, slots=True)
class Own:
    """A photo with somebody on it. `sharp` is what may be seen of it where they are not `alone`, `others` are the faces of others."""

    asset: Asset
    alone: bool
    sharp: Box | None
    others: tuple[Box, ...] = ()


async def show(scope: Scope, person_id: UUID, asset_id: UUID) -> Released:
    """A small picture of a photo for somebody who is on it, and has shown who they are (privacy/own_page.py).

    Whole where nobody else is on it; else only their own face is sharp. No consent is asked for: it is theirs to see.
    """
    if scope.actor.kind is not ActorKind.subject:
        raise Refused("only for the people on the photo", action=Tag.asset_viewed, targets={"asset_id": asset_id})
    await one_state(scope)
    own = await find(scope, person_id, asset_id)
    row = await scope.db.get(Rendition, (asset_id, SMALL))
    if row is None:
        raise NotFound("no such rendition")
    data, media_type = await read_rendition(scope, own.asset, row)
    if not own.alone:
        hidden = await scope.container.decoder.only_one(data, own.sharp, own.others, max(row.width, row.height))
        data, media_type = hidden.data, hidden.mime
    return Released(streams.pieces(data), media_type, len(data), SMALL)


async def find(scope: Scope, person_id: UUID, asset_id: UUID) -> Own:
    """One photo of somebody's own; raises NotFound for every other. The caller has made sure who asks."""
    family = await facts.family(scope, person_id)
    query = select(Asset).where(col(Asset.id) == asset_id, *await _conditions(scope, family))
    asset = await scope.db.scalar(query.execution_options(populate_existing=True))
    if asset is None:
        raise NotFound("no such photo")
    faces = list((await scope.db.scalars(select(Face).where(col(Face.asset_id) == asset_id).order_by(col(Face.id)))).all())
    mine = [face for face in faces if face.state == FaceState.confirmed and face.person_id in family]
    others = [face for face in faces if face not in mine and face.state != FaceState.ignored]
    if asset.faces_done and not others:
        return Own(asset, alone=True, sharp=None)
    # Somebody whom a reviewer called unrecognisable may know themselves: in company their faces are hidden like all others.
    rest = tuple(Box(*face.box) for face in faces if face not in mine and face.box)
    # Who is on it without a visible face is shown nothing sharp of it: where they are is not known.
    own = next((Box(*face.box) for face in mine if face.box), None)
    return Own(asset, alone=False, sharp=alone.region(own, rest) if own else None, others=rest)


async def page(scope: Scope, person_id: UUID, cursor: str | None = None, limit: int | None = None) -> Page[Asset]:
    """Somebody's own photos, newest first."""
    size = clamp(limit)
    query: Select[Any] = select(Asset).where(*await _conditions(scope, await facts.family(scope, person_id)))
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(Asset.sort_at), col(Asset.id)) < tuple_(after.at, after.id))
    found = list((await scope.db.scalars(query.order_by(col(Asset.sort_at).desc(), col(Asset.id).desc()).limit(size + 1))).all())
    shown = found[:size]
    return Page(shown, TimeCursor(shown[-1].sort_at, shown[-1].id).encode() if len(found) > size else None)


async def count(scope: Scope, person_id: UUID) -> int:
    """How many photos of their own somebody is shown."""
    query = select(func.count()).select_from(Asset).where(*await _conditions(scope, await facts.family(scope, person_id)))
    return await scope.db.scalar(query) or 0


def with_any_of(family: Collection[UUID]) -> ColumnElement[bool]:
    """Condition on assets: one of these entries was confirmed on it."""
    confirmed = select(col(Face.asset_id)).where(col(Face.person_id).in_(family), col(Face.state) == FaceState.confirmed)
    return col(Asset.id).in_(confirmed)


async def _conditions(scope: Scope, family: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (
        with_any_of(family),
        col(Asset.version_of).is_(None),
        col(Asset.state).in_((AssetState.ready, AssetState.archived)),
        col(Asset.locked_at).is_(None),
        col(Asset.hold_at).is_(None),
        ~among(col(Asset.folder_id), await under_lock(scope)),
    )

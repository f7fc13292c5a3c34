"""Assets: listed, read, edited. Every query starts from visibility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, may, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import fields, marks, moving, narrowing, tags
from photobank.library.describing import Description, describe
from photobank.library.fields import Filled
from photobank.library.marks import Marks
from photobank.messaging.events import AssetsChanged, AssetsDescribed
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.people import Face, FaceState, Person
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. Only what is set counts."""

    folder_id: UUID | None = None
    person_id: UUID | None = None
    state: AssetState | None = None
    ids: tuple[UUID, ...] | None = None
    mine: bool = False
    trashed: bool = False
    favourite: bool = False
    rating: int | None = None
    """The average is at least this many stars."""
    collection_id: UUID | None = None
    tag: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """One asset with what its page shows beside faces and clearance."""

    asset: Asset
    renditions: Sequence[Rendition]
    folder_permission: Permission
    tags: Sequence[str]
    fields: Sequence[Filled]
    marks: Marks


async def page(
    scope: Scope, filters: Filters, cursor: str | None = None, limit: int | None = None, *, oldest_first: bool = False
) -> Page[Asset]:
    """Assets in sight, newest first unless asked otherwise."""
    size = clamp(limit)
    query = await _narrowed(scope, filters)
    if cursor:
        after = TimeCursor.decode(cursor)
        here, there = tuple_(col(Asset.sort_at), col(Asset.id)), tuple_(after.at, after.id)
        query = query.where(here > there if oldest_first else here < there)
    if oldest_first:
        query = query.order_by(col(Asset.sort_at), col(Asset.id)).limit(size + 1)
    else:
        query = query.order_by(col(Asset.sort_at).desc(), col(Asset.id).desc()).limit(size + 1)
    rows = list((await scope.db.execute(query)).scalars())
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, TimeCursor(rows[-1].sort_at, rows[-1].id).encode() if more else None)


async def count(scope: Scope, filters: Filters) -> int:
    """How many assets in sight match."""
    query = (await _narrowed(scope, filters)).with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return await scope.db.scalar(query) or 0


async def months(scope: Scope, filters: Filters) -> list[tuple[datetime, int]]:
    """Assets in sight per month (UTC), newest first."""
    month = func.date_trunc("month", col(Asset.sort_at))
    query = (await _narrowed(scope, filters)).with_only_columns(month, func.count(), maintain_column_froms=True)
    return [(at, n) for at, n in (await scope.db.execute(query.group_by(month).order_by(month.desc())))]


async def find(scope: Scope, asset_id: UUID, *, at_least: Permission = Permission.view, trashed: bool = False) -> Asset:
    """One asset in sight; raises NotFound for any other."""
    query = (await visibility.assets(scope, trashed=trashed)).where(col(Asset.id) == asset_id)
    asset = await scope.db.scalar(query)
    if asset is None:
        raise NotFound("no such photo")
    if at_least is not Permission.view:
        await require_on_folder(scope, Action.library_view, at_least, asset.folder_id, asset_id=asset_id)
    return asset


async def detail(scope: Scope, asset_id: UUID) -> AssetDetail:
    """One asset with its renditions, tags, custom fields and marks."""
    asset = await find(scope, asset_id)
    permission = (await folder_rights(scope))[asset.folder_id]
    query = select(Rendition).where(col(Rendition.asset_id) == asset_id).order_by(col(Rendition.width))
    editable = {asset_id} if permission >= Permission.edit and may(scope.actor, Action.asset_edit) else set()
    return AssetDetail(
        asset,
        list((await scope.db.execute(query)).scalars()),
        permission,
        (await tags.of_assets(scope, [asset_id]))[asset_id],
        (await fields.of_assets(scope, [asset_id], editable=editable))[asset_id],
        (await marks.of_assets(scope, [asset_id]))[asset_id],
    )


async def edit(scope: Scope, asset_id: UUID, description: Description | None = None, *, folder_id: UUID | None = None) -> Asset:
    """Change what people wrote about an asset, or move it. Moving needs `edit` on both folders and rewraps its key."""
    asset = await find(scope, asset_id)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.state == AssetState.archived:
        raise Conflict("this photo is in the archive, which is read-only")
    changed = (await describe(scope, [asset_id], description or Description())).get(asset_id, [])
    moved = folder_id is not None and folder_id != asset.folder_id
    if moved and folder_id is not None:
        await require_on_folder(scope, Action.asset_edit, Permission.edit, folder_id, asset_id=asset_id)
        await moving.move(scope, [asset_id], folder_id)
    if changed or moved:
        await scope.db.flush()
        await scope.db.refresh(asset)
        names = [*changed, *(["folder"] if moved else [])]
        record(scope, Tag.asset_changed, asset_id=asset_id, folder_id=asset.folder_id, payload={"fields": names})
        # Where a photo lies counts for consents given for a folder; what it is called does not.
        scope.announce(AssetsChanged(asset_ids=(asset_id,)) if moved else AssetsDescribed(asset_ids=(asset_id,)))
    return asset


async def say_no_people(scope: Scope, asset_ids: Sequence[UUID]) -> list[UUID]:
    """A human looked: nobody on these photos is recognisable. Skips photos with settled or open faces; gives those that took it."""
    done: list[UUID] = []
    for asset_id in asset_ids:
        asset = await find(scope, asset_id)
        await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
        open_faces = await scope.db.scalar(
            select(func.count()).where(col(Face.asset_id) == asset_id, col(Face.state) != FaceState.ignored)
        )
        if open_faces or asset.state != AssetState.ready:
            continue
        asset.no_people_by = scope.actor.user_id
        asset.no_people_at = asset.changed_at = scope.now()
        record(scope, Tag.no_people_confirmed, asset_id=asset_id, folder_id=asset.folder_id)
        done.append(asset_id)
    if done:
        scope.announce(AssetsChanged(asset_ids=tuple(done)))
    return done


async def _narrowed(scope: Scope, filters: Filters) -> Any:
    query = await visibility.assets(scope, trashed=filters.trashed)
    conditions: list[ColumnElement[bool]] = []
    if filters.folder_id is not None:
        conditions.append(col(Asset.folder_id) == filters.folder_id)
    if filters.state is not None:
        conditions.append(col(Asset.state) == filters.state)
    if filters.ids is not None:
        conditions.append(col(Asset.id).in_(filters.ids))
    if filters.mine:
        conditions.append(col(Asset.uploaded_by) == scope.actor.user_id)
    conditions += await narrowing.marked(
        scope, filters.favourite, filters.rating, filters.collection_id, filters.tag, filters.event
    )
    if filters.person_id is not None:
        confirmed = col(Face.state) == FaceState.confirmed
        known = (await visibility.people(scope)).with_only_columns(col(Person.id), maintain_column_froms=True)
        conditions.append(exists(known.where(col(Person.id) == filters.person_id)))
        conditions.append(exists().where(col(Face.asset_id) == col(Asset.id), col(Face.person_id) == filters.person_id, confirmed))
    return query.where(*conditions)

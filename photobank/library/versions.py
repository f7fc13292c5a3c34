"""Versions: another file takes the place of a photo's, under the photo's own id. What was there is kept and can come back.

A new version arrives as a photo of its own that nobody finds (`version_of`), is decoded and looked at for faces like any other, and
then takes its place in one transaction (succession.py). Until that commit the old version is shown whole, from it on the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from photobank.access.authorise import folder_rights, may, require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.imaging.shift import Shift
from photobank.kernel.errors import Conflict, NotFound
from photobank.library import carrying
from photobank.library.assets import find
from photobank.messaging.events import AssetsChanged, VersionForgotten, VersionMoved
from photobank.models.accounts import User
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.versions import AssetVersion, VersionFace
from photobank.scope import Scope

# What a version has of its own, and the asset's row tells of the version shown.
OWN = ("filename", "media_type", "size", "width", "height", "content_index", "phash", "placeholder", "metadata_ct", "taken_at")
LOOKED = ("faces_done", "no_people_by", "no_people_at")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version as a list shows it. `same_picture`: it shows what the version shown now shows, resized, cropped or graded."""

    number: int
    current: bool
    filename: str
    media_type: str
    size: int
    width: int
    height: int
    same_picture: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """A version on its way: being sent, decoded or looked at."""

    asset_id: UUID
    filename: str
    state: str
    stage: str
    size: int
    since: datetime


async def replace(scope: Scope, asset_id: UUID, new_asset_id: UUID) -> None:
    """Make one photo a new version of another: it takes that one's place as soon as it is processed.

    Takes `edit` on both folders. From now on nobody finds `new_asset_id`; what it said of itself (tags, folder) goes with it.
    """
    asset = await replaceable(scope, asset_id)
    new = await find(scope, new_asset_id, at_least=Permission.edit)
    require(scope, Action.asset_edit, asset_id=new_asset_id)
    if new.id == asset.id:
        raise Conflict("a photo is no version of itself")
    if new.state not in (AssetState.processing, AssetState.ready) or new.versions > 1 or new.hold_at or new.locked_at:
        raise Conflict("this photo cannot become a version of another")
    if await scope.db.scalar(select(col(Asset.id)).where(col(Asset.version_of) == new.id).limit(1)):
        raise Conflict("a version of this photo is on its way")
    new.version_of = asset.id
    new.stage_at = new.changed_at = scope.now()
    scope.announce(AssetsChanged(asset_ids=(new.id,)))
    scope.announce(VersionMoved(asset_id=new.id, of=asset.id))


async def replaceable(scope: Scope, asset_id: UUID) -> Asset:
    """A photo that takes new versions, for who may edit it; raises otherwise."""
    asset = await find(scope, asset_id)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.state != AssetState.ready:
        raise Conflict("this photo takes no versions now")
    return asset


async def list_of(scope: Scope, asset_id: UUID) -> list[VersionRow]:
    """All versions of a photo in sight, newest first; one for a photo that never had another. Who made them is for who may edit."""
    asset = await find(scope, asset_id)
    rows = await _rows(scope, asset)
    named = {row.made_by for row in rows if row.made_by} if await _may_edit(scope, asset) else set()
    names = await _names(scope, named)
    shown = next(row.picture for row in rows if row.number == asset.version)
    return [
        VersionRow(
            number=row.number,
            current=row.number == asset.version,
            filename=row.filename,
            media_type=row.media_type,
            size=row.size,
            width=row.width,
            height=row.height,
            same_picture=row.picture == shown,
            made_by=names.get(row.made_by, "") if row.made_by else "",
            made_at=row.made_at,
        )
        for row in sorted(rows, key=lambda row: -row.number)
    ]


async def coming(scope: Scope, asset_id: UUID) -> list[Coming]:
    """Versions of a photo that are on their way, for who may edit it; to others there are none."""
    asset = await find(scope, asset_id)
    if not await _may_edit(scope, asset):
        return []
    query = select(Asset).where(col(Asset.version_of) == asset.id).order_by(col(Asset.id))
    return [
        Coming(one.id, one.filename, str(one.state), str(one.stage), one.size, one.created_at)
        for one in (await scope.db.execute(query)).scalars()
    ]


async def restore(scope: Scope, asset_id: UUID, number: int) -> Asset:
    """Show an earlier version again, with its faces. The one shown so far is kept."""
    asset = await _locked(scope, asset_id)
    rows = {row.number: row for row in await _rows(scope, asset)}
    chosen = rows.get(number)
    if chosen is None:
        raise NotFound("no such version")
    if number == asset.version:
        raise Conflict("this version is shown already")
    was = rows[asset.version]
    await keep_current(scope, asset)
    shift = way(list(rows.values()), asset.version, number) if was.picture == chosen.picture else None
    carried = await carrying.bring_back(scope, asset.id, number, shift)
    show(scope, asset, chosen)
    for name in LOOKED:
        setattr(asset, name, getattr(chosen, name))
    await put_renditions(scope, asset.id, chosen.renditions)
    if was.picture != chosen.picture:
        another_picture(scope, asset, chosen.picture)
    if carried.found:
        asset.no_people_by = asset.no_people_at = None
    record(
        scope,
        Tag.asset_version_restored,
        asset_id=asset.id,
        folder_id=asset.folder_id,
        payload={"version": number, "instead_of": was.number, "same_picture": was.picture == chosen.picture},
    )
    scope.announce(AssetsChanged(asset_ids=(asset.id,)))
    return asset


async def forget(scope: Scope, asset_id: UUID, number: int) -> None:
    """Delete an earlier version for good. Its bytes lie under the photo's own key, so they are removed, not shredded."""
    require(scope, Action.asset_purge, asset_id=asset_id)
    asset = await _locked(scope, asset_id)
    await require_on_folder(scope, Action.asset_purge, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.hold_at is not None:
        raise Conflict("a legal hold is on this photo")
    if number == asset.version:
        raise Conflict("the version shown is not forgotten: restore another one first")
    rows = await _rows(scope, asset)
    chosen = next((row for row in rows if row.number == number), None)
    if chosen is None:
        raise NotFound("no such version")
    for row in rows:
        if row.came_from == number:
            # The way between the others leads past it from now on.
            row.shift = _joined(chosen.shift, row.shift)
            row.came_from = chosen.came_from
    await scope.db.execute(delete(VersionFace).where(col(VersionFace.asset_id) == asset_id, col(VersionFace.number) == number))
    await scope.db.execute(delete(AssetVersion).where(col(AssetVersion.asset_id) == asset_id, col(AssetVersion.number) == number))
    record(scope, Tag.asset_version_forgotten, asset_id=asset_id, folder_id=asset.folder_id, payload={"version": number})
    scope.announce(VersionForgotten(asset_id=asset_id))
    scope.announce(AssetsChanged(asset_ids=(asset_id,)))


async def find_version(scope: Scope, asset_id: UUID, number: int) -> AssetVersion:
    """One version of a photo whose row the caller has found; raises NotFound."""
    asset = await find(scope, asset_id)
    row = next((row for row in await _rows(scope, asset) if row.number == number), None)
    if row is None:
        raise NotFound("no such version")
    return row


async def keep_current(scope: Scope, asset: Asset) -> AssetVersion:
    """Write down the version that is shown, as it stands, before another takes its place."""
    rows = await _rows(scope, asset)
    row = next(row for row in rows if row.number == asset.version)
    for name in (*OWN, *LOOKED):
        setattr(row, name, getattr(asset, name))
    scope.db.add(row)
    await carrying.keep(scope, asset.id, asset.version)
    await scope.db.flush()
    return row


def show(scope: Scope, asset: Asset, row: AssetVersion) -> None:
    """Have the asset's row tell of this version."""
    for name in OWN:
        setattr(asset, name, getattr(row, name))
    asset.version = row.number
    asset.changed_at = scope.now()


def another_picture(scope: Scope, asset: Asset, picture: int) -> None:
    """Note that from now on another picture is shown: who signed for the photo by name signed for the one shown then."""
    asset.pictures = [*asset.pictures, {"at": scope.now().isoformat(), "picture": picture}]


def way(rows: Sequence[AssetVersion], start: int, end: int) -> Shift | None:
    """Where the picture of version `start` lies in that of `end`, along the versions between them; None when the way is broken."""
    up, down = _line(rows, start), _line(rows, end)
    meeting = next((row.number for row in up if row.number in {one.number for one in down}), None)
    if meeting is None:
        return None
    shift = Shift()
    for row in up[: [one.number for one in up].index(meeting)]:
        if row.shift is None:
            return None
        shift = shift.then(Shift(*row.shift).back())
    for row in reversed(down[: [one.number for one in down].index(meeting)]):
        if row.shift is None:
            return None
        shift = shift.then(Shift(*row.shift))
    return shift


async def put_renditions(scope: Scope, asset_id: UUID, renditions: Sequence[dict[str, Any]]) -> None:
    """Have screens be offered these sizes."""
    await scope.db.execute(delete(Rendition).where(col(Rendition.asset_id) == asset_id))
    scope.db.add_all(Rendition(asset_id=asset_id, **one) for one in renditions)
    await scope.db.flush()


async def renditions_of(scope: Scope, asset_id: UUID) -> list[dict[str, Any]]:
    """The renditions of the version shown, as a version keeps them."""
    query = select(Rendition).where(col(Rendition.asset_id) == asset_id).order_by(col(Rendition.name))
    names = ("name", "media_type", "width", "height", "size")
    return [{name: getattr(one, name) for name in names} for one in (await scope.db.execute(query)).scalars()]


async def _rows(scope: Scope, asset: Asset) -> list[AssetVersion]:
    """The versions; of an asset that never had a second one, a row that is not saved."""
    query = select(AssetVersion).where(col(AssetVersion.asset_id) == asset.id).order_by(col(AssetVersion.number))
    rows = list((await scope.db.execute(query)).scalars())
    if rows:
        return rows
    own = {name: getattr(asset, name) for name in (*OWN, *LOOKED)}
    made: dict[str, Any] = {
        "made_by": asset.uploaded_by,
        "made_at": asset.created_at,
        "renditions": await renditions_of(scope, asset.id),
    }
    return [AssetVersion(asset_id=asset.id, number=asset.version, **own, **made)]


async def _may_edit(scope: Scope, asset: Asset) -> bool:
    return (await folder_rights(scope))[asset.folder_id] >= Permission.edit and may(scope.actor, Action.asset_edit)


async def _locked(scope: Scope, asset_id: UUID) -> Asset:
    asset = await replaceable(scope, asset_id)
    await scope.db.refresh(asset, with_for_update=True)
    if asset.state != AssetState.ready:
        raise Conflict("this photo takes no versions now")
    return asset


async def _names(scope: Scope, ids: set[UUID]) -> dict[UUID, str]:
    query = select(col(User.id), col(User.name)).where(col(User.id).in_(ids))
    rows = (await scope.db.execute(query)).all() if ids else []
    return {id_: name for id_, name in rows}  # noqa: C416  rows are no tuples to mypy


def _line(rows: Sequence[AssetVersion], number: int) -> list[AssetVersion]:
    """A version and those it came from, nearest first."""
    by = {row.number: row for row in rows}
    found: list[AssetVersion] = []
    while number in by and len(found) <= len(rows):
        found.append(by[number])
        number = by[number].came_from or 0
    return found


def _joined(first: list[float] | None, second: list[float] | None) -> list[float] | None:
    if first is None or second is None:
        return None
    return Shift(*first).then(Shift(*second)).numbers()

"""Photos on the screens of those who have an account. Each picture is decided afresh, and a look is no hand-over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.clearance import uses
from photobank.crypto.permits import Purpose
from photobank.delivery import screens, streams, views
from photobank.delivery.deciding import Released, find_for_screen, photo_key, read_named, read_rendition, require_clearance
from photobank.delivery.outside import one_state
from photobank.imaging.crop import Box
from photobank.kernel.errors import Conflict, NotFound, Refused
from photobank.library import versions
from photobank.library.processing import metadata_cipher
from photobank.models.assets import Asset, Rendition
from photobank.models.people import Face
from photobank.scope import Scope

LARGE = "large"
FULL = "full"
FULL_SIDE, FULL_QUALITY = 6000, 84
FACE_PIXELS = 150
"""A face is cut from the smallest rendition in which it is at least this high or wide: avatars are small, and thumbs decode fast."""
EMBEDDED_SHOWN = ("camera", "exposure", "keywords", "rating", "place", "copyright", "instructions")


@dataclass(frozen=True, slots=True)
class Embedded:
    """Metadata that came with a file. `place` is latitude and longitude."""

    place: tuple[float, float] | None = None
    camera: dict[str, Any] = field(default_factory=dict)


async def show(scope: Scope, asset_id: UUID, rendition: str) -> Released:
    """A rendition for a screen: for who works on the photo, else only while it is cleared for internal use."""
    if rendition == FULL:
        return await _show_full(scope, asset_id)
    await one_state(scope)
    asset = await find_for_screen(scope, asset_id)
    data, media_type = await _for_screen(scope, asset, rendition)
    if rendition in views.COUNTS_AS_LOOKING:
        await views.note(scope, asset)
    return Released(streams.pieces(data), media_type, len(data), rendition)


async def _show_full(scope: Scope, asset_id: UUID) -> Released:
    """The photo as large as a screen can use it, for who looks closer than `large` goes: made for the asking and kept nowhere.

    Decided before it is made, on a connection that is given back, and again when it is there; the second decision counts. Who may only
    look, or looks closer at more photos than anybody can, gets `large`: the whole photo, unmarked, is what a right to download is for.
    """
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        asset = await _find_full(looking, asset_id)
        version, may_take = asset.version, await _may_take(looking, asset)
        key = await photo_key(looking, asset_id, Purpose.SHOW)
    if not may_take or not await scope.container.rates.allows(limits.FULL_SIZES, str(scope.actor.id or scope.actor.kind)):
        return await show(scope, asset_id, LARGE)
    blob, context = place(asset_id, version, ORIGINAL)
    original = await scope.blobs.read_all(blob, key, context, limit=scope.settings.max_upload_bytes)
    made = await scope.container.decoder.derive(original, FULL_SIDE, "webp", FULL_QUALITY)
    asset = await _find_full(scope, asset_id)
    if asset.version != version:
        raise Conflict("another version of this photo has taken its place")
    if not await _may_take(scope, asset):
        raise Refused("download on this folder is needed", action=Tag.asset_viewed, targets={"asset_id": asset_id})
    await views.note(scope, asset)
    return Released(streams.pieces(made.data), made.mime, len(made.data), FULL)


async def _may_take(scope: Scope, asset: Asset) -> bool:
    """Works on the photo, or may download from its folder."""
    held = (await folder_rights(scope)).get(asset.folder_id, 0)
    return (held >= Permission.download and may(scope.actor, Action.asset_download)) or await screens.works_on(scope, asset)


async def _find_full(scope: Scope, asset_id: UUID) -> Asset:
    """A decoded photo that this screen may show."""
    await one_state(scope)
    asset = await find_for_screen(scope, asset_id)
    if not await scope.db.scalar(select(col(Rendition.name)).where(col(Rendition.asset_id) == asset.id).limit(1)):
        raise NotFound("no such rendition")
    await _require_shown(scope, asset)
    return asset


async def show_version(scope: Scope, asset_id: UUID, number: int, rendition: str) -> Released:
    """A rendition of any version, for who works on the photo: clearance speaks of the version shown, and of no other."""
    await one_state(scope)
    asset = await find_for_screen(scope, asset_id)
    if number == asset.version:
        return await show(scope, asset_id, rendition)
    version = await versions.find_version(scope, asset_id, number)
    made = next((one for one in version.renditions if one["name"] == rendition), None)
    if made is None:
        raise NotFound("no such rendition")
    if not await screens.works_on(scope, asset):
        raise Refused("earlier versions are for who edits the photo", action=Tag.asset_viewed, targets={"asset_id": asset_id})
    data = await read_named(scope, asset_id, number, rendition)
    if rendition in views.COUNTS_AS_LOOKING:
        await views.note(scope, asset)
    return Released(streams.pieces(data), str(made["media_type"]), len(data), rendition)


async def show_face(scope: Scope, face_id: UUID) -> Released:
    """One face, cut from its photo on the way out and kept nowhere: for whoever may be shown the photo. No look at the photo."""
    await one_state(scope)
    face = await scope.db.get(Face, face_id)
    if face is None or face.box is None:
        raise NotFound("no such face")
    box = Box(*face.box)
    try:
        asset = await find_for_screen(scope, face.asset_id)
    except NotFound:
        raise NotFound("no such face") from None
    sizes = select(Rendition).where(col(Rendition.asset_id) == asset.id).order_by(col(Rendition.width))
    made = list((await scope.db.execute(sizes)).scalars())
    if not made:
        raise NotFound("no such rendition")
    fit = next((row for row in made if max(box.width * row.width, box.height * row.height) >= FACE_PIXELS), made[-1])
    data, _ = await _for_screen(scope, asset, fit.name)
    crop = await scope.container.decoder.face(data, box)
    return Released(streams.pieces(crop.data), crop.mime, len(crop.data), "face")


async def embedded(scope: Scope, asset_id: UUID) -> Embedded:
    """What the file itself says, for who may see the photo on a screen; empty for others, and while there is nothing yet.

    It is sealed under the asset's own key, so opening it takes a permit as the picture does.
    """
    asset = await find_for_screen(scope, asset_id)
    if asset.metadata_ct is None or asset.id not in await screens.expected(scope, [asset]):
        return Embedded()
    key = await photo_key(scope, asset_id, Purpose.SHOW)
    known = metadata_cipher(key).open_json("assets", "metadata_ct", asset_id, asset.metadata_ct)
    gps = known.get("gps")
    return Embedded((gps[0], gps[1]) if gps else None, {name: known[name] for name in EMBEDDED_SHOWN if known.get(name)})


async def _for_screen(scope: Scope, asset: Asset, rendition: str) -> tuple[bytes, str]:
    """The bytes of a rendition and their type, once it is decided that this screen may show them."""
    row = await scope.db.get(Rendition, (asset.id, rendition))
    if row is None:
        raise NotFound("no such rendition")
    await _require_shown(scope, asset)
    return await read_rendition(scope, asset, row)


async def _require_shown(scope: Scope, asset: Asset) -> None:
    if not await screens.works_on(scope, asset):
        await require_clearance(scope, asset, uses.INTERNAL, None, Tag.asset_viewed)

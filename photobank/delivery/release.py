"""The one way out. Every byte of a photo that anybody gets to see or take passes here, and is decided here, at that moment.

authorise → facts → verdict → permit → key → bytes, in one transaction that sees one committed state of the house. A refusal
names its reasons and the next step, and is kept in the audit log by the Scope that it leaves.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import folder_rights, may, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.accounts.sessions import still_valid
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.clearance import facts, judgement, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import Verdict
from photobank.crypto.permits import Permit, Purpose, issue
from photobank.delivery import making, presets, screens, streams, tracing, views, watermarks
from photobank.delivery.making import Basis
from photobank.delivery.outside import one_state
from photobank.delivery.presets import Preset
from photobank.delivery.watermarks import Drawn
from photobank.imaging.crop import Box
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import MIMES
from photobank.imaging.results import Rendition as Made
from photobank.kernel.errors import ClearanceRefused, Conflict, NotFound, Refused
from photobank.kernel.ids import AssetId, new_id
from photobank.library import assets, versions
from photobank.library.processing import metadata_cipher
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.consents import Download
from photobank.models.people import Face
from photobank.scope import Scope

LARGEST_RENDITION = 64 * 2**20
LARGE = "large"
WEB = "web"
"""Of whose watermark pictures for outsiders carry, where no other is asked for."""
MARKED_QUALITY = 82
FULL = "full"
FULL_SIDE, FULL_QUALITY = 6000, 84
FACE_PIXELS = 150
"""A face is cut from the smallest rendition in which it is at least this high or wide: avatars are small, and thumbs decode fast."""
EMBEDDED_SHOWN = ("camera", "exposure", "keywords", "rating", "place", "copyright", "instructions")


@dataclass(frozen=True, slots=True)
class Granted:
    """What a hand-over rests on: until when it is allowed, and the consents by their numbers."""

    until: datetime | None
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Bytes that may go out. `download_id` names a hand-over; a look on a screen has none."""

    stream: AsyncIterator[bytes]
    media_type: str
    size: int
    filename: str
    download_id: UUID | None = None
    granted: Granted | None = None


@dataclass(frozen=True, slots=True)
class Embeddable:
    """A picture for another site. `data` is empty for who has it already."""

    tag: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """Metadata that came with a file. `place` is latitude and longitude."""

    place: tuple[float, float] | None = None
    camera: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asks for, in their words."""

    asset_id: UUID
    preset: str
    fmt: str | None
    use: str
    territory: str | None
    watermark: Drawn | None = None


@dataclass(frozen=True, slots=True)
class _Marked:
    """A rendition with a watermark drawn in, and of which version."""

    data: bytes
    version: int


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be handed over."""

    asset_id: UUID
    preset: Preset
    use: str
    territory: str | None
    download_id: UUID


@dataclass(frozen=True, slots=True)
class _Made:
    """A picture made for an order, of which version, and what is written into it of why it may leave: all must still be so."""

    picture: Made
    version: int
    basis: Basis


async def show(scope: Scope, asset_id: UUID, rendition: str) -> Released:
    """A rendition for a screen: for who works on the photo, else only while it is cleared for internal use."""
    if rendition == FULL:
        return await _show_full(scope, asset_id)
    await one_state(scope)
    asset = await _find_for_screen(scope, asset_id)
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
        key = await scope.vault.asset_key(db, _permit(scope, asset_id, Purpose.SHOW), scope.now())
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
    asset = await _find_for_screen(scope, asset_id)
    if not await scope.db.scalar(select(col(Rendition.name)).where(col(Rendition.asset_id) == asset.id).limit(1)):
        raise NotFound("no such rendition")
    await _require_shown(scope, asset)
    return asset


async def show_version(scope: Scope, asset_id: UUID, number: int, rendition: str) -> Released:
    """A rendition of any version, for who works on the photo: clearance speaks of the version shown, and of no other."""
    await one_state(scope)
    asset = await _find_for_screen(scope, asset_id)
    if number == asset.version:
        return await show(scope, asset_id, rendition)
    version = await versions.find_version(scope, asset_id, number)
    made = next((one for one in version.renditions if one["name"] == rendition), None)
    if made is None:
        raise NotFound("no such rendition")
    if not await screens.works_on(scope, asset):
        raise Refused("earlier versions are for who edits the photo", action=Tag.asset_viewed, targets={"asset_id": asset_id})
    key = await scope.vault.asset_key(scope.db, _permit(scope, asset_id, Purpose.SHOW), scope.now())
    where, context = place(asset_id, number, rendition)
    data = await scope.blobs.read_all(where, key, context, limit=LARGEST_RENDITION)
    if rendition in views.COUNTS_AS_LOOKING:
        await views.note(scope, asset)
    return Released(streams.pieces(data), str(made["media_type"]), len(data), rendition)


async def show_face(scope: Scope, face_id: UUID) -> Released:
    """One face, cut from its photo on the way out and kept nowhere: for whoever may be shown the photo. No look at the photo."""
    await one_state(scope)
    face = await scope.db.get(Face, face_id)
    if face is None:
        raise NotFound("no such face")
    try:
        asset = await _find_for_screen(scope, face.asset_id)
    except NotFound:
        raise NotFound("no such face") from None
    sizes = select(Rendition).where(col(Rendition.asset_id) == asset.id).order_by(col(Rendition.width))
    made = list((await scope.db.execute(sizes)).scalars())
    if not made:
        raise NotFound("no such rendition")
    fit = next((row for row in made if max(face.box[2] * row.width, face.box[3] * row.height) >= FACE_PIXELS), made[-1])
    data, _ = await _for_screen(scope, asset, fit.name)
    crop = await scope.container.decoder.face(data, Box(*face.box))
    return Released(streams.pieces(crop.data), crop.mime, len(crop.data), "face")


async def show_to_outsider(scope: Scope, asset_id: UUID, rendition: str, use: str, watermark: Drawn | None = None) -> Released:
    """A rendition for somebody without an account, on behalf of who shared the photo.

    Only while the sender may share it and it is cleared for the stated use, whatever the sender may see for themselves. It carries the
    visible watermark that hand-overs from its folder carry, else the one given; then it is made between two decisions.
    """
    marked = await _marked(scope, asset_id, rendition, use, watermark)
    await one_state(scope)
    asset = await _for_outsider(scope, asset_id, use)
    row = await scope.db.get(Rendition, (asset.id, rendition))
    if row is None:
        raise NotFound("no such rendition")
    if marked is None:
        data, media_type = await _read(scope, asset, row)
    elif marked.version != asset.version:
        raise Conflict("another version of this photo has taken its place")
    else:
        data, media_type = marked.data, MIMES["webp"]
    await views.note(scope, asset)
    return Released(streams.pieces(data), media_type, len(data), rendition)


async def _marked(scope: Scope, asset_id: UUID, rendition: str, use: str, watermark: Drawn | None) -> _Marked | None:
    """A rendition with its watermark drawn in, after a first decision; None where none goes on it."""
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        found = await assets.find(looking, asset_id)
        drawn = await watermarks.for_photo(looking, found.folder_id, WEB) or watermark
        if drawn is None:
            return None
        asset = await _for_outsider(looking, asset_id, use)
        row = await db.get(Rendition, (asset.id, rendition))
        if row is None:
            raise NotFound("no such rendition")
        shape = presets.Shape(max(row.width, row.height), "webp", MARKED_QUALITY)
        tag = _tag_of(scope, asset, shape, drawn)
        kept = scope.container.made.get(tag, scope.now())
        if kept is not None:
            return _Marked(kept, asset.version)
        await scope.container.rates.hit(limits.MARKED, str(scope.actor.id), _visitor(scope))
        data, _ = await _read(looking, asset, row)
    return _Marked(await _draw(scope, tag, data, shape, drawn), asset.version)


async def embed(
    scope: Scope, asset_id: UUID, use: str, shape: presets.Shape, *, known: str = "", watermark: Drawn | None = None
) -> Embeddable:
    """A picture for another site, on behalf of who put it there; without bytes when the asker has it already (`known` is its tag).

    Made from our own large rendition, between two decisions, and kept in memory for a little while; each answer is decided by itself.
    """
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        asset = await _for_outsider(looking, asset_id, use)
        row = await db.get(Rendition, (asset.id, LARGE))
        if row is None:
            raise NotFound("no such rendition")
        drawn = await watermarks.for_photo(looking, asset.folder_id, WEB) or watermark
        tag = _tag_of(scope, asset, shape, drawn)
        data = b"" if known == tag else scope.container.made.get(tag, scope.now())
        if data is None:
            await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind), _visitor(scope))
            large, _ = await _read(looking, asset, row)
    if data is None:
        data = await _draw(scope, tag, large, shape, drawn)
    await one_state(scope)
    again = await _for_outsider(scope, asset_id, use)
    if again.version != asset.version:
        raise Conflict("another version of this photo has taken its place")
    await views.note(scope, again)
    return Embeddable(tag, data, shape.media_type)


async def _draw(scope: Scope, tag: str, data: bytes, shape: presets.Shape, drawn: Drawn | None) -> bytes:
    """A picture in this shape, with the watermark drawn in; kept in memory for a little while under its tag."""
    recipe = Recipe(shape.side, shape.side, format=shape.format, quality=shape.quality)
    made = await scope.container.decoder.make(data, recipe, watermark=drawn)
    scope.container.made.put(tag, made.data, scope.now())
    return made.data


def _tag_of(scope: Scope, asset: Asset, shape: presets.Shape, drawn: Drawn | None) -> str:
    """Names these bytes to whoever has them already, and tells nothing of the photo."""
    mark = f"{drawn[0]}|{hashlib.sha256(drawn[1]).hexdigest()}" if drawn else ""
    what = f"{asset.id}|{asset.version}|{shape.side}|{shape.format}|{shape.quality}|{mark}"
    return hmac.digest(scope.vault.secret("embed"), what.encode(), "sha256").hex()[:32]


async def _for_outsider(scope: Scope, asset_id: UUID, use: str) -> Asset:
    """A photo that the actor may share and that is cleared for the use; raises otherwise."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.asset_share, Permission.download, asset.folder_id, asset_id=asset.id)
    await _require_clearance(scope, asset, use, None, Tag.asset_viewed)
    return asset


async def _for_screen(scope: Scope, asset: Asset, rendition: str) -> tuple[bytes, str]:
    """The bytes of a rendition and their type, once it is decided that this screen may show them."""
    row = await scope.db.get(Rendition, (asset.id, rendition))
    if row is None:
        raise NotFound("no such rendition")
    await _require_shown(scope, asset)
    return await _read(scope, asset, row)


async def _read(scope: Scope, asset: Asset, row: Rendition) -> tuple[bytes, str]:
    """The bytes of a rendition and their type. The caller has decided."""
    key = await scope.vault.asset_key(scope.db, _permit(scope, asset.id, Purpose.SHOW), scope.now())
    where, context = place(asset.id, asset.version, row.name)
    return await scope.blobs.read_all(where, key, context, limit=LARGEST_RENDITION), row.media_type


async def _require_shown(scope: Scope, asset: Asset) -> None:
    if not await screens.works_on(scope, asset):
        await _require_clearance(scope, asset, uses.INTERNAL, None, Tag.asset_viewed)


async def embedded(scope: Scope, asset_id: UUID) -> Embedded:
    """What the file itself says, for who may see the photo on a screen; empty for others, and while there is nothing yet.

    It is sealed under the asset's own key, so opening it takes a permit as the picture does.
    """
    asset = await _find_for_screen(scope, asset_id)
    if asset.metadata_ct is None or asset.id not in await screens.expected(scope, [asset]):
        return Embedded()
    key = await scope.vault.asset_key(scope.db, _permit(scope, asset_id, Purpose.SHOW), scope.now())
    known = metadata_cipher(key).open_json("assets", "metadata_ct", asset_id, asset.metadata_ct)
    gps = known.get("gps")
    return Embedded((gps[0], gps[1]) if gps else None, {name: known[name] for name in EMBEDDED_SHOWN if known.get(name)})


async def download(
    scope: Scope,
    asset_id: UUID,
    preset: str,
    use: str,
    territory: str | None = None,
    fmt: str | None = None,
    watermark: Drawn | None = None,
) -> Released:
    """Hand a photo over for a stated use, logged under its own id. `watermark` goes on where neither preset nor folder has one.

    A preset that has to be made is made between two decisions, so that no transaction waits for it; the second one counts. It carries
    the invisible mark of this download.
    """
    judgement.require_territory(territory)
    made, order = await _make(scope, _Asked(asset_id, preset, fmt, use, territory, watermark))
    await one_state(scope)
    asset, verdict = await _decide(scope, order, made.version if made else None)
    if made and made.basis != making.basis(verdict):
        raise Conflict("permissions changed while the picture was made")
    key = await scope.vault.asset_key(scope.db, _permit(scope, asset_id, Purpose.DOWNLOAD), scope.now())
    if made is None:
        stream, size = await streams.original(scope.blobs, asset_id, asset.version, key)
        media_type = asset.media_type
    else:
        stream, size, media_type = streams.pieces(made.picture.data), len(made.picture.data), made.picture.mime
    scope.db.add(
        Download(
            id=order.download_id,
            asset_id=asset_id,
            user_id=scope.actor.user_id,
            api_key_id=scope.actor.api_key_id,
            share_id=scope.actor.share_id,
            preset=order.preset.name,
            use_id=use,
            media_type=media_type,
            size=size,
            created_at=scope.now(),
        )
    )
    record(
        scope,
        Tag.asset_downloaded,
        asset_id=asset_id,
        folder_id=asset.folder_id,
        download_id=order.download_id,
        payload={
            "preset": order.preset.name,
            "use": use,
            "territory": territory,
            "bytes": size,
            "consents": sorted(str(ground.consent_id) for ground in verdict.grounds if ground.consent_id),
        },
    )
    watched = streams.watched(stream, scope.container.clock, _check_again(scope, order, asset.version))
    granted = Granted(verdict.valid_until, tuple(await making.references(scope, verdict)))
    return Released(watched, media_type, size, order.preset.filename(asset.filename), order.download_id, granted)


async def fetch_original_of_rejected(scope: Scope, asset_id: UUID) -> Released:
    """The file of a photo that could not be decoded, back to who sent it and to nobody else: nobody knows what is on it."""
    await one_state(scope)
    asset = await assets.find(scope, asset_id)
    if asset.state != AssetState.rejected:
        raise NotFound("no such rejected photo")
    if scope.actor.user_id is None or asset.uploaded_by != scope.actor.user_id:
        raise Refused("only who sent it may fetch it", action=Tag.asset_original_fetched, targets={"asset_id": asset_id})
    await require_on_folder(scope, Action.asset_upload, Permission.view, asset.folder_id, asset_id=asset_id)
    key = await scope.vault.asset_key(scope.db, _permit(scope, asset_id, Purpose.DOWNLOAD), scope.now())
    stream, size = await streams.original(scope.blobs, asset_id, asset.version, key)
    record(scope, Tag.asset_original_fetched, asset_id=asset_id, folder_id=asset.folder_id, payload={"bytes": size})
    return Released(stream, "application/octet-stream", size, asset.filename)


async def _make(scope: Scope, asked: _Asked) -> tuple[_Made | None, _Order]:
    """The derived picture of an order, after a first decision on a connection that is given back before the work begins."""
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        preset = await presets.find(looking, asked.preset, asked.fmt)
        order = _Order(asked.asset_id, preset, asked.use, asked.territory, download_id=new_id())
        if preset.as_it_came:
            return None, order
        # A visitor counts by themselves: who shares a photo widely must not be kept from taking one.
        await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind), _visitor(scope))
        asset, verdict = await _decide(looking, order)
        key = await scope.vault.asset_key(db, _permit(scope, order.asset_id, Purpose.DOWNLOAD), scope.now())
        plan = await making.plan(looking, asset, preset, verdict, key, order.download_id)
        plan = replace(plan, watermark=plan.watermark or asked.watermark)
    return _Made(await _picture(scope, asset, order, plan, key), asset.version, making.basis(verdict)), order


async def _picture(scope: Scope, asset: Asset, order: _Order, plan: making.Plan, key: bytes) -> Made:
    """The picture, with this hand-over's own mark and label. The caller has decided; pixels made a moment ago save decoding."""
    decoder, bases = scope.container.decoder, scope.container.bases
    own: dict[str, Any] = {
        "mark": tracing.mark_of(scope, order.download_id),
        "label": plan.label,
        "inks": await making.press_profile(plan.recipe),
    }
    tag = making.base_of(asset, plan)
    if (kept := bases.get(tag, scope.now())) is not None:
        return await decoder.finish(making.unpacked(kept), plan.recipe, **own)
    blob, context = place(order.asset_id, asset.version, ORIGINAL)
    original = await scope.blobs.read_all(blob, key, context, limit=scope.settings.max_upload_bytes)
    made = await decoder.make(original, plan.recipe, watermark=plan.watermark, keep=True, **own)
    if made.base:
        bases.put(tag, making.packed(made), scope.now())
    return made


def _check_again(scope: Scope, order: _Order, version: int) -> Callable[[], Awaitable[None]]:
    """The same decision for the same actor, if still let in, later, in a scope of its own, which keeps a refusal."""
    container, actor = scope.container, scope.actor

    async def check() -> None:
        async with container.scope(actor) as later:
            await one_state(later)
            later.actor = await still_valid(later)
            await _decide(later, order, version)

    return check


async def _decide(scope: Scope, order: _Order, version: int | None = None) -> tuple[Asset, Verdict]:
    """May the order be carried out now; raises NotFound, Refused, Invalid or ClearanceRefused.

    Raises Conflict when it was begun with another `version` than is shown now: who is on that one is no longer judged here.
    """
    asset = await assets.find(scope, order.asset_id)
    if version is not None and asset.version != version:
        raise Conflict("another version of this photo has taken its place")
    await require_on_folder(scope, Action.asset_download, Permission.download, asset.folder_id, asset_id=asset.id)
    return asset, await _require_clearance(scope, asset, order.use, order.territory, Tag.asset_downloaded)


async def _require_clearance(scope: Scope, asset: Asset, use: str, territory: str | None, tag: Tag) -> Verdict:
    """The verdict that allows it, from the facts as they are; raises ClearanceRefused with every reason and its next step."""
    wanted = await uses.one(scope, use)
    known = await facts.load(scope, [asset.id])
    verdict = Judge(scope.now(), territory, await facts.rules(scope)).decide(known[asset.id], wanted)
    if not verdict.allowed:
        names = await judgement.names_for(scope, [verdict])
        raise ClearanceRefused(
            f"not cleared for {use}: {verdict.state.value}",
            use=use,
            state=verdict.state.value,
            reasons=[judgement.reason_json(reason, names) for reason in verdict.reasons],
            action=tag,
            targets={"asset_id": asset.id, "folder_id": asset.folder_id},
        )
    return verdict


async def _find_for_screen(scope: Scope, asset_id: UUID) -> Asset:
    """An asset in sight; one in the trash only for who may take it out again."""
    try:
        return await assets.find(scope, asset_id)
    except NotFound:
        trashed = await assets.find(scope, asset_id, trashed=True)
        held = (await folder_rights(scope))[trashed.folder_id]
        if held < Permission.edit or not may(scope.actor, Action.asset_edit):
            raise
        return trashed


def _visitor(scope: Scope) -> str:
    return limits.network_of(scope.actor.address) if scope.actor.share_id else ""


def _permit(scope: Scope, asset_id: UUID, purpose: Purpose) -> Permit:
    return issue(AssetId(asset_id), purpose, str(scope.actor.id or scope.actor.kind), scope.now())

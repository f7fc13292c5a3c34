"""Hand-overs: the one way out for a photo that somebody takes. Decided at that moment, logged under an id of its own.

Screens are in showing.py, people without an account in outsiders.py; what all of them ask first, in deciding.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from photobank.access import limits
from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.accounts.sessions import still_valid
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.clearance import judgement
from photobank.consents import house
from photobank.crypto.permits import Purpose
from photobank.delivery import making, presets, redaction, streams, tracing
from photobank.delivery.deciding import LARGEST_RENDITION, Granted, Released, photo_key, require_clearance, visitor
from photobank.delivery.making import Basis
from photobank.delivery.outside import one_state
from photobank.delivery.presets import Preset
from photobank.delivery.redaction import Cleared, require_redacted
from photobank.delivery.watermarks import Drawn
from photobank.imaging.results import Rendition as Made
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.library import assets
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Download
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asks for, in their words."""

    asset_id: UUID
    preset: str
    fmt: str | None
    use: str
    territory: str | None
    watermark: Drawn | None
    redacted: bool


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be handed over."""

    asset_id: UUID
    preset: Preset
    use: str
    territory: str | None
    redacted: bool
    download_id: UUID


@dataclass(frozen=True, slots=True)
class _Made:
    """A picture made for an order, of which version, what it hides and what is written into it of why it may leave: all must still be so."""

    picture: Made
    version: int
    basis: Basis
    references: tuple[str, ...]
    """The consents of the basis by number, which never changes."""


async def download(
    scope: Scope,
    asset_id: UUID,
    preset: str,
    use: str,
    territory: str | None = None,
    fmt: str | None = None,
    watermark: Drawn | None = None,
    *,
    redacted: bool = False,
) -> Released:
    """Hand a photo over for a stated use, logged under its own id. `watermark` goes on where neither preset nor folder has one.
    With `redacted` those on it who stand in the way are made unrecognisable, if that clears it.

    A preset that has to be made is made between two decisions, so that no transaction waits for it; the second one counts. It carries
    the invisible mark of this download.
    """
    judgement.require_territory(territory)
    made, order = await _make(scope, _Asked(asset_id, preset, fmt, use, territory, watermark, redacted))
    await one_state(scope)
    asset, cleared = await _decide(scope, order, made.version if made else None)
    verdict = cleared.verdict
    if made and made.basis != making.basis(cleared):
        raise Conflict("permissions changed while the picture was made")
    if made is None:
        key = await photo_key(scope, asset_id, Purpose.DOWNLOAD)
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
            hidden_faces=sorted(one.face_id for one in cleared.hidden),
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
            **({"redacted": True, "hidden_faces": len(cleared.hidden)} if redacted else {}),
        },
    )
    watched = streams.watched(stream, scope.container.clock, _check_again(scope, order, asset.version, cleared))
    references = made.references if made else await making.references(scope, verdict)
    granted = Granted(verdict.valid_until, tuple(references))
    filename = order.preset.filename(asset.filename)
    if cleared.hidden:
        filename = order.preset.filename(redaction.name_of(asset.filename, order.download_id), redaction.MARK)
    hidden = cleared.people if redacted else None
    return Released(watched, media_type, size, filename, order.download_id, granted, hidden)


async def fetch_original_of_rejected(scope: Scope, asset_id: UUID) -> Released:
    """The file of a photo that could not be decoded, back to who sent it and to nobody else: nobody knows what is on it."""
    await one_state(scope)
    asset = await assets.find(scope, asset_id)
    if asset.state != AssetState.rejected:
        raise NotFound("no such rejected photo")
    if scope.actor.user_id is None or asset.uploaded_by != scope.actor.user_id:
        raise Refused("only who sent it may fetch it", action=Tag.asset_original_fetched, targets={"asset_id": asset_id})
    await require_on_folder(scope, Action.asset_upload, Permission.view, asset.folder_id, asset_id=asset_id)
    key = await photo_key(scope, asset_id, Purpose.DOWNLOAD)
    stream, size = await streams.original(scope.blobs, asset_id, asset.version, key)
    record(scope, Tag.asset_original_fetched, asset_id=asset_id, folder_id=asset.folder_id, payload={"bytes": size})
    return Released(stream, "application/octet-stream", size, asset.filename)


async def _make(scope: Scope, asked: _Asked) -> tuple[_Made | None, _Order]:
    """The derived picture of an order, after a first decision on a connection that is given back before the work begins."""
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        preset = await presets.find(looking, asked.preset, asked.fmt)
        order = _Order(asked.asset_id, preset, asked.use, asked.territory, asked.redacted, download_id=new_id())
        if preset.as_it_came and asked.redacted:
            raise Invalid("an original shows everybody", fields={"preset": "redaction.error_original"})
        if preset.as_it_came:
            return None, order
        # A visitor counts by themselves: who shares a photo widely must not be kept from taking one.
        await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind), visitor(scope))
        asset, cleared = await _decide(looking, order)
        key = await photo_key(looking, order.asset_id, Purpose.DOWNLOAD)
        plan = await making.plan(looking, asset, preset, cleared, key, order.download_id)
        plan = replace(plan, watermark=plan.watermark or asked.watermark)
    return _Made(await _picture(scope, asset, order, plan, key), asset.version, making.basis(cleared), plan.references), order


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
        return await decoder.finish(kept, plan.recipe, **own)
    source, photo = await _source(scope, asset, plan, key)
    made = await decoder.make(source, plan.recipe, watermark=plan.watermark, keep=True, photo=photo, **own)
    if made.base is not None:
        bases.put(tag, made.base, scope.now())
    return made


async def _source(scope: Scope, asset: Asset, plan: making.Plan, key: bytes) -> tuple[bytes, tuple[int, int] | None]:
    """What the picture is made from: a working copy, with the size of the photo, where there is one that is large enough; else the
    original."""
    for name in making.working_copies(asset, plan.recipe):
        with suppress(NotFound):  # photos that came before there were such copies have none
            blob, context = place(asset.id, asset.version, name)
            return await scope.blobs.read_all(blob, key, context, limit=LARGEST_RENDITION), (asset.width, asset.height)
    blob, context = place(asset.id, asset.version, ORIGINAL)
    return await scope.blobs.read_all(blob, key, context, limit=scope.settings.max_upload_bytes), None


def _check_again(scope: Scope, order: _Order, version: int, begun: Cleared) -> Callable[[], Awaitable[None]]:
    """The same decision for the same actor, if still let in, later, in a scope of its own, which keeps a refusal.

    Raises Conflict when somebody has to be hidden by now whom the picture under way shows.
    """
    container, actor = scope.container, scope.actor

    async def check() -> None:
        async with container.scope(actor) as later:
            await one_state(later)
            later.actor = await still_valid(later)
            _, now = await _decide(later, order, version)
            if not now.hidden <= begun.hidden:
                raise Conflict("somebody in this picture has to be hidden by now")

    return check


async def _decide(scope: Scope, order: _Order, version: int | None = None) -> tuple[Asset, Cleared]:
    """May the order be carried out now; raises NotFound, Refused, Invalid or ClearanceRefused.

    Raises Conflict when it was begun with another `version` than is shown now: who is on that one is no longer judged here.
    """
    await house.of(scope)  # and with it the asker's rights
    asset = await assets.find(scope, order.asset_id)
    if version is not None and asset.version != version:
        raise Conflict("another version of this photo has taken its place")
    await require_on_folder(scope, Action.asset_download, Permission.download, asset.folder_id, asset_id=asset.id)
    if order.redacted:
        return asset, await require_redacted(scope, asset, order.use, order.territory, Tag.asset_downloaded)
    return asset, Cleared(await require_clearance(scope, asset, order.use, order.territory, Tag.asset_downloaded))

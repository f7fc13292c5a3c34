"""Photos that people without an account see, on behalf of who shared or embedded them. Each picture is decided afresh."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from photobank.access import limits
from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.delivery import presets, streams, views, watermarks
from photobank.delivery.deciding import Released, read_rendition, read_to_hide, require_clearance, visitor
from photobank.delivery.outside import one_state
from photobank.delivery.redaction import Hidden, boxes, require_redacted
from photobank.delivery.watermarks import Drawn
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import MIMES
from photobank.kernel.errors import Conflict, NotFound
from photobank.library import assets
from photobank.models.assets import Asset, Rendition
from photobank.scope import Scope

LARGE = "large"
WEB = "web"
"""Of whose watermark pictures for outsiders carry, where no other is asked for."""
MARKED_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Embeddable:
    """A picture for another site. `data` is empty for who has it already."""

    tag: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class _Marked:
    """A rendition with a watermark drawn in or people hidden, and of which version."""

    data: bytes
    version: int
    hidden: frozenset[Hidden]


async def show(
    scope: Scope, asset_id: UUID, rendition: str, use: str, watermark: Drawn | None = None, *, redacted: bool = False
) -> Released:
    """A rendition for somebody without an account, on behalf of who shared the photo.

    Only while the sender may share it and it is cleared for the stated use, whatever the sender may see for themselves. It carries the
    visible watermark that hand-overs from its folder carry, else the one given; then it is made between two decisions. So it is where
    people are made unrecognisable, which `redacted` asks for.
    """
    marked = await _marked(scope, asset_id, rendition, use, watermark, redacted=redacted)
    await one_state(scope)
    asset, hidden = await _for_outsider(scope, asset_id, use, redacted=redacted)
    row = await scope.db.get(Rendition, (asset.id, rendition))
    if row is None:
        raise NotFound("no such rendition")
    if (marked.hidden if marked else frozenset()) != hidden:
        raise Conflict("permissions changed while the picture was made")
    if marked is None:
        data, media_type = await read_rendition(scope, asset, row)
    elif marked.version != asset.version:
        raise Conflict("another version of this photo has taken its place")
    else:
        data, media_type = marked.data, MIMES["webp"]
    await views.note(scope, asset)
    return Released(streams.pieces(data), media_type, len(data), rendition)


async def _marked(
    scope: Scope, asset_id: UUID, rendition: str, use: str, watermark: Drawn | None, *, redacted: bool
) -> _Marked | None:
    """A rendition with its watermark drawn in and people hidden, after a first decision; None where neither is to be done."""
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        found = await assets.find(looking, asset_id)
        drawn = await watermarks.for_photo(looking, found.folder_id, WEB) or watermark
        if drawn is None and not redacted:
            return None
        asset, hidden = await _for_outsider(looking, asset_id, use, redacted=redacted)
        if drawn is None and not hidden:
            return None
        row = await db.get(Rendition, (asset.id, rendition))
        if row is None:
            raise NotFound("no such rendition")
        shape = presets.Shape(max(row.width, row.height), "webp", MARKED_QUALITY)
        tag = _tag_of(scope, asset, shape, drawn, hidden)
        kept = scope.container.made.get(tag, scope.now())
        if kept is not None:
            return _Marked(kept, asset.version, hidden)
        await scope.container.rates.hit(limits.MARKED, str(scope.actor.id), visitor(scope))
        data = await read_to_hide(looking, asset) if hidden else (await read_rendition(looking, asset, row))[0]
    return _Marked(await _draw(scope, tag, data, shape, drawn, hidden), asset.version, hidden)


async def embed(
    scope: Scope,
    asset_id: UUID,
    use: str,
    shape: presets.Shape,
    *,
    known: str = "",
    watermark: Drawn | None = None,
    redacted: bool = False,
) -> Embeddable:
    """A picture for another site, on behalf of who put it there; without bytes when the asker has it already (`known` is its tag).

    Made from our own large rendition, or from the original where people are hidden, between two decisions, and kept in memory for a little
    while; each answer is decided by itself.
    """
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        asset, hidden = await _for_outsider(looking, asset_id, use, redacted=redacted)
        row = await db.get(Rendition, (asset.id, LARGE))
        if row is None:
            raise NotFound("no such rendition")
        drawn = await watermarks.for_photo(looking, asset.folder_id, WEB) or watermark
        tag = _tag_of(scope, asset, shape, drawn, hidden)
        data = b"" if known == tag else scope.container.made.get(tag, scope.now())
        if data is None:
            await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind), visitor(scope))
            large = await read_to_hide(looking, asset) if hidden else (await read_rendition(looking, asset, row))[0]
    if data is None:
        data = await _draw(scope, tag, large, shape, drawn, hidden)
    await one_state(scope)
    again, still_hidden = await _for_outsider(scope, asset_id, use, redacted=redacted)
    if still_hidden != hidden:
        raise Conflict("permissions changed while the picture was made")
    if again.version != asset.version:
        raise Conflict("another version of this photo has taken its place")
    await views.note(scope, again)
    return Embeddable(tag, data, shape.media_type)


async def _draw(scope: Scope, tag: str, data: bytes, shape: presets.Shape, drawn: Drawn | None, hidden: frozenset[Hidden]) -> bytes:
    """A picture in this shape, with people hidden and the watermark drawn in; kept in memory for a little while under its tag."""
    recipe = Recipe(shape.side, shape.side, format=shape.format, quality=shape.quality, hidden=boxes(hidden))
    made = await scope.container.decoder.make(data, recipe, watermark=drawn)
    scope.container.made.put(tag, made.data, scope.now())
    return made.data


def _tag_of(scope: Scope, asset: Asset, shape: presets.Shape, drawn: Drawn | None, hidden: frozenset[Hidden]) -> str:
    """Names these bytes to whoever has them already, and tells nothing of the photo."""
    mark = f"{drawn[0]}|{hashlib.sha256(drawn[1]).hexdigest()}" if drawn else ""
    what = f"{asset.id}|{asset.version}|{shape.side}|{shape.format}|{shape.quality}|{mark}|{boxes(hidden)}"
    return hmac.digest(scope.vault.secret("embed"), what.encode(), "sha256").hex()[:32]


async def _for_outsider(scope: Scope, asset_id: UUID, use: str, *, redacted: bool) -> tuple[Asset, frozenset[Hidden]]:
    """A photo that the actor may share and that is cleared for the use, and what has to be hidden for that; raises otherwise."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.asset_share, Permission.download, asset.folder_id, asset_id=asset.id)
    if redacted:
        return asset, (await require_redacted(scope, asset, use, None, Tag.asset_viewed)).hidden
    await require_clearance(scope, asset, use, None, Tag.asset_viewed)
    return asset, frozenset()

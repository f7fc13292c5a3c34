"""Visible watermarks: made from words or a logo, and where they go on: all of a preset, all out of a folder and what is below it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

import photobank.imaging
from photobank.access import limits
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery import presets
from photobank.imaging.recipe import CORNERS, Corner, Layout, Mark, Recipe
from photobank.imaging.results import Rendition
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import PresetsChanged
from photobank.models.folders import Folder
from photobank.models.handing_over import Watermark, WatermarkUse
from photobank.scope import Scope

Kind = Literal["preset", "folder"]
LONGEST_NAME, LONGEST_WORDS = 80, 60
BIGGEST_LOGO = 4 * 2**20
LAYOUTS: tuple[Layout, ...] = ("placed", "tiled")
MOST = 50


SAMPLE = Path(photobank.imaging.__file__).parent / "data" / "sample.webp"
Drawn = tuple[Mark, bytes]
"""How a watermark lies, and its picture: PNG with alpha."""


@dataclass(frozen=True, slots=True)
class WatermarkRow:
    """A watermark, without its picture, and what it goes on: preset names and folder ids."""

    id: UUID
    name: str
    words: str
    mark: Mark
    presets: tuple[str, ...]
    folders: tuple[UUID, ...]


async def list_all(scope: Scope) -> list[WatermarkRow]:
    """All of them, for admins."""
    require(scope, Action.settings_manage)
    rows = (await scope.db.execute(select(Watermark).order_by(col(Watermark.created_at)))).scalars().all()
    uses = (await scope.db.execute(select(WatermarkUse).order_by(col(WatermarkUse.target)))).scalars().all()
    return [_row(row, [use for use in uses if use.watermark_id == row.id]) for row in rows]


async def make(scope: Scope, name: str, mark: Mark, *, words: str = "", logo: bytes = b"") -> WatermarkRow:
    """A new watermark, of words or of a logo (any picture that we take; PNG with transparency looks best)."""
    require(scope, Action.settings_manage)
    name, words = name.strip(), words.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("a name is needed", fields={"name": "errors.name"})
    if bool(words) == bool(logo) or len(words) > LONGEST_WORDS or len(logo) > BIGGEST_LOGO:
        raise Invalid("either words or a logo", fields={"words": "presets.error_watermark"})
    _check(mark)
    if len((await scope.db.execute(select(col(Watermark.id)).limit(MOST))).all()) >= MOST:
        raise Invalid("too many watermarks", fields={"name": "errors.too_many"})
    if words:
        picture = await asyncio.to_thread(_lettered, words)
    else:
        picture = await scope.container.decoder.logo(logo)
    id_ = new_id()
    sealed = scope.vault.fields.seal("watermarks", "picture_ct", id_, picture)
    row = Watermark(
        id=id_,
        name=name,
        words=words,
        picture_ct=sealed,
        created_at=scope.now(),
        layout=mark.layout,
        corner=mark.corner,
        opacity=mark.opacity,
        size=mark.size,
    )
    scope.db.add(row)
    await scope.db.flush()
    _changed(scope, id_)
    return _row(row, [])


async def preview(scope: Scope, mark: Mark, *, words: str = "", watermark_id: UUID | None = None) -> Rendition:
    """How words, or a watermark there is, would lie on a photo: drawn on a sample by what draws it on what leaves."""
    require(scope, Action.settings_manage)
    await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id))
    _check(mark)
    if watermark_id is not None:
        row = await _find(scope, watermark_id)
        picture = scope.vault.fields.open("watermarks", "picture_ct", row.id, row.picture_ct)
    elif 0 < len(words.strip()) <= LONGEST_WORDS:
        picture = await asyncio.to_thread(_lettered, words.strip())
    else:
        raise Invalid("either words or a logo", fields={"words": "presets.error_watermark"})
    sample = await asyncio.to_thread(SAMPLE.read_bytes)
    return await scope.container.decoder.make(sample, Recipe(format="webp", quality=80), watermark=(mark, picture))


async def change(scope: Scope, watermark_id: UUID, name: str, mark: Mark) -> None:
    """Another name, or another way of lying on photos."""
    require(scope, Action.settings_manage)
    row = await _find(scope, watermark_id)
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Invalid("a name is needed", fields={"name": "errors.name"})
    _check(mark)
    row.name, row.layout, row.corner, row.opacity, row.size = name.strip(), mark.layout, mark.corner, mark.opacity, mark.size
    _changed(scope, watermark_id)


async def remove(scope: Scope, watermark_id: UUID) -> None:
    """Gone, and from everything it went on."""
    require(scope, Action.settings_manage)
    await scope.db.delete(await _find(scope, watermark_id))
    _changed(scope, watermark_id)


async def put_on(scope: Scope, kind: Kind, target: str, watermark_id: UUID | None) -> None:
    """From now on everything of this preset, or out of this folder, carries the watermark; None: no longer."""
    require(scope, Action.settings_manage)
    if kind == "preset":
        if (await presets.find(scope, target)).as_it_came:
            raise Invalid("originals leave as they came", fields={"target": "errors.preset"})
    elif await scope.db.get(Folder, _uuid(target)) is None:
        raise NotFound("no such folder")
    await scope.db.execute(delete(WatermarkUse).where(col(WatermarkUse.kind) == kind, col(WatermarkUse.target) == target))
    if watermark_id is not None:
        await _find(scope, watermark_id)
        scope.db.add(WatermarkUse(kind=kind, target=target, watermark_id=watermark_id))
    record(
        scope,
        Tag.watermark_placed,
        folder_id=_uuid(target) if kind == "folder" else None,
        payload={"kind": kind, "target": target, "watermark": str(watermark_id) if watermark_id else None},
    )
    scope.announce(PresetsChanged(changed_id=watermark_id or new_id()))


_PLACED = select(WatermarkUse)


async def for_photo(scope: Scope, folder_id: UUID, preset: str) -> Drawn | None:
    """What goes on a photo from this folder in this preset: the preset's own, else that of the nearest folder. For the way out only."""
    uses = {(use.kind, use.target): use.watermark_id for use in (await scope.db.execute(_PLACED)).scalars()}
    if not uses:
        return None
    found = uses.get(("preset", preset))
    return await _picture(scope, found or _nearest(folder_id, await _parents(scope), uses))


async def _parents(scope: Scope) -> dict[UUID, UUID | None]:
    return {row.id: row.parent_id for row in await scope.db.execute(select(col(Folder.id), col(Folder.parent_id)))}


def _nearest(folder_id: UUID, parents: Mapping[UUID, UUID | None], uses: Mapping[tuple[str, str], UUID]) -> UUID | None:
    at: UUID | None = folder_id
    seen: set[UUID] = set()
    while at is not None and at not in seen:
        if found := uses.get(("folder", str(at))):
            return found
        seen.add(at)
        at = parents.get(at)
    return None


async def _picture(scope: Scope, watermark_id: UUID | None) -> Drawn | None:
    row = await scope.db.get(Watermark, watermark_id) if watermark_id else None
    if row is None:
        return None
    return _mark(row), scope.vault.fields.open("watermarks", "picture_ct", row.id, row.picture_ct)


async def _find(scope: Scope, watermark_id: UUID) -> Watermark:
    row = await scope.db.get(Watermark, watermark_id)
    if row is None:
        raise NotFound("no such watermark")
    return row


def _check(mark: Mark) -> None:
    if mark.layout not in LAYOUTS or mark.corner not in CORNERS or not 0.05 <= mark.opacity <= 1 or not 0.02 <= mark.size <= 1:
        raise Invalid("no such way to lie on a photo", fields={"mark": "presets.error_watermark"})


def _row(row: Watermark, uses: list[WatermarkUse]) -> WatermarkRow:
    names = tuple(use.target for use in uses if use.kind == "preset")
    folders = tuple(UUID(use.target) for use in uses if use.kind == "folder")
    return WatermarkRow(row.id, row.name, row.words, _mark(row), names, folders)


def _mark(row: Watermark) -> Mark:
    layout: Layout = "tiled" if row.layout == "tiled" else "placed"
    corner: Corner = next((known for known in CORNERS if known == row.corner), "bottom_right")
    return Mark(layout, corner, row.opacity, row.size)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("no such folder") from error


def _changed(scope: Scope, watermark_id: UUID) -> None:
    record(scope, Tag.watermark_changed, payload={"watermark": str(watermark_id)})
    scope.announce(PresetsChanged(changed_id=watermark_id))


async def of_words(words: str) -> Drawn:
    """A watermark of words all over a picture, for a share that asks for one and a folder that has none."""
    return Mark(layout="tiled", opacity=0.3, size=0.3), await asyncio.to_thread(_lettered, words[:LONGEST_WORDS])


@lru_cache(maxsize=8)
def _lettered(words: str) -> bytes:
    from photobank.imaging import lettering  # brings libvips, which nothing else here needs

    return lettering.letter(words)

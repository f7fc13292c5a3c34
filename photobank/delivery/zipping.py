"""Writes a ZIP while it is fetched: one photo after the other through release, then the manifest. No part of it is kept anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import PurePath
from uuid import UUID

from photobank.access.actor import Actor
from photobank.accounts.sessions import still_valid
from photobank.consents import uses
from photobank.delivery import archive, manifest, release, zips
from photobank.delivery.archive import Member, Names
from photobank.delivery.deciding import Released
from photobank.delivery.manifest import Behind, Contents, Entry
from photobank.delivery.zips import LeftOut
from photobank.i18n.translate import DEFAULT_LANGUAGE, Language, is_language
from photobank.kernel.errors import ClearanceRefused, NotAuthenticated, NotFound, PhotobankError, RateLimited
from photobank.kernel.filenames import safe_filename
from photobank.library import assets
from photobank.models.accounts import Organisation
from photobank.models.assets import Asset
from photobank.models.handing_over import ZipOrder, ZipState
from photobank.scope import Container, Scope


class Overtaken(Exception):
    """The same ZIP is being fetched again: this one stops."""


@dataclass(slots=True)
class _Run:
    """One fetch of an order."""

    container: Container
    actor: Actor
    order: ZipOrder
    number: UUID
    owner: str
    use_words: str
    entries: list[Entry] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    names: Names = field(default_factory=Names)


async def fetch(scope: Scope, zip_id: UUID) -> tuple[AsyncIterator[bytes], str]:
    """The bytes of the ZIP, made as they are read, and what it is called. The caller leaves the scope before reading."""
    order, number = await zips.begin(scope, zip_id)
    await scope.db.flush()
    house = await scope.db.get(Organisation, 1)
    use = next((row for row in await uses.load(scope) if row.id == order.use_id), None)
    words = (use.label_nl if order.language == "nl" else use.label_en) if use else order.use_id
    scope.db.expunge(order)
    run = _Run(scope.container, scope.actor, order, number, house.name if house else "", words)
    return _whole(run), safe_filename(f"{words} {scope.now():%Y-%m-%d}.zip")


async def _whole(run: _Run) -> AsyncIterator[bytes]:
    state = ZipState.broken
    try:
        async for piece in archive.written(_members(run)):
            yield piece
        state = ZipState.done
    finally:
        async with run.container.scope(run.actor) as scope:
            await zips.end(scope, run.order.id, run.number, state)


async def _members(run: _Run) -> AsyncIterator[Member]:
    for number, text in enumerate(run.order.asset_ids, start=1):
        released = await _released(run, UUID(text))
        if released is not None:
            photo, name = released
            yield archive.member(name, run.container.clock.now(), photo.size, _noted(run, UUID(text), name, photo))
        async with run.container.scope(run.actor) as scope:
            if not await zips.note(scope, run.order.id, run.number, number, len(run.entries), run.left_out):
                raise Overtaken
    language: Language = run.order.language if is_language(run.order.language) else DEFAULT_LANGUAGE
    told = Contents(
        run.container.clock.now(),
        run.owner,
        run.order.use_id,
        run.use_words,
        run.order.preset,
        run.order.territory,
        run.entries,
        [Behind(one.name, one.code, one.reasons, one.asset_id) for one in run.left_out],
    )
    for name, data in manifest.files(told, language):
        yield archive.text(name, told.made_at, data)


async def _released(run: _Run, asset_id: UUID) -> tuple[Released, str] | None:
    """The photo, decided about now, and its name in the ZIP; None when it is left out. Raises when its fetcher is no longer let in."""
    name = ""
    try:
        return await _taken(run, asset_id)
    except NotAuthenticated:
        raise
    except RateLimited as busy:
        # A large selection is no reason to refuse one: it takes its turn.
        await asyncio.sleep(busy.retry_after)
        return await _released(run, asset_id)
    except PhotobankError as error:
        if not isinstance(error, NotFound):
            name = await _known_as(run, asset_id)
        reasons = tuple(dict.fromkeys(one["code"] for one in error.reasons)) if isinstance(error, ClearanceRefused) else ()
        run.left_out.append(LeftOut(asset_id, name, error.code, reasons))
        return None


async def _taken(run: _Run, asset_id: UUID) -> tuple[Released, str]:
    async with run.container.scope(run.actor) as scope:
        scope.actor = await still_valid(scope)
        released = await release.download(
            scope, asset_id, run.order.preset, run.order.use_id, run.order.territory, redacted=run.order.redacted
        )
        asset = await assets.find(scope, asset_id)
        return released, _name(run, asset, released)


async def _known_as(run: _Run, asset_id: UUID) -> str:
    async with run.container.scope(run.actor) as scope:
        try:
            asset = await assets.find(scope, asset_id)
        except NotFound:
            return ""
    return asset.title or asset.filename


def _name(run: _Run, asset: Asset, released: Released) -> str:
    """When and what, rather than the camera's number: `2026-10-08 Opening of the garden.jpg`. A title may name who is hidden."""
    own = PurePath(released.filename)
    ending = own.suffix
    stem = asset.title if asset.title and not released.hidden else own.stem
    if asset.taken_at is not None:
        stem = f"{asset.taken_at:%Y-%m-%d} {stem}"
    return run.names.give(stem, ending)


def _noted(run: _Run, asset_id: UUID, name: str, photo: Released) -> AsyncIterator[bytes]:
    """The bytes as they go; the entry counts once all of them went."""
    assert photo.download_id is not None
    assert photo.granted is not None
    download_id, granted = photo.download_id, photo.granted

    def whole(digest: str) -> None:
        run.entries.append(
            Entry(name, download_id, photo.size, digest, granted.until, granted.consents, asset_id, photo.hidden or 0)
        )

    return archive.hashed(photo.stream, whole)

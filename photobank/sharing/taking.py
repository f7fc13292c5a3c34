"""What a guest takes along: one photo, or all that the page shows as one ZIP. Each photo is counted, decided and logged by itself.

Files are called after the title that the sender gave, never as in the house: there they may be called after people or places.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from photobank.delivery import archive, manifest, release
from photobank.delivery.archive import Member, Names
from photobank.delivery.deciding import Released
from photobank.delivery.manifest import Behind, Contents, Entry
from photobank.delivery.presets import ENDINGS
from photobank.i18n.translate import Language, translate
from photobank.imaging.renditions import MIMES
from photobank.kernel.errors import Gone, NotFound, PhotobankError, RateLimited, Spent
from photobank.kernel.filenames import safe_filename
from photobank.library import assets
from photobank.models.shares import ShareVisit
from photobank.scope import Container
from photobank.sharing import counting, policy
from photobank.sharing.guests import Guest, Shown, changed, ending, mark_of, named, on_behalf, photos, still_shared, use_in_words

_ENDINGS = {MIMES[fmt]: ending for fmt, ending in ENDINGS.items()}


@dataclass(slots=True)
class _Run:
    """One ZIP on its way."""

    container: Container
    guest: Guest
    visit: ShareVisit
    preset: str
    language: Language
    use_words: str
    shown: Sequence[Shown]
    entries: list[Entry] = field(default_factory=list)
    left_out: list[Behind] = field(default_factory=list)
    names: Names = field(default_factory=Names)


async def download(container: Container, guest: Guest, visit: ShareVisit, name: str, preset: str, language: Language) -> Released:
    """Hand a photo over, counted. Raises Spent when no download is left."""
    _require_offered(guest, preset)
    async with on_behalf(container, guest) as scope:
        asset_id = await named(scope, guest, name)
        title = (await assets.find(scope, asset_id)).title
    share, mark = guest.share.id, await mark_of(guest)
    async with container.scope(guest.actor) as scope:
        if not await counting.count_download(scope.db, share, visit.id, scope.now()):
            raise Spent("no downloads left")
        scope.announce(changed(guest))
    try:
        async with ending(), container.scope(guest.actor) as scope:
            # No statement before this one: what decides is the state of the house when the picture is made, not when it was asked for.
            released = await release.download(
                scope, asset_id, preset, guest.share.use_id, watermark=mark, redacted=guest.share.redacted
            )
            await still_shared(scope)
    except BaseException:
        async with container.scope(guest.actor) as scope:
            await counting.give_back_download(scope.db, share, visit.id)
            scope.announce(changed(guest))
        raise
    told = "" if released.hidden else title  # which may name who is hidden
    return replace(released, filename=safe_filename(_stem(guest, told, language) + _ending(released)))


async def everything(
    container: Container, guest: Guest, visit: ShareVisit, preset: str, language: Language
) -> tuple[AsyncIterator[bytes], str]:
    """What the page shows as one ZIP, made as it is read, and what it is called. What ends meanwhile stays out, and so does what no
    download is left for; the manifest says how many, and which on the page."""
    _require_offered(guest, preset)
    shown = await photos(container, guest)
    if not shown:
        raise Gone("nothing to take")
    share = guest.share
    if share.download_limit is not None and share.downloads >= share.download_limit:
        raise Spent("no downloads left")
    words = await use_in_words(container, guest, language)
    run = _Run(container, guest, visit, preset, language, words, shown)
    name = safe_filename(f"{share.title or guest.organisation or words} {container.clock.now():%Y-%m-%d}.zip")
    return archive.written(_members(run)), name


async def _members(run: _Run) -> AsyncIterator[Member]:
    for number, photo in enumerate(run.shown, start=1):
        released = await _released(run, photo, number)
        if released is not None:
            name = run.names.give(_stem(run.guest, "" if released.hidden else photo.title, run.language), _ending(released))
            yield archive.member(name, run.container.clock.now(), released.size, _noted(run, name, released))
    share, now = run.guest.share, run.container.clock.now()
    told = Contents(now, run.guest.organisation, share.use_id, run.use_words, run.preset, None, run.entries, run.left_out)
    for name, data in manifest.files(told, run.language):
        yield archive.text(name, now, data)


async def _released(run: _Run, photo: Shown, number: int) -> Released | None:
    """The photo, counted and decided about now; None when it is left out."""
    while True:
        try:
            return await download(run.container, run.guest, run.visit, photo.name, run.preset, run.language)
        except RateLimited as busy:
            await asyncio.sleep(busy.retry_after)  # many photos are no reason to refuse one: it takes its turn
        except PhotobankError as error:
            run.left_out.append(Behind(translate("share_page.photo", run.language, number=number), error.code))
            return None


def _noted(run: _Run, name: str, photo: Released) -> AsyncIterator[bytes]:
    """The bytes as they go; the entry counts once all of them went."""
    assert photo.download_id is not None
    assert photo.granted is not None
    download_id, granted = photo.download_id, photo.granted

    def whole(digest: str) -> None:
        run.entries.append(Entry(name, download_id, photo.size, digest, granted.until, granted.consents, hidden=photo.hidden or 0))

    return archive.hashed(photo.stream, whole)


def _require_offered(guest: Guest, preset: str) -> None:
    if preset not in {one.name for one in policy.offered(guest.share)}:
        raise NotFound("no such preset")


def _stem(guest: Guest, title: str, language: Language) -> str:
    return (title or guest.share.title or translate("share_page.photo_plain", language)).replace("/", "-")


def _ending(released: Released) -> str:
    return _ENDINGS.get(released.media_type) or mimetypes.guess_extension(released.media_type) or ""

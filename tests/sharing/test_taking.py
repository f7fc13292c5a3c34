"""What an outsider takes along: files that tell nothing of the house, and the whole page as one ZIP, counted photo by photo."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from photobank.api import guests as page_of_guests
from photobank.consents import withdrawal
from photobank.consents.records import ConsentRow
from photobank.models.shares import Share, ShareKind, ShareVisit
from photobank.scope import Container
from photobank.sharing import guests, links, taking
from photobank.sharing.guests import Guest, Shown
from tests.delivery.given import downloads
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door
from tests.sharing.given import Outsider, names, outsider, share

HOUSE_ONLY = ("IMG_", "Anna", "Carl", "de Vries")


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def consent(cast: Cast, anna: UUID, door: Door) -> ConsentRow:
    return await add_consent(cast.container, cast.alice, anna, "website")


async def of_anna(cast: Cast, anna: UUID, count: int, **more: str) -> list[UUID]:
    return [await add_photo(cast.container, cast.shared, [anna], seed=n, **more) for n in range(count)]


async def counted(cast: Cast, share_id: UUID) -> int:
    async with cast.container.sessions() as db:
        return (await db.get_one(Share, share_id)).downloads


def opened(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/zip"
    whole = zipfile.ZipFile(io.BytesIO(answer.content))
    assert whole.testzip() is None
    return whole


def tells_nothing_of_the_house(answer: httpx.Response, *ids: UUID) -> None:
    told = str(answer.headers).encode() + answer.content
    assert not [word for word in (*HOUSE_ONLY, *map(str, ids)) if word.encode() in told]


async def test_a_file_is_called_after_what_the_sender_said(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    plain, titled = await of_anna(cast, anna, 1), await of_anna(cast, anna, 1, title="Opening/tuin")
    guest = outsider(await share(cast, cast.bob, plain[0], titled[0], largest_side=None))
    first, second = names(await guest.look())
    answers = [await guest.take(first), await guest.take(second), await guest.take(first, "original")]
    called = [answer.headers["content-disposition"].split(";")[1].strip() for answer in answers]
    assert called == ['filename="Foto.jpg"', 'filename="Opening-tuin.jpg"', 'filename="Foto.jpg"']
    for answer in answers[:2]:
        tells_nothing_of_the_house(answer, *plain, *titled)


async def test_the_page_leaves_as_one_zip_that_tells_nothing_of_the_house(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    carl = await add_person(cast.container, "Carl")
    good = await of_anna(cast, anna, 3)
    hidden = await add_photo(cast.container, cast.shared, [anna, carl], seed=9)
    made = await share(cast, cast.bob, *good, title="Open dag")
    async with cast.scope(cast.bob) as scope:
        with_hidden = await links.create(scope, links.NewShare(use="website", asset_ids=[*good, hidden]))
    assert list(with_hidden.left_out) == [hidden]
    guest = outsider(made)
    page = await guest.look()
    assert "Alle 3 downloaden" in page.text
    answer = await guest.take_all()
    whole = opened(answer)
    assert whole.namelist() == ["Open dag.jpg", "Open dag (2).jpg", "Open dag (3).jpg", "Toestemmingen.txt", "manifest.json"]
    assert "Open dag 2026-11-23.zip" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    tells_nothing_of_the_house(answer, *good)
    told = json.loads(whole.read("manifest.json"))
    logged = await downloads(cast.container)
    assert [one["download_id"] for one in told["files"]] == [str(one.id) for one in logged]
    assert {one.share_id for one in logged} == {made.row.id}
    assert told["left_out"] == []
    assert "asset_id" not in told["files"][0]
    assert await counted(cast, made.row.id) == 3


async def test_what_ends_meanwhile_is_left_out_by_its_place_and_not_counted(
    cast: Cast, anna: UUID, consent: ConsentRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    carl = await add_person(cast.container, "Carl")
    of_carl = await add_consent(cast.container, cast.alice, carl, "website")
    first, second, third = [await add_photo(cast.container, cast.shared, [one], seed=n) for n, one in enumerate((anna, carl, anna))]
    made = await share(cast, cast.bob, first, second, third)
    guest = outsider(made)
    await guest.look()
    real = guests.photos

    async def then_withdrawn(container: Container, who: Guest) -> list[Shown]:
        shown = await real(container, who)
        async with cast.scope(cast.rita) as scope:
            await withdrawal.withdraw(scope, of_carl.id)
        return shown

    monkeypatch.setattr(taking, "photos", then_withdrawn)
    answer = await guest.take_all()
    told = json.loads(opened(answer).read("manifest.json"))
    assert told["left_out"] == [{"name": "Foto 2", "code": "gone", "reasons": []}]
    assert len(told["files"]) == 2
    assert "Foto 2: niet meer beschikbaar" in opened(answer).read("Toestemmingen.txt").decode()
    tells_nothing_of_the_house(answer, first, second, third)
    assert await counted(cast, made.row.id) == 2


async def test_no_more_go_than_downloads_are_left_however_many_ask(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    photos = await of_anna(cast, anna, 4)
    made = await share(cast, cast.bob, *photos, largest_side=None, download_limit=5)
    browsers = [outsider(made, f"198.51.100.{n}") for n in range(3)]
    for guest in browsers:
        await guest.look()
    answers = await asyncio.gather(*[guest.take_all("original") for guest in browsers])
    sets = [json.loads(opened(answer).read("manifest.json")) for answer in answers if answer.status_code == 200]
    assert sum(len(told["files"]) for told in sets) == 5
    assert {one["code"] for told in sets for one in told["left_out"]} == {"spent"}
    assert len(await downloads(cast.container)) == 5
    assert await counted(cast, made.row.id) == 5
    assert (await browsers[0].take_all("original")).status_code == 410


async def test_it_takes_a_view_an_offered_size_and_a_form_of_the_page(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    photos = await of_anna(cast, anna, 2)
    made = await share(cast, cast.bob, *photos)
    guest = outsider(made)
    assert (await guest.take_all()).status_code == 404
    await guest.look()
    assert (await guest.take_all("original")).status_code == 404
    assert (await guest.http.post(f"{guest.path}download", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    looking = outsider(await share(cast, cast.bob, *photos, may_download=False))
    assert "downloaden" not in (await looking.look()).text
    assert (await looking.take_all()).status_code == 404
    assert await counted(cast, made.row.id) == 0


async def test_a_share_that_ends_meanwhile_gives_no_more(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    photos = await of_anna(cast, anna, 3)
    made = await share(cast, cast.bob, *photos)
    guest, visit = await arrived(outsider(made), cast)
    stream, _ = await taking.everything(cast.container, guest, visit, "web", "nl")
    data, ended = b"", False
    async for piece in slowly(stream):
        data += piece
        if not ended and b"Foto.jpg" in data:
            ended = True
            async with cast.scope(cast.bob) as scope:
                await links.end(scope, made.row.id)
    told = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("manifest.json"))
    # One more may have been decided about before the end was heard of; none was after it.
    assert 1 <= len(told["files"]) <= 2
    assert len(told["files"]) + len(told["left_out"]) == 3
    assert await counted(cast, made.row.id) == len(told["files"]) == len(await downloads(cast.container))


async def test_one_network_fetches_only_so_many_at_once(cast: Cast, anna: UUID, consent: ConsentRow) -> None:
    made = await share(cast, cast.bob, *await of_anna(cast, anna, 2))
    guest = outsider(made)
    await guest.look()
    crowd = page_of_guests._fetching
    held = [crowd.joined("198.51.100.7", endless()) for _ in range(3)]
    for one in held:
        await anext(one)
    assert (await guest.take_all()).status_code == 429
    await held.pop().aclose()
    assert (await guest.take_all()).status_code == 200
    for one in held:
        await one.aclose()


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x"


async def slowly(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield piece
        await asyncio.sleep(0)


async def arrived(browser: Outsider, cast: Cast) -> tuple[Guest, ShareVisit]:
    """As the page itself knows who came."""
    token = browser.path.strip("/").rsplit("/", 1)[1]
    guest = await guests.arrive(cast.container, token, ShareKind.link, "198.51.100.7", "")
    visit = await guests.visit_of(cast.container, guest, await guests.open_link(cast.container, guest))
    assert visit is not None
    return guest, visit

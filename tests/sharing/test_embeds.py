"""Photos on other sites: they answer while cleared, are asked for each time, and are a grey picture from the withdrawal on."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from PIL import Image

from photobank.consents import withdrawal
from photobank.consents.records import ConsentRow
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, Invalid, NotFound
from photobank.library import folders
from photobank.models.shares import ShareKind
from photobank.sharing import embeds, links
from photobank.sharing.links import Made
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, Door
from tests.sharing.given import outsider, share

IMAGES = {"Accept": "image/avif,image/webp,*/*"}


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def photo(cast: Cast, anna: UUID) -> UUID:
    return await add_photo(cast.container, cast.shared, [anna], seed=7)


@pytest.fixture
async def consent(cast: Cast, anna: UUID, photo: UUID) -> ConsentRow:
    return await add_consent(cast.container, cast.rita, anna, "website")


@pytest.fixture
async def made(cast: Cast, photo: UUID, consent: ConsentRow, door: Door) -> Made:
    return await share(cast, cast.bob, photo, kind=ShareKind.embed, title='Anna & "co"')


async def ask(made: Made, name: str = "320.jpeg", method: str = "GET", **headers: str) -> httpx.Response:
    site = outsider(made)
    return await site.http.request(method, site.path + name, headers=IMAGES | headers)


def is_the_end(answer: httpx.Response, status: int = 410) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(("fmt", "kind"), [("jpeg", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF")])
async def test_it_answers_at_the_size_and_in_the_format_asked(made: Made, fmt: str, kind: str) -> None:
    answer = await ask(made, f"320.{fmt}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"image/{fmt}")
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.format, image.width) == (kind, 320)
        assert not image.getexif()
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_it_is_asked_for_each_time_and_costs_little_when_unchanged(made: Made) -> None:
    first = await ask(made)
    assert "no-cache" in first.headers["cache-control"]
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}"):
        again = await ask(made, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    other = await ask(made, **{"If-None-Match": '"something-else"'})
    assert (other.status_code, other.content) == (200, first.content)
    head = await ask(made, method="HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(first.content)))


async def test_from_the_withdrawal_on_no_byte_goes_out(cast: Cast, made: Made, consent: ConsentRow) -> None:
    first = await ask(made)
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent.id)
    # No job has run, the picture lies in memory, and the asker shows that they have it.
    is_the_end(await ask(made))
    is_the_end(await ask(made, **{"If-None-Match": first.headers["etag"]}))
    is_the_end(await ask(made, Range="bytes=0-99"))
    head = await ask(made, method="HEAD")
    assert (head.status_code, head.content) == (410, b"")


async def test_it_ends_with_time_by_hand_and_with_the_makers_right(
    cast: Cast, photo: UUID, consent: ConsentRow, made: Made, clock: TurnableClock
) -> None:
    short = await share(cast, cast.bob, photo, kind=ShareKind.embed, ends_at=TODAY + timedelta(minutes=1))
    assert (await ask(short)).status_code == 200
    clock.turn(timedelta(minutes=1))
    is_the_end(await ask(short))
    ended = await share(cast, cast.bob, photo, kind=ShareKind.embed)
    async with cast.scope(cast.bob) as scope:
        await links.end(scope, ended.row.id)
    is_the_end(await ask(ended))
    assert (await ask(made)).status_code == 200
    async with cast.scope(cast.alice) as scope:
        (grant,) = [one for one in await folders.grants(scope, cast.shared) if one.principal == str(cast.bob.user_id)]
        await folders.take(scope, cast.shared, grant.id)
    is_the_end(await ask(made))


@pytest.mark.parametrize("name", ["321.jpeg", "320.png", "320", ".jpeg", "1920.jpeg", "x.webp", "99999999.jpeg", "original", "a/b"])
async def test_only_what_the_list_offers_is_made(made: Made, name: str) -> None:
    answer = await ask(made, name)
    assert answer.status_code in (404, 410)
    is_the_end(answer, answer.status_code)


async def test_a_token_is_good_for_its_own_kind_only(cast: Cast, photo: UUID, made: Made) -> None:
    link = await share(cast, cast.bob, photo)
    token = link.url.rstrip("/").rsplit("/", 1)[1]
    site = outsider(made)
    is_the_end(await site.http.get(f"/embed/{token}/320.jpeg"), 404)
    mine = made.url.rstrip("/").rsplit("/", 1)[1]
    assert (await site.http.get(f"/s/{mine}/", headers={"Accept": "text/html"})).status_code == 404


async def test_the_snippet_names_every_width_and_is_safe_to_paste(cast: Cast, made: Made) -> None:
    async with cast.scope(cast.bob) as scope:
        found = await embeds.snippet(scope, made.row.id)
    assert f"{made.url}320.avif 320w" in found.html
    assert 'alt="Anna &amp; &quot;co&quot;"' in found.html
    assert re.findall(r" (\d+)w", found.html) == ["320"] * 3, "no wider than the photo is"
    assert (await ask(made, found.url.removeprefix(made.url))).status_code == 200


async def test_what_is_not_cleared_is_not_put_anywhere(cast: Cast, photo: UUID, consent: ConsentRow) -> None:
    with pytest.raises(ClearanceRefused):
        await share(cast, cast.bob, photo, use="press", kind=ShareKind.embed)
    with pytest.raises(Invalid):
        await share(cast, cast.bob, photo, await add_photo(cast.container, cast.shared), kind=ShareKind.embed)
    link = await share(cast, cast.bob, photo)
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(NotFound):
            await embeds.snippet(scope, link.row.id)

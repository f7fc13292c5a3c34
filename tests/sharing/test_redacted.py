"""Links and embeds with people made unrecognisable: no outsider ever sees who has to be hidden then."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import UUID

import httpx
import pytest

from photobank.access.actor import system
from photobank.access.permits import to_process
from photobank.blobs.names import place
from photobank.consents import records, withdrawal
from photobank.delivery import redacted_view
from photobank.kernel.errors import ClearanceRefused
from photobank.models.shares import ShareKind
from photobank.sharing import guests
from tests.delivery.given import downloads, taken
from tests.delivery.noise import ANNA, BEN, NOISE, group_photo, hides, shown
from tests.factories import RENDITIONS, add_consent, add_person, picture
from tests.house import Cast, Door
from tests.sharing.given import names, outsider, share


@pytest.fixture
async def people(cast: Cast, door: Door) -> tuple[UUID, UUID]:
    """Anna, who allowed it, and Ben."""
    anna, ben = await add_person(cast.container, "Anna"), await add_person(cast.container, "Ben")
    await add_consent(cast.container, cast.alice, anna, "website")
    return anna, ben


@pytest.fixture
async def photo(cast: Cast, people: tuple[UUID, UUID]) -> UUID:
    return await group_photo(cast, people)


def seen(answer: httpx.Response) -> list[bool]:
    """Are Anna and Ben hidden on it."""
    assert answer.status_code == 200, answer.text
    return [hides(shown(answer.content), box) for box in (ANNA, BEN)]


async def test_a_link_shows_and_hands_over_what_is_cleared_with_people_hidden(
    cast: Cast, people: tuple[UUID, UUID], photo: UUID
) -> None:
    with pytest.raises(ClearanceRefused):
        await share(cast, cast.bob, photo)
    made = await share(cast, cast.bob, photo, redacted=True, largest_side=None)
    assert (made.row.redacted, made.left_out) == (True, {})
    guest = outsider(made)
    page = await guest.open()
    (name,) = names(page)
    assert 'value="original"' not in page.text
    assert seen(await guest.picture(name, "large")) == [False, True]
    assert (await guest.take(name, "original")).status_code == 404
    assert seen(await guest.take(name)) == [False, True]
    consent = await add_consent(cast.container, cast.alice, people[1], "website")
    assert seen(await guest.picture(name, "large")) == [False, False]
    assert seen(await guest.take(name)) == [False, False]
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, consent.id)
    assert seen(await guest.picture(name, "large")) == [False, True]
    whole = zipfile.ZipFile(io.BytesIO((await guest.take_all()).content))
    (entry,) = json.loads(whole.read("manifest.json"))["files"]
    assert entry["hidden_people"] == 1
    assert [len(row.hidden_faces) for row in await downloads(cast.container)] == [1, 0, 1]


async def test_it_ends_when_nobody_may_be_seen(cast: Cast, people: tuple[UUID, UUID], photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo, redacted=True))
    (name,) = names(await guest.open())
    async with cast.scope(cast.alice) as scope:
        (anna,) = await records.of_person(scope, people[0])
        await withdrawal.withdraw(scope, anna.id)
    assert (await guest.picture(name, "preview")).status_code == 410
    assert (await guest.take(name)).status_code == 410
    assert (await guest.look()).status_code == 410


async def test_an_open_page_learns_that_a_photo_looks_otherwise(cast: Cast, people: tuple[UUID, UUID], photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, redacted=True)
    token = made.url.rstrip("/").rsplit("/", 1)[1]

    async def look() -> guests.Shown:
        (one,) = await guests.photos(cast.container, await guests.arrive(cast.container, token, ShareKind.link, "198.51.100.7", ""))
        return one

    hidden = await look()
    page = (await outsider(made).open()).text
    assert f'data-look="{hidden.look}"' in page
    consent = await add_consent(cast.container, cast.alice, people[1], "website")
    shown = await look()
    assert shown.look == shown.name == hidden.name == hidden.look.split(".")[0]
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, consent.id)
    assert await look() == hidden


async def test_an_embed_changes_with_every_consent(cast: Cast, people: tuple[UUID, UUID], photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, kind=ShareKind.embed, redacted=True)
    site = outsider(made)

    async def picture(known: str = "") -> httpx.Response:
        return await site.http.get(f"{site.path}320.jpeg", headers={"If-None-Match": known} if known else {})

    first = await picture()
    assert seen(first) == [False, True]
    tag = first.headers["etag"]
    assert (await picture(tag)).status_code == 304
    consent = await add_consent(cast.container, cast.alice, people[1], "website")
    assert seen(await picture(tag)) == [False, False]
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, consent.id)
    again = await picture((await picture()).headers["etag"])
    assert again.status_code == 304
    assert again.headers["etag"] == tag


async def test_what_a_hidden_head_looked_like_has_no_part_in_any_picture(cast: Cast, people: tuple[UUID, UUID]) -> None:
    """Two photos that differ only there, in other renditions at that, are one picture to the byte: on a page, elsewhere, beforehand."""
    left, top, width, height = BEN
    other = NOISE.copy()
    inside = other[int(top * 600) : int((top + height) * 600), int(left * 900) : int((left + width) * 900)]
    inside[:] = 255 - inside
    seen_of: list[list[bytes]] = []
    for number, pixels in enumerate((NOISE, other)):
        photo = await group_photo(cast, people, number, pixels)
        await change_renditions(cast, photo, number)
        guest = outsider(await share(cast, cast.bob, photo, redacted=True))
        (name,) = names(await guest.open())
        site = outsider(await share(cast, cast.bob, photo, kind=ShareKind.embed, redacted=True))
        async with cast.scope(cast.bob) as scope:
            before = await taken(await redacted_view.show(scope, photo, "website"))
        pictures = [(await guest.picture(name, size)).content for size in ("thumb", "preview")]
        seen_of.append([*pictures, (await site.http.get(f"{site.path}320.jpeg")).content, before])
    assert seen_of[0] == seen_of[1]


async def change_renditions(cast: Cast, photo: UUID, seed: int) -> None:
    """Pictures that have nothing to do with one another."""
    async with cast.scope(system()) as scope:
        key = await scope.vault.asset_key(scope.db, to_process(scope, photo, cast.container.clock), scope.now())
    for rendition, side in RENDITIONS.items():
        where, context = place(photo, 1, rendition)
        await cast.container.blobs.delete(where)
        await cast.container.blobs.write(where, key, context, picture(70 + seed, (side, side * 3 // 4), "WEBP"))

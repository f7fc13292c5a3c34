"""An open page of a link learns within a second what it may no longer show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from photobank.api import guests as pages
from photobank.consents import withdrawal
from photobank.messaging.push import publish
from photobank.models.shares import ShareKind
from photobank.sharing import guests
from photobank.web.news import News, listening
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door
from tests.sharing.given import names, outsider, share


async def after(stream: AsyncIterator[str]) -> str:
    """The next event that is no sign of life."""
    async with asyncio.timeout(30):
        async for event in stream:
            if event != ":\n\n":
                return event
    raise AssertionError("it ended without a word")


async def test_it_tells_what_is_left_and_then_the_end(cast: Cast, door: Door) -> None:
    people = [await add_person(cast.container, name) for name in ("Anna", "Bea")]
    photos = [await add_photo(cast.container, cast.shared, [one], seed=at) for at, one in enumerate(people)]
    consents = [await add_consent(cast.container, cast.rita, one, "website") for one in people]
    made = await share(cast, cast.bob, *photos)
    first, second = names(await outsider(made).look())
    token = made.url.rstrip("/").rsplit("/", 1)[1]

    async def look() -> list[str]:
        guest = await guests.arrive(cast.container, token, ShareKind.link, "198.51.100.7", "")
        return [one.name for one in await guests.photos(cast.container, guest)]

    async with listening(cast.container.redis) as listener:
        await _subscribed(cast, listener)
        stream = pages.told(listener, look)
        assert json.loads((await after(stream)).removeprefix("data: ")) == [first, second]
        for consent, expected in zip(consents, (f'data: ["{second}"]\n\n', "event: over\ndata: over\n\n"), strict=True):
            waiting = asyncio.create_task(after(stream))
            async with cast.scope(cast.rita) as scope:
                await withdrawal.withdraw(scope, consent.id)
            assert await waiting == expected
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def _subscribed(cast: Cast, listener: News) -> None:
    """Pushes before the subscription are lost: push until one comes through."""
    while listener.count == 0:
        await publish(cast.container.redis, {"library": ()})
        await asyncio.sleep(0.05)


async def test_many_pushes_are_few_news(cast: Cast) -> None:
    async with listening(cast.container.redis) as listener:
        await _subscribed(cast, listener)
        before = listener.count
        for _ in range(200):
            await publish(cast.container.redis, {"library": ()})
        await listener.after(before)
        assert listener.count - before < 20


async def test_whoever_waits_is_let_go_when_the_house_closes(cast: Cast) -> None:
    async with listening(cast.container.redis) as listener:
        waiting = asyncio.create_task(listener.after(10**9))
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await waiting


async def test_a_page_without_a_view_waits_for_nothing(cast: Cast, door: Door) -> None:
    anna = await add_person(cast.container, "Anna")
    photo: UUID = await add_photo(cast.container, cast.shared, [anna])
    await add_consent(cast.container, cast.rita, anna, "website")
    guest = outsider(await share(cast, cast.bob, photo))
    assert (await guest.http.get(f"{guest.path}news")).status_code == 204

"""Attacks on the UI socket. Each of these worked against the framework as it comes (design 7)."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from tests.plain_house import CALLS
from tests.security.conftest import BASE, DESK, People


async def ran(redis: Redis, name: str) -> int:
    return int(await redis.hget(CALLS, name) or 0)


async def test_a_signed_in_person_gets_their_page(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna"), path="/desk/")
    assert await tab.until(lambda: tab.value(DESK, "secret") == "secret of Anna")
    assert tab.value(BASE, "my_name") == "Anna"
    assert tab.value(BASE, "my_initials") == "A"

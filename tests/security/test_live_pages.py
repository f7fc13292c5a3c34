"""Live pages over real sockets: a push makes each page read again as its own person."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

from photobank.messaging.push import publish
from tests.security.conftest import DESK, People
from tests.security.server import FEED


async def test_a_push_brings_fresh_rows_to_those_who_may_see_them(browser: Any, people: People, redis: Redis) -> None:
    await redis.delete(FEED)
    thing = uuid4()
    admin, viewer = await people.sign_in("Adam", "admin"), await people.sign_in("Vera", "viewer")
    tabs = [await browser(admin), await browser(admin), await browser(viewer), await browser()]
    for tab in tabs:
        await tab.send(f"{DESK}.watch", thing_id=str(thing))
    assert await tabs[0].until(lambda: tabs[0].value(DESK, "thing") == "Adam:")
    assert await tabs[2].until(lambda: tabs[2].value(DESK, "gone") is True)
    await redis.rpush(FEED, "first")
    start = time.perf_counter()
    await publish(redis, {"feed": ()})
    for tab in tabs[:2]:
        assert await tab.until(lambda tab=tab: tab.value(DESK, "rows") == ["first"], 1)
    assert time.perf_counter() - start < 1
    await redis.set(f"test:thing:{thing}", "red")
    await publish(redis, {"thing": [thing]})
    assert await tabs[2].until(lambda: tabs[2].value(DESK, "thing") == "Vera:red", 1)
    assert await tabs[0].until(lambda: tabs[0].value(DESK, "thing") == "Adam:red", 1)
    assert "first" not in repr(tabs[2].updates)
    assert "first" not in repr(tabs[3].updates)
    assert "red" not in repr(tabs[3].updates[1:]).replace("redirect", "")

"""A page that is left while it loads leaves no lock behind. When this fails after an upgrade, read state/locks.py again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from state.locks import ReleasedLocks

KEY = b"somebody_lock"


class FarAway(Redis):
    """A Redis whose answers to SET take their time on the way back."""

    async def set(self, *args: Any, **options: Any) -> Any:
        answer = await super().set(*args, **options)
        await asyncio.sleep(0.2)
        return answer


@asynccontextmanager
async def locks(redis: Redis) -> AsyncIterator[ReleasedLocks]:
    manager = cast(ReleasedLocks, cast(Any, ReleasedLocks)(redis=redis))
    yield manager
    await manager.close()  # type: ignore[no-untyped-call]


async def test_who_is_gone_before_the_answer_came_leaves_no_lock(redis_url: str) -> None:
    near = Redis.from_url(redis_url)
    async with locks(FarAway.from_url(redis_url)) as far, locks(near) as others:
        gone = asyncio.create_task(far._try_get_lock(KEY, b"gone"))
        while await near.get(KEY) is None:
            await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        async with asyncio.timeout(5):
            while not await others._try_get_lock(KEY, b"next"):
                await asyncio.sleep(0.01)
        assert await near.get(KEY) == b"next"


async def test_who_is_gone_takes_nobody_elses_lock_along(redis_url: str) -> None:
    near = Redis.from_url(redis_url)
    async with locks(FarAway.from_url(redis_url)) as far, locks(near) as others:
        assert await others._try_get_lock(KEY, b"somebody else")
        gone = asyncio.create_task(far._try_get_lock(KEY, b"gone"))
        await asyncio.sleep(0.1)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        while far._going_back:
            await asyncio.sleep(0.01)
        assert await near.get(KEY) == b"somebody else"


async def test_an_answer_that_comes_too_late_takes_nobody_elses_lock_along(redis_url: str) -> None:
    near = Redis.from_url(redis_url)
    async with locks(FarAway.from_url(redis_url)) as far, locks(near) as others:
        gone = asyncio.create_task(far._try_get_lock(KEY, b"gone"))
        while await near.get(KEY) is None:
            await asyncio.sleep(0.01)
        await near.delete(KEY)  # as when it expires
        assert await others._try_get_lock(KEY, b"next")
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        while far._going_back:
            await asyncio.sleep(0.01)
        assert await near.get(KEY) == b"next"

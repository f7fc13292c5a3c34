"""For pages that wait without a socket: "something changed that may matter to you; look again". One listener per web process.

What changed is not told, and nobody waits for a thing in particular: whoever waits decides anew, as always, and finds out. Pushes that come
within PAUSE count as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from redis.asyncio import Redis

from photobank.kernel.errors import Unavailable
from photobank.messaging.push import MISSED, subscribe

PAUSE: Final = 0.2
KINDS: Final = frozenset({MISSED, "asset", "library", "person", "consents", "folders", "user", "shares"})
"""Kinds of pushes after which somebody may have lost or gained a photo."""


class News:
    """Counts what happened. `after(n)` comes back once there is more than that."""

    def __init__(self) -> None:
        self.count = 0
        self.closed = False
        self._due: asyncio.Task[None] | None = None
        self._more = asyncio.Condition()

    async def after(self, count: int) -> int:
        """Wait for news since `count`; gives how far it is now. Ends at once when the house closes."""
        async with self._more:
            await self._more.wait_for(lambda: self.count > count or self.closed)
            return self.count

    async def tell(self) -> None:
        """There is news."""
        async with self._more:
            self.count += 1
            self._more.notify_all()

    async def close(self) -> None:
        """Nobody waits any longer."""
        async with self._more:
            self.closed = True
            self._more.notify_all()

    async def listen(self, redis: Redis) -> None:
        """Turn pushes into news, for ever."""
        async for push in subscribe(redis):
            if push.kind in KINDS and (self._due is None or self._due.done()):
                self._due = asyncio.create_task(self._soon())

    async def _soon(self) -> None:
        await asyncio.sleep(PAUSE)
        await self.tell()


_news: News | None = None


def news() -> News:
    """Those of this process; raises Unavailable where nobody listens."""
    if _news is None:
        raise Unavailable("this process does not listen")
    return _news


@asynccontextmanager
async def listening(redis: Redis) -> AsyncIterator[News]:
    """Listen for as long as this block runs."""
    global _news
    made = _news = News()
    task = asyncio.create_task(made.listen(redis), name="photobank news")
    try:
        yield made
    finally:
        _news = None
        await made.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

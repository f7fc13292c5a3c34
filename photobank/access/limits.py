"""Rates: how often something may be tried. Counted in Redis, so that all processes count together."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool

from photobank.kernel.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Rate:
    """`item` tries per window for each key of `name`."""

    name: str
    item: RateLimitItem


# A wrong password counts per address and per account from one address, never per account alone: otherwise anybody could lock
# anybody else out.
SIGN_IN_ADDRESS = Rate("sign-in-address", RateLimitItemPerMinute(30, 5))
SIGN_IN_ACCOUNT = Rate("sign-in-account", RateLimitItemPerMinute(6, 5))
SET_UP = Rate("set-up", RateLimitItemPerMinute(10, 5))
API = Rate("api", RateLimitItemPerSecond(200, 1))


class Rates:
    """Counts tries and refuses those beyond the rate."""

    def __init__(self, redis_url: str, pool: ConnectionPool) -> None:
        url = f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url
        # The pool is the process's own, closed with it; the library's types know only plain options.
        options: dict[str, Any] = {"connection_pool": pool}
        storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix="photobank:rates", **options)
        self._limiter = MovingWindowRateLimiter(storage)

    async def hit(self, rate: Rate, *keys: str) -> None:
        """Count a try; raises RateLimited with the seconds to wait."""
        key = _hidden(keys)
        if not await self._limiter.hit(rate.item, rate.name, key):
            stats = await self._limiter.get_window_stats(rate.item, rate.name, key)
            raise RateLimited(rate.name, retry_after=max(1, int(stats.reset_time - time.time()) + 1), action=f"rate:{rate.name}")

    async def forget(self, rate: Rate, *keys: str) -> None:
        """Start counting anew, as after a success."""
        await self._limiter.clear(rate.item, rate.name, _hidden(keys))


def _hidden(keys: tuple[str, ...]) -> str:
    # Addresses and e-mails do not lie readable in Redis.
    return hashlib.sha256("\0".join(keys).encode()).hexdigest()[:32]

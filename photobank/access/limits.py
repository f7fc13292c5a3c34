"""Rates: how often something may be tried. Counted in Redis, so that all processes count together."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool

from photobank.kernel.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Rate:
    """`item` tries per window for each key of `name`."""

    name: str
    item: RateLimitItem


# A link to sign cannot be guessed; who tries many is slowed down. Codes count per signer and, for who gets them, per hour.
LINK_ADDRESS = Rate("link-address", RateLimitItemPerMinute(30, 5))
LINK_OPENED = Rate("link-opened", RateLimitItemPerMinute(120, 5))
OWN_PHOTO = Rate("own-photo", RateLimitItemPerMinute(240, 1))
CODE_TRIED = Rate("code-tried", RateLimitItemPerMinute(10, 15))
CODE_SENT = Rate("code-sent", RateLimitItemPerMinute(6, 30))
# A wrong password counts per address and per account from one address, never per account alone: otherwise anybody could lock
# anybody else out.
SIGN_IN_ADDRESS = Rate("sign-in-address", RateLimitItemPerMinute(30, 5))
SIGN_IN_ACCOUNT = Rate("sign-in-account", RateLimitItemPerMinute(6, 5))
SET_UP = Rate("set-up", RateLimitItemPerMinute(10, 5))
PASSWORD = Rate("password", RateLimitItemPerMinute(6, 5))
# Each is decoded and encoded anew.
FULL_SIZES = Rate("full-sizes", RateLimitItemPerMinute(60, 1))
# Each is made from the original and marked; cropping and crushing a whole library is not what a download is for.
DERIVED = Rate("derived", RateLimitItemPerMinute(120, 1))
MARKED = Rate("marked", RateLimitItemPerMinute(600, 1))
# Passwords of share links: per link from one network, and per link from everywhere, since only who holds the link can try at all.
SHARE_PASSWORD = Rate("share-password", RateLimitItemPerMinute(6, 5))
SHARE_PASSWORD_ALL = Rate("share-password-all", RateLimitItemPerMinute(100, 60))
SHARE_UNKNOWN = Rate("share-unknown", RateLimitItemPerMinute(60, 5))
# Each keeps the vision worker busy for a second or more.
BY_PICTURE = Rate("by-picture", RateLimitItemPerMinute(12, 1))
# A hall full of people comes from one network within minutes; a script that fills the list of people is another matter.
EVENT_GUEST = Rate("event-guest", RateLimitItemPerMinute(60, 10))
EVENT_ADDRESS = Rate("event-address", RateLimitItemPerMinute(4, 60))
EVENT_CODE = Rate("event-code", RateLimitItemPerMinute(600, 60))
SELFIE = Rate("selfie", RateLimitItemPerMinute(8, 10))
SELFIE_EVENT = Rate("selfie-event", RateLimitItemPerMinute(60, 1))
# Packs are gigabytes, and looking again at every photo takes the vision workers for hours.
PACKS = Rate("face-packs", RateLimitItemPerMinute(10, 10))
LOOK_AGAIN = Rate("look-again", RateLimitItemPerMinute(4, 10))
# Refusals are kept for ever, so nobody may write them without end: beyond this they are answered but no longer logged one by one.
REFUSALS = Rate("refusals", RateLimitItemPerMinute(300, 1))
ONCE = Rate("once", RateLimitItemPerMinute(1, 1))


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
            wait = max(1, int(stats.reset_time - time.time()) + 1)
            raise RateLimited(rate.name, retry_after=wait, action=f"rate:{rate.name}")

    async def allows(self, rate: Rate, *keys: str) -> bool:
        """Count a try and say whether it is within the rate; for what is simply left undone beyond it."""
        return bool(await self._limiter.hit(rate.item, rate.name, _hidden(keys)))

    async def forget(self, rate: Rate, *keys: str) -> None:
        """Start counting anew, as after a success."""
        await self._limiter.clear(rate.item, rate.name, _hidden(keys))


def network_of(address: str) -> str:
    """The address, or for IPv6 its /64: a household or a rented machine has all of those, and could take a new one per try."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False).network_address)


def _hidden(keys: tuple[str, ...]) -> str:
    # Addresses and e-mails do not lie readable in Redis.
    return hashlib.sha256("\0".join(keys).encode()).hexdigest()[:32]

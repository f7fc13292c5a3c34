"""Push: tells every web process that something changed, after the commit. A push carries a kind and ids, never content.

Redis pub/sub has no memory: after a lost connection a listener gets a push of kind MISSED and has everything read again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CHANNEL = "photobank:push"
MISSED = "missed"
SESSION_REVOKED = "session.revoked"
MAX_IDS = 500
FIRST_RETRY, LONGEST_RETRY = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Push:
    """Something of this kind happened to these things."""

    kind: str
    ids: tuple[UUID, ...] = field(default=())

    @property
    def topics(self) -> tuple[str, ...]:
        """Whom it wakes: those who watch the kind, and those who watch one of the things."""
        return (self.kind, *(f"{self.kind}:{key}" for key in self.ids))


def encode(push: Push) -> str:
    """The push as it goes over the wire."""
    return json.dumps({"k": push.kind, "i": [str(key) for key in push.ids]}, separators=(",", ":"))


def decode(raw: bytes | str) -> Push:
    """Read a push; raises ValueError on anything that is not one."""
    try:
        data = json.loads(raw)
        kind, ids = data["k"], data["i"]
        if not isinstance(kind, str) or not isinstance(ids, list):
            raise ValueError("not a push")
        return Push(kind, tuple(UUID(key) for key in ids))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a push") from error


async def publish(redis: Redis, pushes: Mapping[str, Iterable[UUID]]) -> None:
    """Tell every web process of kinds and ids, in one trip. Only UUIDs fit in, so that no content can slip through."""
    async with redis.pipeline(transaction=False) as pipe:
        for kind, ids in pushes.items():
            keys = tuple(ids)
            for start in range(0, max(1, len(keys)), MAX_IDS):
                pipe.publish(CHANNEL, encode(Push(kind, keys[start : start + MAX_IDS])))
        await pipe.execute()


async def subscribe(redis: Redis) -> AsyncIterator[Push]:
    """All pushes from now on, for ever. After a break the first one is MISSED."""
    wait, first = FIRST_RETRY, True
    while True:
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(CHANNEL)
                if not first:
                    yield Push(MISSED)
                first, wait = False, FIRST_RETRY
                async for message in channel.listen():
                    try:
                        yield decode(message["data"])
                    except ValueError:
                        log.warning("push ignored: not readable")
        except (RedisError, OSError) as error:
            log.warning("push channel lost (%s); trying again in %.1f s", type(error).__name__, wait)
            first = False
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_RETRY)

"""Locks on state that no dead page keeps.

When a page's socket closes, the framework cancels what was loading that page. If that falls between asking Redis for the lock and hearing
the answer, the lock is taken and nobody holds it: whoever reloads a page then looks at an empty one until it expires, ten seconds later.

This leans on an inner part of the framework; tests/state/test_locks.py fails when it changes.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, cast

from redis.exceptions import RedisError
from reflex.istate.manager.redis import StateManagerRedis

# An answer may come after the lock has expired and gone to somebody else.
_OURS_ONLY: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class ReleasedLocks(StateManagerRedis):
    """The framework's Redis state manager, whose locks go back when whoever asked for them is gone."""

    def __post_init__(self) -> None:
        """No lock is on its way back yet."""
        super().__post_init__()  # type: ignore[no-untyped-call]
        self._going_back: set[asyncio.Task[None]] = set()

    async def _try_get_lock(self, lock_key: bytes, lock_id: bytes) -> bool | None:
        asked = asyncio.ensure_future(super()._try_get_lock(lock_key, lock_id))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            back = asyncio.create_task(self._give_back(asked, lock_key, lock_id))
            self._going_back.add(back)
            back.add_done_callback(self._going_back.discard)
            raise

    async def _give_back(self, asked: asyncio.Future[bool | None], lock_key: bytes, lock_id: bytes) -> None:
        with contextlib.suppress(RedisError):  # a Redis that is away forgets the lock by itself, in its ten seconds
            if await asked:
                await cast(Any, self.redis).eval(_OURS_ONLY, 1, lock_key, lock_id)  # cast: its types know text only

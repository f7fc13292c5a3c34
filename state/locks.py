"""Locks on state that no dead page keeps.

When a page's socket closes, the framework cancels what was loading that page. If that falls between asking Redis for the lock and hearing
the answer, the lock is taken and nobody holds it: whoever reloads a page then looks at an empty one until it expires, ten seconds later.

This leans on an inner part of the framework; tests/state/test_locks.py fails when it changes.
"""

from __future__ import annotations

import asyncio

from reflex.istate.manager.redis import StateManagerRedis


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
            back = asyncio.create_task(self._give_back(asked, lock_key))
            self._going_back.add(back)
            back.add_done_callback(self._going_back.discard)
            raise

    async def _give_back(self, asked: asyncio.Future[bool | None], lock_key: bytes) -> None:
        if await asked:
            await self.redis.delete(lock_key)

"""What the UI framework keeps in Redis, sealed: state, socket records and updates passed between processes.

As it comes, the framework stores pickles in the clear. They hold personal data, and loading one runs code, so whoever may write to
Redis could take over the web process. Everything is therefore encrypted and authenticated before it is written, and opened before
it is unpickled. State is bound to its key, so that a sealed state copied to somebody else's key does not open either.

This leans on inner parts of the framework; tests/state/test_sealing.py fails when they change.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState
from reflex.utils import token_manager

from photobank.kernel.errors import Damaged
from photobank.web.house import house
from state.locks import ReleasedLocks

_STATE = "ui-state:"
_SOCKETS = "ui-sockets"


class _Opening:
    """The Redis client of the state manager; reading states opens them, all else passes through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def __getattr__(self, name: str) -> Any:
        return getattr(self._redis, name)

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """The states under these keys. One that does not open counts as absent: the page then starts afresh."""
        sealer = house().secrets.sealer
        opened: list[bytes | None] = []
        for key, blob in zip(keys, await self._redis.mget(keys), strict=True):
            try:
                opened.append(None if blob is None else sealer.open(_STATE + key, blob))
            except Damaged:
                opened.append(None)
        return opened

    async def get(self, key: str | bytes) -> bytes | None:
        """Locks are read this way, states never."""
        value: bytes | None = await self._redis.get(key)
        return value


class SealedStates(ReleasedLocks):
    """The framework's Redis state manager with sealed values."""

    def __post_init__(self) -> None:
        """Put the opening client in place of the plain one."""
        super().__post_init__()
        self.redis = _Opening(self.redis)  # type: ignore[assignment]

    def _collect_state_writes(self, token: BaseStateToken, base_state: BaseState) -> list[tuple[str, bytes]]:
        sealer = house().secrets.sealer
        return [(key, sealer.seal(_STATE + key, data)) for key, data in super()._collect_state_writes(token, base_state)]


class _SealedPickle:
    """Stands in for the pickle module in the framework's socket registry, whose records travel over Redis too."""

    @staticmethod
    def dumps(value: object) -> bytes:
        """Pickled, then sealed."""
        return house().secrets.sealer.seal(_SOCKETS, pickle.dumps(value))

    @staticmethod
    def loads(blob: bytes) -> Any:
        """Opened, then unpickled; raises Damaged without unpickling anything that we did not write."""
        return pickle.loads(house().secrets.sealer.open(_SOCKETS, blob))  # noqa: S301  authenticated the line before


def seal_socket_records() -> None:
    """Have the framework's socket registry write sealed records."""
    setattr(token_manager, "pickle", _SealedPickle)  # noqa: B010  a module of that name is what type checkers expect

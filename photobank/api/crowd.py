"""How many answers may be under way at once, in this process and for one network: those that last."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


class Crowd:
    """Counts answers from their first byte to their end."""

    def __init__(self, most: int, *, per_network: int) -> None:
        self._most, self._per_network = most, per_network
        self._by_network: Counter[str] = Counter()

    def may_join(self, network: str) -> bool:
        """Is there room for one more from this network."""
        return self._by_network[network] < self._per_network and self._by_network.total() < self._most

    async def joined(self, network: str, stream: AsyncIterator[T]) -> AsyncIterator[T]:
        """The stream, counted for as long as it lasts."""
        self._by_network[network] += 1
        try:
            async for event in stream:
                yield event
        finally:
            self._by_network[network] -= 1
            self._by_network += Counter()  # drops the zeros

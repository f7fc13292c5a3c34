"""What was made lately, kept in memory for a short while and as far as there is room. Whoever asks has decided already."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sized
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T", bound=Sized)


@dataclass(slots=True)
class Lately(Generic[T]):
    """What was used longest ago goes first; nothing stays longer than `keep`. Its length is what counts against `most`."""

    most: int
    keep: timedelta
    _kept: OrderedDict[Hashable, tuple[datetime, T]] = field(default_factory=OrderedDict)
    _held: int = 0

    def get(self, key: Hashable, now: datetime) -> T | None:
        """What was kept under this key, if it is fresh enough."""
        found = self._kept.get(key)
        if found is None:
            return None
        if now - found[0] >= self.keep:
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, data: T, now: datetime) -> None:
        """Keep it."""
        self.drop(key)
        self._kept[key] = (now, data)
        self._held += len(data)
        while self._held > self.most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """Forget it."""
        if (found := self._kept.pop(key, None)) is not None:
            self._held -= len(found[1])

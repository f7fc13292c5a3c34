"""Now. Services ask the clock they were given, so that tests can turn it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, always aware and in UTC."""

    def now(self) -> datetime:
        """The present moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment according to the operating system."""
        return datetime.now(UTC)


class TurnableClock:
    """A clock for tests: stands still until it is turned."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at or datetime.now(UTC)

    def now(self) -> datetime:
        """The moment it was last turned to."""
        return self._at

    def turn(self, by: timedelta) -> None:
        """Move by `by`, also backwards."""
        self._at += by

    def turn_to(self, at: datetime) -> None:
        """Move to `at`, which must be aware."""
        self._at = at.astimezone(UTC)

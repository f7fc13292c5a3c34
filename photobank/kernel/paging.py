"""Keyset pages: a cursor holds the sort key of the last row seen, never an offset, so page n costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from photobank.kernel.errors import Invalid

T = TypeVar("T")

MAX_LIMIT = 200
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `next_cursor` is None on the last one."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TimeCursor:
    """Position in a list sorted by (moment, id)."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """The cursor as opaque text for a URL."""
        raw = json.dumps([self.at.isoformat(), str(self.id)], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> TimeCursor:
        """Read a cursor that came from outside; raises Invalid on anything else than our own."""
        try:
            at, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise ValueError("naive moment")
            return cls(moment, UUID(key))
        except (ValueError, TypeError, binascii.Error, AttributeError) as error:
            raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from error


def clamp(limit: int | None) -> int:
    """The page size asked for, between 1 and MAX_LIMIT."""
    return max(1, min(limit or DEFAULT_LIMIT, MAX_LIMIT))

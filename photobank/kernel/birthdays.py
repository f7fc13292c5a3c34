"""When somebody comes of age: midnight at the start of the birthday, where the organisation is."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, date, datetime, time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

NEVER: Final = datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=65536)
def birthday(born: date, age: int, time_zone: str) -> datetime:
    """The instant at which somebody born on `born` turns `age`, in UTC. Born on 29 February: on 1 March when there is no 29th."""
    year = born.year + age
    if year >= MAXYEAR:
        return NEVER
    try:
        day = born.replace(year=year)
    except ValueError:
        day = date(year, 3, 1)
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)

"""From calendar days, as people write them on paper, to moments. A consent until 31 December holds on that day to its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from photobank.kernel.errors import Invalid

# Where the organisation's days begin. The policy uses the same zone for birthdays (clearance.facts_types.Rules.time_zone).
ZONE = ZoneInfo("Europe/Amsterdam")
FIRST_YEAR, LAST_YEAR = 1900, 2200


def start_of(day: date) -> datetime:
    """The moment at which a day begins; raises Invalid for days that no paper of ours can be about."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid("a day out of reach", fields={"date": "errors.date"})
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    start_of(day)
    return start_of(min(day + timedelta(days=1), date(LAST_YEAR, 12, 31)))


def last_day(end: datetime) -> date:
    """The last day on which something holds that ends at `end`."""
    return (end - timedelta(microseconds=1)).astimezone(ZONE).date()


def is_moment(moment: datetime) -> bool:
    """Whether a moment from outside has a time zone and lies within reach."""
    return moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR

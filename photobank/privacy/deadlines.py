"""By when a request must be answered: within one month of receiving it (GDPR Art. 12(3)). Pure."""

from __future__ import annotations

import calendar
from datetime import date, datetime

from photobank.consents import days


def last_day(asked: date) -> date:
    """The last day on which an answer is in time: the same day of the next month, or the last one where it has no such day."""
    year, month = (asked.year, asked.month + 1) if asked.month < 12 else (asked.year + 1, 1)
    return date(year, month, min(asked.day, calendar.monthrange(year, month)[1]))


def due(asked_at: datetime) -> datetime:
    """The moment after which the answer is late."""
    return days.end_of(last_day(asked_at.astimezone(days.ZONE).date()))

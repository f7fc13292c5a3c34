"""What a record is worth at a moment: derived from its dates, never stored. Pure.

What a person's age does to a consent is not told here: that takes the date of birth, and is for clearance to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlmodel import col

from photobank.models.consents import Consent, ConsentUse


class ConsentStatus(StrEnum):
    """Where a record stands."""

    draft = "draft"
    signed = "signed"
    expiring = "expiring"
    expired = "expired"
    withdrawn = "withdrawn"
    superseded = "superseded"
    declined = "declined"

    @property
    def in_force(self) -> bool:
        """Does it still grant anything."""
        return self in (ConsentStatus.signed, ConsentStatus.expiring)


def status_of(consent: Consent, uses: Sequence[ConsentUse], now: datetime, alert: timedelta) -> ConsentStatus:
    """The status at a moment. What somebody did goes before what time did; `expiring` as soon as one use is about to end."""
    if consent.declined_at is not None and consent.declined_at <= now:
        return ConsentStatus.declined
    kept = [use for use in uses if use.withdrawn_at is None or use.withdrawn_at > now]
    if (consent.withdrawn_at is not None and consent.withdrawn_at <= now) or not kept:
        return ConsentStatus.withdrawn
    if consent.superseded_at is not None and consent.superseded_at <= now:
        return ConsentStatus.superseded
    if consent.signed_at is None:
        return ConsentStatus.draft
    ends = [end_of(consent, use) for use in kept]
    running = [end for end in ends if end is None or end > now]
    if not running:
        return ConsentStatus.expired
    soonest = min((end for end in running if end is not None), default=None)
    return ConsentStatus.expiring if soonest is not None and soonest - now <= alert else ConsentStatus.signed


def end_of(consent: Consent, use: ConsentUse) -> datetime | None:
    """When a use ends by its terms: its own end or the record's, whichever is first; None if never."""
    return min((end for end in (consent.valid_until, use.valid_until) if end is not None), default=None)


def condition(status: ConsentStatus, now: datetime, alert: timedelta) -> ColumnElement[bool]:
    """The same as `status_of`, for the database: lists are narrowed by it."""
    declined = _past(Consent.declined_at, now)
    kept = and_(col(ConsentUse.consent_id) == col(Consent.id), ~_past(ConsentUse.withdrawn_at, now))
    withdrawn = or_(_past(Consent.withdrawn_at, now), ~exists().where(kept))
    superseded = _past(Consent.superseded_at, now)
    runs = and_(~_past(Consent.valid_until, now), exists().where(kept, ~_past(ConsentUse.valid_until, now)))
    soon = now + alert
    ends_soon = exists().where(kept, ~_past(ConsentUse.valid_until, now), _past(ConsentUse.valid_until, soon))
    expiring = and_(runs, or_(_past(Consent.valid_until, soon), ends_soon))
    ladder: list[tuple[ConsentStatus, ColumnElement[bool]]] = [
        (ConsentStatus.declined, declined),
        (ConsentStatus.withdrawn, withdrawn),
        (ConsentStatus.superseded, superseded),
        (ConsentStatus.draft, col(Consent.signed_at).is_(None)),
        (ConsentStatus.expired, ~runs),
        (ConsentStatus.expiring, expiring),
    ]
    before: list[ColumnElement[bool]] = []
    for one, holds in ladder:
        if one is status:
            return and_(holds, *(~earlier for earlier in before))
        before.append(holds)
    return and_(*(~earlier for earlier in before)) if status is ConsentStatus.signed else false()


def _past(column: datetime | None, now: datetime) -> ColumnElement[bool]:
    return and_(col(column).is_not(None), col(column) <= now)

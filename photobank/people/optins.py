"""Who opted in to being recognised: the consents in force that say so. What a query asks, so that no list of them is kept anywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlmodel import col

from photobank.models.consents import Consent, Regime
from photobank.models.people import Face, Person

NEVER: Final = datetime(9999, 1, 1).astimezone()
"""Stands for no end where ends are compared."""


def end_of(moment: datetime | None) -> datetime | None:
    """An end that was read, None for none."""
    return None if moment is None or moment.year >= NEVER.year - 1 else moment


def of(now: datetime, person_id: UUID) -> Select[Consent]:
    """Consents in force in which this person opted in; guardians' where they are needed."""
    return _in_force(now, person_id)


def of_faces(now: datetime) -> Select[Consent]:
    """The same for the person of each face of the query around it."""
    return _in_force(now, col(Face.person_id)).correlate(Face)


def of_owners(now: datetime, owner: Any, table: Any) -> Select[Consent]:
    """The same for the people in a column of another table around it."""
    return _in_force(now, owner).correlate(table)


def _in_force(now: datetime, owner: Any) -> Select[Consent]:
    grown_up = and_(
        col(Consent.person_id) == col(Person.id),
        or_(~col(Person.is_minor), col(Consent.guardians_signed) >= col(Person.guardians_needed)),
    )
    return select(Consent).where(
        col(Consent.person_id) == owner,
        col(Consent.biometric),
        col(Consent.regime) == Regime.consent,
        col(Consent.signed_at) <= now,
        col(Consent.valid_from) <= now,
        or_(col(Consent.valid_until).is_(None), col(Consent.valid_until) > now),
        *(moment.is_(None) for moment in (col(Consent.withdrawn_at), col(Consent.declined_at), col(Consent.superseded_at))),
        exists().where(grown_up).correlate(Consent),
    )

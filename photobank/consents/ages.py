"""Guardians' consents that were written down without an end, or with a later one: they end on the sixteenth birthday all the same.

The policy knows that by itself, at every moment. Here the end is put on the record when it comes near, by the clock, so that it is told,
asked about and shown like any other. Birth dates are sealed, so no query finds them.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, records
from photobank.messaging.events import ConsentChanged
from photobank.models.consents import Consent, Regime
from photobank.models.people import Person
from photobank.scope import Scope

AT_ONCE: Final = 500


async def put_ends(scope: Scope, after: UUID | None = None) -> UUID | None:
    """Look at the next records of guardians `after` one; gives the last that was looked at, None when there are no more."""
    require(scope, Action.consent_record)
    now, alert = scope.now(), await records.alert_period(scope)
    query = (
        select(Consent, Person)
        .join(Person, col(Person.id) == col(Consent.person_id))
        .where(col(Consent.guardians_signed) > 0, col(Consent.regime) == Regime.consent, col(Person.birth_date_ct).is_not(None))
        .where(or_(col(Consent.valid_until).is_(None), col(Consent.valid_until) > now))
        .where(col(Consent.signed_at).is_not(None), col(Consent.declined_at).is_(None))
        .where(col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None))
        .order_by(col(Consent.id))
        .limit(AT_ONCE)
    )
    if after is not None:
        query = query.where(col(Consent.id) > after)
    found = [(consent, person) for consent, person in await scope.db.execute(query)]
    for consent, person in found:
        of_age = asking.comes_of_age(scope, person)
        if of_age is None or of_age > now + alert or (consent.signed_at or now) >= of_age:
            continue
        await scope.db.refresh(consent, with_for_update=True)
        if consent.valid_until is None or consent.valid_until > of_age:
            consent.valid_until = of_age
            payload = {"until": of_age.isoformat()}
            record(scope, Tag.consent_ends_of_age, consent_id=consent.id, person_id=person.id, payload=payload)
            scope.announce(ConsentChanged(consent_id=consent.id, person_id=person.id))
    return found[-1][0].id if len(found) == AT_ONCE else None

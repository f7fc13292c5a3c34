"""Who is still to be asked: people in sight without any record or open request, and children whose guardians' consent has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import asking
from photobank.models.consents import Consent
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest
from photobank.scope import Scope


async def first(scope: Scope, limit: int) -> list[UUID]:
    """The newest of those who were never asked."""
    query = (await _never(scope)).with_only_columns(col(Person.id), maintain_column_froms=True)
    return list((await scope.db.scalars(query.order_by(col(Person.created_at).desc(), col(Person.id)).limit(limit))).all())


async def count(scope: Scope) -> int:
    """How many there are of both."""
    never: int | None = await scope.db.scalar(select(func.count()).select_from((await _never(scope)).subquery()))
    people = (await _outgrown(scope)).with_only_columns(col(Person.id), maintain_column_froms=True).distinct()
    outgrown: int | None = await scope.db.scalar(select(func.count()).select_from(people.subquery()))
    return (never or 0) + (outgrown or 0)


@dataclass(frozen=True, slots=True)
class Outgrown:
    """Somebody whose guardians consented until `ended_at`, and who was not asked since; `of_age`: they decide alone now."""

    person_id: UUID
    consent_id: UUID
    ended_at: datetime
    of_age: bool


async def outgrown(scope: Scope, limit: int) -> list[Outgrown]:
    """Those whose consent ended last come first."""
    query = (await _outgrown(scope)).order_by(col(Consent.valid_until).desc(), col(Consent.id)).limit(limit)
    found: dict[UUID, Outgrown] = {}
    for consent, person in await scope.db.execute(query):
        ended = consent.valid_until or consent.created_at
        found.setdefault(person.id, Outgrown(person.id, consent.id, ended, not asking.is_minor(scope, person)))
    return list(found.values())


async def mailable(scope: Scope, limit: int) -> list[UUID]:
    """Those who were never asked and can be, by mail: of age as far as is known, and with an address."""
    require(scope, Action.consent_request)
    query = (await _never(scope)).where(col(Person.email_ct).is_not(None), ~col(Person.is_minor))
    query = query.with_only_columns(col(Person.id), maintain_column_froms=True)
    return list((await scope.db.scalars(query.order_by(col(Person.created_at).desc(), col(Person.id)).limit(limit))).all())


async def _never(scope: Scope) -> Select[Any]:
    require(scope, Action.consent_view)
    papers = exists().where(col(Consent.person_id) == col(Person.id))
    asked = exists().where(
        col(ConsentRequest.person_id) == col(Person.id), col(ConsentRequest.outcome).is_distinct_from("cancelled")
    )
    return (await visibility.people(scope)).where(~papers, ~asked)


async def _outgrown(scope: Scope) -> Select[Consent, Person]:
    """Records of guardians that ended by time, neither renewed nor asked for since, with their people."""
    require(scope, Action.consent_view)
    later = aliased(Consent)
    own = exists().where(col(later.person_id) == col(Person.id), col(later.signed_at) > col(Consent.signed_at))
    asked = exists().where(
        col(ConsentRequest.person_id) == col(Person.id),
        col(ConsentRequest.outcome).is_distinct_from("cancelled"),
        or_(col(ConsentRequest.renews) == col(Consent.id), col(ConsentRequest.created_at) >= col(Consent.valid_until)),
    )
    in_sight = (await visibility.people(scope)).with_only_columns(col(Person.id), maintain_column_froms=True)
    return (
        select(Consent, Person)
        .join(Person, col(Person.id) == col(Consent.person_id))
        .where(col(Person.id).in_(in_sight), col(Consent.guardians_signed) > 0, col(Consent.valid_until) <= scope.now())
        .where(col(Consent.signed_at).is_not(None), col(Consent.declined_at).is_(None))
        .where(col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None), ~own, ~asked)
    )

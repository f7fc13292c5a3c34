"""Who has never been asked: people in sight without any record or open request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.models.consents import Consent
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest
from photobank.scope import Scope


async def first(scope: Scope, limit: int) -> list[UUID]:
    """The newest of them."""
    query = (await _never(scope)).with_only_columns(col(Person.id), maintain_column_froms=True)
    return list((await scope.db.scalars(query.order_by(col(Person.created_at).desc(), col(Person.id)).limit(limit))).all())


async def count(scope: Scope) -> int:
    """How many there are."""
    found: int | None = await scope.db.scalar(select(func.count()).select_from((await _never(scope)).subquery()))
    return found or 0


async def mailable(scope: Scope, limit: int) -> list[UUID]:
    """Those of them who can be asked by mail: of age as far as is known, and with an address."""
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

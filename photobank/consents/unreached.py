"""Who cannot be asked to renew by mail, and what is missing: the clock passes them over, so that staff have to know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import asking, requests, templates
from photobank.kernel.errors import Invalid
from photobank.models.consents import Consent
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner
from photobank.scope import Scope


class Missing(StrEnum):
    """What stands in the way of a letter."""

    address = "address"
    own_address = "own_address"
    """Decides alone from the end on, and has no address of their own: that of a parent is none."""
    guardian = "guardian"
    """A minor, whose guardians have to be asked and cannot be."""


async def of(scope: Scope, consent_ids: Collection[UUID]) -> dict[UUID, Missing]:
    """Of these records, which the caller has found, those nobody can be mailed about, and was not asked about in another way."""
    require(scope, Action.consent_view)
    asked = exists().where(
        or_(
            (col(ConsentRequest.renews) == col(Consent.id)) & col(ConsentRequest.outcome).is_distinct_from("cancelled"),
            (col(ConsentRequest.person_id) == col(Consent.person_id))
            & col(ConsentRequest.outcome).is_(None)
            & (col(ConsentRequest.expires_at) > scope.now()),
        )
    )
    query = (
        select(Consent, Person)
        .join(Person, col(Person.id) == col(Consent.person_id))
        .where(col(Consent.id).in_(consent_ids), col(Consent.signed_at).is_not(None), col(Consent.regime).in_(templates.REGIMES))
        .where(col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None), col(Person.hidden_at).is_(None), ~asked)
    )
    found = [(consent, person) for consent, person in await scope.db.execute(query)]
    signed = await _guardians(scope, [person.id for consent, person in found if consent.guardians_signed])
    missing = {consent.id: _missing(scope, consent, person, signed[person.id]) for consent, person in found}
    return {id_: what for id_, what in missing.items() if what is not None}


async def require_own_address(scope: Scope, consent_id: UUID) -> None:
    """Refused where whoever is to be asked anew has only an address at which their guardians were asked."""
    if (await of(scope, [consent_id])).get(consent_id) is Missing.own_address:
        raise Invalid("an address of a guardian", fields={"email": "errors.guardians_address"})


def _missing(scope: Scope, consent: Consent, person: Person, signed: Sequence[tuple[UUID | None, str]]) -> Missing | None:
    own = asking.address_of(scope, person).casefold()
    if not consent.guardians_signed and not person.is_minor:
        return None if own else Missing.address
    try:
        until = asking.grown_at(scope, person)
    except Invalid:
        return Missing.guardian  # nobody knows when they come of age
    if until is None or (consent.valid_until is not None and consent.valid_until >= until):
        return None if own and own not in {address for _, address in signed} else Missing.own_address
    theirs = [address for consent_id, address in signed if consent_id == consent.id]
    return None if theirs and all(theirs) else Missing.guardian


async def _guardians(scope: Scope, person_ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID | None, str]]]:
    """Addresses at which guardians of these people were asked, each with the record that came of it."""
    query = (
        select(ConsentSigner, col(ConsentRequest.person_id), col(ConsentRequest.consent_id))
        .join(ConsentRequest, col(ConsentRequest.id) == col(ConsentSigner.request_id))
        .where(col(ConsentRequest.person_id).in_(person_ids), col(ConsentSigner.role) == "guardian")
    )
    found: dict[UUID, list[tuple[UUID | None, str]]] = defaultdict(list)
    for signer, person_id, consent_id in await scope.db.execute(query):
        found[person_id].append((consent_id, requests.email_of(scope, signer).casefold()))
    return found

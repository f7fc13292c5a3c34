"""Asking by the clock: to renew before a consent ends, the grown child once it decides alone, and politely again until there is a reply.

Any reply ends it: signed, declined or withdrawn. Whoever was asked to renew once is not asked a second time for the same record.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import exists, or_, select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, records, renewing, requests, templates, unreached
from photobank.consents.asking import Guardian
from photobank.consents.progress import Way
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.models.consents import Consent, ConsentUse
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope

REMIND_AFTER: Final = timedelta(days=7)
MOST_REMINDERS: Final = 2
AT_ONCE: Final = 50

log = structlog.get_logger(__name__)


async def ending(scope: Scope, after: UUID | None = None) -> list[UUID]:
    """Records that end within the alert period, or ended lately with a guardian's signature, and were never asked to be renewed.

    The next of them `after` one: somebody who cannot be asked keeps nobody else from it.
    """
    now, alert = scope.now(), await records.alert_period(scope)
    asked = exists().where(col(ConsentRequest.renews) == col(Consent.id))
    soon = col(Consent.valid_until).between(now, now + alert)
    grown = (col(Consent.guardians_signed) > 0) & col(Consent.valid_until).between(now - alert, now)
    query = (
        select(col(Consent.id))
        .join(Person, col(Person.id) == col(Consent.person_id))
        .where(or_(soon, grown), ~asked, col(Consent.signed_at).is_not(None), col(Consent.regime).in_(templates.REGIMES))
        .where(col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None), col(Person.hidden_at).is_(None))
        .where(or_(col(Person.email_ct).is_not(None), col(Consent.guardians_signed) > 0))
        .order_by(col(Consent.id))
        .limit(AT_ONCE)
    )
    if after is not None:
        query = query.where(col(Consent.id) > after)
    return list((await scope.db.scalars(query)).all())


async def ask_to_renew(scope: Scope, consent_id: UUID) -> bool:
    """Mail one request to renew; False where there is nobody to mail (the board says so), or no form for it."""
    consent = await scope.db.get_one(Consent, consent_id)
    person = await scope.db.get_one(Person, consent.person_id)
    guardians: tuple[Guardian, ...] = ()
    if (missing := (await unreached.of(scope, [consent_id])).get(consent_id)) is not None:
        log.info("not asked to renew", consent=str(consent_id), reason=missing)
        return False
    try:
        until = asking.grown_at(scope, person)
        if until is not None:
            if consent.valid_until is not None and consent.valid_until >= until:
                return False  # it ends because the child decides from then on: it is asked after the birthday
            guardians = await _guardians(scope, consent_id)
        elif consent.valid_until is not None and consent.valid_until <= scope.now() and person.birth_date_ct is None:
            return False
        await renewing.ask(scope, consent_id, Way.email, guardians)
    except (Invalid, NotFound, Conflict) as problem:
        log.info("not asked to renew", consent=str(consent_id), reason=problem.code)
        return False
    return True


async def remind(scope: Scope) -> int:
    """A reminder for requests that wait without a reply; gives how many."""
    last = col(ConsentRequest.reminded_at)
    before = scope.now() - REMIND_AFTER
    kept = exists().where(col(ConsentUse.consent_id) == col(Consent.id), col(ConsentUse.withdrawn_at).is_(None))
    over = or_(col(Consent.withdrawn_at).is_not(None), col(Consent.superseded_at).is_not(None), ~kept)
    replied = exists().where(col(Consent.id) == col(ConsentRequest.renews), over)  # taken back, or given anew in another way
    query = (
        select(ConsentRequest)
        .where(col(ConsentRequest.outcome).is_(None), col(ConsentRequest.expires_at) > scope.now())
        .where(col(ConsentRequest.way) == Way.email, col(ConsentRequest.reminders) < MOST_REMINDERS)
        .where(~replied)
        .where(or_(last.is_(None) & (col(ConsentRequest.created_at) <= before), last <= before))
        .order_by(col(ConsentRequest.created_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    waiting = list((await scope.db.scalars(query)).all())
    signers = await requests.signers_of(scope, [request.id for request in waiting])
    for request in waiting:
        request.reminders, request.reminded_at = request.reminders + 1, scope.now()
        for signer in signers[request.id]:
            if signer.signed_at is None and signer.bounced_at is None and signer.email_ct is not None:
                mails.put_down(scope, Kind.reminder, signer.id)
        payload = {"request": str(request.id), "reminder": request.reminders}
        record(scope, Tag.consent_reminded, person_id=request.person_id, payload=payload)
        requests.moved(scope, request)
    return len(waiting)


async def _guardians(scope: Scope, consent_id: UUID) -> tuple[Guardian, ...]:
    """Those who signed last time."""
    query = (
        select(ConsentSigner)
        .join(ConsentRequest, col(ConsentRequest.id) == col(ConsentSigner.request_id))
        .where(col(ConsentRequest.consent_id) == consent_id, col(ConsentSigner.role) == "guardian")
        .order_by(col(ConsentSigner.position))
    )
    found = (await scope.db.scalars(query)).all()
    return tuple(Guardian(requests.name_of(scope, one), requests.email_of(scope, one)) for one in found)

"""What a person signed, and a no of their own: said on their page, or by leaving a box unticked on a newer form."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import records, status, templates, withdrawal
from photobank.messaging.events import PersonChanged
from photobank.models.consents import Consent
from photobank.models.people import Person
from photobank.scope import Scope

BIOMETRIC = "biometric"
"""Stands among the uses where somebody says no to being recognised."""


async def papers(scope: Scope, person_id: UUID, *, to_change: bool = False) -> list[Consent]:
    """What the person signed, newest first, also under an entry that was merged into theirs."""
    merged = select(col(Person.id)).where(col(Person.merged_into) == person_id)
    query = (
        select(Consent)
        .where(or_(col(Consent.person_id) == person_id, col(Consent.person_id).in_(merged)))
        .where(col(Consent.signed_at).is_not(None), col(Consent.regime).in_(templates.REGIMES))
        .order_by(col(Consent.signed_at).desc(), col(Consent.id).desc())
    )
    if to_change:
        query = query.with_for_update(of=Consent)
    return list((await scope.db.scalars(query.execution_options(populate_existing=True))).all())


async def say_no(scope: Scope, person: Person, chosen: Collection[str], among: Sequence[Consent]) -> UUID | None:
    """End what was chosen on each of these papers that can be taken back, all locked by the caller; `BIOMETRIC` is recognition.

    Gives the last paper on which anything ended.
    """
    ended: UUID | None = None
    used = await records.uses_of(scope, [one.id for one in among])
    for consent in among:
        stands = status.status_of(consent, used[consent.id], scope.now(), await records.alert_period(scope))
        if not stands.in_force or consent.regime not in withdrawal.ENDS_AT_A_NO:
            continue
        kept = {use.use_id for use in used[consent.id] if use.withdrawn_at is None}
        ending = kept & set(chosen)
        whole = ending == kept and (not consent.biometric or BIOMETRIC in chosen or person.biometrics_off_at is not None)
        if ending and await withdrawal.take_back(scope, consent, None if whole else sorted(ending)):
            ended = consent.id
    if BIOMETRIC in chosen and person.biometrics_off_at is None:
        person.biometrics_off_at = person.changed_at = scope.now()
        record(scope, Tag.biometrics_switched, person_id=person.id, payload={"off": True, "by": "signer"})
        scope.announce(PersonChanged(person_id=person.id))
    return ended

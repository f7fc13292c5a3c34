"""Taking a consent back: wholly, or for some of its uses. From the commit on, nothing leaves on it any more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import records
from photobank.consents.recording import happened
from photobank.consents.records import ConsentRow
from photobank.kernel.errors import Conflict, Invalid
from photobank.messaging.events import ConsentWithdrawn
from photobank.models.consents import Consent, Regime
from photobank.scope import Scope

# A consent is withdrawn; against a legitimate interest one objects (Art. 21), which ends it in the same way. A release, a contract
# and press work end by their terms.
ENDS_AT_A_NO = (Regime.consent, Regime.legitimate_interest)


async def withdraw(scope: Scope, consent_id: UUID, uses: Sequence[str] | None = None) -> ConsentRow:
    """Withdraw a record, or only `uses` of it. Doing it twice changes nothing more. Raises Conflict for what cannot be withdrawn."""
    require(scope, Action.consent_withdraw, consent_id=consent_id)
    await take_back(scope, await records.find(scope, consent_id, to_change=True), uses)
    return await records.get(scope, consent_id)


async def take_back(scope: Scope, consent: Consent, uses: Sequence[str] | None = None) -> bool:
    """End a record that the caller has found and locked, wholly or for some uses; False when nothing was left to end."""
    if consent.regime not in ENDS_AT_A_NO:
        raise Conflict(
            f"a {consent.regime} is an agreement that ends by its terms and cannot be withdrawn"
            if consent.regime in (Regime.release, Regime.contract)
            else "this basis was not given by the person and cannot be withdrawn"
        )
    granted = (await records.uses_of(scope, [consent.id]))[consent.id]
    wanted = {use.use_id for use in granted} if uses is None else set(uses)
    if uses is not None and (not wanted or not wanted <= {use.use_id for use in granted}):
        raise Invalid("uses", fields={"uses": "errors.use_not_on_record"})
    if consent.withdrawn_at is not None:
        return False
    ending = [use for use in granted if use.use_id in wanted and use.withdrawn_at is None]
    if uses is None:
        consent.withdrawn_at = scope.now()
    elif not ending:
        return False
    for use in ending:
        use.withdrawn_at = scope.now()
    ended = sorted(use.use_id for use in ending)
    happened(scope, consent.id, "withdrawn", {"uses": ",".join(ended)})
    payload = {"regime": consent.regime, "uses": ended, "whole": uses is None}
    record(scope, Tag.consent_withdrawn, consent_id=consent.id, person_id=consent.person_id, payload=payload)
    scope.announce(ConsentWithdrawn(consent_id=consent.id, person_id=consent.person_id))
    return True

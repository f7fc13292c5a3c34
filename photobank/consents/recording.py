"""A consent or release that staff enter: a paper that was signed, or another basis that the privacy officer records.

A record never changes once made. What a new one does to older ones: docs/adr/0012-what-a-new-consent-replaces.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record as record_event
from photobank.audit.tags import Tag
from photobank.consents import days, records, uses
from photobank.consents.records import ConsentRow, Extent
from photobank.consents.status import status_of
from photobank.kernel.errors import Conflict, Invalid
from photobank.kernel.ids import new_id
from photobank.messaging.events import ConsentChanged
from photobank.models.assets import Asset
from photobank.models.consents import Consent, ConsentEvent, ConsentScope, ConsentUse, Regime
from photobank.scope import Scope

SIGNED_BY_THE_PERSON = (Regime.consent, Regime.release)
TERRITORY = re.compile(r"[A-Z]{2}|EEA")
MOST_TARGETS = 10_000
LONGEST_REASON = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """What somebody enters. Without `signed_at` it was signed just now; without `valid_from` it holds from the signature on."""

    person_id: UUID
    uses: tuple[str, ...]
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    extent: str = Extent.all
    extent_ids: tuple[UUID, ...] = ()
    regime: str = Regime.consent
    territories: tuple[str, ...] = ()
    guardians_signed: int = 0
    signed_at: datetime | None = None
    biometric: bool = False
    reason: str = ""


async def record(scope: Scope, new: NewConsent) -> ConsentRow:
    """Enter a record. Older ones of the same kind that it covers wholly are replaced by it."""
    return await _enter(scope, new, None)


async def renew(
    scope: Scope,
    consent_id: UUID,
    *,
    valid_until: datetime | None,
    valid_from: datetime | None = None,
    signed_at: datetime | None = None,
    guardians_signed: int = 0,
    uses: Sequence[str] | None = None,
) -> ConsentRow:
    """Enter a record signed anew in the place of an older one, with its scope and territories, and its uses unless others are given."""
    require(scope, Action.consent_record, consent_id=consent_id)
    old = await records.get(scope, consent_id)
    if old.superseded_by is not None:
        raise Conflict("this record has been replaced; renew the newest one")
    granted = tuple(one.use for one in old.uses if one.withdrawn_at is None) or tuple(one.use for one in old.uses)
    new = NewConsent(
        person_id=old.person_id,
        uses=tuple(uses) if uses is not None else granted,
        valid_from=valid_from,
        valid_until=valid_until,
        extent=old.extent,
        extent_ids=tuple((await records.targets_of(scope, [consent_id]))[consent_id]),
        regime=old.regime,
        territories=old.territories,
        guardians_signed=guardians_signed,
        signed_at=signed_at,
        biometric=old.biometric,
        reason=old.reason,
    )
    return await _enter(scope, new, consent_id)


async def _enter(scope: Scope, new: NewConsent, renews: UUID | None) -> ConsentRow:
    require(scope, Action.consent_record, person_id=new.person_id)
    _check(scope, new)
    if new.regime not in SIGNED_BY_THE_PERSON:
        require(scope, Action.consent_other_basis, person_id=new.person_id)
    await records.require_person(scope, new.person_id, to_change=True)
    await uses.require_known(scope, new.uses)
    if renews is None:
        await require_targets(scope, new.extent, new.extent_ids)
    consent = await write_down(scope, new, renews=renews, way_in="staff", language=scope.actor.language)
    return await records.get(scope, consent.id)


async def write_down(
    scope: Scope, new: NewConsent, *, renews: UUID | None, way_in: str, language: str, refused: Sequence[str] = ()
) -> Consent:
    """Make the record. Who calls has seen to it that it may be made: staff by their role, a signer by the link and the code."""
    signed = new.signed_at or scope.now()
    consent = Consent(
        id=new_id(),
        person_id=new.person_id,
        regime=Regime(new.regime),
        way_in=way_in,
        language=language,
        signed_at=signed,
        valid_from=new.valid_from or signed,
        valid_until=new.valid_until,
        scope=Extent(new.extent),
        territories=",".join(sorted(set(new.territories))),
        guardians_signed=new.guardians_signed,
        biometric=new.biometric,
        refused=",".join(sorted(set(refused))),
        recorded_by=scope.actor.user_id,
        created_at=scope.now(),
    )
    if new.reason.strip():
        consent.reason_ct = scope.vault.fields.seal_text("consents", "reason_ct", consent.id, new.reason.strip())
    scope.db.add(consent)
    await scope.db.flush()
    granted = sorted(set(new.uses))
    targets = sorted(set(new.extent_ids))
    scope.db.add_all(ConsentUse(consent_id=consent.id, use_id=use) for use in granted)
    scope.db.add_all(ConsentScope(consent_id=consent.id, kind=consent.scope, target_id=target) for target in targets)
    await scope.db.flush()
    how = "renewed" if renews else "recorded" if way_in == "staff" else "signed"
    happened(scope, consent.id, how, {"uses": ",".join(granted)})
    replaced = await _supersede(scope, consent, set(granted), set(targets), renews)
    tag = Tag.consent_renewed if renews else Tag.consent_recorded if way_in == "staff" else Tag.consent_signed
    record_event(
        scope,
        tag,
        consent_id=consent.id,
        person_id=new.person_id,
        payload={
            "regime": consent.regime,
            "uses": granted,
            "until": new.valid_until.isoformat() if new.valid_until else None,
            "scope": consent.scope,
            "targets": len(targets),
            "replaces": [str(id_) for id_ in replaced],
        },
    )
    scope.announce(ConsentChanged(consent_id=consent.id, person_id=new.person_id))
    return consent


def happened(scope: Scope, consent_id: UUID, kind: str, details: dict[str, str] | None = None) -> None:
    """Add to what happened to a record."""
    actor = scope.actor
    scope.db.add(
        ConsentEvent(
            id=new_id(),
            consent_id=consent_id,
            kind=kind,
            at=scope.now(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            details=details or {},
        )
    )


def _check(scope: Scope, new: NewConsent) -> None:
    fields: dict[str, str] = {}
    if not new.uses:
        fields["uses"] = "errors.uses_none"
    if new.regime not in Regime.__members__:
        fields["regime"] = "errors.regime"
    fields |= extent_faults(new.extent, new.extent_ids)
    if not all(TERRITORY.fullmatch(code) for code in new.territories):
        fields["territories"] = "errors.territory"
    if not 0 <= new.guardians_signed <= 2:
        fields["guardians_signed"] = "errors.guardians"
    dates = {"signed_at": new.signed_at, "valid_from": new.valid_from, "valid_until": new.valid_until}
    wrong = {name: "errors.moment" for name, moment in dates.items() if moment is not None and not days.is_moment(moment)}
    if wrong:
        raise Invalid("a moment without time zone or out of reach", fields=fields | wrong)
    signed = new.signed_at or scope.now()
    if signed > scope.now():
        fields["signed_at"] = "errors.signed_in_future"
    if new.valid_until is not None and new.valid_until <= (new.valid_from or signed):
        fields["valid_until"] = "errors.ends_before_start"
    if new.regime not in SIGNED_BY_THE_PERSON and "regime" not in fields and not new.reason.strip():
        fields["reason"] = "errors.reason_needed"
    if len(new.reason) > LONGEST_REASON or "\0" in new.reason:
        fields["reason"] = "errors.too_long"
    if new.biometric and new.regime != Regime.consent:
        # Art. 9: a face template needs explicit consent; no contract and no interest will do.
        fields["biometric"] = "errors.biometric_needs_consent"
    if fields:
        raise Invalid("consent", fields=fields)


def extent_faults(extent: str, extent_ids: Sequence[UUID]) -> dict[str, str]:
    """What is wrong with the scope that somebody asks for."""
    if extent not in Extent.__members__:
        return {"scope": "errors.scope"}
    if (extent == Extent.all) != (not extent_ids) or len(extent_ids) > MOST_TARGETS:
        return {"scope_ids": "errors.scope_ids"}
    return {}


async def require_targets(scope: Scope, extent: str, extent_ids: Sequence[UUID]) -> None:
    """Folders and photos that a record is limited to must be in sight of who asks for it."""
    wanted = set(extent_ids)
    if extent == Extent.folder:
        found = wanted & await visibility.folder_ids(scope)
    elif extent == Extent.photos:
        query = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id).in_(wanted))
        found = set((await scope.db.scalars(query)).all())
    else:
        return
    if found != wanted:
        raise Invalid("scope_ids", fields={"scope_ids": "errors.scope_ids"})


async def _supersede(scope: Scope, new: Consent, granted: set[str], targets: set[UUID], renews: UUID | None) -> list[UUID]:
    """End what the new record takes the place of, from the moment at which the new one begins."""
    query = (
        select(Consent)
        .where(col(Consent.person_id) == new.person_id, col(Consent.id) != new.id, col(Consent.superseded_by).is_(None))
        .order_by(col(Consent.id))
        .with_for_update(of=Consent)
    )
    older = list((await scope.db.execute(query)).scalars())
    used = await records.uses_of(scope, [consent.id for consent in older])
    replaced: list[UUID] = []
    for consent in older:
        if consent.id != renews:
            same_kind = (consent.regime, consent.scope, consent.territories) == (new.regime, new.scope, new.territories)
            kept = {use.use_id for use in used[consent.id] if use.withdrawn_at is None}
            status = status_of(consent, used[consent.id], scope.now(), await records.alert_period(scope))
            if not same_kind or not status.in_force or not kept <= granted or (consent.biometric and not new.biometric):
                continue
            if consent.scope != Extent.all and (await records.targets_of(scope, [consent.id]))[consent.id] != targets:
                continue
        consent.superseded_at = max(scope.now(), new.valid_from)
        consent.superseded_by = new.id
        happened(scope, consent.id, "superseded", {"by": str(new.id)})
        replaced.append(consent.id)
    return replaced

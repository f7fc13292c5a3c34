"""What proves a consent: one canonical JSON record, made in the transaction of the signature and never changed (docs/formats/evidence.md).

The fields follow ISO/IEC TS 27560:2023. The record lies sealed; its hash stands in the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record as record_event
from photobank.audit.tags import Tag
from photobank.consents import records
from photobank.consents.strokes import Signature
from photobank.consents.wording import Shown, digest
from photobank.kernel.errors import Conflict, NotFound
from photobank.messaging.events import EvidenceDue
from photobank.models.accounts import Organisation
from photobank.models.consents import Consent
from photobank.models.requests import ConsentEvidence, ConsentRequest
from photobank.scope import Scope

SCHEMA: Final = "urn:photobank:consent-record:1"
BASIS: Final = {"consent": "GDPR Art. 6(1)(a)", "release": "GDPR Art. 6(1)(b)"}
MEDIA_TYPES: Final = {"pdf": "application/pdf", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Signed:
    """One signer's part: what was shown, what was answered, and how it is known that it was them."""

    signer_id: UUID
    role: str
    name: str
    email: str
    shown: Shown
    uses: tuple[str, ...]
    biometric: bool
    months: int | None
    signature: Signature
    opened_at: datetime
    answered_at: datetime
    signed_at: datetime
    code_sent_at: datetime | None
    address: str
    device: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is handed out."""

    number: int
    media_type: str
    content: bytes


async def make(scope: Scope, consent: Consent, request: ConsentRequest, parts: Sequence[Signed], granted: Sequence[str]) -> None:
    """Write the record of a consent that is signed at this moment, and have it sealed."""
    house = await scope.db.get(Organisation, 1)
    value = _record(scope, consent, request, parts, granted, house)
    raw = rfc8785.dumps(value)
    hashed = digest(value)
    scope.db.add(
        ConsentEvidence(
            consent_id=consent.id,
            record_ct=scope.vault.fields.seal("consent_evidence", "record_ct", consent.id, raw),
            record_hash=hashed,
            made_at=scope.now(),
        )
    )
    payload = {"request": str(request.id), "record_sha256": hashed.hex(), "signers": len(parts)}
    record_event(scope, Tag.consent_proven, consent_id=consent.id, person_id=consent.person_id, payload=payload)
    scope.announce(EvidenceDue(consent_id=consent.id))


async def fetch(scope: Scope, consent_id: UUID, form: str = "pdf") -> Evidence:
    """The proof of a record in sight, as sealed PDF or as JSON. NotFound for what staff entered; Conflict until the seal is set."""
    require(scope, Action.consent_view, consent_id=consent_id)
    require(scope, Action.person_contact, consent_id=consent_id)
    consent = await records.find(scope, consent_id)
    found = await read(scope, consent, form)
    record_event(
        scope, Tag.evidence_fetched, consent_id=consent_id, person_id=consent.person_id, payload={"form": form, "by": "staff"}
    )
    return found


async def read(scope: Scope, consent: Consent, form: str) -> Evidence:
    """The same for a caller who has seen to who asks."""
    row = await scope.db.get(ConsentEvidence, consent.id)
    if row is None:
        raise NotFound("this record was entered by staff; there is no electronic proof of it")
    if form == "json":
        content = scope.vault.fields.open("consent_evidence", "record_ct", consent.id, row.record_ct)
    elif row.pdf_ct is None:
        raise Conflict("the proof is being sealed; try again in a moment")
    else:
        content = scope.vault.fields.open("consent_evidence", "pdf_ct", consent.id, row.pdf_ct)
    return Evidence(consent.number, MEDIA_TYPES[form], content)


async def opened(scope: Scope, consent_id: UUID) -> dict[str, Any]:
    """The record itself, for the sealing job."""
    row = await scope.db.get_one(ConsentEvidence, consent_id)
    value: dict[str, Any] = json.loads(scope.vault.fields.open("consent_evidence", "record_ct", consent_id, row.record_ct))
    return value


async def proven(scope: Scope, consent_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these records that have a sealed proof. The caller has found the records."""
    query = select(col(ConsentEvidence.consent_id)).where(col(ConsentEvidence.consent_id).in_(consent_ids))
    return set((await scope.db.scalars(query.where(col(ConsentEvidence.sealed_at).is_not(None)))).all())


def _record(
    scope: Scope,
    consent: Consent,
    request: ConsentRequest,
    parts: Sequence[Signed],
    granted: Sequence[str],
    house: Organisation | None,
) -> dict[str, Any]:
    first = parts[0].shown
    until = _moment(consent.valid_until) if consent.valid_until else None
    name = house.name if house else ""
    return {
        "schema": SCHEMA,
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": str(consent.id),
        "record_number": consent.number,
        "request_id": str(request.id),
        "pii_principal_id": str(consent.person_id),
        "pii_principal_name": first.person,
        "regime": consent.regime,
        "lawful_basis": BASIS[consent.regime],
        "pii_controllers": [{"name": name, "territory": house.territory if house else ""}],
        "jurisdiction": house.territory if house else "",
        "storage_locations": [scope.settings.storage_region],
        "processing_location": "EEA",
        "collection_method": consent.way_in,
        "language": consent.language,
        "withdrawal_method": "the link that was signed with, at any time"
        if consent.regime == "consent"
        else "none: ends by its terms",
        "authority_party": "Autoriteit Persoonsgegevens",
        "validity": {"from": _moment(consent.valid_from), "until": until},
        "geographic_restrictions": [part for part in consent.territories.split(",") if part],
        "scope": {"kind": consent.scope, "targets": list(request.targets)},
        "purposes": [
            {"use": use.id, "label": use.label, "answer": "granted" if use.id in granted else "refused", "valid_until": until}
            for use in first.uses
        ],
        "special_category": {"biometric_template": _biometric(first, parts)},
        "pii_information": ["portrait on photographs", *(["face template"] if consent.biometric else [])],
        "signers": [_part(part) for part in parts],
        "events": _events(request, parts),
    }


def _biometric(shown: Shown, parts: Sequence[Signed]) -> str:
    if not shown.biometric:
        return "not asked"
    return "granted" if all(part.biometric for part in parts) else "refused"


def _part(part: Signed) -> dict[str, Any]:
    code = {"kind": "code by e-mail", "sent_at": _moment(part.code_sent_at)} if part.code_sent_at else {"kind": "in presence"}
    return {
        "signer_id": str(part.signer_id),
        "role": part.role,
        "name": part.name,
        "email": part.email,
        "shown": part.shown.as_json(),
        "shown_sha256": part.shown.digest,
        "answers": {
            "uses": {use.id: "granted" if use.id in part.uses else "refused" for use in part.shown.uses},
            "biometric": part.biometric if part.shown.biometric else None,
            "months": part.months,
        },
        "signature": part.signature.as_json(),
        "identity_check": code,
        "opened_at": _moment(part.opened_at),
        "answered_at": _moment(part.answered_at),
        "signed_at": _moment(part.signed_at),
        "address": part.address,
        "device": part.device,
    }


def _events(request: ConsentRequest, parts: Sequence[Signed]) -> list[dict[str, str]]:
    events = [(request.created_at, "requested", "controller")]
    for part in parts:
        events += [(part.opened_at, "opened", str(part.signer_id)), (part.signed_at, "given", str(part.signer_id))]
    return [{"time": _moment(at), "state": state, "entity": entity} for at, state, entity in sorted(events)]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Scans of papers that were signed by hand, kept byte for byte beside the record that staff entered: sealed, never changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import defer
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import records
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import ConsentChanged
from photobank.models.consents import Consent, Regime
from photobank.models.requests import ConsentPaper
from photobank.scope import Scope

LARGEST: Final = 10 * 2**20
MOST: Final = 10
STARTS: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A scan, without its bytes."""

    id: UUID
    consent_id: UUID
    media_type: str
    size: int
    sha256: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """A scan as it was added; `filename` is ours, since names of files tell too much."""

    filename: str
    media_type: str
    content: bytes


def belongs(way_in: str, regime: str) -> bool:
    """Is this a record that staff entered of something that somebody signed."""
    return way_in == "staff" and regime in (Regime.consent, Regime.release, Regime.contract)


async def add(scope: Scope, consent_id: UUID, content: bytes) -> PaperRow:
    """Put a scan with a record that staff entered. The same scan twice is there once."""
    require(scope, Action.consent_record, consent_id=consent_id)
    consent = await records.find(scope, consent_id, to_change=True)
    if not belongs(consent.way_in, consent.regime):
        raise Invalid("no paper belongs to this record", fields={"file": "errors.paper_record"})
    kind = next((kind for start, kind in STARTS.items() if content.startswith(start)), None)
    if kind is None:
        raise Invalid("not a scan", fields={"file": "errors.paper_kind"})
    if len(content) > LARGEST:
        raise Invalid("too large", fields={"file": "errors.paper_size"})
    digest = hashlib.sha256(content).digest()
    there = select(ConsentPaper).where(col(ConsentPaper.consent_id) == consent.id, col(ConsentPaper.content_hash) == digest)
    if (known := await scope.db.scalar(there)) is not None:
        return _row(known)
    count = select(func.count()).select_from(ConsentPaper).where(col(ConsentPaper.consent_id) == consent.id)
    if (await scope.db.scalar(count) or 0) >= MOST:
        raise Invalid("too many", fields={"file": "errors.paper_many"})
    id_ = new_id()
    row = ConsentPaper(
        id=id_,
        consent_id=consent.id,
        content_ct=scope.vault.fields.seal("consent_papers", "content_ct", id_, content),
        content_hash=digest,
        media_type=kind,
        size=len(content),
        added_by=scope.actor.user_id,
        added_at=scope.now(),
    )
    scope.db.add(row)
    payload = {"paper": str(id_), "sha256": digest.hex(), "bytes": len(content), "kind": kind}
    record(scope, Tag.paper_added, consent_id=consent.id, person_id=consent.person_id, payload=payload)
    scope.announce(ConsentChanged(consent_id=consent.id, person_id=consent.person_id))
    await scope.db.flush()
    return _row(row)


async def of(scope: Scope, consent_ids: Sequence[UUID]) -> dict[UUID, list[PaperRow]]:
    """The scans of records that the caller has found, for who deals with people."""
    found: dict[UUID, list[PaperRow]] = defaultdict(list)
    if not records.sees_contact(scope):
        return found
    # Without the bytes, which a list has no use for.
    query = (
        select(ConsentPaper)
        .options(defer(cast(Any, ConsentPaper.content_ct)))
        .where(col(ConsentPaper.consent_id).in_(consent_ids))
        .order_by(col(ConsentPaper.id))
    )
    for row in (await scope.db.scalars(query)).all():
        found[row.consent_id].append(_row(row))
    return found


async def list_all(scope: Scope, consent_id: UUID) -> list[PaperRow]:
    """The scans of one record in sight."""
    require(scope, Action.person_contact, consent_id=consent_id)
    consent = await records.find(scope, consent_id)
    return (await of(scope, [consent.id]))[consent.id]


async def fetch(scope: Scope, consent_id: UUID, paper_id: UUID) -> Paper:
    """One scan, for who deals with people; that it was fetched is recorded."""
    require(scope, Action.consent_view, consent_id=consent_id)
    require(scope, Action.person_contact, consent_id=consent_id)
    consent: Consent = await records.find(scope, consent_id)
    row = await scope.db.get(ConsentPaper, paper_id)
    if row is None or row.consent_id != consent.id:
        raise NotFound("no such scan")
    payload = {"form": "scan", "paper": str(row.id), "by": "staff"}
    record(scope, Tag.evidence_fetched, consent_id=consent.id, person_id=consent.person_id, payload=payload)
    content = scope.vault.fields.open("consent_papers", "content_ct", row.id, row.content_ct)
    return Paper(f"consent-{consent.number}-scan.{ENDINGS[row.media_type]}", row.media_type, content)


def _row(row: ConsentPaper) -> PaperRow:
    return PaperRow(row.id, row.consent_id, row.media_type, row.size, row.content_hash.hex(), row.added_at)

"""What people ask of the privacy desk about their own data, with the day on which the answer is due."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Row,
    datetime,
    key,
    moment,
    optional_moment,
    optional_ref,
    optional_sealed,
    optional_text,
    ref,
    text,
)


class PrivacyKind(StrEnum):
    """What somebody asks for: to see what is kept of them (Art. 15), or to have it erased (Art. 17)."""

    access = "access"
    erasure = "erasure"


class PrivacyRequest(Row, table=True):
    """One request. `outcome`: granted or refused, once it was answered; a refusal has its reason, which the person reads."""

    __tablename__ = "privacy_requests"
    __table_args__ = (
        Index("ix_privacy_requests_due", "due_at", "id", postgresql_where=sql("outcome IS NULL")),
        Index("ix_privacy_requests_closed", sql("closed_at DESC"), sql("id DESC"), postgresql_where=sql("outcome IS NOT NULL")),
        # Asking twice is asking once.
        Index("uq_privacy_requests_open", "person_id", "kind", unique=True, postgresql_where=sql("outcome IS NULL")),
    )

    id: UUID = key()
    person_id: UUID = ref("people.id", ondelete="RESTRICT")
    signer_id: UUID | None = optional_ref("consent_signers.id")
    """Whose page it came from; none where staff entered it."""
    kind: str = text()
    asked_at: datetime = moment()
    due_at: datetime = moment()
    entered_by: UUID | None = optional_ref("users.id", index=False)
    outcome: str | None = optional_text()
    answer_ct: bytes | None = optional_sealed()
    closed_at: datetime | None = optional_moment()
    closed_by: UUID | None = optional_ref("users.id", index=False)

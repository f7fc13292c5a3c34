"""Forms, requests to sign them, who signs, what proves it, and the mail that goes with it.

A version of a form is never changed (a trigger sees to that): what somebody signed stays what they signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    json_list,
    json_object,
    key,
    moment,
    optional_moment,
    optional_ref,
    optional_sealed,
    optional_text,
    ref,
    sealed,
    text,
)


class ConsentTemplate(Row, table=True):
    """A form. `starter`: the text of ours that it began as, so that none is put in twice."""

    __tablename__ = "consent_templates"

    id: UUID = key()
    starter: str | None = optional_text(unique=True)
    sector: str = text()
    regime: str = text()
    created_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()
    retired_at: datetime | None = optional_moment()


class TemplateVersion(Row, table=True):
    """The words of a form, in both languages, as they stood from a moment on. `digest` is the SHA-256 of their canonical JSON."""

    __tablename__ = "consent_template_versions"
    __table_args__ = (UniqueConstraint("template_id", "number"),)

    id: UUID = key()
    template_id: UUID = ref("consent_templates.id", ondelete="RESTRICT")
    number: int
    content: dict[str, Any] = json_object()
    digest: bytes
    created_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()


class EventCode(Row, table=True):
    """A code that hangs at an event: whoever scans it is asked to sign for the photos in its folder (consents/event_codes.py)."""

    __tablename__ = "event_codes"

    id: UUID = key()
    template_id: UUID = ref("consent_templates.id", index=False, ondelete="RESTRICT")
    folder_id: UUID = ref("folders.id")
    title: str = text()
    token_hash: bytes = Field(unique=True)
    created_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()
    ends_at: datetime = moment()
    closed_at: datetime | None = optional_moment()


class ConsentRequest(Row, table=True):
    """Somebody is asked to sign a version of a form. `outcome`: signed, declined or cancelled, once it is over."""

    __tablename__ = "consent_requests"
    __table_args__ = (
        Index("ix_consent_requests_open", "created_at", "id", postgresql_where=sql("outcome IS NULL")),
        Index("ix_consent_requests_order", "created_at", "id"),
    )

    id: UUID = key()
    person_id: UUID = ref("people.id", ondelete="RESTRICT")
    version_id: UUID = ref("consent_template_versions.id", ondelete="RESTRICT")
    way: str = text()
    language: str = text("nl")
    scope: str = text("all")
    targets: list[str] = json_list()
    territories: str = text("")
    renews: UUID | None = optional_ref("consents.id")
    event_code_id: UUID | None = optional_ref("event_codes.id")
    """The code at an event that it came through."""
    created_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    outcome: str | None = optional_text(index=True)
    finished_at: datetime | None = optional_moment()
    consent_id: UUID | None = optional_ref("consents.id")
    reminded_at: datetime | None = optional_moment()
    reminders: int = Field(default=0)


class ConsentSigner(Row, table=True):
    """One who has to sign: the person, or a guardian. Of the link only a hash is kept; the link itself follows from the system key."""

    __tablename__ = "consent_signers"
    __table_args__ = (UniqueConstraint("request_id", "position"),)

    id: UUID = key()
    request_id: UUID = ref("consent_requests.id", index=False)
    position: int = Field(default=1)
    role: str = text("subject")
    name_ct: bytes = sealed()
    email_ct: bytes | None = optional_sealed()
    link_number: int = Field(default=1)
    token_hash: bytes = Field(unique=True)
    sent_at: datetime | None = optional_moment()
    opened_at: datetime | None = optional_moment()
    bounced_at: datetime | None = optional_moment()
    answers_ct: bytes | None = optional_sealed()
    answered_at: datetime | None = optional_moment()
    code_number: int = Field(default=0)
    code_sent_at: datetime | None = optional_moment()
    code_tries: int = Field(default=0)
    signed_at: datetime | None = optional_moment()
    declined_at: datetime | None = optional_moment()


class ConsentEvidence(Row, table=True):
    """What proves a signed consent: the canonical record from the moment of signing, and the sealed PDF made of it after that."""

    __tablename__ = "consent_evidence"

    consent_id: UUID = Field(foreign_key="consents.id", primary_key=True, ondelete="RESTRICT")
    record_ct: bytes = sealed()
    record_hash: bytes
    made_at: datetime = moment()
    pdf_ct: bytes | None = optional_sealed()
    pdf_hash: bytes | None = Field(default=None)
    sealed_at: datetime | None = optional_moment(index=True)
    seal_id: UUID | None = optional_ref("evidence_seals.id", index=False)


class ConsentPaper(Row, table=True):
    """The scan of a paper that was signed by hand, byte for byte as it was added (consents/paper.py)."""

    __tablename__ = "consent_papers"
    __table_args__ = (UniqueConstraint("consent_id", "content_hash"),)

    id: UUID = key()
    consent_id: UUID = ref("consents.id", index=False, ondelete="RESTRICT")
    content_ct: bytes = sealed()
    content_hash: bytes
    media_type: str = text()
    size: int
    added_by: UUID | None = optional_ref("users.id", index=False)
    added_at: datetime = moment()


class EvidenceSeal(Row, table=True):
    """The key and certificate with which the organisation seals evidence."""

    __tablename__ = "evidence_seals"

    id: UUID = key()
    certificate: bytes
    key_ct: bytes = sealed()
    created_at: datetime = moment()


class Mail(Row, table=True):
    """A message that is to go out, is on its way, went, or could not go. It holds ids: the words are written when it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "due_at", postgresql_where=sql("sent_at IS NULL AND failed_at IS NULL")),
        Index("ix_mails_signer", "signer_id"),
    )

    id: UUID = key()
    kind: str = text()
    signer_id: UUID = ref("consent_signers.id", index=False)
    consent_id: UUID | None = optional_ref("consents.id", index=False)
    number: int = Field(default=0)
    created_at: datetime = moment()
    due_at: datetime = moment()
    tries: int = Field(default=0)
    sent_at: datetime | None = optional_moment()
    failed_at: datetime | None = optional_moment()
    trouble: str | None = optional_text()

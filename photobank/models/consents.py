"""Consents and releases: immutable records, plus events. What a record is worth today is derived, never stored."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Identity, Index, Uuid
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_object,
    key,
    moment,
    optional_moment,
    optional_ref,
    optional_sealed,
    optional_text,
    ref,
    text,
    text_with,
)


class Regime(StrEnum):
    """The legal ground a record stands on; each follows rules of its own (docs/guides/clearance.md)."""

    consent = "consent"
    release = "release"
    legitimate_interest = "legitimate_interest"
    contract = "contract"
    press = "press"


class Use(Row, table=True):
    """Something a photo may be used for. `outside` uses leave the organisation."""

    __tablename__ = "uses"

    id: str = text_with(primary_key=True)
    label_nl: str = text()
    label_en: str = text()
    outside: bool = Field(default=True)
    position: int = Field(default=0)
    retired_at: datetime | None = optional_moment()


class Consent(Row, table=True):
    """One person's signed permission. After signing only the end events (`withdrawn_at`, `superseded_*`) are ever set."""

    __tablename__ = "consents"

    id: UUID = key()
    number: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], unique=True)
    person_id: UUID = ref("people.id", ondelete="RESTRICT")
    regime: str = text(Regime.consent)
    way_in: str = text("staff")
    language: str = text("nl")
    signed_at: datetime | None = optional_moment()
    valid_from: datetime = moment()
    valid_until: datetime | None = optional_moment(index=True)
    withdrawn_at: datetime | None = optional_moment()
    declined_at: datetime | None = optional_moment()
    superseded_at: datetime | None = optional_moment()
    superseded_by: UUID | None = optional_ref("consents.id", index=False)
    scope: str = text("all")
    territories: str = text("")
    guardians_signed: int = Field(default=0)
    biometric: bool = Field(default=False)
    refused: str = text("")
    """Uses that stood on the form and were left unticked, as `territories`: with commas."""
    reason_ct: bytes | None = optional_sealed()
    recorded_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()


class ConsentUse(Row, table=True):
    """A use that was granted, one by one; `valid_until` where this use ends before the consent does."""

    __tablename__ = "consent_uses"

    consent_id: UUID = Field(foreign_key="consents.id", primary_key=True, ondelete="CASCADE")
    use_id: str = text_with(foreign_key="uses.id", primary_key=True, ondelete="RESTRICT")
    valid_until: datetime | None = optional_moment()
    withdrawn_at: datetime | None = optional_moment()


class ConsentScope(Row, table=True):
    """A folder or photo that a consent is limited to."""

    __tablename__ = "consent_scopes"
    __table_args__ = (Index("ix_consent_scopes_target", "kind", "target_id"),)

    consent_id: UUID = Field(foreign_key="consents.id", primary_key=True, ondelete="CASCADE")
    kind: str = text_with(primary_key=True)
    target_id: UUID = Field(primary_key=True)


class ConsentEvent(Row, table=True):
    """What happened to a consent, in order."""

    __tablename__ = "consent_events"

    id: UUID = key()
    consent_id: UUID = ref("consents.id")
    kind: str = text()
    at: datetime = moment()
    actor_kind: str = text()
    actor_id: UUID | None = Field(default=None)
    details: dict[str, str] = json_object()


class StoredVerdict(Row, table=True):
    """The last verdict derived for (asset, use). For lists and filters only: the way out decides afresh."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_lapse", "valid_until", postgresql_where=sql("valid_until IS NOT NULL")),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    use_id: str = text_with(primary_key=True)
    state: str = text_with()
    allowed: bool = Field(default=False)
    valid_until: datetime | None = optional_moment()
    changes_at: datetime | None = optional_moment(index=True)
    derived_at: datetime = moment()


class Download(Row, table=True):
    """A logged hand-over of a rendition, for one stated use."""

    __tablename__ = "downloads"

    id: UUID = key()
    asset_id: UUID = ref("assets.id")
    user_id: UUID | None = optional_ref("users.id")
    api_key_id: UUID | None = Field(default=None)
    share_id: UUID | None = optional_ref("shares.id")
    """The link that an outsider took it through; `user_id` is then who made the link."""
    preset: str = text()
    use_id: str = text()
    media_type: str = text()
    size: int = Field(sa_type=BigInteger)
    hidden_faces: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid), nullable=False)
    """Who was made unrecognisable on it; faces that are gone since keep their ids here."""
    note: str | None = optional_text()
    created_at: datetime = moment(index=True)

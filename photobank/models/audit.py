"""The audit log: append-only, pseudonymous ids, written in the transaction of the fact."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy import text as sql

from photobank.kernel.ids import new_id
from photobank.models.base import UUID, Field, Row, datetime, json_object, moment, optional_sealed, text, text_with

APPEND_ONLY = ("audit_events",)
"""Tables to which the application's role may add, and no more (db/migrate.py)."""


class AuditEvent(Row, table=True):
    """One event. Names live in other, erasable tables; `address_ct` is sealed. A trigger forbids UPDATE and DELETE."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_asset", "asset_id", sql("id DESC"), postgresql_where=sql("asset_id IS NOT NULL")),
        Index("ix_audit_events_person", "person_id", sql("id DESC"), postgresql_where=sql("person_id IS NOT NULL")),
        Index("ix_audit_events_actor", "actor_id", sql("id DESC")),
        Index("ix_audit_events_refused", sql("id DESC"), postgresql_where=sql("outcome = 'refused'")),
    )

    id: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], primary_key=True)
    uid: UUID = Field(default_factory=new_id, unique=True)
    at: datetime = moment(index=True)
    tag: str = text_with(index=True)
    outcome: str = text("done")
    actor_kind: str = text()
    actor_id: UUID | None = Field(default=None)
    via: str = text("")
    session_id: UUID | None = Field(default=None)
    asset_id: UUID | None = Field(default=None)
    face_id: UUID | None = Field(default=None)
    person_id: UUID | None = Field(default=None)
    consent_id: UUID | None = Field(default=None)
    folder_id: UUID | None = Field(default=None)
    user_id: UUID | None = Field(default=None)
    download_id: UUID | None = Field(default=None)
    payload: dict[str, Any] = json_object()
    address_ct: bytes | None = optional_sealed()

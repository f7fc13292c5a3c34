"""News that goes out after the commit: saved with the transaction, so that a crash cannot lose it."""

from __future__ import annotations

from typing import Any

from photobank.models.base import UUID, Field, Row, datetime, json_object, key, moment, text


class OutboxMessage(Row, table=True):
    """An event to hand on. Deleted once jobs are queued and pages are woken."""

    __tablename__ = "outbox"

    id: UUID = key()
    kind: str = text()
    payload: dict[str, Any] = json_object()
    attempts: int = Field(default=0)
    created_at: datetime = moment(index=True)

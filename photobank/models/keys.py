"""Wrapped keys. Deleting a row here shreds what the key opened (what that means for backups: docs/formats/keys.md)."""

from __future__ import annotations

from sqlalchemy import Index

from photobank.models.base import UUID, Field, Row, datetime, moment, octets, optional_text, sealed, text, text_with


class DataKey(Row, table=True):
    """A key wrapped by its parent: system and folder keys by the master key, asset keys by their folder's key."""

    __tablename__ = "data_keys"
    __table_args__ = (Index("ix_data_keys_parent", "parent_kind", "parent_id"),)

    kind: str = text_with(primary_key=True)
    subject: str = text_with(primary_key=True)
    parent_kind: str = text()
    parent_id: str = text()
    wrapped: bytes = sealed()
    created_at: datetime = moment()


class ShreddedKey(Row, table=True):
    """Proof that a key is gone: what it was for, and when it went."""

    __tablename__ = "shredded_keys"

    kind: str = text_with(primary_key=True)
    subject: str = text_with(primary_key=True)
    reason: str | None = optional_text()
    fingerprint: bytes | None = octets()
    versions: int = Field(default=1)
    """Of an asset: under how many version numbers bytes may still lie, to be removed."""
    shredded_at: datetime = moment()


__all__ = ["UUID", "DataKey", "ShreddedKey"]

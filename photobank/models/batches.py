"""Batches: what was uploaded or imported in one go, with what was said of all of it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

from photobank.models.base import UUID, Field, Row, datetime, key, moment, optional_moment, optional_ref, ref, text


class Outcome(StrEnum):
    """What became of a file before it was anybody's photo: its bytes came in, or it was here already and was left."""

    sent = "sent"
    here = "here"


class Batch(Row, table=True):
    """One shoot. `files` and `size` are what its sender announced; the rest is counted from its files."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_own", "owner_id", sql("created_at DESC"), sql("id DESC")),)

    id: UUID = key()
    owner_id: UUID | None = optional_ref("users.id", index=False)
    folder_id: UUID | None = optional_ref("folders.id")
    event: str = text("")
    photographer: str = text("")
    tags: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    source: str = text("upload")
    files: int = Field(default=0)
    size: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = moment()
    changed_at: datetime = moment()
    closed_at: datetime | None = optional_moment()


class BatchFile(Row, table=True):
    """A file of a batch. `asset_id` is the photo it became, or with `here` the one that was here before."""

    __tablename__ = "batch_files"
    __table_args__ = (Index("ix_batch_files_batch", "batch_id", "id"),)

    id: UUID = key()
    batch_id: UUID = ref("batches.id", index=False)
    asset_id: UUID | None = optional_ref("assets.id")
    filename: str = text()
    size: int = Field(sa_type=BigInteger)
    outcome: str = text(Outcome.sent)
    created_at: datetime = moment()

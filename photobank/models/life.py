"""The life of consents: ends that were told of, to whom, the mails that told of them, calendars, and photos that were put away."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, DateTime, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql

from photobank.models.base import UUID, Field, Row, datetime, key, moment, optional_moment, ref, text


class ConsentEnd(Row, table=True):
    """An end of a record, or of some of its uses, that was told of. The row is what makes that happen once."""

    __tablename__ = "consent_ends"

    consent_id: UUID = Field(foreign_key="consents.id", primary_key=True, ondelete="CASCADE")
    ends_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    told_at: datetime = moment()


class ConsentAlert(Row, table=True):
    """Somebody is told of an end. `why`: oversight, or used (photos of the person)."""

    __tablename__ = "consent_alerts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["consent_id", "ends_at"], ["consent_ends.consent_id", "consent_ends.ends_at"], name="consent_end", ondelete="CASCADE"
        ),
        Index("ix_consent_alerts_user", "user_id", "ends_at", "consent_id"),
        Index("ix_consent_alerts_untold", "user_id", postgresql_where=sql("mailed_at IS NULL")),
    )

    consent_id: UUID = Field(primary_key=True)
    ends_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE")
    why: str = text()
    created_at: datetime = moment()
    seen_at: datetime | None = optional_moment()
    mailed_at: datetime | None = optional_moment()


class Digest(Row, table=True):
    """One mail with all that somebody is to hear of a day or a week: to go out, gone, or failed."""

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("user_id", "day"),
        Index("ix_digests_due", "due_at", postgresql_where=sql("sent_at IS NULL AND failed_at IS NULL")),
    )

    id: UUID = key()
    user_id: UUID = ref("users.id", index=False)
    day: date = Field(sa_type=Date, nullable=False)
    """The day it is for; of a week its Monday."""
    due_at: datetime = moment()
    tries: int = Field(default=0)
    sent_at: datetime | None = optional_moment()
    failed_at: datetime | None = optional_moment()


class CalendarFeed(Row, table=True):
    """The secret address at which a calendar reads the coming ends that its owner may see. Only the hash of its token is kept."""

    __tablename__ = "calendar_feeds"

    id: UUID = key()
    user_id: UUID = ref("users.id", unique=True, index=False)
    token_hash: bytes = Field(unique=True)
    created_at: datetime = moment()
    read_at: datetime | None = optional_moment()


class RetiredAsset(Row, table=True):
    """A photo that the house put into the archive because nothing allowed it any more. `ended_at`: when the last permission ended."""

    __tablename__ = "retired_assets"
    __table_args__ = (Index("ix_retired_assets_order", "archived_at", "asset_id"),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    ended_at: datetime = moment()
    archived_at: datetime = moment()

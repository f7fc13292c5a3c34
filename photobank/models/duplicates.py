"""Near-copies: what photos are recognised by, pairs that were found, what people said of them; and bursts put together as stacks."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, Float, Index, Integer, SmallInteger, UniqueConstraint
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    key,
    moment,
    optional_moment,
    optional_ref,
    optional_text,
    ref,
    text,
)


class PairKind(StrEnum):
    """What two photos are to one another."""

    copy = "copy"
    burst = "burst"


class Answer(StrEnum):
    """What somebody said of a pair. `apart`: these are not duplicates."""

    skip = "skip"
    version = "version"
    keep = "keep"
    apart = "apart"


class PictureWords(Row, table=True):
    """The words of one photo's picture, keyed, so that the database alone tells nothing of it. `content` is the file they are of."""

    __tablename__ = "picture_words"
    __table_args__ = (Index("ix_picture_words_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    version: int = Field(sa_type=SmallInteger)
    content: bytes | None = Field(default=None)
    words: list[int] = Field(sa_type=ARRAY(Integer), nullable=False)
    searched_at: datetime | None = optional_moment()


class DuplicatePair(Row, table=True):
    """Two photos that show the same picture, or moments of one burst. `older` was here first; `matrix` leads from `newer` to it."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("older_id", "newer_id"),
        CheckConstraint("older_id <> newer_id", name="two"),
        Index("ix_duplicate_pairs_open", sql("found_at DESC"), sql("id DESC"), postgresql_where=sql("answer IS NULL")),
    )

    id: UUID = key()
    older_id: UUID = ref("assets.id", index=False)
    newer_id: UUID = ref("assets.id")
    kind: str = text(PairKind.copy)
    better: str = text("older")
    """Which of the two a clean-up keeps: older or newer."""
    fit: float = Field(default=1.0)
    covers_newer: float = Field(default=1.0)
    covers_older: float = Field(default=1.0)
    chroma_newer: float = Field(default=0.0)
    chroma_older: float = Field(default=0.0)
    matrix: list[float] = Field(default_factory=list, sa_type=ARRAY(Float), nullable=False)
    found_at: datetime = moment()
    answer: str | None = optional_text()
    answered_by: UUID | None = optional_ref("users.id", index=False)
    answered_at: datetime | None = optional_moment()


class DuplicateAnswer(Row, table=True):
    """What was said of two pictures, kept for ever, by their contents: it outlives the photos, and holds when they come again."""

    __tablename__ = "duplicate_answers"
    __table_args__ = (Index("ix_duplicate_answers_high", "high"),)

    low: bytes = Field(primary_key=True)
    high: bytes = Field(primary_key=True)
    answer: str = text()
    answered_by: UUID | None = optional_ref("users.id", index=False)
    answered_at: datetime = moment()


class Stack(Row, table=True):
    """Photos that belong together, of one burst say. All lie in the same folder."""

    __tablename__ = "stacks"

    id: UUID = key()
    folder_id: UUID = ref("folders.id")
    made_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()


class StackMember(Row, table=True):
    """A photo in a stack; one of each stack is its cover, the others lie behind it."""

    __tablename__ = "stack_members"
    __table_args__ = (
        Index("uq_stack_members_cover", "stack_id", unique=True, postgresql_where=sql("is_cover")),
        Index("ix_stack_members_stack_id", "stack_id"),
    )

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    stack_id: UUID = Field(foreign_key="stacks.id", ondelete="CASCADE", nullable=False)
    is_cover: bool = Field(default=False)


__all__ = ["Answer", "DuplicateAnswer", "DuplicatePair", "PairKind", "PictureWords", "Stack", "StackMember"]

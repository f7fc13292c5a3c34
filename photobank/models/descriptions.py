"""What people say of assets: tags, fields of the organisation's own, favourites and ratings."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text

from photobank.models.base import UUID, Field, Row, datetime, key, moment, optional_moment, optional_sealed, text, text_with


class FieldKind(StrEnum):
    """What a custom field holds."""

    text = "text"
    number = "number"
    date = "date"
    choice = "choice"
    yes_no = "yes_no"


class AssetTag(Row, table=True):
    """Which tags an asset carries."""

    __tablename__ = "asset_tags"
    __table_args__ = (Index("ix_asset_tags_tag_id", "tag_id", "asset_id"),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    tag_id: UUID = Field(foreign_key="tags.id", primary_key=True, ondelete="CASCADE")
    added_at: datetime = moment()


class PhotoTag(Row, table=True):
    """A word that photos are found by. `name` as it was first written; `normal` makes it one whatever its case and spacing."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_normal_prefix", sql("normal text_pattern_ops")),)

    id: UUID = key()
    name: str = text()
    normal: str = text_with(unique=True)
    created_at: datetime = moment()


class CustomField(Row, table=True):
    """A field of the organisation's own. Values of a private one are sealed, and shown only to those who may edit the photo."""

    __tablename__ = "custom_fields"

    id: UUID = key()
    label_nl: str = text()
    label_en: str = text()
    kind: str = text(FieldKind.text)
    choices: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    private: bool = Field(default=False)
    position: int = Field(default=0)
    created_at: datetime = moment()
    retired_at: datetime | None = optional_moment()


class FieldValue(Row, table=True):
    """What a custom field holds for an asset: `value` as JSON, or `value_ct` when the field is private."""

    __tablename__ = "field_values"
    __table_args__ = (CheckConstraint("(value IS NULL) <> (value_ct IS NULL)", name="one_of_two"),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    field_id: UUID = Field(foreign_key="custom_fields.id", primary_key=True, ondelete="RESTRICT", index=True)
    value: Any = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    value_ct: bytes | None = optional_sealed()


class Favourite(Row, table=True):
    """Somebody's heart on an asset; nobody else's business."""

    __tablename__ = "favourites"

    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE")
    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE", index=True)
    at: datetime = moment()


class Rating(Row, table=True):
    """One user's stars for an asset; others see the average."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE", index=True)
    stars: int = Field(sa_type=SmallInteger)
    at: datetime = moment()

"""Assets, their renditions, and uploads under way."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Date, Identity, Index
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_list,
    json_object,
    key,
    moment,
    octets,
    optional_moment,
    optional_ref,
    optional_sealed,
    optional_text,
    ref,
    text,
    text_with,
)


class AssetState(StrEnum):
    """Where an asset is in its life."""

    uploading = "uploading"
    processing = "processing"
    ready = "ready"
    rejected = "rejected"
    archived = "archived"
    trashed = "trashed"


class Stage(StrEnum):
    """What processing still has to do; `done` when nothing."""

    decode = "decode"
    faces = "faces"
    done = "done"


class Asset(Row, table=True):
    """One photo. Sizes are of the upright picture; embedded metadata is sealed under the asset's own key."""

    __tablename__ = "assets"
    __table_args__ = (
        # These two hold all that a list is filtered by, so that finding a page reads no row that is not on it.
        Index(
            "ix_assets_folder_sorted",
            "folder_id",
            sql("sort_at DESC"),
            sql("id DESC"),
            postgresql_include=["state", "uploaded_by", "width", "height"],
            postgresql_where=sql("state <> 'trashed' AND version_of IS NULL"),
        ),
        Index(
            "ix_assets_sorted",
            sql("sort_at DESC"),
            sql("id DESC"),
            postgresql_include=["folder_id", "state", "uploaded_by", "width", "height"],
            postgresql_where=sql("state <> 'trashed' AND version_of IS NULL"),
        ),
        Index("ix_assets_changed", sql("changed_at DESC")),
        Index("ix_assets_folder_changed", "folder_id", sql("changed_at DESC"), postgresql_include=["id"]),
        Index("ix_assets_sending", "uploaded_by", postgresql_where=sql("state = 'uploading'")),
        # What few photos have is kept of those alone: every change of a photo writes into each index that it stands in.
        Index("ix_assets_version_of", "version_of", postgresql_where=sql("version_of IS NOT NULL")),
        Index("ix_assets_trashed_at", "trashed_at", postgresql_where=sql("trashed_at IS NOT NULL")),
        Index("ix_assets_event", "event", postgresql_where=sql("event <> ''")),
        Index("ix_assets_unfinished", "stage_at", postgresql_where=sql("state = 'processing'")),
        Index("ix_assets_look_again", "look_again_at", postgresql_where=sql("look_again_at IS NOT NULL")),
    )

    id: UUID = key()
    folder_id: UUID = ref("folders.id", ondelete="RESTRICT", index=False)
    uploaded_by: UUID | None = optional_ref("users.id")
    state: str = text(AssetState.uploading)
    stage: str = text(Stage.decode)
    stage_at: datetime = moment()
    attempts: int = Field(default=0)
    rejection: str | None = optional_text()
    version: int = Field(default=1)
    """Which version is shown: `size` to `placeholder`, the renditions and the faces are this one's (models/versions.py)."""
    versions: int = Field(default=1)
    """The highest number that a version of it ever had."""
    version_of: UUID | None = optional_ref("assets.id", index=False)
    """Set while this one is on its way to become a version of another: until then nobody finds it."""
    pictures: list[dict[str, Any]] = json_list()
    """Moments at which another picture, not another version of the same one, came to be shown: {"at", "picture"}, oldest first."""

    filename: str = text()
    title: str = text("")
    caption: str = text("")
    credit: str = text("")
    event: str = text("")
    photographer: str = text("")
    media_type: str = text("")
    size: int = Field(default=0, sa_type=BigInteger)
    width: int = Field(default=0)
    height: int = Field(default=0)
    content_index: bytes | None = octets(index=True)
    phash: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    placeholder: bytes | None = octets()
    metadata_ct: bytes | None = optional_sealed()
    taken_at: datetime | None = optional_moment()
    sort_at: datetime = moment()
    created_at: datetime = moment()
    changed_at: datetime = moment()

    faces_done: bool = Field(default=False)
    look_again_at: datetime | None = optional_moment()
    no_people_by: UUID | None = optional_ref("users.id", index=False)
    no_people_at: datetime | None = optional_moment()
    locked_at: datetime | None = optional_moment()
    lock_reason_ct: bytes | None = optional_sealed()
    hold_at: datetime | None = optional_moment()
    hold_reason_ct: bytes | None = optional_sealed()
    trashed_at: datetime | None = optional_moment()
    state_before_trash: str | None = optional_text()


class AssetCount(Row, table=True):
    """Photos per folder, month (UTC) and state: lines whose sum is always exact, written by triggers (migration 20261126_10)."""

    __tablename__ = "asset_counts"
    __table_args__ = (Index("ix_asset_counts_folder", "folder_id", "month", postgresql_include=["state", "n"]),)

    id: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], primary_key=True)
    folder_id: UUID
    month: date = Field(sa_type=Date, nullable=False)
    state: str = text()
    n: int = Field(sa_type=BigInteger, nullable=False)


class Rendition(Row, table=True):
    """A derived size of an asset; its bytes lie in the blob store under the asset's key."""

    __tablename__ = "renditions"

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    name: str = text_with(primary_key=True)
    media_type: str = text()
    width: int
    height: int
    size: int = Field(sa_type=BigInteger)


class Upload(Row, table=True):
    """A resumable upload under way. How far it is stands in the blob itself (docs/formats/blob.md)."""

    __tablename__ = "uploads"

    id: UUID = key()
    asset_id: UUID = ref("assets.id")
    user_id: UUID = ref("users.id")
    size: int = Field(sa_type=BigInteger)
    on_duplicate: str = text("ask")
    details: dict[str, str] = json_object()
    created_at: datetime = moment()
    ends_at: datetime = moment(index=True)

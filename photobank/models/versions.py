"""Versions of an asset: files that took one another's place under one id. Of the version shown, the asset's own row tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Float

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_list,
    moment,
    octets,
    optional_moment,
    optional_ref,
    optional_sealed,
    text,
)


class AssetVersion(Row, table=True):
    """One version, kept with its original and renditions. An asset with a single version has no row here.

    `came_from` is the version it replaced and `shift` where that one's picture lies in it, as x and y scale and offset in 0–1 of
    the upright picture; None when it is another picture. Versions that show the same picture share the number `picture`.
    """

    __tablename__ = "asset_versions"

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)
    filename: str = text()
    media_type: str = text()
    size: int = Field(sa_type=BigInteger)
    width: int
    height: int
    content_index: bytes | None = octets(index=True)
    phash: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    placeholder: bytes | None = octets()
    metadata_ct: bytes | None = optional_sealed()
    taken_at: datetime | None = optional_moment()
    renditions: list[dict[str, Any]] = json_list()
    faces_done: bool = Field(default=False)
    no_people_by: UUID | None = optional_ref("users.id", index=False)
    no_people_at: datetime | None = optional_moment()
    came_from: int | None = Field(default=None)
    shift: list[float] | None = Field(default=None, sa_type=ARRAY(Float), nullable=True)
    picture: int = Field(default=1)
    made_by: UUID | None = optional_ref("users.id", index=False)
    made_at: datetime = moment()


class VersionFace(Row, table=True):
    """A face as it stood when another version took the place of this one; vectors are not kept."""

    __tablename__ = "version_faces"

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)
    face_id: UUID = Field(primary_key=True)
    box: list[float] | None = Field(default=None, sa_type=ARRAY(Float), nullable=True)
    landmarks: list[float] = Field(default_factory=list, sa_type=ARRAY(Float), nullable=False)
    score: float = Field(default=1.0)
    quality: float = Field(default=0.0)
    source: str = text("detected")
    state: str = text("unknown")
    person_id: UUID | None = optional_ref("people.id", ondelete="SET NULL")
    settled_by: UUID | None = optional_ref("users.id", index=False)
    settled_at: datetime | None = optional_moment()
    by_itself: float | None = Field(default=None)
    created_at: datetime = moment()

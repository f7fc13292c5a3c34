"""What decides how photos leave: presets of the organisation's own, cuts made by hand, visible watermarks, selections as one ZIP."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_list,
    key,
    moment,
    optional_moment,
    optional_ref,
    optional_text,
    ref,
    sealed,
    text,
    text_with,
)


class OwnPreset(Row, table=True):
    """A preset that the organisation made. Built-in ones are in delivery/presets.py; names never coincide."""

    __tablename__ = "presets"

    name: str = text_with(primary_key=True)
    label_nl: str = text()
    label_en: str = text()
    width: int = Field(default=0)
    height: int = Field(default=0)
    fills: bool = Field(default=False)
    """Cut to exactly this shape; otherwise the whole photo within it."""
    format: str = text("jpeg")
    quality: int = Field(default=0)
    dpi: int = Field(default=0)
    cmyk: bool = Field(default=False)
    created_at: datetime = moment()
    retired_at: datetime | None = optional_moment()


class Watermark(Row, table=True):
    """A visible watermark. Its picture, a logo or rendered words, is sealed; the numbers say how it lies on a photo."""

    __tablename__ = "watermarks"

    id: UUID = key()
    name: str = text()
    words: str = text("")
    picture_ct: bytes = sealed()
    layout: str = text("placed")
    corner: str = text("bottom_right")
    opacity: float = Field(default=0.4)
    size: float = Field(default=0.2)
    created_at: datetime = moment()


class WatermarkUse(Row, table=True):
    """Where a watermark goes on: everything of a preset (by name), or everything out of a folder (by id)."""

    __tablename__ = "watermark_uses"

    kind: str = text_with(primary_key=True)
    target: str = text_with(primary_key=True)
    watermark_id: UUID = ref("watermarks.id")


class Cut(Row, table=True):
    """Where somebody cut a photo for a preset: the corner, 0–1 of the upright photo, and the size as a share of the largest cut.

    It holds for the version it was made on; another version is cut by the rules again.
    """

    __tablename__ = "cuts"

    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE")
    preset: str = text_with(primary_key=True)
    left: float = Field()
    top: float = Field()
    size: float = Field(default=1.0)
    version: int = Field()
    made_by: UUID | None = optional_ref("users.id", index=False)
    made_at: datetime = moment()


class ZipState(StrEnum):
    """How far a ZIP is. It is made while it is fetched, so `broken` may be fetched again."""

    waiting = "waiting"
    running = "running"
    done = "done"
    broken = "broken"


class ZipOrder(Row, table=True):
    """A selection to be fetched as one ZIP, and how far that is. The ZIP itself is stored nowhere."""

    __tablename__ = "zips"

    id: UUID = key()
    user_id: UUID = ref("users.id")
    api_key_id: UUID | None = Field(default=None)
    use_id: str = text()
    preset: str = text()
    territory: str | None = optional_text()
    redacted: bool = Field(default=False)
    """With those who stand in the way made unrecognisable."""
    language: str = text("nl")
    asset_ids: list[str] = json_list()
    state: str = text(ZipState.waiting)
    run: UUID | None = Field(default=None)
    """Which fetch is writing; an earlier one that notices another stops."""
    looked_at: int = Field(default=0)
    written: int = Field(default=0)
    left_out: list[dict[str, Any]] = json_list()
    created_at: datetime = moment(index=True)
    moved_at: datetime = moment()

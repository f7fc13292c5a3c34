"""Decisions about two pictures, from measures and facts only: what they are to one another, which is better, how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import atan2, degrees
from uuid import UUID

from photobank.imaging.results import Likeness
from photobank.models.duplicates import PairKind

# Measured on the pictures of benchmarks/duplicates.py: docs/duplicates.md tells how far copies and bursts lie apart.
POINTS = 16
FIT = 0.8
MOVED = 0.04
APART = 0.4
BURST_POINTS = 30
BURST_WITHIN = timedelta(seconds=10)
WHOLE = 0.93
"""A picture covered this far is not cropped: its edge is lost to the measuring."""
CLEARLY_MORE = 1.05
CLEARLY_HEAVIER = 1.25
GREY, COLOURED = 3.0, 8.0
"""Mean chroma, 0–255, below which a picture is grey, and above which it is not."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of one side of a pair."""

    id: UUID
    width: int
    height: int
    size: int
    media_type: str
    created_at: datetime
    taken_at: datetime | None = None
    chroma: float = 0.0
    covered: float = 1.0
    """How much of this picture the other one shows."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def is_whole_in_other(self) -> bool:
        """The other one shows all of it."""
        return self.covered >= WHOLE


def kind_of(found: Likeness, one: Picture, other: Picture) -> PairKind | None:
    """What two photos are to one another; None when they are merely alike."""
    apart = abs(one.taken_at - other.taken_at) if one.taken_at and other.taken_at else None
    near = apart is not None and apart <= BURST_WITHIN
    if found.points < POINTS or found.fit < FIT or found.moved >= MOVED or found.apart >= APART:
        return PairKind.burst if near and found.points >= BURST_POINTS else None
    # A copy keeps the moment its camera wrote, or loses it. Whole frames of another second are frames of a burst, however still.
    another_frame = near and apart != timedelta(0) and min(found.covers_new, found.covers_other) >= WHOLE
    if another_frame and (one.width, one.height) == (other.width, other.height):
        return PairKind.burst
    return PairKind.copy


def better_of(older: Picture, newer: Picture) -> str:
    """Which one a clean-up keeps, `older` or `newer`: more pixels, then colour, then clearly less compressed, then first come."""
    if newer.pixels > older.pixels * CLEARLY_MORE:
        return "newer"
    if older.pixels > newer.pixels * CLEARLY_MORE:
        return "older"
    if (older.chroma < GREY) != (newer.chroma < GREY) and max(older.chroma, newer.chroma) > COLOURED:
        return "newer" if older.chroma < GREY else "older"
    return "newer" if newer.size > older.size * CLEARLY_HEAVIER else "older"


def differences(older: Picture, newer: Picture, matrix: Sequence[float], *, identical: bool) -> list[str]:
    """What became of the picture on its way from the older photo to the newer one; keys of the catalogues."""
    if identical:
        return ["identical"]
    found: list[str] = []
    if not older.is_whole_in_other:
        found.append("cropped")
    elif not newer.is_whole_in_other:
        found.append("wider")
    if mirrors(matrix):
        found.append("mirrored")
    if turned(matrix, older, newer):
        found.append("rotated")
    if older.chroma > COLOURED and newer.chroma < GREY:
        found.append("grey")
    if newer.chroma > COLOURED and older.chroma < GREY:
        found.append("coloured")
    if newer.pixels > older.pixels * CLEARLY_MORE:
        found.append("larger")
    elif older.pixels > newer.pixels * CLEARLY_MORE and found != ["cropped"]:
        found.append("smaller")
    if older.media_type != newer.media_type:
        found.append("format")
    return found or ["recompressed"]


def mirrors(matrix: Sequence[float]) -> bool:
    """The map between the two turns the picture over."""
    return len(matrix) == 6 and matrix[0] * matrix[4] - matrix[1] * matrix[3] < 0


def turned(matrix: Sequence[float], older: Picture, newer: Picture) -> bool:
    """The map turns the picture by more than a degree."""
    if len(matrix) != 6:
        return False
    across = matrix[0] * older.width / max(1, newer.width), matrix[3] * older.height / max(1, newer.width)
    if mirrors(matrix):
        across = (-across[0], -across[1])
    return abs(degrees(atan2(across[1], across[0]))) > 1.0


def inverse(matrix: Sequence[float]) -> list[float]:
    """The way back. Maps come from `kind_of`'s likenesses and can always be turned round."""
    a, b, c, d, e, f = matrix
    det = a * e - b * d
    return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det]


def place_of(box: Sequence[float], matrix: Sequence[float]) -> tuple[float, float, float, float]:
    """Where a box (x, y, width, height in 0–1) of one picture lies in the other: the upright box around it."""
    a, b, c, d, e, f = matrix
    x, y, width, height = box
    corners = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)]
    across = [a * px + b * py + c for px, py in corners]
    down = [d * px + e * py + f for px, py in corners]
    return min(across), min(down), max(across) - min(across), max(down) - min(down)


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Common part of two boxes, of all they cover together."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(0.0, wide) * max(0.0, high)
    whole = one[2] * one[3] + other[2] * other[3] - common
    return common / whole if whole > 0 else 0.0


def answer_key(one: bytes | None, other: bytes | None, one_id: UUID, other_id: UUID) -> tuple[bytes, bytes]:
    """What an answer about two photos is kept under: their contents, so that it holds when they come again. Two identical files, or one
    whose content is not known, are told apart by their ids."""
    if one is None or other is None or one == other:
        one, other = one_id.bytes, other_id.bytes
    return (one, other) if one < other else (other, one)

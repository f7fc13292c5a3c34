"""Makes people unrecognisable: every pixel of a head gives way to colours from around it. Runs in the decoding process.

What stands inside a region has no influence at all on what comes out, so there is nothing to compute back: two photos that differ
only in the hidden faces give the same pixels. The cells and their shades only say to the eye that something was hidden.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyvips
from numpy.typing import NDArray

from photobank.imaging.crop import Box

WIDE, NARROW = 1.0, 0.85
"""Half a region as shares of the face: along its own side, and at least this much of its longer one. Hair, ears and chin lie within,
whichever way the head is turned or tilted."""
GUARD = 4
"""Pixels more on every side: making a photo smaller mixes those of an edge with their neighbours."""
RING = 1.3
"""How far around a region its colours come from, as a share of its own reach."""
SECTORS, CELLS = 12, 6
SHADES = (0, 9, -6, 4, -10, 7, -3, 11, -8, 2, -5, 6, -11)
"""Added to the cells by turns. Their number shares no divisor with that of the cells, so no pattern repeats from row to row."""
NEUTRAL = 128.0
"""Where nothing around a region may be looked at either."""
SAMPLES = 160

Pixels = NDArray[np.uint8]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """An ellipse that holds a whole head, in pixels of a picture."""

    x: float
    y: float
    across: float
    down: float

    @classmethod
    def of(cls, face: Box, width: int, height: int) -> Region:
        """Around a face box, 0–1 of a picture of this size."""
        wide, high = face.width * width, face.height * height
        least = NARROW * max(wide, high)
        middle = (face.left + face.width / 2) * width, (face.top + face.height / 2) * height
        return cls(*middle, max(WIDE * wide, least) + GUARD, max(WIDE * high, least) + GUARD)

    def reach(self, x: Values, y: Values) -> Values:
        """How far points lie from its middle: 1 on its edge."""
        return np.hypot((x - self.x) / self.across, (y - self.y) / self.down)

    def touches(self, other: Region, scale: float) -> bool:
        """Could it overlap the other one, `scale` times as large."""
        across, down = self.across + scale * other.across, self.down + scale * other.down
        return abs(self.x - other.x) <= across and abs(self.y - other.y) <= down

    def window(self, width: int, height: int, scale: float) -> tuple[slice, slice]:
        """The rows and columns of the picture that it touches when `scale` times as large; empty where it lies outside."""
        left, right = (math.floor(self.x + sign * scale * self.across) for sign in (-1, 1))
        top, bottom = (math.floor(self.y + sign * scale * self.down) for sign in (-1, 1))
        return slice(_within(top, height), _within(bottom + 1, height)), slice(_within(left, width), _within(right + 1, width))


def hide(image: pyvips.Image, faces: Sequence[Box]) -> pyvips.Image:
    """The picture (upright, three bands of 8 bits) with these faces made unrecognisable."""
    if not faces:
        return image
    pixels: Pixels = np.array(image.numpy())
    regions = [Region.of(face, image.width, image.height) for face in faces]
    for region in regions:
        _fill(pixels, region, regions)
    return (
        pyvips.Image.new_from_memory(pixels.data, image.width, image.height, 3, "uchar").copy(interpretation="srgb").copy_memory()
    )


def covered(regions: Sequence[Region], x: Values, y: Values) -> NDArray[np.bool_]:
    """Which of these points lie in some region."""
    found = np.zeros(np.broadcast_shapes(x.shape, y.shape), np.bool_)
    for region in regions:
        found |= region.reach(x, y) <= 1
    return found


def centres(rows: slice, columns: slice, step: int = 1) -> tuple[Values, Values]:
    """The middles of pixels: x as a row, y as a column."""
    x = np.arange(columns.start, columns.stop, step, dtype=np.float64)[None, :] + 0.5
    y = np.arange(rows.start, rows.stop, step, dtype=np.float64)[:, None] + 0.5
    return x, y


def _fill(pixels: Pixels, region: Region, regions: Sequence[Region]) -> None:
    rows, columns = region.window(pixels.shape[1], pixels.shape[0], 1.0)
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    cells = _cells(_around(pixels, region, regions))
    x, y = centres(rows, columns)
    column = np.clip(((x - region.x) / region.across + 1) / 2 * CELLS, 0, CELLS - 1).astype(np.intp)
    row = np.clip(((y - region.y) / region.down + 1) / 2 * CELLS, 0, CELLS - 1).astype(np.intp)
    inside = region.reach(x, y) <= 1
    pixels[rows, columns][inside] = cells[row, column][inside]


def _around(pixels: Pixels, region: Region, regions: Sequence[Region]) -> Values:
    """The mean colour around a region per sector, of nothing that is hidden itself; what a sector lacks is the mean of the others."""
    rows, columns = region.window(pixels.shape[1], pixels.shape[0], RING)
    step = max(1, min(rows.stop - rows.start, columns.stop - columns.start) // SAMPLES)
    x, y = centres(rows, columns, step)
    near = [one for one in regions if one.touches(region, RING)]
    usable = (region.reach(x, y) <= RING) & ~covered(near, x, y)
    angle = np.arctan2((y - region.y) / region.down, (x - region.x) / region.across)[usable]
    sector = np.clip((angle / math.tau + 0.5) * SECTORS, 0, SECTORS - 1).astype(np.intp)
    colours = pixels[rows.start : rows.stop : step, columns.start : columns.stop : step][usable].astype(np.float64)
    counts = np.bincount(sector, minlength=SECTORS)
    if not len(sector):
        return np.full((SECTORS, 3), NEUTRAL)
    sums = np.stack([np.bincount(sector, colours[:, band], SECTORS) for band in range(3)], axis=1)
    means: Values = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], colours.mean(axis=0))
    return means


def _cells(around: Values) -> Pixels:
    """A colour per cell, from the sectors nearest to it, lighter and darker by turns."""
    middle = (np.arange(CELLS) + 0.5) / CELLS * 2 - 1
    angles = ((np.arange(SECTORS) + 0.5) / SECTORS - 0.5) * math.tau
    apart = (middle[None, :, None] - np.cos(angles)) ** 2 + (middle[:, None, None] - np.sin(angles)) ** 2
    weights = 1 / (apart + 0.1) ** 2
    colours = weights @ around / weights.sum(axis=2, keepdims=True)
    shades = np.resize(np.array(SHADES, np.float64), (CELLS, CELLS))
    cells: Pixels = np.clip(np.rint(colours + shades[:, :, None]), 0, 255).astype(np.uint8)
    return cells


def _within(value: int, end: int) -> int:
    return max(0, min(value, end))

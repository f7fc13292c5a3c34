"""A square around a face, for avatars and for reviewers: with room around it, and never past the edge of the picture."""

from __future__ import annotations

from typing import Any, NamedTuple

MARGIN = 0.45
"""Room on each side, as a share of the face's longer side: hair and chin belong to what people recognise."""


class Box(NamedTuple):
    """Left, top, width and height, each 0–1 of the upright picture."""

    left: float
    top: float
    width: float
    height: float


def square(box: Box, width: int, height: int, margin: float = MARGIN) -> tuple[int, int, int, int]:
    """The square around `box` in pixels (left, top, side, side), moved inside the picture, smaller only where it must be."""
    face = max(box.width * width, box.height * height, 1.0)
    side = max(1, min(round(face * (1 + 2 * margin)), width, height))
    left = round((box.left + box.width / 2) * width - side / 2)
    top = round((box.top + box.height / 2) * height - side / 2)
    return max(0, min(left, width - side)), max(0, min(top, height - side)), side, side


def cut(image: Any, box: Box, side: int, margin: float = MARGIN) -> Any:
    """The square of `image` (libvips, upright) around `box`, at most `side` pixels wide."""
    from photobank.imaging.renditions import shrink

    return shrink(image.crop(*square(box, image.width, image.height, margin)).copy_memory(), side)

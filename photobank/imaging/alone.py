"""A photo as one of the people on it is shown it: themselves sharp, everything else beyond recognition.

What is not theirs is made anew from a dozen pixels along the longer side, and the heads that are known of have no part even in those
(redact.py): the dozen is for whoever was not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from photobank.imaging.crop import Box

COARSE = 12
"""Pixels left along the longer side. A face that fills half the picture is six pixels high: nobody's."""
ROOM = (0.35, 0.2, 0.1, 0.0)
"""How much room around the face is tried, as a share of its size: as much as shows nothing of anybody else's."""


def region(own: Box, others: Sequence[Box]) -> Box | None:
    """What may stay sharp: the face with the most room that touches no other face; None where even without room it would."""
    for room in ROOM:
        wide = _widened(own, room)
        if not any(_touch(wide, other) for other in others):
            return wide
    return None


def hide(image: Any, sharp: Box | None, others: Sequence[Box], side: int) -> Any:
    """The picture (libvips, upright), at most `side` pixels, with only `sharp` as it was, and nothing of the heads of `others`."""
    from photobank.imaging import redact
    from photobank.imaging.renditions import shrink

    picture = shrink(image, side)
    tiny = shrink(redact.hide(picture, others), COARSE)
    across, down = picture.width / tiny.width, picture.height / tiny.height
    hidden = tiny.resize(across, vscale=down, kernel="cubic").copy_memory()
    if (hidden.width, hidden.height) != (picture.width, picture.height):
        hidden = hidden.gravity("centre", picture.width, picture.height, extend="copy")
    if sharp is None:
        return hidden
    left, top = round(sharp.left * picture.width), round(sharp.top * picture.height)
    width = min(max(1, round(sharp.width * picture.width)), picture.width - left)
    height = min(max(1, round(sharp.height * picture.height)), picture.height - top)
    return hidden.insert(picture.crop(left, top, width, height), left, top).copy_memory()


def _widened(box: Box, room: float) -> Box:
    """With room on each side, inside the picture."""
    left, top = max(0.0, box.left - room * box.width), max(0.0, box.top - room * box.height)
    right = min(1.0, box.left + box.width * (1 + room))
    bottom = min(1.0, box.top + box.height * (1 + room))
    return Box(left, top, right - left, bottom - top)


def _touch(one: Box, other: Box) -> bool:
    return (
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )

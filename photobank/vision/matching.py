"""Which face of a new look is which of an old one: by how boxes overlap, one to one. Pure; what people decided follows it."""

from __future__ import annotations

from collections.abc import Sequence

Box = Sequence[float]

SAME = 0.4  # overlap (intersection by union) from which two boxes are the same face
INSIDE = 0.75  # part of the smaller within the larger from which they are, as when somebody drew a box around the whole head


def iou(one: Box, other: Box) -> float:
    """Intersection by union."""
    shared = _shared(one, other)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared) if shared else 0.0


def overlap(one: Box, other: Box) -> float:
    """How surely two boxes (x, y, width, height) are one face, 0 to 1; 0 where they are not."""
    union = iou(one, other)
    inside = union > 0 and _shared(one, other) / min(one[2] * one[3], other[2] * other[3]) >= INSIDE
    return union if union >= SAME or inside else 0.0


def pair(old: Sequence[Box], new: Sequence[Box]) -> dict[int, int]:
    """New box → old box, each at most once, the surest pairs first; the same whatever the order of equals."""
    found = [(overlap(before, after), i, j) for i, before in enumerate(old) for j, after in enumerate(new)]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for sureness, i, j in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if sureness > 0 and i not in taken and j not in pairs:
            pairs[j] = i
            taken.add(i)
    return pairs


def _shared(one: Box, other: Box) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0

"""Where to cut a photo to a shape: every face in the frame with room above it, on a third of the frame where there is room. Pure.

The cut is always as large as the shape allows, so it touches two edges of the photo and only its place along the other axis is open.
A face counts by its box; HEADROOM and the other margins ask for room around it, and yield before a face does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photobank.imaging.crop import Box

HEADROOM, BELOW, BESIDE = 0.45, 0.3, 0.25
"""Room around a face, as shares of its height (above, below) and width (each side): boxes begin at the forehead, hair does not."""
EYES = 0.42
"""How far down a face box the eyes are."""
THIRD = 1 / 3
MIDDLE = (0.4, 0.6)
"""A group whose middle lies between these in the photo was put in the middle on purpose, and stays there."""
ROOMY = 2.2
"""From so many times the width of the group on, the frame has room to put it on a third."""
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Framed:
    """A cut, 0–1 of the upright photo, and how many faces lie (partly) outside it: none wherever the shape leaves a choice."""

    box: Box
    cut_faces: int = 0


def frame(width: int, height: int, ratio: float, faces: Sequence[Box] = ()) -> Framed:
    """The cut of a photo of this size to `ratio` (width ÷ height)."""
    across = min(1.0, ratio * height / width)
    down = min(1.0, width / ratio / height)
    left = 0.0 if across >= 1 else _place(across, [_beside(face) for face in faces], _wanted_across(across, faces))
    top = 0.0 if down >= 1 else _place(down, [_above(face) for face in faces], _wanted_down(down, faces))
    box = Box(left, top, across, down)
    return Framed(box, sum(not contains(box, face) for face in faces))


def moved(width: int, height: int, ratio: float, left: float, top: float, size: float = 1.0, faces: Sequence[Box] = ()) -> Framed:
    """A cut placed by hand: `size` (0–1] of the largest one, its corner as near to `left`, `top` as the photo allows."""
    largest = frame(width, height, ratio).box
    across, down = largest.width * size, largest.height * size
    box = Box(min(max(left, 0.0), 1 - across), min(max(top, 0.0), 1 - down), across, down)
    return Framed(box, sum(not contains(box, face) for face in faces))


def contains(box: Box, face: Box) -> bool:
    """Does the face, as far as it lies on the photo, lie inside the cut."""
    return (
        box.left <= max(face.left, 0.0) + SLACK
        and box.top <= max(face.top, 0.0) + SLACK
        and min(face.left + face.width, 1.0) <= box.left + box.width + SLACK
        and min(face.top + face.height, 1.0) <= box.top + box.height + SLACK
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """A face along one axis: where it lies, and with the room it should have."""

    start: float
    end: float
    first: float
    last: float
    weight: float


def _beside(face: Box) -> _Span:
    return _span(face.left, face.left + face.width, BESIDE * face.width, BESIDE * face.width, face.width * face.height)


def _above(face: Box) -> _Span:
    return _span(face.top, face.top + face.height, HEADROOM * face.height, BELOW * face.height, face.width * face.height)


def _span(start: float, end: float, before: float, after: float, weight: float) -> _Span:
    return _Span(max(start, 0.0), min(end, 1.0), max(start - before, 0.0), min(end + after, 1.0), weight)


def _place(window: float, faces: Sequence[_Span], wanted: float) -> float:
    """Where the window begins: as wanted, moved as little as it takes to keep all room, else all faces, else the most of them."""
    last = 1 - window
    if not faces:
        return _between(wanted, 0.0, last)
    roomy = max(face.last for face in faces) - window, min(face.first for face in faces)
    if roomy[0] <= roomy[1]:
        return _between(_between(wanted, *roomy), 0.0, last)
    strict = max(face.end for face in faces) - window, min(face.start for face in faces)
    if strict[0] <= strict[1]:
        middle = (roomy[0] + roomy[1]) / 2  # what room there is, shared
        return _between(_between(middle, *strict), 0.0, last)
    edges = [_between(at, 0.0, last) for face in faces for at in (face.start, face.end - window)]
    return max(edges, key=lambda at: (_kept(at, window, faces), -abs(at - wanted)))


def _kept(at: float, window: float, faces: Sequence[_Span]) -> float:
    return sum(face.weight for face in faces if at <= face.start + SLACK and face.end <= at + window + SLACK)


def _wanted_across(window: float, faces: Sequence[Box]) -> float:
    """The group's middle in the middle, or on the third it is nearer to where the frame has room for that."""
    if not faces:
        return (1 - window) / 2
    start, end = min(face.left for face in faces), max(face.left + face.width for face in faces)
    middle = sum((face.left + face.width / 2) * _area(face) for face in faces) / sum(map(_area, faces))
    if end - start > window / ROOMY or MIDDLE[0] <= middle <= MIDDLE[1]:
        return middle - window / 2
    return middle - window * (THIRD if middle < 0.5 else 1 - THIRD)


def _wanted_down(window: float, faces: Sequence[Box]) -> float:
    """Eyes on the upper third; without faces a little above the middle, where photos of places have their subject."""
    if not faces:
        return (1 - window) * 0.45
    eyes = sum((face.top + EYES * face.height) * _area(face) for face in faces) / sum(map(_area, faces))
    return eyes - window * THIRD


def _area(face: Box) -> float:
    return max(face.width * face.height, 1e-12)


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

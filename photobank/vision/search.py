"""Where to look for faces: scales, padding, turns. Shared by the engines; a missed face is a leak, a false one a click.

1. Once at the engine's usual size. For most photos that is all.
2. Finer, when something small or doubtful was seen: crowds, people at the back.
3. With a border around the picture (faces that fill the frame or leave it) and at the three other quarter turns, when nothing
   was found of which the detector is sure. Detectors do find heads that lie on their side, but with low scores and with
   points squeezed into an upright face; the turned picture then wins by its higher score.
4. Finer still and by whatever else the engine has, when there is still nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from photobank.vision.align import turn_points
from photobank.vision.engine import Detected, Pixels, Points
from photobank.vision.matching import overlap
from photobank.vision.quality import face_quality, uncovered_score

BORDER = 0.35  # border around the padded picture, in parts of its long side
GREY = 114


@dataclass(frozen=True, slots=True)
class Found:
    """A face in pixels of the picture looked at. `box` is x, y, width, height."""

    box: tuple[float, float, float, float]
    points: Points
    score: float


Look = Callable[[Pixels, int], list[Found]]
"""Looks at a picture reduced to a long side of so many pixels (enlarged at most twice); answers in pixels of the picture given."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and scores of one detector."""

    usual: int
    """Long side of the first look."""
    fine: int
    """Long side of the finer look."""
    accept: float
    """Least score of a face."""
    clear: float
    """Below this score the finer look is worth its time."""
    sure: float
    """An upright face of ordinary size scores at least this; a turned one hardly ever does."""
    covered: float
    """What a face half covered scores, and less."""
    bare: float
    """What an upright face scores that nothing hides."""
    small: float = 24.0
    """Height of a face, in pixels of the first look, below which the finer look is worth its time."""


def shrink(pixels: Pixels, long_side: int, largest: float = 2.0) -> tuple[Pixels, float]:
    """The picture at a long side of `long_side`, enlarged `largest` times at most, and the factor."""
    height, width = pixels.shape[:2]
    factor = min(long_side / max(height, width), largest)
    if abs(factor - 1) < 1e-3:
        return pixels, 1.0
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=how).astype(np.uint8, copy=False), factor


def find(pixels: Pixels, look: Look, plan: Plan, last: Look | None = None) -> list[Found]:
    """All faces, best first. `last` is tried when everything else found nothing."""
    height, width = pixels.shape[:2]
    long_side = max(height, width)
    found = look(pixels, plan.usual)
    if long_side > plan.usual and _wants_finer(found, plan, plan.usual / long_side):
        # The finer look decides about the doubtful ones: what it does not confirm was noise.
        found = merge([one for one in found if one.score >= plan.clear] + look(pixels, plan.fine))
    found = [one for one in found if one.score >= plan.accept]
    if all(one.score < plan.sure for one in found):
        small, factor = shrink(pixels, plan.usual, 1.0)
        again = _padded(small, look, plan) + [one for turns in (1, 2, 3) for one in _turned(small, turns, look, plan)]
        found = merge(found + [_scaled(one, 1 / factor) for one in again if one.score >= plan.accept])
    if not found and long_side > plan.usual:
        found = [one for one in look(pixels, plan.fine) if one.score >= plan.accept]
    if not found and last is not None:
        found = merge(last(pixels, plan.fine))
    return found


def merge(found: list[Found]) -> list[Found]:
    """One per face, the best score first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda face: -face.score):
        if not any(overlap(one.box, other.box) > 0 for other in kept):
            kept.append(one)
    return kept


def described(pixels: Pixels, found: list[Found], plan: Plan | None = None) -> list[Detected]:
    """In parts of the picture, cut to the frame, with quality; the largest first. `plan`: of a detector whose scores tell what hides a face."""
    height, width = pixels.shape[:2]
    faces = []
    for one in found:
        x, y, w, h = one.box
        left, top, right, bottom = max(0.0, x), max(0.0, y), min(float(width), x + w), min(float(height), y + h)
        if right - left < 2 or bottom - top < 2:
            continue
        points = tuple((float(px) / width, float(py) / height) for px, py in one.points)
        uncovered = uncovered_score(one.score, plan.covered, plan.bare) if plan else 1.0
        quality = face_quality(pixels, one.box, one.points, uncovered)
        faces.append(
            Detected(left / width, top / height, (right - left) / width, (bottom - top) / height, points, float(one.score), quality)
        )
    return sorted(faces, key=lambda face: (-face.w * face.h, face.x, face.y))


def checked(rgb: Pixels) -> Pixels:
    """The picture as a contiguous array, or a ValueError when it is no RGB picture: a mistake of the caller, not of the user."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(f"expected a picture as uint8 [height, width, 3], got {rgb.dtype} {rgb.shape}")
    return np.ascontiguousarray(rgb)


def _wants_finer(found: list[Found], plan: Plan, factor: float) -> bool:
    return any(one.score < plan.clear or one.box[3] * factor < plan.small for one in found)


def _padded(pixels: Pixels, look: Look, plan: Plan) -> list[Found]:
    """Look with a grey border, so that a face that fills the frame has surroundings."""
    height, width = pixels.shape[:2]
    border = round(max(height, width) * BORDER)
    around = cv2.copyMakeBorder(pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY))
    found = look(around.astype(np.uint8, copy=False), plan.usual)
    return [Found((one.box[0] - border, one.box[1] - border, *one.box[2:]), one.points - border, one.score) for one in found]


def _turned(pixels: Pixels, turns: int, look: Look, plan: Plan) -> list[Found]:
    """Look at the picture turned by quarters; answers in the frame of the picture as it was."""
    turned = np.ascontiguousarray(np.rot90(pixels, turns))
    height, width = turned.shape[:2]
    back = []
    for one in look(turned, plan.usual):
        x, y, w, h = one.box
        corners = turn_points(np.array([[x, y], [x + w, y + h]]), -turns, width, height)
        left, top = corners.min(axis=0)
        right, bottom = corners.max(axis=0)
        points = turn_points(one.points, -turns, width, height)
        back.append(Found((float(left), float(top), float(right - left), float(bottom - top)), points, one.score))
    return back


def _scaled(one: Found, factor: float) -> Found:
    x, y, w, h = one.box
    return Found((x * factor, y * factor, w * factor, h * factor), one.points * factor, one.score)

"""Is one picture another version of the other, and where does it lie in it: resized, recompressed, cropped, graded.

Works on pixels of our own renditions only. What it cannot prove it denies: then faces are looked for anew and people look again.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photobank.imaging.results import Pixels
from photobank.imaging.shift import Box, Shift

SIDE = 640
SAME = 0.85
"""Correlation of brightness, over what both pictures show, from which they are the same picture."""
SAME_FACE = 0.85
SAME_EDGES = 0.5
"""Of a face alone: its edges count too, for a blurred or exchanged face is as bright as the one that was there."""
LEAST_INLIERS = 14
LEAST_SHARED = 0.35
"""Share of the smaller picture that both must show."""
MOST_TURN = 0.03
FACE_SIDE = 64

Grey = NDArray[np.float32]


class Match:
    """Two pictures laid over one another."""

    def __init__(self, shift: Shift, old: Grey, new: Grey) -> None:
        self.shift = shift
        self._old, self._new = old, new

    def same_at(self, box: Box) -> bool:
        """Whether what lies in this box of the old picture looks the same in the new one."""
        old = _cut(self._old, box)
        new = _cut(self._new, self.shift.box(box))
        if old is None or new is None:
            return False
        return _alike(old, new) >= SAME_FACE and _alike(_edges(old), _edges(new)) >= SAME_EDGES


def match(old: Pixels, new: Pixels) -> Match | None:
    """Lay the new picture over the old one; None when it is another picture, or a turned or mirrored one."""
    one, other = _grey(old), _grey(new)
    for shift in (_whole(one, other), _found(one, other)):
        if shift is not None and _agree(one, other, shift):
            return Match(shift, one, other)
    return None


def _grey(pixels: Pixels) -> Grey:
    rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    scale = SIDE / max(grey.shape)
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.float32)


def _whole(one: Grey, other: Grey) -> Shift | None:
    """The likeliest case first: both show all of it, so the shapes are alike."""
    shapes = (one.shape[1] / one.shape[0]) / (other.shape[1] / other.shape[0])
    return Shift() if 0.98 < shapes < 1.02 else None


def _found(one: Grey, other: Grey) -> Shift | None:
    """A crop: corners that both pictures have, and the scale and offset that most of them agree on."""
    finder = cv2.SIFT.create(nfeatures=1200)
    points, words = finder.detectAndCompute(one.astype(np.uint8), None)
    others, other_words = finder.detectAndCompute(other.astype(np.uint8), None)
    if words is None or other_words is None or len(words) < LEAST_INLIERS or len(other_words) < LEAST_INLIERS:
        return None
    pairs = [pair for pair in cv2.BFMatcher(cv2.NORM_L2).knnMatch(words, other_words, k=2) if len(pair) == 2]
    good = [first for first, second in pairs if first.distance < 0.75 * second.distance]
    if len(good) < LEAST_INLIERS:
        return None
    here = np.array([points[one.queryIdx].pt for one in good], np.float32)
    there = np.array([others[one.trainIdx].pt for one in good], np.float32)
    found, inliers = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=2.5, confidence=0.999)
    if found is None or int(inliers.sum()) < LEAST_INLIERS:
        return None
    scale = float(np.hypot(found[0, 0], found[1, 0]))
    if scale <= 0 or abs(found[1, 0]) / scale > MOST_TURN or found[0, 0] <= 0:
        return None
    high, wide = one.shape
    other_high, other_wide = other.shape
    return Shift(
        scale * wide / other_wide, scale * high / other_high, float(found[0, 2]) / other_wide, float(found[1, 2]) / other_high
    )


def _agree(one: Grey, other: Grey, shift: Shift) -> bool:
    """Whether what both show is the same picture, as a whole and in most of its parts."""
    left, top = max(0.0, -shift.left / shift.wide), max(0.0, -shift.top / shift.high)
    right, bottom = min(1.0, (1 - shift.left) / shift.wide), min(1.0, (1 - shift.top) / shift.high)
    if right <= left or bottom <= top:
        return False
    shared = [left, top, right - left, bottom - top]
    in_other = shift.box(shared)
    if max(shared[2] * shared[3], in_other[2] * in_other[3]) < LEAST_SHARED:
        return False
    old, new = _cut(one, shared, 256), _cut(other, in_other, 256)
    if old is None or new is None or _alike(old, new) < SAME:
        return False
    parts = [
        _alike(old[y : y + 64, x : x + 64], new[y : y + 64, x : x + 64])
        for y in range(0, 256, 64)
        for x in range(0, 256, 64)
        if old[y : y + 64, x : x + 64].std() > 6
    ]
    return not parts or float(np.median(parts)) >= SAME - 0.1


def _cut(grey: Grey, box: Box, side: int = FACE_SIDE) -> Grey | None:
    high, wide = grey.shape
    x, y = box[0] * wide, box[1] * high
    w, h = box[2] * wide, box[3] * high
    if w < 2 or h < 2 or x + w < 1 or y + h < 1 or x > wide - 1 or y > high - 1:
        return None
    # Between pixels, so that a box of a few pixels is not moved by rounding.
    grid_x = np.tile(np.linspace(x, x + w - 1, side, dtype=np.float32), (side, 1))
    grid_y = np.tile(np.linspace(y, y + h - 1, side, dtype=np.float32)[:, None], (1, side))
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.6, 0.4 * max(w, h) / side))
    return np.asarray(cv2.remap(smooth, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _edges(patch: Grey) -> Grey:
    across, down = cv2.Sobel(patch, cv2.CV_32F, 1, 0), cv2.Sobel(patch, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down), np.float32)


def _alike(one: Grey, other: Grey) -> float:
    """Correlation, -1 to 1; two flat patches are alike."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if size < 1e-3 * one.size:
        return 1.0 if float(np.abs(a).max()) < 2 and float(np.abs(b).max()) < 2 else 0.0
    return float((a * b).sum()) / size

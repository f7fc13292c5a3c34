"""How alike two pictures are: laid over one another by their keypoints, then looked at block by block. Measures only; what they mean
is decided in duplicates/policy.py. Runs inside the decoding process.

A copy lies on its original everywhere, but for a watermark. The next frame of a burst lies on it in places only: who moved, moved, and
a block that fits better a little further on says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photobank.imaging import keypoints
from photobank.imaging.keypoints import Points
from photobank.imaging.results import Likeness

FEWEST = 8
"""Matches without which nothing is laid over anything."""
CLEARLY = 0.85
"""How much nearer the best match must be than the second best."""
WITHIN = 2.5
"""Pixels by which a keypoint may miss the place where it should be."""
STEP, BLOCK, REACH = 16, 32, 6
PLAIN = 5.0
"""A block with less contrast than this shows nothing to compare."""

Luminance = NDArray[np.uint8]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Look:
    """A picture, ready to be compared."""

    luminance: Luminance
    points: Points
    chroma: float
    """Mean distance from grey, 0–255."""

    @classmethod
    def at(cls, rgb: NDArray[np.uint8]) -> Look:
        """Of pixels no longer than keypoints.SIDE."""
        luminance = keypoints.grey(rgb)
        spread = rgb.max(axis=2).astype(np.int16) - rgb.min(axis=2)
        return cls(luminance, keypoints.describe(luminance), float(spread.mean()))

    def mirrored(self) -> Look:
        """The same picture in a mirror."""
        flipped = np.ascontiguousarray(self.luminance[:, ::-1])
        return Look(flipped, keypoints.describe(flipped), self.chroma)


def compare(new: Look, mirrored: Look, other: Look) -> Likeness | None:
    """Measures of two pictures that may be one; None when nothing lies on anything.

    `matrix` leads from the new picture to the other, both 1 wide and 1 high, row by row. One in a mirror is turned over by it.
    """
    found = [(_lay(look, other), look, turned) for look, turned in ((new, False), (mirrored, True))]
    laid, look, turned = max(found, key=lambda one: one[0][1])
    matrix, points = laid
    if matrix is None or not _plausible(matrix):
        return None
    matrix, over, mask = _fine(look.luminance, other.luminance, matrix)
    fit, moved, apart = _blocks(over, _soft(other.luminance, matrix), mask)
    scale = abs(float(np.linalg.det(matrix[:, :2])))
    covered = float((mask > 0).sum())
    return Likeness(
        points=points,
        fit=fit,
        moved=moved,
        apart=apart,
        covers_new=min(1.0, covered / (scale * look.luminance.size)),
        covers_other=covered / other.luminance.size,
        matrix=_unit(matrix, look.luminance.shape, other.luminance.shape, turned),
        chroma_new=new.chroma,
        chroma_other=other.chroma,
    )


def _lay(look: Look, other: Look) -> tuple[Matrix | None, int]:
    """The affine map that most keypoints agree on, and how many do."""
    ours, theirs = look.points, other.points
    if len(ours.at) < FEWEST or len(theirs.at) < FEWEST:
        return None, 0
    near = ours.descriptors @ theirs.descriptors.T
    best = near.argmax(axis=1)
    rows = np.arange(len(best))
    nearest = near[rows, best]
    back = near.argmax(axis=0)
    near[rows, best] = -1
    further = near.max(axis=1)
    clear = np.sqrt(np.maximum(2 - 2 * nearest, 0)) < CLEARLY * np.sqrt(np.maximum(2 - 2 * further, 1e-9))
    chosen = clear & (back[best] == rows)
    if int(chosen.sum()) < FEWEST:
        return None, 0
    cv2.setRNGSeed(1)  # the same two pictures always give the same answer
    matrix, agreeing = cv2.estimateAffine2D(
        ours.at[chosen],
        theirs.at[best[chosen]],
        method=cv2.RANSAC,
        ransacReprojThreshold=WITHIN,
        maxIters=2000,
        confidence=0.995,
        refineIters=10,
    )
    if matrix is None or not np.isfinite(matrix).all():
        return None, 0
    return np.asarray(matrix, np.float64), int(agreeing.sum())


def _plausible(matrix: Matrix) -> bool:
    """Scaled, turned, moved and hardly skewed: what happens to copies. Anything else is chance."""
    large, small = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return bool(np.linalg.det(matrix[:, :2]) > 0 and small > 0.12 and large < 8 and large / small < 1.3)


def _fine(new: Luminance, other: Luminance, matrix: Matrix) -> tuple[Matrix, NDArray[np.float32], Luminance]:
    """The map made more exact by the pixels themselves, the new picture laid over the other with it, and where it lies."""
    over, mask = _warp(new, other, matrix)
    try:
        _, step = cv2.findTransformECC(
            other.astype(np.float32),
            over,
            np.eye(2, 3, dtype=np.float32),
            cv2.MOTION_AFFINE,
            (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 1e-3),
            mask,
            3,
        )
    except cv2.error:  # it found no better place
        return matrix, over, mask
    better = cv2.invertAffineTransform(step.astype(np.float64)) @ np.vstack([matrix, [0, 0, 1]])
    if not np.isfinite(better).all() or not _plausible(better):
        return matrix, over, mask
    return better, *_warp(new, other, better)


def _warp(new: Luminance, other: Luminance, matrix: Matrix) -> tuple[NDArray[np.float32], Luminance]:
    size = (other.shape[1], other.shape[0])
    shrinks = abs(float(np.linalg.det(matrix[:, :2]))) ** 0.5
    source: NDArray[np.float32] = new.astype(np.float32)
    if shrinks < 0.87:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.5 * (1 / shrinks**2 - 1) ** 0.5), np.float32)
    over = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(np.ones_like(new), matrix, size, flags=cv2.INTER_NEAREST)
    return np.asarray(over, np.float32), np.asarray(cv2.erode(mask, np.ones((5, 5), np.uint8), borderValue=1), np.uint8)


def _soft(other: Luminance, matrix: Matrix) -> NDArray[np.float32]:
    """The other picture, as little sharp as the new one when that had to be enlarged to lie on it."""
    grows = abs(float(np.linalg.det(matrix[:, :2]))) ** 0.5
    soft = other.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(soft, (0, 0), 0.5 * (grows**2 - 1) ** 0.5) if grows > 1.15 else soft, np.float32)


def _blocks(one: NDArray[np.float32], other: NDArray[np.float32], mask: Luminance) -> tuple[float, float, float]:
    """How well the middling block fits (correlation), and which shares of the blocks have moved or do not fit at all."""
    one, other = (np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.float32) for picture in (one, other))
    height, width = mask.shape
    fits, moved, looked = [], 0, 0
    for y in range(0, height - BLOCK + 1, STEP):
        for x in range(0, width - BLOCK + 1, STEP):
            if not mask[y : y + BLOCK, x : x + BLOCK].all():
                continue
            here, there = one[y : y + BLOCK, x : x + BLOCK], other[y : y + BLOCK, x : x + BLOCK]
            contrast = float(here.std()), float(there.std())
            if max(contrast) < PLAIN:
                continue
            together = float(((here - here.mean()) * (there - there.mean())).mean())
            fits.append(together / (contrast[0] * contrast[1] + 4))
            rows, columns = slice(y - REACH, y + BLOCK + REACH), slice(x - REACH, x + BLOCK + REACH)
            inside = y >= REACH and x >= REACH and y + BLOCK + REACH <= height and x + BLOCK + REACH <= width
            if inside and min(contrast) > PLAIN - 1 and mask[rows, columns].all():
                looked += 1
                moved += _fits_elsewhere(here, other[rows, columns])
    if len(fits) < 4:
        return 0.0, 0.0, 1.0
    values = np.array(fits)
    return float(np.median(values)), moved / max(1, looked), float((values < 0.7).mean())


def _fits_elsewhere(block: NDArray[np.float32], around: NDArray[np.float32]) -> bool:
    """Does the block fit clearly better a few pixels away."""
    places = cv2.matchTemplate(around, block, cv2.TM_CCOEFF_NORMED)
    _, best, _, where = cv2.minMaxLoc(places)
    away = float(np.hypot(where[0] - REACH, where[1] - REACH))
    return bool(away >= 1.5 and best > 0.75 and best - float(places[REACH, REACH]) > 0.03)


def _unit(matrix: Matrix, new: tuple[int, ...], other: tuple[int, ...], turned: bool) -> tuple[float, ...]:
    """The map between pictures that are 1 wide and 1 high; one in a mirror is turned over first."""
    grow = np.diag([new[1], new[0], 1.0])
    if turned:
        grow = np.array([[-new[1], 0, new[1]], [0, new[0], 0], [0, 0, 1.0]])
    whole = np.diag([1 / other[1], 1 / other[0], 1.0]) @ np.vstack([matrix, [0, 0, 1]]) @ grow
    return tuple(float(value) for value in whole[:2].ravel())

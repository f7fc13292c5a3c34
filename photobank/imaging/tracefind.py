"""Reads the invisible mark from a picture that may have been recompressed, resized, cropped and toned since.

The mark repeats every 128 pixels of the picture that was handed out, so a leak is brought back to that size (its scale is searched, likely
ones first), its own content is taken away as far as possible, all repetitions are laid over one another, and the known quarter of the
chips says where the square begins. What is left at the other chips is the word, as real numbers; whose it is, the caller asks of each
download (delivery/tracing.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photobank.imaging.tracecode import CHIP, SIDE, TraceCode

Grey = NDArray[np.float32]

SCALES = (0.45, 1.65)
"""Sizes of a leak against what was handed out, between which the mark is searched for."""
FOUND = 6.5
"""From this on a place is certain: in standard deviations over all places. Without a mark the best of all scales stays below 5.5."""
WORTH = 4.0
"""Below this a place is not worth a second look."""
SAMPLES = 2
"""Samples per chip, along each side, at which the picture is examined."""
PERIOD = SIDE * SAMPLES
MIDDLE = 800
"""Longest side, in pixels, of the middle part in which scales are tried first."""
MOST = 2000
"""Longest side of what is examined at a found scale."""
BEST = 6
"""How many scales are looked at more closely."""
AFTERWARDS = 8
"""Scales that are still tried after a certain one: a neighbour may fit better."""
READINGS = 4
"""How many readings are given at most. Each is one more chance for chance, which the caller counts."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the word as 768 numbers of length 1 together, how sure the place is, and the scale of the leak."""

    word: NDArray[np.float32]
    sync: float
    scale: float


def read(rgb: NDArray[np.uint8], code: TraceCode, likely: Sequence[float] = ()) -> list[Reading]:
    """Possible words on a picture ((height, width, 3), sRGB), surest place first; empty where nothing looks like our mark.

    `likely` scales are tried first. Only one of the readings can be right, and all may be chance: the word decides.
    """
    luma = _luma(rgb)
    if min(luma.shape) < PERIOD * CHIP // SAMPLES // 2:
        return []
    finder = _Finder(code)
    found = finder.readings(luma, _near(likely, luma))
    if not found or found[0].sync < FOUND:
        found += finder.readings(luma, finder.promising(luma))
    return sorted((one for one in found if one.sync >= WORTH), key=lambda one: -one.sync)[:READINGS]


class _Finder:
    """Looks for the squares of one house."""

    def __init__(self, code: TraceCode) -> None:
        self._places = code.word_places
        known = _enlarged(code.square(None).astype(np.float32))
        self._known = np.conj(np.fft.rfft2(known / np.sqrt((known**2).sum())))

    def readings(self, luma: Grey, scales: Iterable[float]) -> list[Reading]:
        """The surest readings of all scales; looking ends soon after one that is certain."""
        part = _middle(luma, MOST)
        found: list[Reading] = []
        certain = 0
        for scale in scales:
            found.append(self._at(part, scale))
            certain = certain + 1 if certain or found[-1].sync >= FOUND else 0
            if certain > AFTERWARDS:
                break
        return sorted(found, key=lambda one: -one.sync)[:READINGS]

    def promising(self, luma: Grey) -> Iterator[float]:
        """Scales around those at which the middle of the picture looks most like ours, finely enough for the whole of it."""
        part = _middle(luma, MIDDLE)
        scores: list[tuple[float, float]] = []
        scale = SCALES[0]
        while scale < SCALES[1]:
            scores.append((self._place(_folded(part, scale))[0], scale))
            scale *= 1 + 2.4 * scale / max(part.shape)
        scores.sort(reverse=True)
        for _, scale in scores[:BEST]:
            yield from _around(scale, 3.2 * scale / max(part.shape), luma)

    def _at(self, luma: Grey, scale: float) -> Reading:
        folded = _folded(luma, scale)
        sync, place = self._place(folded)
        turned = np.roll(folded, (-place[0], -place[1]), (0, 1))
        kernel = cv2.getGaussianKernel(5, 0.9)
        smooth = cv2.sepFilter2D(np.tile(turned, (3, 3)), -1, kernel, kernel)[PERIOD : 2 * PERIOD, PERIOD : 2 * PERIOD]
        chips = smooth.reshape(SIDE, SAMPLES, SIDE, SAMPLES).sum(axis=(1, 3)).ravel()[self._places]
        chips = chips - chips.mean()
        length = float(np.sqrt((chips**2).sum()))
        return Reading((chips / max(length, 1e-9)).astype(np.float32), sync, scale)

    def _place(self, folded: Grey) -> tuple[float, tuple[int, int]]:
        """How sure the best place of the square is, and where it is."""
        likeness = np.fft.irfft2(np.fft.rfft2(folded) * self._known, s=folded.shape)
        spread = float(likeness.std())
        if spread <= 0:
            return 0.0, (0, 0)
        at = int(likeness.argmax())
        return float(likeness.flat[at]) / spread, (at // PERIOD, at % PERIOD)


def _folded(luma: Grey, scale: float) -> Grey:
    """The picture brought to SAMPLES per chip, freed of its own content, all its squares laid over one another."""
    factor = SAMPLES / CHIP / scale
    size = (max(8, round(luma.shape[1] * factor)), max(8, round(luma.shape[0] * factor)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    rest = _without_content(np.asarray(small, np.float32))
    height, width = rest.shape
    tall, wide = -(-height // PERIOD) * PERIOD, -(-width // PERIOD) * PERIOD
    padded, seen = np.zeros((tall, wide), np.float32), np.zeros((tall, wide), np.float32)
    padded[:height, :width], seen[:height, :width] = rest, 1
    shape = (tall // PERIOD, PERIOD, wide // PERIOD, PERIOD)
    folded = padded.reshape(shape).sum(axis=(0, 2)) / np.sqrt(np.maximum(seen.reshape(shape).sum(axis=(0, 2)), 1))
    return np.asarray(folded - folded.mean(), np.float32)


def _without_content(small: Grey) -> Grey:
    """What a small median does not explain, counting less where the picture is lively: tried against other filters in benchmarks."""
    rest = small - cv2.medianBlur(small, 3)
    lively = cv2.GaussianBlur(rest * rest, (0, 0), 2)
    return np.asarray(np.clip(rest / (lively + 1.0) ** 0.85, -9, 9), np.float32)


def _luma(rgb: NDArray[np.uint8]) -> Grey:
    return np.asarray(rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def _middle(luma: Grey, longest: int) -> Grey:
    height, width = luma.shape
    top, left = max(0, (height - longest) // 2), max(0, (width - longest) // 2)
    return luma[top : top + longest, left : left + longest]


def _enlarged(square: Grey) -> Grey:
    around = cv2.resize(np.tile(square, (3, 3)), None, fx=SAMPLES, fy=SAMPLES, interpolation=cv2.INTER_CUBIC)
    return np.asarray(around[PERIOD : 2 * PERIOD, PERIOD : 2 * PERIOD], np.float32)


def _near(scales: Iterable[float], luma: Grey) -> Iterator[float]:
    for scale in scales:
        yield from _around(scale, 1.2 * scale / max(luma.shape), luma)


def _around(scale: float, by: float, luma: Grey) -> Iterator[float]:
    """From `scale` (1 - by) to `scale` (1 + by), in steps that shift the picture's edge by half a pixel at most."""
    half = min(max(luma.shape), MOST) / 2
    steps = max(1, int(np.ceil(by * half / scale / 0.5)))
    for step in sorted(range(-steps, steps + 1), key=abs):
        yield scale * (1 + by * step / steps)

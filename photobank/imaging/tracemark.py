"""Puts the invisible mark on a picture that is about to be handed out. Runs inside the decoding process.

The mark is a low, wide-banded pattern added to the brightness: strong enough to be found after JPEG, resizing and cropping, hidden where
the picture itself is lively, and held so low on skies and skin that no pattern shows. PSNR against the unmarked picture is at least
42 dB. What it carries: tracecode.py. How it is found: tracefind.py.

OpenCV rather than libvips: a fifth of the time for the same mark, and this is half of what a hand-over costs (docs/performance.md).
"""

from __future__ import annotations

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray

from photobank.imaging.sniff import Buffer
from photobank.imaging.tracecode import CHIP, SIDE, Signs

RMS = 1.8
"""Root mean square of the mark in grey levels of 255: 43 dB."""
FLAT_MOST = 1.0
"""The most it may be, root mean square, where the picture is smooth."""
LIVELY = (1.5, 12.0)
"""Standard deviations of brightness between which the mark grows with the picture's own liveliness."""
GROWTH = 0.7
PERIOD = SIDE * CHIP

STRIP = 32
"""Rows of chips that are weighed at a time: what is computed of them stays in the processor's cache."""

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def mark(rgb: Pixels, square: Signs, weights: Floats | None = None) -> Pixels:
    """The picture (sRGB) with the square of chips repeated over it. `weights`: what `weigh` found of it."""
    small, by = weigh(rgb) if weights is None else weights, _chip(rgb.shape[1], rgb.shape[0])
    return _added(rgb, _pattern(square), _floats(cv2.resize(small, None, fx=by, fy=by, interpolation=cv2.INTER_LINEAR)))


def weigh(rgb: Pixels) -> Floats:
    """How strong the mark may be at each place, a number per chip: the same for every mark on this picture."""
    small = _weight(rgb, _chip(rgb.shape[1], rgb.shape[0]))
    loud = float((small * small).mean()) ** 0.5  # of pattern × weight, too: the pattern's own root mean square is 1 everywhere
    return _floats(small * np.float32(min(RMS / max(loud, 1e-6), FLAT_MOST / LIVELY[0] ** GROWTH)))


def weights_of(data: Buffer, width: int, height: int) -> Floats:
    """What `weigh` found of a picture of this size, from its bytes."""
    by = _chip(width, height)
    return np.frombuffer(data, np.float32).reshape(-(-height // by), -(-width // by))


def _chip(width: int, height: int) -> int:
    """The side of a chip in pixels."""
    return min(CHIP, max(1, min(width, height) // 8))


def _added(rgb: Pixels, pattern: Floats, weight: Floats) -> Pixels:
    """Row of squares by row of squares, which stays in the processor's cache; what makes lighter and what makes darker each in bytes."""
    height, width = rgb.shape[:2]
    row = np.ascontiguousarray(np.tile(pattern, (1, -(-width // PERIOD)))[:, :width])
    marked = np.empty_like(rgb)
    for top in range(0, height, PERIOD):
        end = min(height, top + PERIOD)
        here, squares = weight[top:end, :width], row[: end - top]
        lighter, darker = (cv2.multiply(here, squares, scale=sign, dtype=cv2.CV_8U) for sign in (1, -1))
        cv2.add(rgb[top:end], cv2.merge([lighter] * 3), dst=marked[top:end])
        cv2.subtract(marked[top:end], cv2.merge([darker] * 3), dst=marked[top:end])
    return marked


def _pattern(square: Signs) -> Floats:
    """One square in pixels, mean 0 and root mean square 1, without steps at the edges of chips."""
    across = np.ascontiguousarray(np.tile(square, (3, 3)).astype(np.float32))
    tile = pyvips.Image.new_from_array(across).resize(CHIP, kernel="cubic").crop(PERIOD, PERIOD, PERIOD, PERIOD).numpy()
    return _floats(tile / max(float(tile.std()), 1e-6))


def _weight(rgb: Pixels, by: int) -> Floats:
    """How much the picture hides at each place, a number per chip, which grows with the deviation of brightness around it."""
    strips = [_moments(rgb[top : top + STRIP * by], by) for top in range(0, rgb.shape[0], STRIP * by)]
    mean, square = (_blurred(np.concatenate(bands), 0.8) for bands in zip(*strips, strict=True))
    lively = np.sqrt(np.maximum(square - mean * mean, 0))
    return _blurred(_floats(np.clip(lively, *LIVELY) ** np.float32(GROWTH)), 0.6)


def _moments(rgb: Pixels, by: int) -> tuple[Floats, Floats]:
    """The mean of brightness per chip, and that of its square."""
    height, width = rgb.shape[:2]
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if height % by or width % by:
        grey = _floats(cv2.copyMakeBorder(grey, 0, -height % by, 0, -width % by, cv2.BORDER_REPLICATE))
    size = (grey.shape[1] // by, grey.shape[0] // by)
    mean, square = (cv2.resize(band, size, interpolation=cv2.INTER_AREA) for band in (grey, grey * grey))
    return _floats(mean), _floats(square)


def _blurred(small: Floats, by: float) -> Floats:
    return _floats(cv2.GaussianBlur(small, (5, 5), by))


def _floats(found: object) -> Floats:
    return np.asarray(found, np.float32)

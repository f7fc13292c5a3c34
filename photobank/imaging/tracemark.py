"""Puts the invisible mark on a picture that is about to be handed out. Runs inside the decoding process, on libvips alone.

The mark is a low, wide-banded pattern added to the brightness: strong enough to be found after JPEG, resizing and cropping, hidden where
the picture itself is lively, and held so low on skies and skin that no pattern shows. PSNR against the unmarked picture is at least
42 dB. What it carries: tracecode.py. How it is found: tracefind.py.
"""

from __future__ import annotations

import numpy as np
import pyvips

from photobank.imaging.tracecode import CHIP, SIDE, Signs

RMS = 1.8
"""Root mean square of the mark in grey levels of 255: 43 dB."""
FLAT_MOST = 1.5
"""The most it may be, root mean square, where the picture is smooth."""
LIVELY = (1.5, 12.0)
"""Standard deviations of brightness between which the mark grows with the picture's own liveliness."""
GROWTH = 0.7
LUMA = [[0.299, 0.587, 0.114]]


def mark(image: pyvips.Image, square: Signs) -> pyvips.Image:
    """`image` (8-bit sRGB, three bands) with the square of chips repeated over it, in memory."""
    small = _weight(image)
    loud = (small * small).avg() ** 0.5  # of pattern × weight, too: the pattern's own root mean square is 1 everywhere
    low = LIVELY[0] ** GROWTH
    strength = min(RMS / max(loud, 1e-6), FLAT_MOST / low)
    weight = (small * strength).resize(image.width / small.width, vscale=image.height / small.height, kernel="linear")
    marked = image + _pattern(square, image.width, image.height) * weight
    return marked.rint().cast("uchar").copy(interpretation="srgb").copy_memory()


def _pattern(square: Signs, width: int, height: int) -> pyvips.Image:
    """The square over the whole picture, mean 0 and root mean square 1, without steps at the edges of chips."""
    across = np.ascontiguousarray(np.tile(square, (3, 3)).astype(np.float32))
    tripled = pyvips.Image.new_from_array(across).resize(CHIP, kernel="cubic")
    tile = tripled.crop(SIDE * CHIP, SIDE * CHIP, SIDE * CHIP, SIDE * CHIP)
    tile = tile * (1 / max(tile.deviate(), 1e-6))
    side = SIDE * CHIP
    return tile.replicate(-(-width // side), -(-height // side)).crop(0, 0, width, height)


def _weight(image: pyvips.Image) -> pyvips.Image:
    """How much the picture hides at each place, a number per chip: grows with the deviation of brightness around it."""
    luma = image.recomb(pyvips.Image.new_from_array(LUMA)).extract_band(0).cast("float").copy_memory()
    by = min(CHIP, max(1, min(image.width, image.height) // 8))
    mean, square = (_around(band.shrink(by, by, ceil=True)) for band in (luma, luma * luma))
    spread = square - mean * mean
    lively = (spread > 0).ifthenelse(spread, 0) ** 0.5
    lively = (lively < LIVELY[0]).ifthenelse(LIVELY[0], lively)
    lively = (lively > LIVELY[1]).ifthenelse(LIVELY[1], lively)
    return (lively**GROWTH).gaussblur(0.6, precision="float").copy_memory()


def _around(small: pyvips.Image) -> pyvips.Image:
    return small.gaussblur(0.8, precision="float")

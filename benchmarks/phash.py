"""Plain pHash, which ours is measured against."""

from __future__ import annotations

import numpy as np
from imagehash import phash
from numpy.typing import NDArray
from PIL import Image


def perceptual_hash(rgb: NDArray[np.uint8]) -> int:
    """64-bit pHash as a signed number; compare with `distance`."""
    bits = phash(Image.fromarray(rgb)).hash.flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def distance(one: int, other: int) -> int:
    """In how many of the 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()

"""Photos for the tests of the whole: small, all different, some with painted faces."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from photobank.vision.fake import paint


def photo(number: int, width: int = 360, height: int = 270) -> tuple[bytes, int]:
    """A JPEG like no other, and the number of faces on it (0 to 2)."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(90, 160, (6, 8, 1), dtype=np.uint8).repeat(3, axis=2)
    grey = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    rgb = np.asarray(grey).copy()
    faces = number % 3
    for index in range(faces):
        paint(rgb, (0.1 + 0.45 * index, 0.25, 0.2, 0.35), (number + 5 * index) % 12)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=90)
    return out.getvalue(), faces

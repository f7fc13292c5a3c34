"""What a picture looks like in a few bytes: perceptual hash for duplicates, ThumbHash and mean colour for placeholders."""

from __future__ import annotations

import numpy as np
from imagehash import phash
from numpy.typing import NDArray
from PIL import Image

THUMBHASH_SIDE = 100


def perceptual_hash(rgb: NDArray[np.uint8]) -> int:
    """64-bit pHash as a signed number, as PostgreSQL's bigint holds it; compare with `distance`."""
    bits = phash(Image.fromarray(rgb)).hash.flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def distance(one: int, other: int) -> int:
    """In how many of the 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def mean_colour(rgb: NDArray[np.uint8]) -> str:
    """The mean colour as #rrggbb."""
    red, green, blue = (round(float(v)) for v in rgb.reshape(-1, 3).mean(axis=0))
    return f"#{red:02x}{green:02x}{blue:02x}"


def thumbhash(rgb: NDArray[np.uint8]) -> bytes:
    """ThumbHash (evanw/thumbhash) of a picture without alpha, at most 100 pixels long: 5 to 25 bytes."""
    height, width = rgb.shape[:2]
    red, green, blue = (rgb[:, :, band].astype(np.float64) / 255 for band in range(3))
    longest = max(width, height)
    nx, ny = max(1, round(7 * width / longest)), max(1, round(7 * height / longest))
    l_dc, l_ac, l_scale = _channel((red + green + blue) / 3, max(3, nx), max(3, ny))
    p_dc, p_ac, p_scale = _channel((red + green) / 2 - blue, 3, 3)
    q_dc, q_ac, q_scale = _channel(red - green, 3, 3)
    landscape = width > height
    header24: int = round(63 * l_dc) | round(31.5 + 31.5 * p_dc) << 6 | round(31.5 + 31.5 * q_dc) << 12 | round(31 * l_scale) << 18
    header16: int = (ny if landscape else nx) | round(63 * p_scale) << 3 | round(63 * q_scale) << 9 | landscape << 15
    nibbles = [round(15 * value) for value in (*l_ac, *p_ac, *q_ac)]
    nibbles += [0] * (len(nibbles) % 2)
    packed: bytes = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return header24.to_bytes(3, "little") + header16.to_bytes(2, "little") + packed


def _channel(channel: NDArray[np.float64], nx: int, ny: int) -> tuple[float, list[float], float]:
    """Cosine transform: the constant term, the triangle of others scaled to 0–1, and their scale."""
    height, width = channel.shape
    across = np.cos(np.pi / width * np.outer(np.arange(nx), np.arange(width) + 0.5))
    down = np.cos(np.pi / height * np.outer(np.arange(ny), np.arange(height) + 0.5))
    terms = down @ channel @ across.T / (width * height)
    ac = [float(terms[cy, cx]) for cy in range(ny) for cx in range(nx) if (cx or cy) and cx * ny < nx * (ny - cy)]
    scale = max((abs(value) for value in ac), default=0.0)
    if scale:
        ac = [0.5 + 0.5 / scale * value for value in ac]
    return float(terms[0, 0]), ac, scale

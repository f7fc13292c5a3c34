"""Fingerprints: alike for alike pictures, unlike for others, small."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from photobank.imaging.fingerprint import distance, mean_colour, perceptual_hash, thumbhash
from tests.imaging.conftest import picture, pixels

Picture = NDArray[np.uint8]


def smaller(rgb: Picture, side: int) -> Picture:
    shrunk: Picture = picture(rgb).thumbnail_image(side).numpy()
    return shrunk


def test_the_hash_survives_what_keeps_the_picture(astronaut: Picture) -> None:
    original = perceptual_hash(astronaut)
    squeezed = pixels(picture(smaller(astronaut, 240)).jpegsave_buffer(Q=40)).astype(np.uint8)
    brighter = np.clip(astronaut.astype(int) + 12, 0, 255).astype(np.uint8)
    assert distance(original, perceptual_hash(squeezed)) <= 6
    assert distance(original, perceptual_hash(brighter)) <= 6
    assert distance(original, perceptual_hash(np.ascontiguousarray(data.coffee()))) > 16


def test_the_hash_fits_a_bigint(astronaut: Picture) -> None:
    assert all(-(2**63) <= perceptual_hash(turned) < 2**63 for turned in (astronaut, np.ascontiguousarray(astronaut[::-1])))
    assert distance(-1, 0) == 64
    assert distance(-(2**63), 0) == 1


def test_mean_colour() -> None:
    assert mean_colour(np.full((4, 4, 3), (255, 128, 0), np.uint8)) == "#ff8000"


@pytest.mark.parametrize("shape", [(1, 1), (1, 100), (100, 1), (75, 100), (100, 75)])
def test_a_thumbhash_is_small_whatever_the_shape(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert 5 <= len(thumbhash(rgb)) <= 30


def test_a_thumbhash_is_what_the_reference_makes() -> None:
    # From thumbhash.js (evanw/thumbhash) on the same pixels.
    across, down = np.meshgrid(np.arange(60), np.arange(40))
    bands = [(across**2 + down * 3) % 256, across * down % 256, np.minimum(255, across * 2 + down**2 // 8)]
    rgb = np.stack(bands, axis=-1).astype(np.uint8)
    assert thumbhash(rgb).hex() == REFERENCE


REFERENCE = "dd170a458462656660777778876887876b7fb4daf8"

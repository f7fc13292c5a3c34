"""Fingerprints: small, and what the reference makes."""

from __future__ import annotations

import numpy as np
import pytest

from photobank.imaging.fingerprint import mean_colour, thumbhash


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

"""The pHash that ours is measured against is one: alike for alike pictures, unlike for others."""

from __future__ import annotations

import numpy as np
from skimage import data

from benchmarks.phash import distance, perceptual_hash


def test_the_hash_survives_what_keeps_the_picture() -> None:
    astronaut = np.ascontiguousarray(data.astronaut())
    original = perceptual_hash(astronaut)
    brighter = np.clip(astronaut.astype(int) + 12, 0, 255).astype(np.uint8)
    assert distance(original, perceptual_hash(np.ascontiguousarray(astronaut[::2, ::2]))) <= 6
    assert distance(original, perceptual_hash(brighter)) <= 6
    assert distance(original, perceptual_hash(np.ascontiguousarray(data.coffee()))) > 16


def test_distance_counts_bits() -> None:
    assert distance(-1, 0) == 64
    assert distance(-(2**63), 0) == 1

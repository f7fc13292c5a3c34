"""What a picture is recognised by: its strongest SIFT keypoints, and words of 52 bits that near-copies of the picture share.

A word is which side of 52 fixed planes a keypoint's descriptor lies on. Keypoints keep their descriptors when a picture is resized,
cropped, turned, recoloured or recompressed, so a copy shares many words with it, and words can be looked up by equality: that is what
an index holds. Runs inside the decoding process. Why words and not perceptual hashes: docs/adr/0060-finding-near-copies.md.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Of the words. Another version means other words: every photo is looked at again (duplicates/upkeep.py)."""
SIDE = 384
MOST_POINTS = 500
STORED = 96
"""Keypoints per picture that become words."""
BITS = 52
FLIPS = ((0,), (1,), (2,), (0, 1), (3,), (0, 2), (1, 2))
"""Which of a descriptor's least certain bits a search turns over, since a copy may have fallen on their other side."""

# The mean RootSIFT descriptor, in thousandths, of scikit-image's public domain pictures: planes through it halve the descriptors.
_MEAN = bytes.fromhex(
    "4a372d353d2a2435804b2f32372a2d548145282a3532385d4c2f242c393839455e3b2e3c4a35273ba859323b44322d5ea7572e35423a37625c382c36463d3646"
    "5d3827364a3d2f3da85d2d33443a325aa762373a43352d585d44373e4734293a4c33222a3e352c388252292937312f4e825b3430352c29474b4134363a2c2531"
)
_sift = cv2.SIFT_create(contrastThreshold=0.02, edgeThreshold=10, sigma=1.6)  # type: ignore[attr-defined]


class Points(NamedTuple):
    """Keypoints of one picture, strongest first: where they are in pixels, and their RootSIFT descriptors of length 1."""

    at: NDArray[np.float32]
    descriptors: NDArray[np.float32]


def prepare() -> None:
    """Once per process, before anything else: one thread, as the process may have no more."""
    cv2.setNumThreads(1)
    describe(np.zeros((32, 32), np.uint8))


def grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luminance, as keypoints are found in."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def describe(luminance: NDArray[np.uint8]) -> Points:
    """The strongest keypoints of a picture; none at all of an empty one."""
    found, raw = _sift.detectAndCompute(luminance, None)
    if not found:
        return Points(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    order = np.argsort([-point.response for point in found], kind="stable")[:MOST_POINTS]
    descriptors = raw[order]
    descriptors = np.sqrt(descriptors / (descriptors.sum(axis=1, keepdims=True) + 1e-7))
    return Points(np.array([found[at].pt for at in order], np.float32), descriptors.astype(np.float32))


def words(points: Points) -> list[int]:
    """The words to keep of a picture, sorted."""
    sides = _sides(points)
    return sorted(set(_pack(sides > 0).tolist()))


def asked(points: Points) -> list[int]:
    """The words to look for, also those that a copy may have instead, sorted."""
    sides = _sides(points)
    base = _pack(sides > 0)
    uncertain = np.argsort(np.abs(sides), axis=1, kind="stable")
    every = [base]
    for flips in FLIPS:
        turned = base.copy()
        for flip in flips:
            turned ^= np.int64(1) << uncertain[:, flip].astype(np.int64)
        every.append(turned)
    return sorted(set(np.concatenate(every).tolist()))


def _sides(points: Points) -> NDArray[np.float32]:
    return np.asarray((points.descriptors[:STORED] - _CENTRE) @ _PLANES.T, np.float32)


def _pack(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    weights = np.int64(1) << np.arange(BITS, dtype=np.int64)
    return np.asarray((bits.astype(np.int64) * weights).sum(axis=1), np.int64)


def _planes() -> NDArray[np.float32]:
    """52 directions of +1 and -1, from a hash, so that they are the same everywhere and for ever."""
    stream = hashlib.shake_256(b"photobank/keypoints/v1").digest(BITS * 16)
    bits: Any = np.unpackbits(np.frombuffer(stream, np.uint8)).reshape(BITS, 128)
    return np.asarray(bits, np.float32) * 2 - 1


_CENTRE = np.frombuffer(_MEAN, np.uint8).astype(np.float32) / 1000
_PLANES = _planes()

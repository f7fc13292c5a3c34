"""What a face engine is: detect faces in an upright picture, turn each into a unit vector. Arrays in, no files, no database.

A score between two vectors is their cosine. What a score means differs per model, so every engine brings its `prior`: how a score
becomes a probability before the organisation has decided anything, and the score from which two unknown faces may share a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]
Vectors: TypeAlias = npt.NDArray[np.float32]
Points: TypeAlias = npt.NDArray[np.float64]

LANDMARKS = 5  # right eye, left eye, nose tip, right and left mouth corner, from the person's own side


@dataclass(frozen=True, slots=True)
class Detected:
    """One face. Everything is in parts of the upright picture: x and w of its width, y and h of its height."""

    x: float
    y: float
    w: float
    h: float
    landmarks: tuple[tuple[float, float], ...]
    """Five points; they may lie a little outside 0–1 where the frame cuts a face off, as the box never does."""
    score: float
    """How sure the detector is, 0–1; comparable within one engine only."""
    quality: float
    """How useful the face is for recognition, 0–1: size, sharpness, pose, being wholly in the frame (see quality.py)."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width, height."""
        return self.x, self.y, self.w, self.h


@dataclass(frozen=True, slots=True)
class Prior:
    """What scores of one model mean before anybody has confirmed or rejected: P(same) = 1 / (1 + exp(-slope (score - even))).

    The numbers of each engine stand beside it in code, with how they were measured.
    """

    even: float
    """Score at which a best match is as often right as wrong."""
    slope: float
    """Steepness; always positive, so that probability never falls when the score rises."""
    cluster: float
    """Least average score between two groups of unknown faces that may become one cluster: purity first."""
    spread: float
    """Largest Ward measure between them (see joining.py)."""
    doubt: float = 0.0
    """Added to `cluster` in proportion to how poor the worse of the two groups' quality is."""
    haste: float = 0.0
    """Added to `cluster` for a face that joins at once, before the next regrouping."""
    weight: float = 40.0
    """How many of the organisation's own decisions the prior is worth."""


class FaceEngine(Protocol):
    """A detector and a recognition model that belong together. Not thread-safe: one per worker process."""

    @property
    def engine(self) -> str:
        """What runs it: `open`, `insightface` or `fake`."""
        ...

    @property
    def model(self) -> str:
        """The pack, as people know it."""
        ...

    @property
    def tag(self) -> str:
        """Stored with each vector. Two vectors may be compared only when their tags are equal."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def prior(self) -> Prior:
        """What this model's scores mean."""
        ...

    def detect(self, rgb: Pixels) -> list[Detected]:
        """All faces in an upright RGB picture (height x width x 3), largest first. The engine chooses its own scales."""
        ...

    def embed(self, rgb: Pixels, faces: Sequence[Detected]) -> Vectors:
        """A unit vector per face, float32 [n, dim], in the order given; the same picture and face give the same vector."""
        ...


def unit(vectors: npt.ArrayLike) -> Vectors:
    """Rows scaled to length one, as float32."""
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)

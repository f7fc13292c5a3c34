"""How good vectors are on labelled faces: pairs told apart, first suggestions right, clusters pure and whole. Pure.

The same measures serve `make bench`, the model page (on the faces that people confirmed), and docs/guides/faces.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from photobank.vision.engine import Vectors

Labels = Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class Verification:
    """Pairs of faces: of those of one person, how many are accepted at a score that lets so many false ones through."""

    tar: float
    threshold: float
    accuracy: float
    """At the best threshold, both kinds of pair counting alike."""
    pairs: int
    false_pairs: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """Clusters against labels, in pairs and by face (BCubed). `coverage`: the part of the faces in clusters of two or more."""

    precision: float
    recall: float
    f: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f: float
    coverage: float
    pure: float
    """Of the clusters of two or more, the part with one person in it: how often one key confirms a cluster rightly."""


def verification(vectors: Vectors, labels: Labels, far: float = 1e-3) -> Verification | None:
    """All pairs of these faces; None when there are none of a kind."""
    codes = _codes(labels)
    upper = np.triu_indices(len(codes), 1)
    scores, same = (vectors @ vectors.T)[upper], (codes[:, None] == codes)[upper]
    true, false = np.sort(scores[same]), np.sort(scores[~same])
    if not len(true) or not len(false):
        return None
    threshold = float(false[-1 - min(int(len(false) * far), len(false) - 1)])
    steps = np.linspace(float(scores.min()), float(scores.max()), 512)
    accepted = 1 - np.searchsorted(true, steps, "left") / len(true)
    refused = np.searchsorted(false, steps, "left") / len(false)
    best = float(((accepted + refused) / 2).max())
    return Verification(float((true > threshold).mean()), threshold, best, len(true), len(false))


def first_right(vectors: Vectors, labels: Labels, nearest: int = 2) -> tuple[float, int]:
    """Each face asked against all others, its person being known: how often that person comes first, and of how many faces."""
    codes = _codes(labels)
    counts = Counter(codes.tolist())
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    right = asked = 0
    people = [np.nonzero(codes == code)[0] for code in range(len(counts))]
    means = np.full((len(codes), len(people)), -np.inf)
    for code, members in enumerate(people):
        theirs = -np.sort(-scores[:, members], axis=1)[:, :nearest]
        # One's own face stands last, as minus infinity, and does not count.
        known = np.isfinite(theirs)
        total = np.where(known, theirs, 0.0).sum(axis=1)
        means[:, code] = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), -np.inf)
    for face, code in enumerate(codes.tolist()):
        if counts[code] > 1:
            asked += 1
            right += int(means[face].argmax()) == code
    return (right / asked if asked else 0.0), asked


def grouping(labels: Mapping[Any, Hashable], clusters: Mapping[Any, Hashable]) -> Grouping:
    """Of the labelled faces. A face in no cluster is alone."""
    faces = list(labels)
    own = {face: clusters.get(face, ("alone", face)) for face in faces}
    by_cluster: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for face in faces:
        by_cluster[own[face]][labels[face]] += 1
    of_label = Counter(labels.values())
    pairs = sum(_pairs(n) for counter in by_cluster.values() for n in counter.values())
    together = sum(_pairs(counter.total()) for counter in by_cluster.values())
    wanted = sum(_pairs(n) for n in of_label.values())
    precision, recall = pairs / max(together, 1), pairs / max(wanted, 1)
    exact = sum(by_cluster[own[face]][labels[face]] / by_cluster[own[face]].total() for face in faces) / max(len(faces), 1)
    whole = sum(by_cluster[own[face]][labels[face]] / of_label[labels[face]] for face in faces) / max(len(faces), 1)
    several = [counter for counter in by_cluster.values() if counter.total() > 1]
    return Grouping(
        precision if together else 1.0,
        recall,
        _f(precision, recall),
        exact,
        whole,
        _f(exact, whole),
        sum(counter.total() for counter in several) / max(len(faces), 1),
        sum(len(counter) == 1 for counter in several) / max(len(several), 1),
    )


def _codes(labels: Labels) -> npt.NDArray[np.int64]:
    known = {label: code for code, label in enumerate(dict.fromkeys(labels))}
    return np.array([known[label] for label in labels], dtype=np.int64)


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def _f(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)

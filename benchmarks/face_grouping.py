"""Ways of grouping faces, on the labelled ones: which leaves most recall at a pairwise precision of 0.99.

Each method gets its best setting on one random half of the people and is measured on the other half, three times over; "among strangers"
adds the faces of group photos, many tiny, who count against precision when mixed in with the named. Peer: the product's own way as set.
DBSCAN asks three neighbours; with one it is threshold and union. HDBSCAN takes part where scikit-learn is installed, which the product does
without.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from math import comb
from uuid import UUID

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from benchmarks._faces import FACES, Seen, engines, faces_of, say, seen
from photobank.vision.clusters import assign
from photobank.vision.engine import FaceEngine, Vectors
from photobank.vision.heaps import Face, Limits

ROUNDS = 3
LEAST = 0.99
STEPS = 20
FAR = 10.0
Numbers = npt.NDArray[np.int64]
Method = Callable[[Vectors, Vectors, float], Numbers]


def union(vectors: Vectors, scores: Vectors, threshold: float) -> Numbers:
    """Everybody joined by a chain of scores above the threshold."""
    return np.asarray(connected_components(csr_matrix(scores >= threshold), directed=False)[1], dtype=np.int64)


def dbscan(vectors: Vectors, scores: Vectors, threshold: float) -> Numbers:
    """Chains through faces with three neighbours; the others join a neighbour that is such a face, or stay alone."""
    near = scores >= threshold
    core = near.sum(axis=1) >= 4  # itself is one
    numbers = np.arange(len(scores)) + len(scores)
    inside = np.nonzero(core)[0]
    numbers[inside] = connected_components(csr_matrix(near[np.ix_(inside, inside)]), directed=False)[1]
    for face in np.nonzero(~core)[0]:
        reach = np.nonzero(near[face] & core)[0]
        if len(reach):
            numbers[face] = numbers[reach[scores[face][reach].argmax()]]
    return numbers.astype(np.int64)


def whispers(vectors: Vectors, scores: Vectors, threshold: float) -> Numbers:
    """Chinese whispers: each takes the number that its neighbours say loudest, in random order, until nothing changes."""
    random = np.random.default_rng(3)
    numbers = np.arange(len(scores))
    near = [np.nonzero(row >= threshold)[0] for row in scores]
    for _ in range(20):
        before = numbers.copy()
        for face in random.permutation(len(scores)):
            others = near[face][near[face] != face]
            if len(others):
                said = np.bincount(numbers[others], weights=scores[face][others])
                numbers[face] = said.argmax()
        if (numbers == before).all():
            break
    return numbers.astype(np.int64)


def linked(how: str) -> Method:
    """Agglomerative clustering; the tree is built once per set and cut at each threshold."""
    last: list[tuple[Vectors, npt.NDArray[np.float64]]] = []

    def run(vectors: Vectors, scores: Vectors, threshold: float) -> Numbers:
        if not last or last[0][0] is not scores:
            apart = vectors if how == "ward" else squareform(np.clip(1 - scores, 0, None), checks=False)
            last[:] = [(scores, linkage(apart, how))]
        height = 2 * float(np.sqrt(2 * max(1 - threshold, 0))) if how == "ward" else 1 - threshold
        return np.asarray(fcluster(last[0][1], height, "distance"), dtype=np.int64)

    return run


def hdbscan(vectors: Vectors, scores: Vectors, threshold: float) -> Numbers:
    """scikit-learn's, where somebody installed it: groups of two or more, pairs below the threshold far apart; noise stays alone."""
    module = import_module("sklearn.cluster")
    apart = np.where(scores >= threshold, np.clip(1 - scores, 0, None), FAR).astype(np.float64)
    np.fill_diagonal(apart, 0)
    method = module.HDBSCAN(min_cluster_size=2, min_samples=1, metric="precomputed", copy=True)
    numbers = np.asarray(method.fit_predict(apart), dtype=np.int64)
    alone = numbers < 0
    numbers[alone] = np.arange(int(alone.sum())) + len(numbers)
    return numbers


METHODS: dict[str, Method] = {
    "threshold and union": union,
    "DBSCAN": dbscan,
    "Chinese whispers": whispers,
    "agglomerative, complete": linked("complete"),
    "agglomerative, average": linked("average"),
    "agglomerative, Ward": linked("ward"),
} | ({"HDBSCAN": hdbscan} if find_spec("sklearn") else {})


def judged(faces: Sequence[Face], label: Mapping[UUID, str], numbers: Mapping[UUID, Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F of the pairs that a named face is in; two strangers may be one person on two photos, so they do not count."""
    named: dict[Hashable, Counter[str]] = defaultdict(Counter)
    strangers: Counter[Hashable] = Counter()
    for face in faces:
        if face.id in label:
            named[numbers[face.id]][label[face.id]] += 1
        else:
            strangers[numbers[face.id]] += 1
    right = sum(comb(n, 2) for counter in named.values() for n in counter.values())
    together = sum(comb(counter.total(), 2) + counter.total() * strangers[number] for number, counter in named.items())
    wanted = sum(comb(n, 2) for n in Counter(label.values()).values())
    precision, recall = right / together if together else 1.0, right / max(wanted, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def compare(name: str, engine: FaceEngine, faces: list[Face], label: dict[UUID, str], about: str) -> None:
    """All methods on the same halves."""
    people = sorted(set(label.values()))
    results: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for seed in range(ROUNDS):
        random = np.random.default_rng(seed)
        first = set(random.permutation(people)[: len(people) // 2].tolist())
        sides: list[list[Face]] = [[], []]
        for face in faces:
            inside = label[face.id] in first if face.id in label else face.photo.int % 2 == 0
            sides[not inside].append(face)
        known = [{face.id: label[face.id] for face in side if face.id in label} for side in sides]
        vectors = [np.array([face.vector for face in side]) for side in sides]
        scores = [matrix @ matrix.T for matrix in vectors]
        steps = np.quantile(scores[0], np.linspace(0.90, 0.9999, STEPS))
        for method, run in METHODS.items():
            best, chosen = -1.0, 1.0
            for step in steps:
                precision, _, f = judged(sides[0], known[0], _named(sides[0], run(vectors[0], scores[0], float(step))))
                if precision >= LEAST and f > best:
                    best, chosen = f, float(step)
            results[method].append(judged(sides[1], known[1], _named(sides[1], run(vectors[1], scores[1], chosen))))
        own = {face: number for number, group in enumerate(assign(sides[1], Limits.of(engine.prior), engine.dim)) for face in group}
        results["ours"].append(judged(sides[1], known[1], own))
    ours = np.mean(results["ours"], axis=0)
    for method, rounds in results.items():
        mean = np.mean(rounds, axis=0)
        for part, value in enumerate(("precision", "recall", "F")):
            say(f"{name}, {about}: {method}, {value}", float(mean[part]), float(ours[part]), "ours", "part")


def _of_strangers(photo: Seen) -> bool:
    """A group photo on which none of the labelled people is, as far as its name says."""
    return photo.row["kind"] == "group" and "bbt" not in photo.row["file"] and "ageitgey" not in photo.row["file"]


def _named(faces: Sequence[Face], numbers: Numbers) -> dict[UUID, int]:
    return {face.id: int(number) for face, number in zip(faces, numbers, strict=True)}


def main() -> None:
    """Run the benchmark."""
    if not FACES.is_dir():
        sys.exit("no labelled faces: set PHOTOBANK_TEST_DATA")
    for name, engine in engines():
        photos = [photo for photo in seen(engine) if photo.labelled or _of_strangers(photo)]
        for strangers in (False, True):
            faces, label = faces_of(photos, strangers=strangers)
            compare(name, engine, faces, label, "among strangers" if strangers else "labelled people")


if __name__ == "__main__":
    main()

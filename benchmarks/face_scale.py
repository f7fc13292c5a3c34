"""Many faces: how long a match, an added face and the start of the index take, with 100,000 synthetic vectors; `--million` for ten times.

The peer is what the product asks. Processor time stands beside, since other work on the machine makes waiting longer and not the work.
"""

from __future__ import annotations

import argparse
import time
from uuid import UUID

import numpy as np

from benchmarks._faces import say
from photobank.crypto.fields import FieldCipher
from photobank.crypto.providers import StaticKeys
from photobank.vision.calibration import Calibration
from photobank.vision.clusters import Clusters
from photobank.vision.engine import Prior, Vectors
from photobank.vision.heaps import Face, Limits
from photobank.vision.vectors import FaceIndex

PEOPLE = 5_000
SPREAD = 1.2  # how far faces of one person are from its middle; gives scores of 0.3 to 0.5, like hard photos
ASKED = 200


def people(dim: int) -> Vectors:
    """The middle of each person's faces."""
    rows = np.random.default_rng(0).standard_normal((PEOPLE, dim)).astype(np.float32)
    middle: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return middle


def measure(count: int, dim: int) -> None:
    """An index of so many faces, half of them confirmed."""
    random, middle = np.random.default_rng(1), people(dim)
    cipher = FieldCipher(StaticKeys(bytes(32)))

    def one(number: int) -> Vectors:
        row: Vectors = middle[number % PEOPLE] + (SPREAD / np.sqrt(dim)) * random.standard_normal(dim).astype(np.float32)
        return row

    ids = [UUID(int=number + 1) for number in range(count)]
    sealed = cipher.seal("face_templates", "vector_ct/x", ids[0], one(0).astype("<f4").tobytes())
    start = time.perf_counter()
    for _ in range(10_000):
        np.frombuffer(cipher.open("face_templates", "vector_ct/x", ids[0], sealed), dtype="<f4").astype(np.float32)
    opening = (time.perf_counter() - start) / 10_000 * count
    vectors = middle[np.arange(count) % PEOPLE] + (SPREAD / np.sqrt(dim)) * random.standard_normal((count, dim), dtype=np.float32)
    index = FaceIndex("synthetic", dim)
    start = time.perf_counter()
    for number, face_id in enumerate(ids):
        index.add(face_id, vectors[number], UUID(int=10**9 + number % PEOPLE) if number % 2 else None)
    filling = time.perf_counter() - start
    del vectors
    about = f"faces: {count:,} of {dim} numbers"
    say(f"{about}, start: unseal", opening, 10.0 * count / 100_000, "asked, both", "s")
    say(f"{about}, start: fill", filling, 10.0 * count / 100_000, "asked, both", "s")
    curve = Calibration(0.4, 30.0)
    timed(f"{about}, match p95", lambda n: index.suggest(one(n), curve), 10.0)
    timed(f"{about}, nearest p95", lambda n: index.search(one(n), 100), 10.0)
    timed(f"{about}, add p95", lambda n: index.add(UUID(int=10**12 + n), one(n)), 5.0)
    say(f"{about}, memory", index.nbytes / 2**20, count * dim * 4 / 2**20, "32 bits", "MiB")


def timed(name: str, work: object, asked: float) -> None:
    """The 95th percentile in milliseconds, waited for and worked."""
    assert callable(work)
    waited, worked = [], []
    for number in range(ASKED):
        clock, processor = time.perf_counter(), time.process_time()
        work(number)
        waited.append(time.perf_counter() - clock)
        worked.append(time.process_time() - processor)
    for how, times in (("waited", waited), ("processor", worked)):
        say(f"{name}, {how}", float(np.percentile(times, 95)) * 1000, asked, "asked", "ms")


def arriving(count: int, dim: int) -> None:
    """A face that finds its cluster among so many open ones, and the regrouping of what changed."""
    random = np.random.default_rng(2)
    clusters = Clusters(Limits.of(Prior(even=0.4, slope=30.0, cluster=0.3, spread=1.0)), dim)
    rows = random.standard_normal((count, dim), dtype=np.float32)
    faces = [Face(UUID(int=n + 1), UUID(int=10**9 + n), rows[n]) for n in range(count)]
    clusters.restore(faces, {face.id: face.id for face in faces})
    fresh = [Face(UUID(int=10**7 + n), UUID(int=10**10 + n), random.standard_normal(dim, dtype=np.float32)) for n in range(ASKED)]
    timed(f"faces: {count:,} unknown of {dim} numbers, cluster of one p95", lambda n: clusters.add(fresh[n]), 50.0)
    start = time.perf_counter()
    clusters.regroup()
    say(f"faces: {count:,} unknown of {dim} numbers, regroup what changed", time.perf_counter() - start, 60.0, "aim", "s")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also a million faces (4 GB of memory)")
    arguments = parser.parse_args()
    for dim in (128, 512):
        measure(100_000, dim)
    arriving(100_000, 128)
    if arguments.million:
        for dim in (128, 512):
            measure(1_000_000, dim)


if __name__ == "__main__":
    main()

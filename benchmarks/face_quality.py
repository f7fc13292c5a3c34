"""How good finding, telling apart, suggesting and grouping are on the labelled faces, per engine; peers are the aims of the product.

Limits and priors were chosen earlier on this set, so grouping is also measured on twenty random halves of the people, and calibration on
people whose decisions the curve has not seen. Labels name people, not groups of them; figures are split by what is known of a photo.
"Among strangers" puts everybody else on every photo into the same heap; pairs with strangers are not counted, their names not being known.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from uuid import UUID

import numpy as np

from benchmarks._faces import FACES, Seen, engines, faces_of, say, seen
from photobank.vision.calibration import Calibration, Decision, brier, fit
from photobank.vision.clusters import Clusters, assign
from photobank.vision.engine import FaceEngine
from photobank.vision.heaps import Limits
from photobank.vision.scoring import Grouping, first_right, grouping, verification
from photobank.vision.vectors import FaceIndex

HALVES = 20
BINS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 1.001)


def detection(name: str, photos: list[Seen]) -> None:
    """Photos with a labelled person in which a face is found, and faces found in group photos of those counted."""
    people = [photo for photo in photos if photo.row["kind"] in ("portrait", "tightcrop", "multi")]
    say(
        f"{name}: photos with a face found", sum(bool(photo.detected) for photo in people) / len(people), 0.97, "acceptance", "part"
    )
    for kind in ("portrait", "tightcrop"):
        some = [bool(photo.detected) for photo in people if photo.row["kind"] == kind]
        say(f"{name}: photos with a face found, {kind} ({len(some)})", sum(some) / len(some), 0.97, "acceptance", "part")
    groups = [(photo, int(photo.row["n_faces"])) for photo in photos if photo.row["kind"] == "group"]
    found = sum(min(len(photo.detected), count) for photo, count in groups)
    say(f"{name}: faces in {len(groups)} group photos", found / sum(count for _, count in groups), 1.0, "counted", "part")


def told_apart(name: str, photos: list[Seen]) -> None:
    """Pairs of faces: accuracy and TAR, all and by what is known of the photos."""
    faces, label = faces_of(photos, strangers=False)
    vectors, names = np.array([face.vector for face in faces]), [label[face.id] for face in faces]
    pairs = verification(vectors, names)
    assert pairs is not None
    say(f"{name}: verification accuracy", pairs.accuracy, 1.0, "", "part")
    say(f"{name}: TAR at FAR 0.001", pairs.tar, pairs.threshold, "threshold", "part")
    first, asked = first_right(vectors, names)
    say(f"{name}: first suggestion right ({asked} faces)", first, 1.0, "", "part")
    quality = np.array([face.quality for face in faces])
    for what, mask in (("better half by quality", quality >= np.median(quality)), ("worse half", quality < np.median(quality))):
        some = verification(vectors[mask], [one for one, chosen in zip(names, mask, strict=True) if chosen])
        if some:
            say(f"{name}: TAR at FAR 0.001, {what}", some.tar, some.threshold, "threshold", "part")


def grouped(name: str, engine: FaceEngine, photos: list[Seen]) -> None:
    """Clusters of the labelled people, alone, among strangers, as they arrive, and of random halves."""
    limits = Limits.of(engine.prior)
    for strangers in (False, True):
        faces, label = faces_of(photos, strangers=strangers)
        about = "among strangers" if strangers else "labelled people"
        told(f"{name}: {about}", grouping(label, _numbered(assign(faces, limits, engine.dim))))
        arriving, since = Clusters(limits, engine.dim), 0
        for index in np.random.default_rng(1).permutation(len(faces)):
            arriving.add(faces[int(index)])
            since += 1
            if since >= max(25, len(arriving.assignment) // 20):
                arriving.regroup()
                since = 0
        say(f"{name}: {about}, as they arrive, F", grouping(label, arriving.assignment).f, 0.9, "aim", "part")
    faces, label = faces_of(photos, strangers=False)
    people = sorted(set(label.values()))
    parts = []
    for seed in range(HALVES):
        chosen = set(np.random.default_rng(seed).permutation(people)[: len(people) // 2].tolist())
        some = [face for face in faces if label[face.id] in chosen]
        parts.append(grouping({face.id: label[face.id] for face in some}, _numbered(assign(some, limits, engine.dim))))
    say(f"{name}: worst precision of {HALVES} halves", min(part.precision for part in parts), 0.99, "aim", "part")
    say(f"{name}: worst F of {HALVES} halves", min(part.f for part in parts), 0.9, "aim", "part")


def told(about: str, found: Grouping) -> None:
    """One clustering."""
    say(f"{about}: pairwise precision", found.precision, 0.99, "aim", "part")
    say(f"{about}: pairwise recall", found.recall, 0.0, "", "part")
    say(f"{about}: pairwise F", found.f, 0.9, "aim", "part")
    say(f"{about}: BCubed precision", found.bcubed_precision, 0.99, "aim", "part")
    say(f"{about}: BCubed recall", found.bcubed_recall, 0.0, "", "part")
    say(f"{about}: BCubed F", found.bcubed_f, 0.9, "aim", "part")
    say(f"{about}: faces in clusters of two or more", found.coverage, 0.0, "", "part")
    say(f"{about}: one key confirms the cluster rightly", found.pure, 0.99, "aim", "part")


def calibrated(name: str, engine: FaceEngine, photos: list[Seen]) -> None:
    """What suggestions promise and keep: by the prior, and on one half of the people by the decisions about the other half."""
    faces, label = faces_of(photos, strangers=False)
    people = sorted(set(label.values()))
    ids = {person: UUID(int=10**9 + number) for number, person in enumerate(people)}
    index = FaceIndex(engine.tag, engine.dim)
    index.extend((face.id, face.vector, ids[label[face.id]]) for face in faces)
    prior = Calibration.of_prior(engine.prior)
    made: dict[bool, list[Decision]] = {True: [], False: []}
    for face in faces:
        own = ids[label[face.id]]
        half = people.index(label[face.id]) % 2 == 0
        for barred in ((), (own,)):
            best = index.suggest(face.vector, prior, face_id=face.id, barred=barred, least=0)[0]
            made[half].append(Decision(best.score, best.person_id == own))
    everything = made[True] + made[False]
    own_curves = {True: fit(engine.prior, made[False]), False: fit(engine.prior, made[True])}
    say(f"{name}: Brier score of the prior", brier(prior, everything), 0.25, "a coin", "")
    crossed = sum(brier(own_curves[half], made[half]) * len(made[half]) for half in made) / len(everything)
    say(f"{name}: Brier score after own decisions, of others", crossed, brier(prior, everything), "prior", "")
    trials = [(own_curves[half].probability(one.score), one.same) for half in made for one in made[half]]
    for low, high in pairwise(BINS):
        inside = [(promise, kept) for promise, kept in trials if low <= promise < high]
        if inside:
            promised, kept = (float(np.mean([pair[part] for pair in inside])) for part in (0, 1))
            say(f"{name}: calibration {low:.2f}-{min(high, 1):.2f} ({len(inside)})", kept, promised, "promised", "part right")


def _numbered(groups: list[set[UUID]]) -> dict[UUID, int]:
    return {face: number for number, group in enumerate(groups) for face in group}


def main() -> None:
    """Run the benchmark."""
    if not FACES.is_dir():
        sys.exit("no labelled faces: set PHOTOBANK_TEST_DATA")
    for name, engine in engines():
        photos = seen(engine)
        detection(name, photos)
        told_apart(name, photos)
        calibrated(name, engine, photos)
        grouped(name, engine, photos)


if __name__ == "__main__":
    main()

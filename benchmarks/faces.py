"""Faces per second through our engines against the bare loop that calls the same models; `--quality` adds how good they are.

The bare loop does one look at the usual size and one vector per face, with none of our looking again. Both run in turn on the same
pictures, best of three: the astronaut always, portraits and groups of the shared data where they are there (PHOTOBANK_TEST_DATA).
YuNet runs on one thread in both, FaceAnalysis with its own defaults.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
from PIL import Image
from skimage import data as pictures

from photobank.vision.calibration import Calibration
from photobank.vision.clusters import Clusters, Face, Limits, assign
from photobank.vision.engine import FaceEngine, Pixels
from photobank.vision.insightface import InsightFacePack
from photobank.vision.open_pack import CHIP, CHIP_MARGIN, FIVE_POINTS, RESNET, OpenPack, _models_folder
from photobank.vision.vectors import NEAREST, FaceIndex

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve()
FACES = SHARED / "data/faces"


def read(name: str) -> Pixels:
    """A photo as the worker sees it: upright RGB, at most 2560 pixels."""
    picture = Image.open(FACES / name).convert("RGB")
    picture.thumbnail((2560, 2560))
    return np.asarray(picture)


def rows(*kinds: str) -> list[dict[str, str]]:
    """Labels of photos of these kinds."""
    with (FACES / "labels.csv").open() as stream:
        return [row for row in csv.DictReader(stream) if row["kind"] in kinds]


def say(name: str, ours: float, peer: float, peer_name: str, unit: str) -> None:
    """One line of the contract's form."""
    ratio = round(ours / peer, 3) if peer else 0
    print(
        json.dumps(
            {"name": name, "ours": round(ours, 4), "peer": round(peer, 4), "peer_name": peer_name, "ratio": ratio, "unit": unit}
        )
    )


def wrapped(engine: FaceEngine) -> Callable[[Pixels], int]:
    """Our way: detect, then embed."""
    return lambda picture: len(engine.embed(picture, engine.detect(picture)))


def bare_open() -> Callable[[Pixels], int]:
    """YuNet and dlib called directly."""
    import dlib
    from yuface.yuface import detect

    folder = _models_folder()
    five, net = dlib.shape_predictor(str(folder / FIVE_POINTS)), dlib.face_recognition_model_v1(str(folder / RESNET))

    def run(picture: Pixels) -> int:
        factor = min(640 / max(picture.shape[:2]), 2.0)
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
        found = detect(np.ascontiguousarray(small[:, :, ::-1]))
        found = found[found[:, 0] > 60]
        for row in found:
            x, y, w, h = (int(value / factor) for value in row[1:5])
            chip = dlib.get_face_chip(picture, five(picture, dlib.rectangle(x, y, x + w, y + h)), CHIP, CHIP_MARGIN)
            net.compute_face_descriptor(chip)
        return len(found)

    return run


def bare_insightface(folder: Path) -> Callable[[Pixels], int]:
    """FaceAnalysis.get with its defaults."""
    import warnings

    from insightface.app import FaceAnalysis

    warnings.simplefilter("ignore", FutureWarning)
    app = FaceAnalysis(name=str(folder), providers=["CPUExecutionProvider"])
    app.prepare(ctx_id=-1)
    return lambda picture: len(app.get(np.ascontiguousarray(picture[:, :, ::-1])))


def speed(name: str, ours: Callable[[Pixels], int], peer: Callable[[Pixels], int], peer_name: str, photos: list[Pixels]) -> None:
    """Faces per second. The two take turns at each picture, best of three, so that other work on the machine hits both alike."""
    seconds, faces = [0.0, 0.0], [0, 0]
    ours(photos[0])
    peer(photos[0])
    for picture in photos:
        best = [float("inf"), float("inf")]
        for _ in range(3):
            for which, run in enumerate((ours, peer)):
                start = time.perf_counter()
                count = run(picture)
                best[which] = min(best[which], time.perf_counter() - start)
                faces[which] += count
        seconds = [before + more for before, more in zip(seconds, best, strict=True)]
    say(name, faces[0] / 3 / seconds[0], faces[1] / 3 / seconds[1], peer_name, "faces/s")


def pairwise_score(label: dict[UUID, str], groups: list[set[UUID]]) -> tuple[float, float, float]:
    """Precision, recall and F over pairs of faces."""
    cluster = {face: number for number, group in enumerate(groups) for face in group}
    ids = list(label)
    people, numbers = np.array([label[key] for key in ids]), np.array([cluster[key] for key in ids])
    upper = np.triu_indices(len(ids), 1)
    same, together = (people[:, None] == people)[upper], (numbers[:, None] == numbers)[upper]
    hits = float((same & together).sum())
    precision, recall = hits / max(1.0, float(together.sum())), hits / max(1.0, float(same.sum()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def quality(name: str, engine: FaceEngine, every: int) -> None:
    """Recall of detection, verification, suggestions and clusters on the labelled faces."""
    faces: list[Face] = []
    label: dict[UUID, str] = {}
    missed, photos = 0, rows("portrait", "tightcrop")[::every]
    for number, row in enumerate(photos):
        picture = read(row["file"])
        found = engine.detect(picture)
        if not found:
            missed += 1
        elif row["identity"]:
            face = Face(UUID(int=number + 1), UUID(int=number + 1), engine.embed(picture, found[:1])[0], found[0].quality)
            faces.append(face)
            label[face.id] = row["identity"]
    say(f"{name}: photos in which the face is found", 1 - missed / len(photos), 0.97, "acceptance", "part")
    people = np.array([label[face.id] for face in faces])
    vectors = np.array([face.vector for face in faces])
    upper = np.triu_indices(len(faces), 1)
    scores, same = (vectors @ vectors.T)[upper], (people[:, None] == people)[upper]
    strangers = np.sort(scores[~same])[::-1]
    threshold = float(strangers[int(len(strangers) * 1e-3)])
    say(f"{name}: true pairs accepted at FAR 0.001", float((scores[same] > threshold).mean()), threshold, "threshold", "part")
    suggestions(name, engine, faces, label)
    limits = Limits.of(engine.prior)
    arriving = Clusters(limits, engine.dim)
    for index in np.random.default_rng(1).permutation(len(faces)):
        arriving.add(faces[int(index)])
    by_cluster: dict[UUID, set[UUID]] = {}
    for face_id, cluster in arriving.assignment.items():
        by_cluster.setdefault(cluster, set()).add(face_id)
    for how, groups in (("as faces arrive", list(by_cluster.values())), ("regrouped", assign(faces, limits, engine.dim))):
        precision, recall, f = pairwise_score(label, groups)
        say(f"{name}: cluster precision, {how}", precision, 0.99, "aim", "part")
        say(f"{name}: cluster recall, {how}", recall, 0.0, "", "part")
        say(f"{name}: cluster F, {how}", f, 0.90, "aim", "part")


def suggestions(name: str, engine: FaceEngine, faces: list[Face], label: dict[UUID, str]) -> None:
    """Each face asked once with its person known, once without; right is the person, or nobody with certainty."""
    names = sorted(set(label.values()))
    person = {each: UUID(int=10**9 + number) for number, each in enumerate(names)}
    index = FaceIndex(engine.tag, engine.dim)
    index.extend((face.id, face.vector, person[label[face.id]]) for face in faces)
    curve = Calibration.of_prior(engine.prior)
    right, asked, trials = 0, 0, []
    for face in faces:
        own = person[label[face.id]]
        if list(label.values()).count(label[face.id]) > 1:
            best = index.suggest(face.vector, curve, face_id=face.id, least=0)[0]
            right, asked = right + (best.person_id == own), asked + 1
            trials.append((best.probability, best.person_id == own))
        stranger = index.suggest(face.vector, curve, face_id=face.id, barred=[own], least=0)[0]
        trials.append((stranger.probability, False))
    say(f"{name}: first suggestion right, mean of {NEAREST} nearest", right / asked, 0.0, "", "part")
    for low, high in pairwise((0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 1.001)):
        inside = [(p, hit) for p, hit in trials if low <= p < high]
        if inside:
            promised, kept = (float(np.mean([pair[part] for pair in inside])) for part in (0, 1))
            say(f"{name}: calibration {low:.2f}-{min(high, 1):.2f} ({len(inside)})", kept, promised, "promised", "part right")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true", help="how good, not only how fast (minutes)")
    parser.add_argument("--every", type=int, default=1, help="of the labelled photos only each n-th, for a quick look")
    arguments = parser.parse_args()
    photos = [np.ascontiguousarray(pictures.astronaut())]
    packs = [SHARED / "models" / each for each in ("insightface-small", "insightface-small-128")]
    packs = [folder for folder in packs if folder.is_dir()]
    if FACES.is_dir():
        photos += [read(row["file"]) for row in rows("portrait", "multi")[::40]] + [
            read(row["file"]) for row in rows("group")[8:16]
        ]
    engines: list[tuple[str, FaceEngine]] = [("open", OpenPack())]
    speed("faces: open pack", wrapped(engines[0][1]), bare_open(), "yuface + dlib", photos)
    for folder in packs:
        engine = InsightFacePack(folder)
        engines.append((folder.name, engine))
        speed(f"faces: {folder.name}", wrapped(engine), bare_insightface(folder), "FaceAnalysis.get", photos)
    if arguments.quality and FACES.is_dir():
        for name, engine in engines:
            quality(name, engine, arguments.every)


if __name__ == "__main__":
    main()

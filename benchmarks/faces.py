"""Faces per second through our engines against the bare loop that calls the same models. How good they are: face_quality.py.

The bare loop does one look at the usual size and one vector per face, with none of our looking again. Both run in turn on the same
pictures, best of three: the astronaut always, portraits and groups of the shared data where they are there (PHOTOBANK_TEST_DATA).
YuNet runs on one thread in both, FaceAnalysis with its own defaults.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from skimage import data as pictures

from benchmarks._faces import FACES, PACKS, read, rows, say
from photobank.vision.engine import FaceEngine, Pixels
from photobank.vision.insightface import InsightFacePack
from photobank.vision.open_pack import CHIP, CHIP_MARGIN, FIVE_POINTS, RESNET, OpenPack, _models_folder


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


def main() -> None:
    """Run the benchmark."""
    photos = [np.ascontiguousarray(pictures.astronaut())]
    if FACES.is_dir():
        photos += [read(row["file"]) for row in rows("portrait", "multi")[::40]] + [
            read(row["file"]) for row in rows("group")[8:16]
        ]
    speed("faces: open pack", wrapped(OpenPack()), bare_open(), "yuface + dlib", photos)
    for folder in PACKS:
        speed(f"faces: {folder.name}", wrapped(InsightFacePack(folder)), bare_insightface(folder), "FaceAnalysis.get", photos)


if __name__ == "__main__":
    main()

"""The labelled faces for the benchmarks of faces: read, looked at and described once per engine, and kept where PHOTOBANK_BENCH_CACHE says.

Without the shared data (PHOTOBANK_TEST_DATA) there is nothing to measure quality on, and the modules say so.
"""

from __future__ import annotations

import csv
import json
import os
import pickle
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from PIL import Image

from photobank.vision.engine import Detected, FaceEngine, Pixels, Vectors
from photobank.vision.heaps import Face
from photobank.vision.insightface import InsightFacePack
from photobank.vision.open_pack import OpenPack

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve()
FACES = SHARED / "data/faces"
PACKS = [folder for name in ("insightface-small", "insightface-small-128") if (folder := SHARED / "models" / name).is_dir()]
LOOKS = 2  # change it when boxes or qualities change: what is kept is of that way of looking
CACHE = Path(os.environ.get("PHOTOBANK_BENCH_CACHE", Path(tempfile.gettempdir()) / "photobank-bench"))


@dataclass(frozen=True, slots=True)
class Seen:
    """One photo: its labels, and what an engine made of it, the largest face first."""

    row: dict[str, str]
    size: tuple[int, int]
    detected: list[Detected]
    vectors: Vectors

    @property
    def labelled(self) -> bool:
        """One named person, alone or larger than anybody else."""
        return bool(self.row["identity"]) and self.row["kind"] in ("portrait", "tightcrop")


def read(name: str) -> Pixels:
    """A photo as the worker sees it: upright RGB, at most 2560 pixels."""
    picture = Image.open(FACES / name).convert("RGB")
    picture.thumbnail((2560, 2560))
    return np.asarray(picture)


def rows(*kinds: str) -> list[dict[str, str]]:
    """Labels of photos of these kinds."""
    with (FACES / "labels.csv").open() as stream:
        return [row for row in csv.DictReader(stream) if row["kind"] in kinds]


def engines() -> list[tuple[str, FaceEngine]]:
    """The open pack and those of the shared data."""
    return [("open", OpenPack()), *((folder.name, InsightFacePack(folder)) for folder in PACKS)]


def seen(engine: FaceEngine) -> list[Seen]:
    """Every labelled photo through an engine. Minutes the first time, then from the cache (it holds vectors of public photos only)."""
    CACHE.mkdir(parents=True, exist_ok=True)
    file = CACHE / f"{engine.tag.replace('/', '-')}-{LOOKS}.pickle"
    if file.is_file():
        return [Seen(*parts) for parts in pickle.loads(file.read_bytes())]
    made = []
    for row in rows("portrait", "tightcrop", "multi", "group", "unknown_person", "no_face"):
        picture = read(row["file"])
        detected = engine.detect(picture)
        made.append((row, (picture.shape[1], picture.shape[0]), detected, engine.embed(picture, detected)))
    file.write_bytes(pickle.dumps(made))
    return [Seen(*parts) for parts in made]


def faces_of(photos: Sequence[Seen], *, strangers: bool) -> tuple[list[Face], dict[UUID, str]]:
    """Faces to be clustered, and the names of those that have one; with `strangers` also everybody else on every photo."""
    faces: list[Face] = []
    label: dict[UUID, str] = {}
    for number, photo in enumerate(photos):
        for place, one in enumerate(photo.detected):
            named = photo.labelled and place == 0
            if not named and not strangers:
                continue
            face = Face(UUID(int=len(faces) + 1), UUID(int=10**6 + number), photo.vectors[place], one.quality)
            faces.append(face)
            if named:
                label[face.id] = photo.row["identity"]
    return faces, label


def say(name: str, ours: float, peer: float, peer_name: str, unit: str) -> None:
    """One line of the contract's form."""
    ratio = round(ours / peer, 3) if peer else 0
    print(
        json.dumps(
            {"name": name, "ours": round(ours, 4), "peer": round(peer, 4), "peer_name": peer_name, "ratio": ratio, "unit": unit}
        ),
        flush=True,
    )

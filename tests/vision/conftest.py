"""Engines are loaded once for all tests of vision; photos come from scikit-image, and from the shared data where it is there."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as pictures

from photobank.vision.engine import FaceEngine, Pixels
from photobank.vision.fake import FakeEngine
from photobank.vision.insightface import InsightFacePack
from photobank.vision.open_pack import OpenPack


@pytest.fixture(scope="session")
def shared() -> Path:
    place = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[2] / ".." / "shared")).resolve()
    if not (place / "data/faces/labels.csv").is_file():
        pytest.skip("no shared data beside the checkout (PHOTOBANK_TEST_DATA): labelled faces and the small packs are left out")
    return place


@pytest.fixture(scope="session")
def open_pack() -> OpenPack:
    return OpenPack()


@pytest.fixture(scope="session")
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(scope="session")
def small_packs(shared: Path) -> dict[str, InsightFacePack]:
    names = ("insightface-small", "insightface-small-128")
    return {name: InsightFacePack(shared / "models" / name) for name in names}


@pytest.fixture(scope="session", params=["open", "insightface-small", "insightface-small-128"])
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    if request.param == "open":
        return request.getfixturevalue("open_pack")
    return request.getfixturevalue("small_packs")[request.param]


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    return np.ascontiguousarray(pictures.astronaut())


@pytest.fixture(scope="session")
def cameraman() -> Pixels:
    return np.stack([pictures.camera()] * 3, axis=-1)


@pytest.fixture(scope="session")
def labelled(shared: Path) -> dict[str, list[str]]:
    """Files of portraits with one labelled face, per identity."""
    people: dict[str, list[str]] = {}
    with (shared / "data/faces/labels.csv").open() as stream:
        for row in csv.DictReader(stream):
            if row["identity"] and row["kind"] in ("portrait", "tightcrop"):
                people.setdefault(row["identity"], []).append(row["file"])
    return people


@pytest.fixture(scope="session")
def photo(shared: Path) -> Callable[[str], Pixels]:
    def read(name: str) -> Pixels:
        return np.asarray(Image.open(shared / "data/faces" / name).convert("RGB"))

    return read

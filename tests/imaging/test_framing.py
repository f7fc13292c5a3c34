"""Cuts keep every face in the frame wherever the shape leaves room for that, and look composed where there is room to."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photobank.delivery.presets import BUILT_IN
from photobank.imaging.crop import Box
from photobank.imaging.framing import Framed, contains, frame, moved
from photobank.imaging.recipe import Recipe
from photobank.vision.open_pack import OpenPack

SIZES = st.tuples(st.integers(20, 8000), st.integers(20, 8000))
RATIOS = st.floats(0.3, 3.5)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.floats(0, 0.98)), draw(st.floats(0, 0.98))
    return Box(left, top, draw(st.floats(0.01, 1 - left)), draw(st.floats(0.01, 1 - top)))


GROUPS = int(os.environ.get("PHOTOBANK_TEST_GROUPS", "15"))
FACES = st.lists(boxes(), max_size=8)


def possible(framed: Framed, faces: list[Box]) -> bool:
    """Is there any place for a cut of this size that has all faces in it."""
    across = max(f.left + f.width for f in faces) - min(f.left for f in faces)
    down = max(f.top + f.height for f in faces) - min(f.top for f in faces)
    return across <= framed.box.width - 1e-6 and down <= framed.box.height - 1e-6


@given(SIZES, RATIOS, FACES)
def test_a_cut_has_its_shape_lies_on_the_photo_and_is_as_large_as_can_be(
    size: tuple[int, int], ratio: float, faces: list[Box]
) -> None:
    box = frame(*size, ratio, faces).box
    assert box.width * size[0] / (box.height * size[1]) == pytest.approx(ratio, rel=1e-6)
    assert max(box.width, box.height) == pytest.approx(1)
    assert min(box.left, box.top) >= 0
    assert box.left + box.width <= 1 + 1e-9
    assert box.top + box.height <= 1 + 1e-9


@given(SIZES, RATIOS, FACES.filter(bool))
def test_faces_stay_in_the_frame_wherever_that_is_possible(size: tuple[int, int], ratio: float, faces: list[Box]) -> None:
    framed = frame(*size, ratio, faces)
    if possible(framed, faces):
        assert framed.cut_faces == 0
    assert framed.cut_faces == sum(not contains(framed.box, face) for face in faces)


@given(SIZES, RATIOS, FACES, st.floats(-1, 2), st.floats(-1, 2), st.floats(0.1, 1))
def test_a_cut_moved_by_hand_keeps_its_shape_and_lies_on_the_photo(
    size: tuple[int, int], ratio: float, faces: list[Box], left: float, top: float, part: float
) -> None:
    box = moved(*size, ratio, left, top, part, faces).box
    assert box.width * size[0] / (box.height * size[1]) == pytest.approx(ratio, rel=1e-6)
    assert -1e-9 <= box.left <= 1 - box.width + 1e-9
    assert -1e-9 <= box.top <= 1 - box.height + 1e-9


def test_there_is_room_above_a_head_when_the_photo_has_it() -> None:
    face = Box(0.45, 0.55, 0.1, 0.2)
    box = frame(1000, 2000, 1.0, [face]).box
    assert face.top - box.top >= 0.4 * face.height


def test_eyes_go_to_the_upper_third() -> None:
    face = Box(0.45, 0.5, 0.1, 0.05)
    box = frame(1000, 2000, 1.0, [face]).box
    eyes = (face.top + 0.42 * face.height - box.top) / box.height
    assert eyes == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize(("left", "third"), [(0.3, 1 / 3), (0.6, 2 / 3)])
def test_one_person_aside_stays_aside_on_a_third(left: float, third: float) -> None:
    face = Box(left, 0.3, 0.05, 0.1)
    box = frame(3000, 1000, 1.2, [face]).box
    assert (face.left + face.width / 2 - box.left) / box.width == pytest.approx(third, abs=0.01)


def test_who_is_in_the_middle_stays_there() -> None:
    box = frame(3000, 1000, 1.0, [Box(0.48, 0.3, 0.04, 0.1)]).box
    assert box.left + box.width / 2 == pytest.approx(0.5, abs=0.01)


def test_where_not_all_fit_the_most_do_and_it_is_said() -> None:
    faces = [Box(0.0, 0.3, 0.1, 0.2), Box(0.8, 0.3, 0.1, 0.2), Box(0.9, 0.3, 0.1, 0.2)]
    framed = frame(2000, 1000, 0.6, faces)
    assert framed.cut_faces == 1
    assert contains(framed.box, faces[1])


@given(SIZES, st.integers(1, 3000), st.integers(1, 3000), FACES)
def test_nothing_is_enlarged_and_a_cut_is_exactly_the_size_that_was_asked_for(
    size: tuple[int, int], width: int, height: int, faces: list[Box]
) -> None:
    recipe = Recipe(width, height, cut=frame(*size, width / height, faces).box)
    outcome = recipe.outcome(*size)
    assert outcome.scale <= 1
    assert outcome.width <= width
    assert outcome.height <= height
    assert outcome.smaller == ((outcome.width, outcome.height) != (width, height)) or outcome.scale == 1
    if outcome.scale < 1:
        assert (outcome.width, outcome.height) == (width, height)


def _boxes(row: dict[str, str], width: int, height: int) -> list[Box]:
    corners = [float(part) for part in row["bbox"].split()]
    if len(corners) != 4:
        return []
    left, top, right, bottom = corners
    return [Box(left / width, top / height, (right - left) / width, (bottom - top) / height)]


def test_every_face_of_the_labelled_photos_stays_in_the_frame_of_every_preset(shared_data: Path) -> None:
    with (shared_data / "faces" / "labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    photos: dict[str, tuple[int, int, list[Box]]] = {}
    for row in rows:
        photo = photos.setdefault(row["file"], (int(row["width"]), int(row["height"]), []))
        photo[2].extend(_boxes(row, photo[0], photo[1]))
    engine = OpenPack()  # groups have no labels: their faces are those that our own engine finds
    for file in [row["file"] for row in rows if row["kind"] == "group"][:GROUPS]:
        rgb = np.asarray(Image.open(shared_data / "faces" / file).convert("RGB"))
        photos[file][2].extend(Box(*face.box) for face in engine.detect(rgb))
    looked = kept = 0
    for width, height, faces in photos.values():
        for preset in BUILT_IN.values():
            if not faces or preset.ratio is None:
                continue
            framed = frame(width, height, preset.ratio, faces)
            if possible(framed, faces):
                looked += 1
                kept += framed.cut_faces == 0
    assert looked > 500
    assert kept == looked

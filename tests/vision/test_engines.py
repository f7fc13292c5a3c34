"""Every engine, the open pack always: faces are found however they lie in the frame, and vectors tell people apart."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from skimage import data as pictures

from photobank.vision.engine import Detected, FaceEngine, Pixels
from photobank.vision.matching import iou
from photobank.vision.open_pack import OpenPack

# The astronaut's face, drawn by hand: x, y, width, height in parts of the picture.
FACE = Detected(0.35, 0.12, 0.18, 0.22, (), 1.0, 1.0)


def turned(face: Detected, turns: int) -> Detected:
    x, y, w, h = face.box
    for _ in range(turns):
        x, y, w, h = y, 1 - x - w, h, w
    return Detected(x, y, w, h, (), 1.0, 1.0)


class TestDetection:
    def test_it_finds_exactly_the_face_of_the_astronaut(self, engine: FaceEngine, astronaut: Pixels) -> None:
        (face,) = engine.detect(astronaut)
        assert iou(face.box, FACE.box) > 0.75
        assert face.quality > 0.8
        (right_eye, left_eye, nose, right_mouth, left_mouth) = face.landmarks
        assert right_eye[0] < nose[0] < left_eye[0]
        assert right_mouth[0] < left_mouth[0]
        assert right_eye[1] < nose[1] < right_mouth[1]

    @pytest.mark.parametrize("what", ["mask", "half"])
    def test_what_hides_a_face_lowers_its_quality(self, engine: FaceEngine, astronaut: Pixels, what: str) -> None:
        (bare,) = engine.detect(astronaut)
        covered, height, width = astronaut.copy(), *astronaut.shape[:2]
        left, right, middle = bare.x * width, (bare.x + bare.w) * width, bare.landmarks[2]
        top = middle[1] * height if what == "mask" else bare.y * height
        first = left if what == "mask" else middle[0] * width
        covered[int(top) : int((bare.y + bare.h) * height), int(first) : int(right)] = (150, 170, 190)
        found = [one.quality for one in engine.detect(covered) if iou(one.box, bare.box) > 0.3]
        assert max(found, default=0.0) < bare.quality - 0.02

    @pytest.mark.parametrize("turns", [1, 2, 3])
    def test_it_finds_a_face_in_a_turned_photo_with_upright_landmarks(
        self, engine: FaceEngine, astronaut: Pixels, turns: int
    ) -> None:
        upright = engine.detect(astronaut)
        picture = np.ascontiguousarray(np.rot90(astronaut, turns))
        (face,) = engine.detect(picture)
        assert iou(face.box, turned(FACE, turns).box) > 0.75
        score = engine.embed(picture, [face]) @ engine.embed(astronaut, upright).T
        assert score.item() > 0.95

    def test_it_finds_a_face_that_fills_the_frame(self, engine: FaceEngine, astronaut: Pixels) -> None:
        crop = np.ascontiguousarray(astronaut[70:168, 180:270])
        (face,) = engine.detect(crop)
        assert face.w * face.h > 0.6

    def test_it_finds_the_cameraman_who_looks_away_in_profile(self, engine: FaceEngine, cameraman: Pixels) -> None:
        (face,) = engine.detect(cameraman)
        assert iou(face.box, (0.39, 0.23, 0.12, 0.16)) > 0.6

    @pytest.mark.parametrize("name", ["chelsea", "rocket", "gravel", "brick", "page"])
    def test_it_finds_nobody_where_nobody_is(self, engine: FaceEngine, name: str) -> None:
        picture = getattr(pictures, name)()
        assert engine.detect(np.stack([picture] * 3, -1) if picture.ndim == 2 else picture) == []

    def test_the_same_picture_gives_the_same_faces_and_vectors(self, engine: FaceEngine, astronaut: Pixels) -> None:
        first, second = engine.detect(astronaut), engine.detect(astronaut.copy())
        assert first == second
        assert np.array_equal(engine.embed(astronaut, first), engine.embed(astronaut, second))

    @pytest.mark.parametrize("shape", [(1, 1), (3, 700), (40, 30), (2560, 40)])
    def test_odd_shapes_are_looked_at_all_the_same(self, engine: FaceEngine, shape: tuple[int, int]) -> None:
        assert engine.detect(np.full((*shape, 3), 90, dtype=np.uint8)) == []

    def test_boxes_stay_in_the_frame(self, engine: FaceEngine, astronaut: Pixels) -> None:
        for face in engine.detect(np.ascontiguousarray(astronaut[90:250, 200:300])):
            assert min(face.box) >= 0
            assert face.x + face.w <= 1 + 1e-9
            assert face.y + face.h <= 1 + 1e-9

    @pytest.mark.parametrize("wrong", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32)])
    def test_what_is_no_rgb_picture_is_refused(self, open_pack: OpenPack, wrong: Pixels) -> None:
        with pytest.raises(ValueError, match="expected a picture"):
            open_pack.detect(wrong)


class TestVectors:
    def test_they_have_length_one_and_the_promised_shape(self, engine: FaceEngine, astronaut: Pixels) -> None:
        faces = engine.detect(astronaut)
        vectors = engine.embed(astronaut, faces)
        assert vectors.shape == (1, engine.dim)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
        assert engine.embed(astronaut, []).shape == (0, engine.dim)

    def test_a_vector_does_not_depend_on_who_else_is_on_the_photo(self, engine: FaceEngine, astronaut: Pixels) -> None:
        both = np.ascontiguousarray(np.hstack([astronaut, astronaut[:, ::-1]]))
        faces = engine.detect(both)
        assert len(faces) == 2
        together = engine.embed(both, faces)
        alone = np.vstack([engine.embed(both, [face]) for face in faces])
        assert np.array_equal(together, alone)

    def test_size_of_the_photo_hardly_matters(self, engine: FaceEngine, astronaut: Pixels) -> None:
        large = np.ascontiguousarray(astronaut.repeat(4, axis=0).repeat(4, axis=1))
        small = engine.embed(astronaut, engine.detect(astronaut))
        assert (engine.embed(large, engine.detect(large)) @ small.T).item() > 0.95

    def test_two_people_score_below_one_person_twice(self, engine: FaceEngine, astronaut: Pixels, cameraman: Pixels) -> None:
        woman, man = (engine.embed(picture, engine.detect(picture)) for picture in (astronaut, cameraman))
        brighter = np.clip(astronaut.astype(np.int16) + 25, 0, 255).astype(np.uint8)
        again = engine.embed(brighter, engine.detect(brighter))
        assert (woman @ again.T).item() > engine.prior.even > (woman @ man.T).item()


class TestLabelledFaces:
    def test_it_tells_people_apart(
        self, engine: FaceEngine, labelled: dict[str, list[str]], photo: Callable[[str], Pixels]
    ) -> None:
        names = sorted(name for name, files in labelled.items() if len(files) >= 5)[:6]
        vectors, people = [], []
        for name in names:
            for file in labelled[name][:3]:
                picture = photo(file)
                faces = engine.detect(picture)
                assert faces, f"{file}: no face found"
                vectors.append(engine.embed(picture, faces[:1])[0])
                people.append(name)
        scores = np.array(vectors) @ np.array(vectors).T
        same = np.equal.outer(people, people)
        np.fill_diagonal(scores, np.nan)
        assert np.nanmean(scores[same]) > engine.prior.even
        assert np.nanmax(scores[~same]) < engine.prior.even + 3 / engine.prior.slope
        nearest = np.nan_to_num(scores, nan=-1.0).argmax(axis=1)
        right = sum(people[index] == people[other] for index, other in enumerate(nearest))
        assert right >= len(people) - 1

    def test_it_finds_tight_crops(
        self, engine: FaceEngine, labelled: dict[str, list[str]], photo: Callable[[str], Pixels], shared: Path
    ) -> None:
        with (shared / "data/faces/labels.csv").open() as stream:
            crops = [row["file"] for row in csv.DictReader(stream) if row["kind"] == "tightcrop"][:8]
        assert [name for name in crops if not engine.detect(photo(name))] == []

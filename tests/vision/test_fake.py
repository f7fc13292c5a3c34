"""The fake engine: tests paint faces and get them back, also after a lossy copy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from photobank.vision.engine import Pixels
from photobank.vision.fake import PEOPLE, FakeEngine, paint


def blank() -> Pixels:
    return np.full((600, 800, 3), 200, dtype=np.uint8)


def test_photos_of_real_things_have_no_fake_faces(fake: FakeEngine, astronaut: Pixels) -> None:
    assert fake.detect(astronaut) == []


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_painted_faces_survive_a_smaller_lossy_copy(fake: FakeEngine, kind: str) -> None:
    picture = blank()
    boxes = [(0.05 + 0.24 * (i % 4), 0.05 + 0.3 * (i // 4), 0.12, 0.2) for i in range(PEOPLE)]
    for person, box in enumerate(boxes):
        paint(picture, box, person)
    buffer = io.BytesIO()
    Image.fromarray(picture).resize((500, 375)).save(buffer, kind, quality=80)
    copy = np.asarray(Image.open(buffer).convert("RGB"))
    faces = sorted(fake.detect(copy), key=lambda face: (int(face.y / 0.3), face.x))
    assert len(faces) == PEOPLE
    for face, box in zip(faces, boxes, strict=True):
        assert face.box == pytest.approx(box, abs=0.02)
    assert fake.embed(copy, faces).argmax(axis=1).tolist() == list(range(PEOPLE))


def test_one_person_scores_high_and_two_people_low(fake: FakeEngine) -> None:
    picture = blank()
    paint(picture, (0.1, 0.1, 0.2, 0.3), 3)
    paint(picture, (0.6, 0.5, 0.25, 0.3), 3)
    paint(picture, (0.1, 0.6, 0.15, 0.2), 7)
    faces = sorted(fake.detect(picture), key=lambda face: -face.w)
    vectors = fake.embed(picture, faces)
    scores = vectors @ vectors.T
    assert scores[0, 1] > 0.8
    assert scores[0, 2] < 0.3

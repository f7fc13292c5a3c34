"""The index in memory: nearest faces, suggestions from exemplars, and a "no" that sticks."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from photobank.vision.calibration import Calibration
from photobank.vision.engine import Vectors, unit
from photobank.vision.vectors import FaceIndex

CURVE = Calibration(even=0.5, slope=20.0)
ANNA, BRAM, CHIARA = (UUID(int=9000 + number) for number in range(3))


def face(number: int) -> UUID:
    return UUID(int=number)


def near(axis: int, noise: float = 0.2, seed: int = 0, dim: int = 16) -> Vectors:
    rng = np.random.default_rng((axis, seed))
    vector = noise * unit(rng.standard_normal(dim))[0]
    vector[axis] += 1
    return unit(vector)[0]


@pytest.fixture
def index() -> FaceIndex:
    index = FaceIndex("fake/hue/1", 16, capacity=2)
    for axis, person in enumerate((ANNA, BRAM, CHIARA)):
        for seed in range(4):
            index.add(face(axis * 10 + seed), near(axis, seed=seed), person)
    return index


def test_it_suggests_the_person_whose_faces_are_nearest(index: FaceIndex) -> None:
    (best, *_) = index.suggest(near(1, seed=9), CURVE)
    assert best.person_id == BRAM
    assert best.probability > 0.95
    assert set(best.exemplars) <= {face(10 + seed) for seed in range(4)}
    assert best.probability == CURVE.probability(best.score)


def test_an_odd_exemplar_is_enough_as_an_average_would_not_be(index: FaceIndex) -> None:
    for seed in range(2):
        index.add(face(50 + seed), near(7, seed=seed), ANNA)
    (best, *_) = index.suggest(near(7, seed=9), CURVE)
    assert best.person_id == ANNA


def test_a_rejected_person_is_not_suggested_again_for_that_face_until_undone(index: FaceIndex) -> None:
    asked = face(99)
    index.add(asked, near(1, seed=9))
    index.reject(asked, BRAM)
    assert BRAM not in [one.person_id for one in index.suggest(near(1, seed=9), CURVE, face_id=asked, least=0)]
    assert index.suggest(near(1, seed=9), CURVE, face_id=face(98))[0].person_id == BRAM
    index.unreject(asked, BRAM)
    assert index.suggest(near(1, seed=9), CURVE, face_id=asked)[0].person_id == BRAM


def test_a_no_survives_a_new_vector(index: FaceIndex) -> None:
    asked = face(99)
    index.reject(asked, BRAM)
    index.add(asked, near(1, seed=9))
    index.remove(asked)
    index.add(asked, near(1, seed=8))
    assert index.suggest(near(1, seed=8), CURVE, face_id=asked) == []


def test_whoever_is_on_the_photo_already_is_not_suggested(index: FaceIndex) -> None:
    assert index.suggest(near(2, seed=9), CURVE, barred=[CHIARA]) == []


def test_a_confirmed_face_is_no_witness_for_itself(index: FaceIndex) -> None:
    index.add(face(99), near(5), ANNA)
    assert index.suggest(near(5), CURVE, face_id=face(99)) == []


def test_undoing_a_confirmation_takes_the_exemplar_away(index: FaceIndex) -> None:
    for seed in range(4):
        index.confirm(face(10 + seed), None)
    assert index.suggest(near(1, seed=9), CURVE) == []
    assert index.search(near(1, seed=9), 1)[0].score > 0.9


def test_removing_a_person_removes_every_vector(index: FaceIndex) -> None:
    assert index.remove_person(BRAM) == 4
    assert len(index) == 8
    assert all(face(10 + seed) not in index for seed in range(4))
    assert index.vector(face(10)) is None
    assert index.suggest(near(1, seed=9), CURVE) == []


def test_removed_vectors_do_not_stay_in_memory(index: FaceIndex) -> None:
    for axis in range(3):
        for seed in range(4):
            assert index.remove(face(axis * 10 + seed))
    assert not index._matrix.holds_anything()
    assert index.search(near(0)) == []
    assert index.suggest(near(0), CURVE) == []


def test_a_vector_of_another_model_is_refused(index: FaceIndex) -> None:
    with pytest.raises(ValueError, match="16 numbers"):
        index.add(face(1), np.ones(128))
    with pytest.raises(ValueError, match="16 numbers"):
        index.search(np.ones(512))


def test_search_may_leave_faces_out(index: FaceIndex) -> None:
    first, second = index.search(near(0, seed=2), 2)
    assert first.face_id == face(2)
    assert index.search(near(0, seed=2), 1, besides=[face(2)]) == [second]


@given(
    some.lists(some.tuples(some.integers(0, 12), some.sampled_from(["add", "remove", "confirm"]), some.integers(0, 3)), max_size=60)
)
def test_after_any_history_it_equals_an_index_built_afresh(steps: list[tuple[int, str, int]]) -> None:
    people = [None, ANNA, BRAM, CHIARA]
    index, truth = FaceIndex("t", 16, capacity=1), {}
    for number, what, who in steps:
        if what == "add":
            index.add(face(number), near(number, seed=who), people[who])
            truth[number] = (who, people[who])
        elif what == "remove":
            assert index.remove(face(number)) == (truth.pop(number, None) is not None)
        else:
            index.confirm(face(number), people[who])
            if number in truth:
                truth[number] = (truth[number][0], people[who])
    fresh = FaceIndex("t", 16)
    fresh.extend((face(number), near(number, seed=seed), person) for number, (seed, person) in truth.items())
    asked = near(3, noise=1.0)
    assert [one.face_id for one in index.search(asked, 20)] == [one.face_id for one in fresh.search(asked, 20)]
    mine, theirs = (each.suggest(asked, CURVE, least=0, limit=9) for each in (index, fresh))
    assert {one.person_id: round(one.score, 5) for one in mine} == {one.person_id: round(one.score, 5) for one in theirs}

"""Clusters of unknown faces: pure before complete, and what must not be together never is."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from photobank.vision.clusters import Clusters, assign
from photobank.vision.engine import Vectors, unit
from photobank.vision.heaps import Face, Limits

LIMITS = Limits(floor=0.6, spread=0.5)
DIM = 16


def near(axis: int, seed: int, noise: float = 0.3) -> Vectors:
    vector = noise * unit(np.random.default_rng((axis, seed)).standard_normal(DIM))[0]
    vector[axis] += 1
    return unit(vector)[0]


def make(number: int, person: int, photo: int | None = None, quality: float = 1.0) -> Face:
    return Face(UUID(int=number + 1), UUID(int=10_000 + (number if photo is None else photo)), near(person, number), quality)


def clusters() -> Clusters:
    return Clusters(LIMITS, DIM)


def groups(of: Clusters) -> set[frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for face_id, cluster in of.assignment.items():
        found.setdefault(cluster, set()).add(face_id)
    for cluster, faces in found.items():
        assert of.members(cluster) == faces
    return {frozenset(group) for group in found.values()}


def test_faces_of_one_person_come_together_as_they_arrive() -> None:
    faces = [make(number, number % 4) for number in range(40)]
    found = clusters()
    for face in faces:
        assert found.add(face) == found.assignment[face.id]
    assert groups(found) == {frozenset(face.id for face in faces[person::4]) for person in range(4)}


def test_all_at_once_gives_the_same_in_any_order() -> None:
    faces = [make(number, number % 4) for number in range(40)]
    assert assign(faces, LIMITS, DIM) == assign(faces[::-1], LIMITS, DIM)
    assert sorted(len(group) for group in assign(faces, LIMITS, DIM)) == [10, 10, 10, 10]


def test_two_faces_on_one_photo_are_two_people_however_alike() -> None:
    twins = [make(0, 1, photo=5), make(1, 1, photo=5)]
    found = clusters()
    assert len({found.add(face) for face in twins}) == 2
    assert found.regroup() == {}
    assert len(assign(twins, LIMITS, DIM)) == 2


def test_a_rejected_pair_stays_apart_after_regrouping_until_undone() -> None:
    found = clusters()
    one, other = make(0, 1), make(1, 1)
    assert found.add(one) == found.add(other)
    found.keep_apart(one.id, other.id)
    assert len(groups(found)) == 2
    found.regroup()
    assert len(groups(found)) == 2
    for number in range(2, 8):
        found.add(make(number, 1))
    found.regroup()
    assert found.assignment[one.id] != found.assignment[other.id]
    found.allow(one.id, other.id)
    found.regroup()
    assert len(groups(found)) == 1


def test_a_chain_of_lookalikes_does_not_become_one_person() -> None:
    steps = [unit(np.eye(DIM)[0] * np.cos(angle) + np.eye(DIM)[1] * np.sin(angle))[0] for angle in np.linspace(0, np.pi / 2, 12)]
    faces = [Face(UUID(int=number + 1), UUID(int=100 + number), vector) for number, vector in enumerate(steps)]
    found = assign(faces, LIMITS, DIM)
    first, last = next(group for group in found if faces[0].id in group), next(group for group in found if faces[-1].id in group)
    assert first != last


def test_poor_faces_must_be_more_alike() -> None:
    wary = Limits(floor=0.6, spread=0.5, doubt=0.4)
    sharp = [Face(UUID(int=number + 1), UUID(int=100 + number), near(1, number, 0.75), 1.0) for number in range(2)]
    blurred = [Face(UUID(int=number + 1), UUID(int=100 + number), near(1, number, 0.75), 0.1) for number in range(2)]
    assert len(assign(sharp, wary, DIM)) == 1
    assert len(assign(blurred, wary, DIM)) == 2


def test_regrouping_keeps_ids_where_faces_stay_together() -> None:
    found = clusters()
    for number in range(30):
        found.add(make(number, number % 3))
    before = found.assignment
    assert found.regroup() == {}
    assert found.assignment == before


def test_what_a_reviewer_merged_stays_merged() -> None:
    found = clusters()
    left, right = [make(number, 1) for number in range(3)], [make(10 + number, 2) for number in range(3)]
    for face in left + right:
        found.add(face)
    found.regroup(together=[{left[0].id, right[0].id}])
    assert found.assignment[left[0].id] == found.assignment[right[0].id]


def test_a_named_face_leaves_its_cluster_and_the_rest_stay() -> None:
    found = clusters()
    faces = [make(number, 1) for number in range(4)]
    for face in faces:
        found.add(face)
    cluster = found.assignment[faces[1].id]
    found.remove(faces[0].id)
    found.remove(faces[0].id)
    assert found.members(cluster) == {face.id for face in faces[1:]}
    for face in faces[1:]:
        found.remove(face.id)
    assert found.assignment == {}
    assert found.members(cluster) == set()


def test_stored_clusters_come_back_as_they_were() -> None:
    faces = [make(number, number % 3) for number in range(12)]
    first = clusters()
    for face in faces:
        first.add(face)
    second = clusters()
    second.restore(faces, first.assignment)
    assert second.assignment == first.assignment
    late = make(50, 2)
    assert second.add(late) == first.assignment[faces[2].id]


def test_a_face_is_not_its_own_opposite() -> None:
    with pytest.raises(ValueError, match="itself"):
        clusters().keep_apart(UUID(int=1), UUID(int=1))


step = some.one_of(
    some.tuples(some.just("add"), some.integers(0, 14), some.integers(0, 3), some.integers(0, 9)),
    some.tuples(some.just("remove"), some.integers(0, 14)),
    some.tuples(some.just("apart"), some.integers(0, 14), some.integers(0, 14)),
    some.tuples(some.just("regroup")),
)


@settings(max_examples=60, deadline=None)
@given(some.lists(step, max_size=50))
def test_after_any_history_what_must_be_apart_is_apart(steps: list[tuple[object, ...]]) -> None:
    found, here, apart = clusters(), {}, set()
    for what, *values in steps:
        if what == "add":
            number, person, photo = values
            here[number] = make(number, person, photo)
            found.add(here[number])
        elif what == "remove":
            here.pop(values[0], None)
            found.remove(UUID(int=values[0] + 1))
        elif what == "apart" and values[0] != values[1]:
            apart.add((values[0], values[1]))
            found.keep_apart(*(UUID(int=value + 1) for value in values))
        elif what == "regroup":
            found.regroup()
        assert set(found.assignment) == {face.id for face in here.values()}
        groups(found)
        for one, other in combinations(here.values(), 2):
            if one.photo == other.photo:
                assert found.assignment[one.id] != found.assignment[other.id]
        for one, other in apart:
            if one in here and other in here:
                assert found.assignment[here[one].id] != found.assignment[here[other].id]

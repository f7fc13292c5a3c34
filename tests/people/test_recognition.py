"""From photo to suggestion through the real queue and workers, with painted people in place of faces."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from photobank.library.processing import WORKER
from photobank.models.people import FaceState
from photobank.people import faces, groups, merging, persons, review
from photobank.people.engines import Engines
from photobank.vision.fake import FakeEngine
from tests.factories import add_person
from tests.house import Cast
from tests.people.studio import LEFT, Studio, likely


async def test_one_confirmed_face_suggests_the_rest_and_a_no_sticks(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (first,) = await studio.photo(0)
    second, stranger = await studio.photo(0, 5)
    assert (first.state, second.state, stranger.state) == (FaceState.unknown,) * 3
    assert first.cluster_id == second.cluster_id != stranger.cluster_id
    assert np.allclose(first.box, LEFT, atol=0.02)
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
    await studio.act(review.confirm, [first.id], anna)
    second, stranger = await studio.face(second), await studio.face(stranger)
    assert (second.state, likely(second)) == (FaceState.suggested, [anna])
    assert (stranger.state, likely(stranger)) == (FaceState.unknown, [])
    (third,) = await studio.photo(0)
    assert likely(third) == [anna], "a new photo knows her at once"
    assert max(one.probability for one in third.suggestions) > 0.9
    assert (third.state, third.person_id) == (FaceState.suggested, None), "however sure, nobody is confirmed without a person"
    refused = await studio.act(review.reject, second.id, anna)
    assert likely(await studio.face(second)) == []
    await studio.act(review.confirm, [third.id], anna)
    assert likely(await studio.face(second)) == [], "a no sticks, whatever is looked at again"
    await studio.act(review.undo, refused)
    assert likely(await studio.face(second)) == [anna], "and is taken back by its undo"
    # A new worker reads the same from the database.
    studio.engines = Engines(lambda _: FakeEngine())
    pair = await studio.photo(0, 5)
    assert likely(pair[0]) == [anna]
    assert pair[1].cluster_id == stranger.cluster_id
    # Nobody is twice on one photo: with the left one confirmed, she is not suggested for the right one.
    twins = await studio.photo(0, 0)
    await studio.act(review.confirm, [twins[0].id], anna)
    assert likely(await studio.face(twins[1])) == []


async def test_the_worker_hears_of_merged_people_and_split_and_merged_groups(cast: Cast, studio: Studio) -> None:
    await studio.document()
    rows = [(await studio.photo(2))[0] for _ in range(4)]
    cluster = rows[0].cluster_id
    assert cluster is not None
    assert {row.cluster_id for row in rows} == {cluster}
    fresh = (await studio.act(groups.split, cluster, [rows[0].id])).cluster_id
    assert [(await studio.face(row)).cluster_id for row in rows] == [fresh, cluster, cluster, cluster]
    (late,) = await studio.photo(2)
    assert late.cluster_id in (fresh, cluster)
    assert [(await studio.face(row)).cluster_id for row in rows] == [fresh, cluster, cluster, cluster], "a split is kept"
    (other,) = await studio.photo(7)
    assert other.cluster_id is not None
    await studio.act(groups.merge, cluster, other.cluster_id)
    await studio.photo(7)
    assert (await studio.face(other)).cluster_id == cluster, "and so is a merge"
    async with cast.scope(cast.rita) as scope:
        anna, ann = (await persons.create(scope, "Anna")).id, (await persons.create(scope, "Ann")).id
    await studio.act(review.confirm, [rows[1].id], ann)
    await studio.act(merging.merge, ann, anna)
    (again,) = await studio.photo(2)
    assert likely(again) == [anna], "suggestions name the entry that stayed"


async def test_what_is_said_while_the_worker_works_is_not_overwritten(cast: Cast, studio: Studio) -> None:
    await studio.document()
    first, second = (await studio.photo(0))[0], (await studio.photo(0))[0]
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
        await review.confirm(scope, [first.id], anna)
    recognition = await studio.engines.lead(cast.container)

    async def suggest() -> None:
        async with cast.container.scope(WORKER) as scope:
            await recognition.settled(scope, first.id)

    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [second.id], anna)
        working = asyncio.create_task(suggest())
        await asyncio.wait({working}, timeout=1)  # long enough to read; it must not wait for the decision either
    await working
    second = await studio.face(second)
    assert (second.state, second.person_id) == (FaceState.confirmed, anna)


async def test_people_are_merged_unless_they_met(cast: Cast, studio: Studio) -> None:
    left, right = await studio.photo(1, 8)
    anna, bea, cas = [await add_person(cast.container, name) for name in ("Anna", "Bea", "Cas")]
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [left.id], anna)
        await review.confirm(scope, [right.id], bea)
        await review.reject(scope, right.id, cas)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Exception, match="both are on one photo"):
            await merging.merge(scope, anna, bea)
    async with cast.scope(cast.alice) as scope:
        await merging.merge(scope, bea, cas)
        assert (await persons.detail(scope, cas)).photos == 1
        rows = await faces.page(scope, person_id=cas)
        assert [row.id for row in rows.items] == [right.id]
        with pytest.raises(Exception, match="no such person"):
            await persons.find(scope, bea)

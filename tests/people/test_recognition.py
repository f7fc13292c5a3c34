"""From photo to suggestion through the real queue and workers, with painted people in place of faces."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from photobank.kernel.clock import TurnableClock
from photobank.library import uploads
from photobank.messaging.jobs import Queue
from photobank.messaging.queue import ArqQueue
from photobank.models.people import FaceState
from photobank.people import faces, groups, persons, review
from photobank.people.faces import FaceRow
from photobank.people.recognition import Recognition
from photobank.vision.fake import FakeEngine, paint
from tests.factories import add_person
from tests.house import Cast
from workers.main import make_worker

LEFT, RIGHT = (0.15, 0.25, 0.2, 0.3), (0.6, 0.3, 0.22, 0.33)


class Studio:
    """Takes photos of painted people, and runs the workers until nothing is left to do."""

    def __init__(self, cast: Cast, clock: TurnableClock) -> None:
        self._cast, self._clock, self._taken = cast, clock, 0
        self.recognition = Recognition(FakeEngine())

    async def photo(self, *people: int) -> list[FaceRow]:
        """The faces that were found on a photo of these people, left to right."""
        self._taken += 1
        rgb = np.full((480, 640, 3), 90 + self._taken, dtype=np.uint8)
        for box, person in zip((LEFT, RIGHT), people, strict=False):
            paint(rgb, box, person)
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=92)

        async def stream() -> AsyncIterator[bytes]:
            yield out.getvalue()

        done = await uploads.receive(
            self._cast.container, self._cast.rita, stream(), filename="IMG.jpg", folder_id=self._cast.shared
        )
        await self.work()
        return await self.faces(done.asset.id)

    async def faces(self, asset_id: UUID) -> list[FaceRow]:
        async with self._cast.scope(self._cast.rita) as scope:
            return (await faces.of_assets(scope, [asset_id]))[asset_id]

    async def face(self, face: FaceRow) -> FaceRow:
        """The same face, as it is now."""
        return next(row for row in await self.faces(face.asset_id) if row.id == face.id)

    async def work(self) -> None:
        """Run the queues dry."""
        self._clock.turn(timedelta(minutes=2))
        context: dict[str, Any] = {"container": self._cast.container, "recognition": self.recognition}
        for queue in (Queue.io, Queue.vision, Queue.light):
            worker = make_worker(self._cast.container, queue, dict(context), burst=True)
            await worker.async_run()
            assert worker.jobs_failed == 0

    async def act(self, verb: Any, *args: Any) -> Any:
        """One decision of Rita's, and whatever follows from it."""
        async with self._cast.scope(self._cast.rita) as scope:
            done = await verb(scope, *args)
        await self.work()
        return done


@pytest.fixture
async def studio(cast: Cast, clock: TurnableClock) -> Studio:
    cast.container.queue = ArqQueue(cast.container.redis)
    return Studio(cast, clock)


def likely(face: FaceRow) -> list[UUID]:
    return [one.person_id for one in face.suggestions if one.probability > 0.5]


async def test_one_confirmed_face_suggests_the_rest_and_a_no_sticks(cast: Cast, studio: Studio) -> None:
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
    refused = await studio.act(review.reject, second.id, anna)
    assert likely(await studio.face(second)) == []
    await studio.act(review.confirm, [third.id], anna)
    assert likely(await studio.face(second)) == [], "a no sticks, whatever is looked at again"
    await studio.act(review.undo, refused)
    assert likely(await studio.face(second)) == [anna], "and is taken back by its undo"
    # A new worker reads the same from the database.
    studio.recognition = Recognition(FakeEngine())
    pair = await studio.photo(0, 5)
    assert likely(pair[0]) == [anna]
    assert pair[1].cluster_id == stranger.cluster_id
    # Nobody is twice on one photo: with the left one confirmed, she is not suggested for the right one.
    twins = await studio.photo(0, 0)
    await studio.act(review.confirm, [twins[0].id], anna)
    assert likely(await studio.face(twins[1])) == []


async def test_the_worker_hears_of_merged_people_and_split_and_merged_groups(cast: Cast, studio: Studio) -> None:
    rows = [(await studio.photo(2))[0] for _ in range(4)]
    cluster = rows[0].cluster_id
    assert cluster is not None
    assert {row.cluster_id for row in rows} == {cluster}
    fresh = await studio.act(groups.split, cluster, [rows[0].id])
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
    await studio.act(persons.merge, ann, anna)
    (again,) = await studio.photo(2)
    assert likely(again) == [anna], "suggestions name the entry that stayed"


async def test_people_are_merged_unless_they_met(cast: Cast, studio: Studio) -> None:
    left, right = await studio.photo(1, 8)
    anna, bea, cas = [await add_person(cast.container, name) for name in ("Anna", "Bea", "Cas")]
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [left.id], anna)
        await review.confirm(scope, [right.id], bea)
        await review.reject(scope, right.id, cas)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Exception, match="both are on one photo"):
            await persons.merge(scope, anna, bea)
    async with cast.scope(cast.alice) as scope:
        await persons.merge(scope, bea, cas)
        assert (await persons.detail(scope, cas)).photos == 1
        rows = await faces.page(scope, person_id=cas)
        assert [row.id for row in rows.items] == [right.id]
        with pytest.raises(Exception, match="no such person"):
            await persons.find(scope, bea)

"""Confirmed without a person: never while it is off or unsupported, in the same way as by people, and ended by a single no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid, Refused
from photobank.kernel.ids import new_id
from photobank.library.processing import WORKER
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.people import Face, FaceLink, FaceRejection, FaceState, FaceTemplate, Person, ReviewAction
from photobank.models.recognition import Basis, FaceModel, ModelState
from photobank.people import claims, confirming, faces, review, templates, unattended
from photobank.people.engines import Engines
from photobank.people.faces import FaceRow
from photobank.people.recognition import Recognition
from photobank.vision.fake import FakeEngine
from tests.factories import add_person, add_photo
from tests.house import Cast, Door, audit_of
from workers.faces import catch_up

EACH = 21  # faces of a person: the first one of each is asked about as a stranger
PEOPLE = 24


@dataclass
class House:
    """An organisation that has decided about so many people; `people` are as many directions, at right angles or opposite."""

    cast: Cast
    recognition: Recognition
    people: list[UUID]
    seed: int = 1000

    async def arrive(self, *people: int, source: str = "detected") -> list[FaceRow]:
        """A photo on which faces of these people were found."""
        self.seed += 1
        photo = await add_photo(self.cast.container, self.cast.shared, seed=self.seed, with_bytes=False)
        async with self.cast.container.scope(WORKER) as scope:
            now = scope.now()
            found = [
                Face(id=new_id(), asset_id=photo, box=[0.1 + 0.2 * n, 0.2, 0.1, 0.1], source=source, created_at=now, changed_at=now)
                for n in range(len(people))
            ]
            scope.db.add_all(found)
            await scope.db.flush()
            for face, person in zip(found, people, strict=True):
                scope.db.add(template(self.recognition, scope, face.id, person))
            await scope.db.flush()
            await self.recognition.arrived(scope, found)
        return await self.rows(photo)

    async def rows(self, photo: UUID) -> list[FaceRow]:
        async with self.cast.scope(self.cast.rita) as scope:
            return (await faces.of_assets(scope, [photo]))[photo]

    async def now(self, face: FaceRow) -> FaceRow:
        return next(row for row in await self.rows(face.asset_id) if row.id == face.id)

    async def turn(self) -> int:
        return await confirming.turn(self.cast.container, self.recognition)

    async def switch(self, one_in: int) -> unattended.Standing:
        async with self.cast.scope(self.cast.petra) as scope:
            return await unattended.switch(scope, one_in)

    async def standing(self) -> unattended.Standing:
        async with self.cast.scope(self.cast.petra) as scope:
            return await unattended.standing(scope)


def template(recognition: Recognition, scope, face_id: UUID, person: int) -> FaceTemplate:  # type: ignore[no-untyped-def]
    vector = np.full(16, 0.01, np.float32)
    vector[person % 16] = 1.0 if person < 16 else -1.0
    vector += 0.03 * np.random.default_rng(face_id.int % 2**32).standard_normal(16).astype(np.float32)
    unit = vector / np.linalg.norm(vector)
    return FaceTemplate(
        face_id=face_id, model=FakeEngine.tag, vector_ct=recognition.seal(scope, face_id, unit), created_at=scope.now()
    )


async def decided(cast: Cast, people: Sequence[int]) -> House:
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, "Impact assessment 2026-11, board of De Lelie.", 30)
    recognition = await Engines(lambda _: FakeEngine()).lead(cast.container)
    photo = await add_photo(cast.container, cast.shared, seed=999, with_bytes=False)
    ids = [await add_person(cast.container, f"Person {n}") for n in people]
    async with cast.container.scope(WORKER) as scope:
        now = scope.now()
        rows = [
            (n, Face(id=new_id(), asset_id=photo, box=[0.4, 0.3, 0.2, 0.3], state=FaceState.confirmed, person_id=person,
                     settled_at=now, created_at=now, changed_at=now))
            for n, person in zip(people, ids, strict=True)
            for _ in range(EACH)
        ]  # fmt: skip
        scope.db.add_all([face for _, face in rows])
        await scope.db.flush()
        scope.db.add_all([template(recognition, scope, face.id, n) for n, face in rows])
    return House(cast, recognition, ids)


@pytest.fixture
async def house(cast: Cast) -> House:
    """Enough decisions for one wrong in a hundred."""
    return await decided(cast, range(PEOPLE))


async def test_it_is_off_and_cannot_be_switched_on_before_decisions_support_it(
    cast: Cast, jobs: MemoryQueue, clock: TurnableClock
) -> None:
    house = await decided(cast, [0, 1])
    (face,) = await house.arrive(0)
    assert face.suggestions[0].probability > 0.99
    before = await house.standing()
    assert (before.one_in, before.level, before.counted_at) == (0, None, None)
    assert await house.turn() == 0
    after = await house.standing()
    assert after.counted_at is not None
    assert [(one.one_in, one.level, one.needed) for one in after.choices] == [
        (100, None, 408 - 40), (200, None, 817 - 40), (500, None, 2046 - 40), (1000, None, 4093 - 40),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="do not support"):
        await house.switch(100)
    with pytest.raises(Invalid, match="one_in"):
        await house.switch(3)
    for actor in (cast.rita, cast.bob, cast.charlie):
        async with cast.scope(actor) as scope:
            with pytest.raises(Refused):
                await unattended.switch(scope, 0)
            with pytest.raises(Refused):
                await unattended.standing(scope)
    assert (await house.now(face)).state is FaceState.suggested
    # Nothing new to count: the worker is left alone, until somebody decides and a while has passed.
    jobs.jobs.clear()
    await catch_up({"container": cast.container})
    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [face.id], house.people[0])
    await catch_up({"container": cast.container})
    assert Job.confirm_by_itself not in [job for job, _ in jobs.jobs]
    clock.turn(unattended.WHILE_OFF + timedelta(seconds=1))
    await catch_up({"container": cast.container})
    assert Job.confirm_by_itself in [job for job, _ in jobs.jobs]


async def test_what_is_supported_is_confirmed_as_people_do_and_teaches_nothing(house: House) -> None:
    cast, anna = house.cast, house.people[0]
    (face,) = await house.arrive(0)
    assert await house.turn() == 0, "supported, and still off"
    on = await house.switch(100)
    assert on.level is not None
    assert (on.level.passed, on.level.wrong) == (PEOPLE * 20, 0)
    with pytest.raises(Invalid, match="do not support"):
        await house.switch(1000)
    before = (await house.standing()).choices
    assert await house.turn() == 1
    face = await house.now(face)
    assert (face.state, face.person_id, face.suggestions) == (FaceState.confirmed, anna, ())
    assert face.by_itself is not None
    assert face.by_itself >= on.level.probability
    async with cast.container.sessions() as db:
        action = (await db.execute(select(ReviewAction).order_by(col(ReviewAction.id).desc()).limit(1))).scalar_one()
        assert (action.kind, action.user_id, list(action.after)) == ("auto-confirm", None, [str(face.id)])
    event = (await audit_of(cast.container, "face:confirm"))[-1]
    assert (event.actor_kind, event.face_id, event.person_id, event.payload["by_itself"]) == ("system", face.id, anna, True)
    assert (await audit_of(cast.container, "biometrics:unattended"))[-1].payload == {
        "one_in": 100,
        "probability": on.level.probability,
    }
    # Not an example, not a decision: what is supported is the same as before, and rests on the same.
    (other,) = await house.arrive(1)
    assert face.id not in house.recognition._memory.index.confirmed
    assert await house.turn() == 1
    standing = await house.standing()
    assert (standing.choices, standing.confirmed) == (before, 2)
    async with cast.scope(cast.rita) as scope:
        assert {row.id for row in (await faces.page(scope, by_itself=True)).items} == {face.id, other.id}
        assert await unattended.of_person(scope, anna) == (1, face.asset_id)
        # A person says so: from here on it is theirs.
        await review.confirm(scope, [face.id], anna)
    await house.turn()
    assert (await house.now(face)).by_itself is None
    assert house.recognition._memory.index.confirmed[face.id] == anna
    assert (await house.standing()).confirmed == 1
    await house.switch(0)
    (late,) = await house.arrive(2)
    assert await house.turn() == 0
    assert (await house.now(late)).state is FaceState.suggested


async def test_what_is_not_plain_waits_for_a_person(house: House) -> None:
    cast = house.cast
    await house.turn()
    await house.switch(100)
    (plain,) = await house.arrive(0)
    twice = await house.arrive(1, 1)
    with_confirmed = await house.arrive(2, 2)
    (drawn,) = await house.arrive(3, source="manual")
    (off,) = await house.arrive(4)
    (held,) = await house.arrive(5)
    (parted, other) = (await house.arrive(6))[0], (await house.arrive(7))[0]
    (touched,) = await house.arrive(8)
    (stranger,) = await house.arrive(PEOPLE + 3)
    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [with_confirmed[0].id], house.people[2])
        assert held.cluster_id is not None
        await claims.take(scope, held.cluster_id)
        await review.undo(scope, await review.confirm(scope, [touched.id], house.people[8]))
        one, two = sorted((parted.id, other.id))
        scope.db.add(FaceLink(one=one, other=two, kind="apart", said_at=scope.now()))
    async with cast.container.scope(WORKER) as scope:
        # Whose templates may not exist any more, before anything came round to deleting them.
        switched_off = update(Person).where(col(Person.id) == house.people[4])
        await scope.db.execute(switched_off.values(biometrics_off_at=scope.now()))
        await house.recognition.catch_up(scope)
        await house.recognition.suggest(scope, [touched.id])
    for face in (*twice, with_confirmed[1], drawn, off, held, parted, other, touched):
        row = await house.now(face)
        assert row.state is FaceState.suggested
        assert row.suggestions[0].probability > 0.99, "sure enough, all of them"
    assert await house.turn() == 1
    assert (await house.now(plain)).by_itself is not None
    for face in (*twice, with_confirmed[1], drawn, off, held, parted, other, touched, stranger):
        assert (await house.now(face)).state in (FaceState.suggested, FaceState.unknown), face
    async with cast.scope(cast.rita) as scope:
        await claims.leave(scope)
    assert await house.turn() == 1
    assert (await house.now(held)).by_itself is not None, "nobody is at it any more"


async def test_a_no_sticks_and_one_too_many_stops_it(house: House) -> None:
    cast, anna = house.cast, house.people[0]
    await house.turn()
    await house.switch(100)
    first, second = (await house.arrive(0))[0], (await house.arrive(1))[0]
    assert await house.turn() == 2
    async with cast.scope(cast.rita) as scope:
        opened = await review.unassign(scope, second.id)
    assert await house.turn() == 0, "who opened it wants to look"
    assert (await house.now(second)).by_itself is None
    async with cast.scope(cast.rita) as scope:
        await review.undo(scope, opened)
    assert (await house.now(second)).by_itself is not None, "undo puts back what was, and that nobody said it"
    async with cast.scope(cast.rita) as scope:
        refused = await review.reject(scope, first.id, anna)
    face = await house.now(first)
    assert (face.state, face.person_id, face.by_itself) == (FaceState.unknown, None, None)
    (late,) = await house.arrive(0)
    assert await house.turn() == 0
    standing = await house.standing()
    assert (standing.one_in, standing.level) == (100, None), "one wrong among so few is more than one in a hundred"
    assert (await house.now(late)).state is FaceState.suggested
    async with cast.container.sessions() as db:
        assert list(await db.scalars(select(col(FaceRejection.person_id)))) == [anna]
    # Taken back by the one who said it, it is supported again: and the face stands as it did.
    async with cast.scope(cast.rita) as scope:
        await review.undo(scope, refused)
    assert await house.turn() == 1
    assert (await house.now(late)).by_itself is not None
    assert (await house.now(first)).by_itself is not None


async def test_nothing_is_confirmed_on_what_was_said_of_another_model_or_before_the_last_decision(house: House) -> None:
    cast = house.cast
    await house.turn()
    await house.switch(100)
    await house.arrive(0)
    basis = await confirming._basis(cast.container, house.recognition)
    assert basis is not None
    async with cast.container.scope(WORKER) as scope:
        assert await confirming._stands(scope, basis)
    (face,) = await house.arrive(1)
    async with cast.scope(cast.rita) as scope:
        await review.reject(scope, face.id, house.people[1])
    async with cast.container.scope(WORKER) as scope:
        assert not await confirming._stands(scope, basis)
        active = update(FaceModel).where(col(FaceModel.state) == ModelState.active)
        await scope.db.execute(active.values(tag="fake/hue/2"))
    assert await house.turn() == 0
    standing = await house.standing()
    assert (standing.one_in, standing.level, standing.counted_at) == (100, None, None)


async def test_the_switch_and_what_it_did_over_rest(house: House, door: Door) -> None:
    cast, route = house.cast, "/api/v1/biometrics/unattended"
    await house.turn()
    async with await door.client(cast.petra) as petra, await door.client(cast.rita) as rita:
        found = (await petra.get(route)).json()
        assert (found["one_in"], found["level"], found["confirmed"]) == (0, None, 0)
        assert [one["level"] is not None for one in found["choices"]] == [True, False, False, False]
        refused = await petra.put(route, json={"one_in": 1000})
        assert (refused.status_code, "one_in" in refused.text) == (422, True)
        assert (await petra.put(route, json={"one_in": 100})).json()["level"]["passed"] == PEOPLE * 20
        (face,) = await house.arrive(0)
        await house.turn()
        (listed,) = (await rita.get("/api/v1/faces?by_itself=true")).json()["items"]
        assert (listed["id"], listed["state"], listed["by_itself"] > 0.9) == (str(face.id), "confirmed", True)
        others = (await rita.get("/api/v1/faces?by_itself=false&limit=200")).json()["items"]
        assert others
        assert {one["by_itself"] for one in others} == {None}

"""Deciding about faces: what sticks, what can be undone and when, and a model that random decisions are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update
from sqlmodel import col, select

from photobank.access.actor import system
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.library import assets, trash
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.assets import Asset
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion
from photobank.people import faces, groups, merging, review
from tests.api.given import faces_in_cluster
from tests.factories import add_person, add_photo, face_on
from tests.house import Cast, audit_of

T = TypeVar("T")
Stand = tuple[str, UUID | None, frozenset[UUID]]


async def stand(cast: Cast, face_id: UUID) -> Stand:
    """State, person and refusals of a face as they lie in the database."""
    async with cast.container.sessions() as db:
        face = (await db.execute(select(Face).where(col(Face.id) == face_id))).scalar_one()
        said_no = await db.scalars(select(FaceRejection.person_id).where(col(FaceRejection.face_id) == face_id))
        return str(face.state), face.person_id, frozenset(said_no)


async def open_faces(cast: Cast, count: int) -> list[UUID]:
    """Open faces, each on a photo of its own in the shared folder."""
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(count)]
    return (await faces_in_cluster(cast.container, photos))[1]


async def suggest(cast: Cast, face_id: UUID, person_id: UUID) -> None:
    async with cast.scope(system()) as scope:
        row = FaceSuggestion(face_id=face_id, person_id=person_id, score=0.9, probability=0.9, model="fake/hue/1")
        scope.db.add(row)
        await scope.db.execute(update(Face).where(col(Face.id) == face_id).values(state=FaceState.suggested))


async def test_each_decision_and_its_undo_days_later(cast: Cast, clock: TurnableClock, jobs: MemoryQueue) -> None:
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    await add_photo(cast.container, cast.shared, [anna, bea], seed=90, with_bytes=False)  # so that Rita may see them
    confirmed, refused, ignored, opened = await open_faces(cast, 4)
    await suggest(cast, refused, anna)
    before = {face: await stand(cast, face) for face in (confirmed, refused, ignored, opened)}
    async with cast.scope(cast.rita) as scope:
        first = await review.confirm(scope, [opened], bea)
    done = {}
    async with cast.scope(cast.rita) as scope:
        done[confirmed] = await review.confirm(scope, [confirmed], anna)
        done[refused] = await review.reject(scope, refused, anna)
        done[ignored] = await review.ignore(scope, [ignored])
        done[opened] = await review.unassign(scope, opened)
    assert await stand(cast, confirmed) == ("confirmed", anna, frozenset())
    assert await stand(cast, refused) == ("unknown", None, frozenset({anna}))
    assert await stand(cast, ignored) == ("ignored", None, frozenset())
    assert await stand(cast, opened) == ("unknown", None, frozenset())
    assert {args[0] for job, args in jobs.jobs if job is Job.suggest_people} == {str(id_) for id_ in done}
    # The machine looks again meanwhile, which is no decision.
    await suggest(cast, refused, bea)
    clock.turn(timedelta(days=9))
    for face, action in done.items():
        async with cast.scope(cast.rita) as scope:
            await review.undo(scope, action)
        expected = ("confirmed", bea, frozenset[UUID]()) if face == opened else before[face]
        assert await stand(cast, face) == expected
        async with cast.scope(cast.rita) as scope:
            with pytest.raises(Conflict, match="undone before"):
                await review.undo(scope, action)
    async with cast.scope(cast.rita) as scope:
        await review.undo(scope, first)
    assert (await stand(cast, opened))[0] == "unknown"
    assert len(await audit_of(cast.container, "review:undo")) == 5


async def test_undo_is_ones_own_and_leaves_what_was_decided_since(cast: Cast) -> None:
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    one, other = await open_faces(cast, 2)
    async with cast.scope(cast.alice) as scope:
        action = await review.confirm(scope, [one, other], anna)
    async with cast.scope(cast.rita) as scope:
        for asked in (action, None):
            with pytest.raises(NotFound):
                await review.undo(scope, asked)
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [other], bea)
    async with cast.scope(cast.alice) as scope:
        await review.undo(scope, action)
    assert (await stand(cast, one))[0] == "unknown"
    assert await stand(cast, other) == ("confirmed", bea, frozenset())
    async with cast.scope(cast.alice) as scope:
        again = await review.undo(scope)  # the latest that stands: Bea
        with pytest.raises(Conflict):
            await review.undo(scope, action)
    assert await stand(cast, other) == ("confirmed", anna, frozenset())
    async with cast.scope(cast.alice) as scope:
        await review.undo(scope, again)  # and back again
    assert await stand(cast, other) == ("confirmed", bea, frozenset())


async def test_undo_passes_over_what_is_gone_and_follows_who_was_merged(cast: Cast) -> None:
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    gone, kept = await open_faces(cast, 2)
    async with cast.scope(cast.alice) as scope:
        both = await review.confirm(scope, [gone, kept], anna)
        photo = (await scope.db.execute(select(Face.asset_id).where(col(Face.id) == gone))).scalar_one()
        await trash.trash(scope, photo)
    async with cast.scope(cast.alice) as scope:
        opened = await review.unassign(scope, kept)
    async with cast.scope(cast.alice) as scope:
        await merging.merge(scope, anna, bea)
    async with cast.scope(cast.alice) as scope:
        await review.undo(scope, opened)
    assert await stand(cast, kept) == ("confirmed", bea, frozenset()), "Anna is Bea now"
    async with cast.scope(cast.alice) as scope:
        await review.undo(scope, both)
    assert (await stand(cast, kept))[0] == "unknown"
    assert (await stand(cast, gone))[0] == "confirmed"


async def test_a_no_sticks_and_a_yes_takes_it_back(cast: Cast) -> None:
    anna = await add_person(cast.container)
    (face,) = await open_faces(cast, 1)
    async with cast.scope(cast.alice) as scope:
        await review.reject(scope, face, anna)
        await review.reject(scope, face, anna)
        await review.ignore(scope, [face])
        await review.unassign(scope, face)
    assert await stand(cast, face) == ("unknown", None, frozenset({anna}))
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [face], anna)
    assert await stand(cast, face) == ("confirmed", anna, frozenset())


async def test_a_face_is_drawn(cast: Cast) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        face = await review.draw(scope, photo, (0.1, 0.2, 0.3, 0.4))
        for box in ((0.9, 0.1, 0.3, 0.2), (0, 0, 0, 0.1), (-0.1, 0, 0.5, 0.5), (0, 0, float("nan"), 0.5), (0, 0, 1), ()):
            with pytest.raises(Invalid):
                await review.draw(scope, photo, box)
    assert (await stand(cast, face.id))[0] == "unknown"
    async with cast.scope(cast.rita) as scope:
        named = await review.draw(scope, photo, (0.5, 0.5, 0.5, 0.5), anna)
    assert await stand(cast, named.id) == ("confirmed", anna, frozenset())
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await review.draw(scope, photo, (0.1, 0.2, 0.3, 0.4))


async def test_who_opens_or_names_a_face_takes_back_that_nobody_is_on_the_photo(cast: Cast) -> None:
    """Found by tests/consents/test_soak.py: with the face hidden or ignored again, the photo went out on the old word."""
    anna = await add_person(cast.container, "Anna")
    await add_photo(cast.container, cast.shared, [anna], seed=91, with_bytes=False)  # so that Rita may see her
    photo = await add_photo(cast.container, cast.shared, with_bytes=False, unknown_faces=1)
    async with cast.scope(cast.rita) as scope:
        (face,) = [row.id for row in (await faces.of_assets(scope, [photo]))[photo]]

    async def nobody() -> bool:
        async with cast.container.sessions() as db:
            return (await db.get_one(Asset, photo)).no_people_at is not None

    async with cast.scope(cast.rita) as scope:
        ignored = await review.ignore(scope, [face])
    for decide in (lambda scope: review.unassign(scope, face), lambda scope: review.confirm(scope, [face], anna)):
        async with cast.scope(cast.rita) as scope:
            assert await assets.say_no_people(scope, [photo])
        async with cast.scope(cast.rita) as scope:
            await review.reject(scope, face, anna)  # which says nothing about who is on it
        assert await nobody()
        async with cast.scope(cast.rita) as scope:
            await decide(scope)
        assert not await nobody()
        async with cast.scope(cast.rita) as scope:
            ignored = await review.ignore(scope, [face])
        assert not await nobody()
    async with cast.scope(cast.rita) as scope:
        assert await assets.say_no_people(scope, [photo])
    async with cast.scope(cast.rita) as scope:
        await review.undo(scope, ignored)
    assert not await nobody()


async def test_groups_in_bulk(cast: Cast) -> None:
    anna = await add_person(cast.container)
    await add_photo(cast.container, cast.shared, [anna], seed=90, with_bytes=False)
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(4)]
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False)
    cluster, ids = await faces_in_cluster(cast.container, [*photos, hidden])
    second, (lone,) = await faces_in_cluster(cast.container, [photos[0]])
    async with cast.scope(cast.rita) as scope:
        page = await groups.page(scope, limit=1)
        assert (page.items[0].id, len(page.items[0].face_ids), page.items[0].photos) == (cluster, 4, 4), (
            "what is hidden is not counted"
        )
        rest = await groups.page(scope, page.next_cursor, 1)
        assert [row.id for row in rest.items] == [second]
        for bad in ("x", "3.", "3.x", "." + str(cluster)):
            with pytest.raises(Invalid):
                await groups.page(scope, bad)
        with pytest.raises(NotFound):
            await groups.confirm(scope, cluster, anna, [ids[4]])
        with pytest.raises(Invalid):
            await groups.split(scope, cluster, ids[:4])
        with pytest.raises(Conflict):
            await groups.merge(scope, cluster, cluster)
        fresh = (await groups.split(scope, cluster, ids[:1])).cluster_id
        assert (await groups.merge(scope, second, fresh)).cluster_id == second
        page = await groups.page(scope)
        assert {row.id: set(row.face_ids) for row in page.items} == {cluster: set(ids[1:4]), second: {lone, ids[0]}}
        await groups.ignore(scope, second)
    async with cast.scope(cast.rita) as scope:
        action = await groups.confirm(scope, cluster, anna)
    assert [(await stand(cast, id_))[0] for id_ in ids] == ["ignored", "confirmed", "confirmed", "confirmed", "unknown"]
    async with cast.scope(cast.rita) as scope:
        await review.undo(scope, action)
        assert len((await faces.page(scope, cluster_id=cluster, state=FaceState.unknown)).items) == 3
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await groups.page(scope)


@dataclass
class Deed:
    """A decision in the model."""

    before: dict[int, Stand]
    after: dict[int, Stand]
    undone: bool = False
    undoes: bool = False


@dataclass
class Model:
    """What faces are, written as plainly as can be. People are 0 and 1."""

    faces: list[Stand] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    def decide(self, changes: dict[int, Stand], *, undoes: bool = False) -> None:
        self.deeds.append(Deed({n: self.faces[n] for n in changes}, dict(changes), undoes=undoes))
        for n, look in changes.items():
            self.faces[n] = look

    def undo(self, deed: Deed) -> bool:
        stands = {n: deed.before[n] for n, look in deed.after.items() if self.faces[n] == look}
        if deed.undone or not stands:
            return False
        deed.undone = True
        self.decide(stands, undoes=True)
        return True


async def test_random_decisions_agree_with_the_model(cast: Cast) -> None:
    people = [await add_person(cast.container, name) for name in ("Anna", "Bea")]
    photo = await add_photo(cast.container, cast.shared, with_bytes=False)
    loop = asyncio.get_running_loop()

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    async def fresh_faces() -> list[UUID]:
        async with cast.scope(system()) as scope:
            rows = [face_on(photo, None, FaceState.unknown, now=scope.now()) for _ in range(3)]
            scope.db.add_all(rows)
            await scope.db.flush()
            return [row.id for row in rows]

    async def act(verb: Any, *args: Any) -> Any:
        async with cast.scope(cast.alice) as scope:
            return await verb(scope, *args)

    class Reviewing(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.ids = wait(fresh_faces())
            self.model = Model([("unknown", None, frozenset())] * 3)
            self.actions: list[UUID] = []

        @rule(some=st.sets(st.integers(0, 2), min_size=1), who=st.sampled_from(people))
        def confirm(self, some: set[int], who: UUID) -> None:
            self.actions.append(wait(act(review.confirm, [self.ids[n] for n in some], who)))
            self.model.decide({n: ("confirmed", who, self.model.faces[n][2] - {who}) for n in some})

        @rule(n=st.integers(0, 2), who=st.sampled_from(people))
        def reject(self, n: int, who: UUID) -> None:
            self.actions.append(wait(act(review.reject, self.ids[n], who)))
            state, person, said_no = self.model.faces[n]
            self.model.decide({n: ("unknown" if person == who else state, None if person == who else person, said_no | {who})})

        @rule(some=st.sets(st.integers(0, 2), min_size=1))
        def ignore(self, some: set[int]) -> None:
            self.actions.append(wait(act(review.ignore, [self.ids[n] for n in some])))
            self.model.decide({n: ("ignored", None, self.model.faces[n][2]) for n in some})

        @rule(n=st.integers(0, 2))
        def unassign(self, n: int) -> None:
            self.actions.append(wait(act(review.unassign, self.ids[n])))
            self.model.decide({n: ("unknown", None, self.model.faces[n][2])})

        @rule(which=st.integers(0, 30))
        def undo(self, which: int) -> None:
            if not self.actions:
                return
            which %= len(self.actions)
            try:
                self.actions.append(wait(act(review.undo, self.actions[which])))
                took = True
            except Conflict:
                took = False
            assert self.model.undo(self.model.deeds[which]) == took

        @invariant()
        def agree(self) -> None:
            if hasattr(self, "ids"):
                assert [wait(stand(cast, id_)) for id_ in self.ids] == self.model.faces

    Reviewing.__name__ = "Reviewing"
    bounds = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Reviewing, settings=bounds)

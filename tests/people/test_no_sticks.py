"""A "no" never comes back: random sequences of confirm, reject, split, merge, move, undo, looking again and a change of model, with the worker
in the loop, held against what people said, written as plainly as can be."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import system
from photobank.kernel.errors import Conflict, Invalid
from photobank.models.assets import Asset
from photobank.models.people import Face, FaceLink, FaceRejection, FaceSuggestion
from photobank.models.recognition import Basis
from photobank.people import detection, groups, history, review, templates
from photobank.people.recognition import Recognition
from photobank.vision.engine import Detected, Vectors, unit
from photobank.vision.fake import FakeEngine
from tests.factories import add_person, add_photo
from tests.house import Cast

T = TypeVar("T")
EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "8"))
FACES = 6  # on four photos; the first four look like one person, so that the machine is always tempted
LOOKS = (0, 0, 0, 0, 1, 1)
PHOTO_OF = (0, 1, 2, 2, 3, 3)  # two of the look-alikes are on one photo
PLACES = ((0.1, 0.1, 0.2, 0.25), (0.6, 0.5, 0.2, 0.25))


class Second(FakeEngine):
    tag = "fake/hue/2"


def vector(face: int, model: int) -> Vectors:
    noise = np.random.default_rng([face, model]).standard_normal(16) * 0.03
    row: Vectors = unit(np.eye(16, dtype=np.float32)[LOOKS[face] + 3 * model] + noise)[0]
    return row


@dataclass
class Said:
    """What people said, and nothing else: who each face is and is not, and what undo of each action would bring back."""

    now: list[tuple[str, int | None, frozenset[int]]] = field(default_factory=lambda: [("open", None, frozenset())] * FACES)
    deeds: list[dict[int, tuple[Any, Any]] | None] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)

    def decide(self, changes: dict[int, tuple[str, int | None, frozenset[int]]]) -> None:
        self.deeds.append({n: (self.now[n], look) for n, look in changes.items()})
        for n, look in changes.items():
            self.now[n] = look

    def undo(self, which: int) -> bool:
        deed = self.deeds[which]
        assert deed is not None
        back = {n: was for n, (was, became) in deed.items() if self.now[n] == became}
        if which in self.undone or not back:
            return False
        self.undone.add(which)
        self.decide(back)
        return True


async def test_a_no_never_comes_back(cast: Cast) -> None:
    people = [await add_person(cast.container, name) for name in ("Anna", "Bea")]
    loop = asyncio.get_running_loop()
    async with cast.scope(cast.alice) as scope:
        await templates.set_rule(scope, Basis.documented, "Impact assessment 2026-11.", 30)

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    class Reviewing(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.said = Said()
            self.actions: list[UUID] = []
            self.model = 0
            self.workers = [Recognition(FakeEngine()), Recognition(Second(), leads=False)]
            wait(self._begin())

        async def _begin(self) -> None:
            self.photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(4)]
            self.ids: list[UUID] = []
            for photo in range(4):
                await self._look(photo)
            async with cast.container.sessions() as db:
                rows = (await db.execute(select(Face).where(col(Face.asset_id).in_(self.photos)))).scalars().all()
            self.ids = [
                next(
                    row.id
                    for row in rows
                    if row.asset_id == self.photos[PHOTO_OF[n]] and abs(row.box[0] - self._place(n)[0]) < 0.05
                )
                for n in range(FACES)
            ]

        def _place(self, n: int) -> tuple[float, float, float, float]:
            return PLACES[sum(PHOTO_OF[m] == PHOTO_OF[n] for m in range(n))]

        async def _look(self, photo: int, shift: float = 0.0) -> None:
            """What the worker does with a photo, first or again."""
            faces = [n for n in range(FACES) if PHOTO_OF[n] == photo]
            found = []
            for n in faces:
                x, y, w, h = self._place(n)
                points = tuple((x + a * w, y + b * h) for a, b in ((0.3, 0.3), (0.7, 0.3), (0.5, 0.5), (0.3, 0.8), (0.7, 0.8)))
                found.append(Detected(x + shift * w, y, w * (1 - shift), h, points, 0.9, 0.9))
            vectors = np.stack([vector(n, self.model) for n in faces])
            async with cast.scope(system()) as scope:
                asset = await scope.db.get(Asset, self.photos[photo], with_for_update=True)
                assert asset is not None
                await detection._keep(scope, asset, found, vectors, self.workers[self.model])

        async def _act(self, verb: Any, *args: Any) -> Any:
            async with cast.scope(cast.alice) as scope:
                done = await verb(scope, *args)
            async with cast.scope(system()) as scope:
                worker = self.workers[self.model]
                for face in self.ids[:2]:
                    await worker.settled(scope, face)
                await worker.suggest_all(scope)  # always tempted to put like and like together
            return done

        async def _cluster(self, n: int) -> tuple[UUID | None, list[int]]:
            async with cast.container.sessions() as db:
                rows = (await db.execute(select(Face).where(col(Face.id).in_(self.ids)))).scalars().all()
            own = next(row for row in rows if row.id == self.ids[n])
            open_ = [row for row in rows if row.cluster_id == own.cluster_id and row.state in ("unknown", "suggested")]
            return own.cluster_id, sorted(self.ids.index(row.id) for row in open_)

        @rule(n=st.integers(0, FACES - 1), who=st.integers(0, 1))
        def confirm(self, n: int, who: int) -> None:
            self.actions.append(wait(self._act(review.confirm, [self.ids[n]], people[who])))
            self.said.decide({n: ("confirmed", who, self.said.now[n][2] - {who})})

        @rule(n=st.integers(0, FACES - 1), who=st.integers(0, 1))
        def confirm_cluster(self, n: int, who: int) -> None:
            cluster, members = wait(self._cluster(n))
            may = [m for m in members if who not in self.said.now[m][2]]
            if cluster is None or not members:
                return
            try:
                self.actions.append(wait(self._act(groups.confirm, cluster, people[who])))
            except Conflict:
                assert not may
                return
            self.said.decide({m: ("confirmed", who, self.said.now[m][2]) for m in may})

        @rule(n=st.integers(0, FACES - 1), who=st.integers(0, 1))
        def reject(self, n: int, who: int) -> None:
            self.actions.append(wait(self._act(review.reject, self.ids[n], people[who])))
            state, person, no = self.said.now[n]
            self.said.decide({n: ("open", None, no | {who}) if person == who else (state, person, no | {who})})

        @rule(n=st.integers(0, FACES - 1))
        def unassign(self, n: int) -> None:
            self.actions.append(wait(self._act(review.unassign, self.ids[n])))
            self.said.decide({n: ("open", None, self.said.now[n][2])})

        @rule(n=st.integers(0, FACES - 1))
        def split(self, n: int) -> None:
            cluster, members = wait(self._cluster(n))
            if cluster is None or n not in members:
                return
            try:
                self.actions.append(wait(self._act(groups.split, cluster, [self.ids[n]])).action_id)
                self.said.deeds.append(None)
            except Invalid:
                assert members == [n]

        @rule(n=st.integers(0, FACES - 1), m=st.integers(0, FACES - 1))
        def merge(self, n: int, m: int) -> None:
            (one, first), (other, second) = wait(self._cluster(n)), wait(self._cluster(m))
            if one is None or other is None or one == other or not first or not second:
                return
            self.actions.append(wait(self._act(groups.merge, one, other)).action_id)
            self.said.deeds.append(None)

        @rule(n=st.integers(0, FACES - 1), m=st.integers(0, FACES - 1))
        def move(self, n: int, m: int) -> None:
            (one, first), (other, second) = wait(self._cluster(n)), wait(self._cluster(m))
            if one is None or other is None or one == other or n not in first or not second:
                return
            self.actions.append(wait(self._act(groups.merge, other, one, [self.ids[n]])).action_id)
            self.said.deeds.append(None)

        @rule(which=st.integers(0, 30))
        def undo(self, which: int) -> None:
            if not self.actions:
                return
            which %= len(self.actions)
            try:
                done = wait(self._act(history.undo, self.actions[which]))
            except Conflict:
                done = None
            if self.said.deeds[which] is None:
                if done is not None:
                    self.actions.append(done)
                    self.said.deeds.append(None)
                return
            assert self.said.undo(which) == (done is not None)
            if done is not None:
                self.actions.append(done)

        @rule(photo=st.integers(0, 3), shift=st.sampled_from([0.0, 0.1, 0.2]))
        def look_again(self, photo: int, shift: float) -> None:
            wait(self._look(photo, shift))

        @rule()
        def another_model(self) -> None:
            self.model = 1 - self.model
            for photo in range(4):
                wait(self._look(photo))
            wait(self._all())

        @rule()
        def the_worker_starts_again(self) -> None:
            self.workers[self.model].empty()
            wait(self._all())

        async def _all(self) -> None:
            async with cast.scope(system()) as scope:
                await self.workers[self.model].suggest_all(scope)

        @invariant()
        def what_people_said_stands(self) -> None:
            if hasattr(self, "ids"):
                wait(self._check())

        async def _check(self) -> None:
            async with cast.container.sessions() as db:
                rows = {
                    row.id: row for row in (await db.execute(select(Face).where(col(Face.asset_id).in_(self.photos)))).scalars()
                }
                assert set(rows) == set(self.ids), "no face was lost or doubled"
                no = await pairs(db, FaceRejection, self.ids)
                guesses = await pairs(db, FaceSuggestion, self.ids)
                links = (await db.execute(select(FaceLink).where(col(FaceLink.kind) == "apart"))).scalars().all()
            for n, id_ in enumerate(self.ids):
                state, person, refused = self.said.now[n]
                row = rows[id_]
                assert ("open" if row.state in ("unknown", "suggested") else row.state) == state
                assert row.person_id == (people[person] if person is not None else None)
                assert {who for face, who in no if face == id_} == {people[who] for who in refused}
            assert not guesses & no, "nobody is suggested who was refused"
            for link in links:
                if {link.one, link.other} <= rows.keys():
                    one, other = rows[link.one], rows[link.other]
                    both_open = {one.state, other.state} <= {"unknown", "suggested"}
                    assert not (both_open and one.cluster_id == other.cluster_id), "those kept apart are not together"

    Reviewing.__name__ = "Reviewing"
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=16,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Reviewing, settings=bounds)


async def pairs(db: Any, table: type[FaceRejection] | type[FaceSuggestion], ids: list[UUID]) -> set[tuple[UUID, UUID]]:
    rows = await db.execute(select(col(table.face_id), col(table.person_id)).where(col(table.face_id).in_(ids)))
    return {(face, person) for face, person in rows}

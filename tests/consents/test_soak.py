"""People, papers, faces, scopes, holds and time in any order; after each step every way out answers as the slow rules do.

`make soak SOAK_STEPS=100000` takes that many steps (some twenty a second); an ordinary run a few hundred. What was told is
kept in tests/consents/ledger.py, and the rules are those of tests/clearance/model.py: neither knows the code that is tested.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from photobank.clearance.facts_types import AssetState, FaceState, GrantScope, Rules
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.clock import TurnableClock
from photobank.kernel.ids import new_id
from photobank.library import archiving, assets, collections, folders, holding, trash
from photobank.library.holding import Bolt
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.collections import CollectionKind
from photobank.people import faces, review
from tests.consents.exits import BYTES, DAY, DRAWN, USES, WaysOut
from tests.consents.ledger import SCOPES, Ledger, Paper, Photo, grant_of
from tests.factories import add_person, add_photo
from tests.house import Cast, Door
from workers import clearance as jobs_of_clearance

pytestmark = pytest.mark.soak

T = TypeVar("T")
STEPS = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "240"))
RUN = 40  # steps in one small world
KEYS = [use.key for use in USES]
PEOPLE, PHOTOS = 4, 5
TERRITORIES = [(), (), (), ("NL",), ("EEA",), ("US", "BE")]
who, which, folder = st.integers(0, PEOPLE - 1), st.integers(0, PHOTOS - 1), st.integers(0, 2)
some_uses = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)


async def test_every_way_out_agrees_with_the_slow_rules(cast: Cast, door: Door, clock: TurnableClock, jobs: MemoryQueue) -> None:
    loop = asyncio.get_running_loop()
    out = WaysOut(cast, await door.client(cast.charlie), clock)

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    class World(RuleBasedStateMachine):
        @initialize(
            ages=st.lists(st.sampled_from(["adult", "adult", "unknown", "child", "turning", "two"]), min_size=4, max_size=4)
        )
        def begin(self, ages: list[str]) -> None:
            self.told = Ledger(Rules())
            self.fresh = False
            wait(self._begin(ages))

        async def _begin(self, ages: list[str]) -> None:
            async with cast.scope(cast.alice) as scope:
                events = (await folders.create(scope, f"Evenementen {new_id()}")).id
                fair = (await folders.create(scope, "Kermis", events)).id
                other = (await folders.create(scope, f"Overig {new_id()}")).id
                for top in (events, other):
                    await folders.give(scope, top, "user", str(cast.charlie.user_id), "download")
                self.collection = (await collections.create(scope, f"Reeks {new_id()}", kind=CollectionKind.team)).id
            self.folders = [events, fair, other]
            self.told.folders = {events: None, fair: events, other: None}
            self.people = [await self._somebody(n, age) for n, age in enumerate(ages)]
            self.photos = []
            for n in range(PHOTOS):
                where, on_it = self.folders[n % 3], self.people[: n % 3]
                id_ = await add_photo(cast.container, where, on_it, unknown_faces=n == 4, original=BYTES)
                async with cast.scope(cast.alice) as scope:
                    found = (await faces.of_assets(scope, [id_])).get(id_, [])
                self.told.photos[id_] = Photo(where, faces={row.id: (FaceState(row.state), row.person_id) for row in found})
                self.photos.append(id_)
            async with cast.scope(cast.alice) as scope:
                await collections.add(scope, self.collection, self.photos)
            self.face_ids = sorted(face for photo in self.told.photos.values() for face in photo.faces)

        async def _somebody(self, n: int, age: str) -> UUID:
            today, soon = clock.now().date(), (clock.now() + 9 * DAY).date()
            born = {
                "adult": today.replace(year=today.year - 40, day=1),
                "child": today.replace(year=today.year - 8, day=1),
                "turning": soon.replace(year=soon.year - 16, day=min(soon.day, 28)),
                "two": today.replace(year=today.year - 12, day=1),
            }.get(age)
            guardians = 2 if age == "two" else 1
            more = {"guardians_needed": guardians}
            id_ = await add_person(cast.container, f"Mens {n}", born=born, **more)
            self.told.add_person(id_, born, minor=False, guardians=guardians)
            return id_

        async def _act(self, verb: Any, *args: Any, **more: Any) -> Any:
            self.fresh = False
            async with cast.scope(cast.alice) as scope:
                return await verb(scope, *args, **more)

        # ── papers

        @rule(
            n=who,
            uses=some_uses,
            regime=st.sampled_from(["consent", "consent", "consent", "release", "contract", "legitimate_interest", "press"]),
            begins=st.sampled_from([None, None, 2]),
            lasts=st.sampled_from([None, 1, 5, 20]),
            extent=st.sampled_from(["all", "all", "folder", "photos"]),
            about=which,
            territories=st.sampled_from(TERRITORIES),
            guardians=st.sampled_from([0, 1, 2]),
            biometric=st.booleans(),
        )
        def sign(
            self,
            n: int,
            uses: list[str],
            regime: str,
            begins: int | None,
            lasts: int | None,
            extent: str,
            about: int,
            territories: tuple[str, ...],
            guardians: int,
            biometric: bool,
        ) -> None:
            if extent == "photos" and self.told.photos[self.photos[about]].state is AssetState.TRASHED:
                return
            now = clock.now()
            start = now + begins * DAY if begins is not None else None
            end = (start or now) + lasts * DAY if lasts is not None else None
            ids = {"all": (), "folder": (self.folders[about % 3],), "photos": (self.photos[about],)}[extent]
            biometric = biometric and regime == "consent"
            new = NewConsent(
                person_id=self.people[n], uses=tuple(uses), valid_from=start, valid_until=end, extent=extent, extent_ids=ids,
                regime=regime, territories=territories, guardians_signed=guardians, biometric=biometric, reason="Om te proberen",
            )  # fmt: skip
            row = wait(self._act(recording.record, new))
            scope = GrantScope(SCOPES[extent], frozenset(ids))
            grant = grant_of(
                row.id, regime, uses, now, begins=start, ends=end, scope=scope, territories=territories, guardians=guardians
            )
            self.told.sign(Paper(grant, self.people[n], biometric), now)

        @rule(n=st.integers(0, 30), uses=st.none() | some_uses)
        def withdraw(self, n: int, uses: list[str] | None) -> None:
            noable = [id_ for id_, paper in self.told.papers.items() if paper.grant.regime.ends_at_a_no]
            if not noable:
                return
            id_ = noable[n % len(noable)]
            on_it = {one.use for one in self.told.papers[id_].grant.uses}
            wanted = None if uses is None else sorted(on_it & set(uses))
            if wanted == []:
                return
            wait(self._act(withdrawal.withdraw, id_, wanted))
            self.told.withdraw(id_, wanted, clock.now())

        @rule(n=st.integers(0, 30), lasts=st.sampled_from([None, 3, 30]))
        def renew(self, n: int, lasts: int | None) -> None:
            renewable = [id_ for id_, paper in self.told.papers.items() if not paper.replaced]
            if not renewable:
                return
            id_ = renewable[n % len(renewable)]
            old, now = self.told.papers[id_], clock.now()
            end = now + lasts * DAY if lasts is not None else None
            row = wait(self._act(recording.renew, id_, valid_until=end, guardians_signed=1))
            uses = [one.use for one in old.grant.uses if one.withdrawn_at is None] or [one.use for one in old.grant.uses]
            grant = grant_of(
                row.id, old.grant.regime, uses, now,
                begins=None, ends=end, scope=old.grant.scope, territories=old.grant.territories or (), guardians=1,
            )  # fmt: skip
            self.told.sign(Paper(grant, old.person, old.biometric), now, renews=id_)

        # ── faces

        def _face(self, n: int) -> tuple[UUID, Photo] | None:
            face = self.face_ids[n % len(self.face_ids)]
            photo = next(photo for photo in self.told.photos.values() if face in photo.faces)
            return None if photo.state is not AssetState.READY else (face, photo)

        @rule(n=st.integers(0, 30), person=who, how=st.sampled_from(["confirm", "confirm", "reject", "ignore", "unassign"]))
        def decide(self, n: int, person: int, how: str) -> None:
            found = self._face(n)
            if found is None:
                return
            (face, photo), named = found, self.people[person]
            if how == "confirm":
                wait(self._act(review.confirm, [face], named))
                photo.faces[face] = (FaceState.CONFIRMED, named)
            elif how == "reject":
                wait(self._act(review.reject, face, named))
                if photo.faces[face][1] == named:
                    photo.faces[face] = (FaceState.UNKNOWN, None)
            elif how == "ignore":
                wait(self._act(review.ignore, [face]))
                photo.faces[face] = (FaceState.IGNORED, None)
            else:
                wait(self._act(review.unassign, face))
                photo.faces[face] = (FaceState.UNKNOWN, None)
            if photo.faces[face][0] is not FaceState.IGNORED:
                photo.no_people = False

        @rule(n=which, person=st.none() | who)
        def draw(self, n: int, person: int | None) -> None:
            photo = self.told.photos[self.photos[n]]
            if photo.state is not AssetState.READY or len(photo.faces) > 3:
                return
            named = self.people[person] if person is not None else None
            face = wait(self._act(review.draw, self.photos[n], DRAWN, named)).id
            photo.faces[face] = (FaceState.CONFIRMED if named else FaceState.UNKNOWN, named)
            photo.drawn.add(face)
            photo.no_people = False
            self.face_ids.append(face)

        @rule(n=which)
        def nobody_here(self, n: int) -> None:
            photo = self.told.photos[self.photos[n]]
            if photo.state is AssetState.TRASHED:
                return
            wait(self._act(assets.say_no_people, [self.photos[n]]))
            settled = all(state is FaceState.IGNORED for state, _ in photo.faces.values())
            photo.no_people = photo.no_people or (settled and photo.state is AssetState.READY)

        # ── photos

        @rule(n=which, to=folder)
        def move(self, n: int, to: int) -> None:
            photo = self.told.photos[self.photos[n]]
            if photo.state is AssetState.READY:
                wait(self._act(assets.edit, self.photos[n], folder_id=self.folders[to]))
                photo.folder = self.folders[to]

        @rule(n=which)
        def put_away_or_back(self, n: int) -> None:
            id_ = self.photos[n]
            photo = self.told.photos[id_]
            if photo.state is AssetState.READY:
                wait(self._act(archiving.archive, id_))
                photo.state = AssetState.ARCHIVED
            elif photo.state is AssetState.ARCHIVED:
                wait(self._act(archiving.unarchive, id_))
                photo.state = AssetState.READY

        @rule(n=which)
        def throw_away_or_back(self, n: int) -> None:
            id_ = self.photos[n]
            photo = self.told.photos[id_]
            if photo.state is AssetState.READY and not photo.held:
                wait(self._act(trash.trash, id_))
                photo.state = AssetState.TRASHED
            elif photo.state is AssetState.TRASHED:
                wait(self._act(trash.restore, id_))
                photo.state = AssetState.READY

        @rule(n=which, bolt=st.sampled_from(Bolt))
        def hold_or_let_go(self, n: int, bolt: Bolt) -> None:
            photo, name = self.told.photos[self.photos[n]], {Bolt.hold: "held", Bolt.lock: "locked"}[bolt]
            if photo.state is AssetState.TRASHED:
                return
            on = not getattr(photo, name)
            if on:
                wait(self._act(holding.put_on, self.photos[n], bolt, "Rechtszaak"))
            else:
                wait(self._act(holding.take_off, self.photos[n], bolt))
            setattr(photo, name, on)

        # ── time

        @rule(hours=st.sampled_from([1, 24, 24, 49, 24 * 8]))
        def time_passes(self, hours: int) -> None:
            clock.turn(timedelta(hours=hours))

        @rule()
        def workers_catch_up(self) -> None:
            wait(self._work())
            self.fresh = True

        async def _work(self) -> None:
            ctx = {"container": cast.container}
            waiting, jobs.jobs[:] = list(jobs.jobs), []
            for job, args in waiting:
                if job is Job.refresh_person:
                    await jobs_of_clearance.refresh_person(ctx, *args)
                elif job is Job.refresh_verdicts:
                    await jobs_of_clearance.refresh_verdicts(ctx, *args)
            await jobs_of_clearance.refresh_due(ctx)

        # ── every way out

        @invariant()
        def every_way_out_agrees(self) -> None:
            if hasattr(self, "photos"):
                wait(out.ask(self.told, self.photos, self.collection, fresh=self.fresh))

    World.__name__ = "World"
    bounds = settings(
        max_examples=max(1, STEPS // RUN),
        stateful_step_count=RUN,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a failure is told with its whole run of steps: making it smaller would take minutes
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, World, settings=bounds)
    await out.client.aclose()
    assert out.steps >= STEPS // 2
    assert STEPS < 5000 or out.hidden > STEPS // 500  # a short walk may meet nobody who has to be hidden

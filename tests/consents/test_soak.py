"""People, papers, faces, scopes, holds and time in any order; after each step the ways out answer as the slow rules do.

After each step every photo is decided for every use, and one way out (tests/consents/exits.py) is taken with a photo that the step may
have changed; at the end of each world every way out is taken with every photo. A step that found nothing to do is not counted.
`make soak SOAK_STEPS=100000` takes that many, an ordinary run a few hundred. What was told is kept in tests/consents/ledger.py, and the
rules are those of tests/clearance/model.py: neither knows the code that is tested.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from photobank.clearance.facts_types import AssetState, FaceState, GrantScope
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.clock import TurnableClock
from photobank.library import archiving, assets, holding, trash
from photobank.library.holding import Bolt
from photobank.messaging.queue import MemoryQueue
from photobank.people import review
from tests.consents.exits import USES, WaysOut
from tests.consents.ledger import SCOPES, Paper, Photo, grant_of
from tests.consents.small_world import AGES, DAY, DRAWN, PHOTOS, SmallWorld
from tests.house import Cast, Door

pytestmark = pytest.mark.soak

T = TypeVar("T")
STEPS = int(os.environ.get("PHOTOBANK_TEST_STEPS", "240"))
RUN = 150  # steps in one world
WORLDS = 30  # worlds for which hypothesis remembers what it has tried
KEYS = [use.key for use in USES]
PEOPLE = 4
TERRITORIES = [(), (), (), ("NL",), ("EEA",), ("US", "BE")]
who, which, folder = st.integers(0, PEOPLE - 1), st.integers(0, PHOTOS - 1), st.integers(0, 2)
some_uses = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)


async def test_every_way_out_agrees_with_the_slow_rules(cast: Cast, door: Door, clock: TurnableClock, jobs: MemoryQueue) -> None:
    loop = asyncio.get_running_loop()
    world = SmallWorld(cast, clock, jobs)
    await world.settle()
    out = WaysOut(world, await door.client(cast.charlie))

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(120)

    class World(RuleBasedStateMachine):
        did = agreed = False

        @initialize(ages=st.lists(st.sampled_from(AGES), min_size=PEOPLE, max_size=PEOPLE), day=st.integers(0, 1500))
        def begin(self, ages: list[str], day: int) -> None:
            wait(world.begin(ages, day))
            self.did = True

        def _act(self, about: UUID, verb: Any, *args: Any, **more: Any) -> Any:
            self.did = True
            return wait(world.act({about}, verb, *args, **more))

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
            if extent == "photos" and world.told.photos[world.photos[about]].state is AssetState.TRASHED:
                return
            now = clock.now()
            start = now + begins * DAY if begins is not None else None
            end = (start or now) + lasts * DAY if lasts is not None else None
            ids = {"all": (), "folder": (world.places[about % 3],), "photos": (world.photos[about],)}[extent]
            biometric = biometric and regime == "consent"
            new = NewConsent(
                person_id=world.people[n], uses=tuple(uses), valid_from=start, valid_until=end, extent=extent, extent_ids=ids,
                regime=regime, territories=territories, guardians_signed=guardians, biometric=biometric, reason="Om te proberen",
            )  # fmt: skip
            row = self._act(new.person_id, recording.record, new)
            scope = GrantScope(SCOPES[extent], frozenset(ids))
            grant = grant_of(
                row.id, regime, uses, now, begins=start, ends=end, scope=scope, territories=territories, guardians=guardians
            )
            world.told.sign(Paper(grant, world.people[n], biometric), now)

        @rule(n=st.integers(0, 30), uses=st.none() | some_uses)
        def withdraw(self, n: int, uses: list[str] | None) -> None:
            noable = [id_ for id_, paper in world.told.papers.items() if paper.grant.regime.ends_at_a_no]
            if not noable:
                return
            id_ = noable[n % len(noable)]
            on_it = {one.use for one in world.told.papers[id_].grant.uses}
            wanted = None if uses is None else sorted(on_it & set(uses))
            if wanted == []:
                return
            self._act(world.told.papers[id_].person, withdrawal.withdraw, id_, wanted)
            world.told.withdraw(id_, wanted, clock.now())

        @rule(n=st.integers(0, 30), lasts=st.sampled_from([None, 3, 30]))
        def renew(self, n: int, lasts: int | None) -> None:
            renewable = [id_ for id_, paper in world.told.papers.items() if not paper.replaced]
            if not renewable:
                return
            id_ = renewable[n % len(renewable)]
            old, now = world.told.papers[id_], clock.now()
            end = now + lasts * DAY if lasts is not None else None
            row = self._act(old.person, recording.renew, id_, valid_until=end, guardians_signed=1)
            uses = [one.use for one in old.grant.uses if one.withdrawn_at is None] or [one.use for one in old.grant.uses]
            grant = grant_of(
                row.id, old.grant.regime, uses, now,
                begins=None, ends=end, scope=old.grant.scope, territories=old.grant.territories or (), guardians=1,
            )  # fmt: skip
            world.told.sign(Paper(grant, old.person, old.biometric), now, renews=id_)

        # ── faces

        def _face(self, n: int) -> tuple[UUID, UUID, Photo]:
            face = world.faces[n % len(world.faces)]
            return next((id_, face, photo) for id_, photo in world.told.photos.items() if face in photo.faces)

        @rule(n=st.integers(0, 30), person=who, how=st.sampled_from(["confirm", "confirm", "reject", "ignore", "unassign"]))
        def decide(self, n: int, person: int, how: str) -> None:
            (id_, face, photo), named = self._face(n), world.people[person]
            if photo.state is not AssetState.READY:
                return
            if how == "confirm":
                self._act(id_, review.confirm, [face], named)
                photo.faces[face] = (FaceState.CONFIRMED, named)
            elif how == "reject":
                self._act(id_, review.reject, face, named)
                if photo.faces[face][1] == named:
                    photo.faces[face] = (FaceState.UNKNOWN, None)
            elif how == "ignore":
                self._act(id_, review.ignore, [face])
                photo.faces[face] = (FaceState.IGNORED, None)
            else:
                self._act(id_, review.unassign, face)
                photo.faces[face] = (FaceState.UNKNOWN, None)
            if photo.faces[face][0] is not FaceState.IGNORED:
                photo.no_people = False

        @rule(n=which, person=st.none() | who)
        def draw(self, n: int, person: int | None) -> None:
            photo = world.told.photos[world.photos[n]]
            if photo.state is not AssetState.READY or len(photo.faces) > 3:
                return
            named = world.people[person] if person is not None else None
            face = self._act(world.photos[n], review.draw, world.photos[n], DRAWN, named).id
            photo.faces[face] = (FaceState.CONFIRMED if named else FaceState.UNKNOWN, named)
            photo.drawn.add(face)
            photo.no_people = False
            world.faces.append(face)

        @rule(n=which)
        def nobody_here(self, n: int) -> None:
            photo = world.told.photos[world.photos[n]]
            if photo.state is AssetState.TRASHED:
                return
            self._act(world.photos[n], assets.say_no_people, [world.photos[n]])
            settled = all(state is FaceState.IGNORED for state, _ in photo.faces.values())
            photo.no_people = photo.no_people or (settled and photo.state is AssetState.READY)

        # ── photos

        @rule(n=which, to=folder)
        def move(self, n: int, to: int) -> None:
            photo = world.told.photos[world.photos[n]]
            if photo.state is AssetState.READY:
                self._act(world.photos[n], assets.edit, world.photos[n], folder_id=world.places[to])
                world.move(world.photos[n], world.places[to])

        @rule(n=which)
        def put_away_or_back(self, n: int) -> None:
            id_ = world.photos[n]
            photo = world.told.photos[id_]
            if photo.state is AssetState.READY:
                self._act(id_, archiving.archive, id_)
                photo.state = AssetState.ARCHIVED
            elif photo.state is AssetState.ARCHIVED:
                self._act(id_, archiving.unarchive, id_)
                photo.state = AssetState.READY

        @rule(n=which)
        def throw_away_or_back(self, n: int) -> None:
            id_ = world.photos[n]
            photo = world.told.photos[id_]
            if photo.state is AssetState.READY and not photo.held:
                self._act(id_, trash.trash, id_)
                photo.state = AssetState.TRASHED
            elif photo.state is AssetState.TRASHED:
                self._act(id_, trash.restore, id_)
                photo.state = AssetState.READY

        @rule(n=which, bolt=st.sampled_from(Bolt))
        def hold_or_let_go(self, n: int, bolt: Bolt) -> None:
            photo, name = world.told.photos[world.photos[n]], {Bolt.hold: "held", Bolt.lock: "locked"}[bolt]
            if photo.state is AssetState.TRASHED:
                return
            on = not getattr(photo, name)
            if on:
                self._act(world.photos[n], holding.put_on, world.photos[n], bolt, "Rechtszaak")
            else:
                self._act(world.photos[n], holding.take_off, world.photos[n], bolt)
            setattr(photo, name, on)

        # ── time

        @rule(hours=st.sampled_from([1, 24, 24, 49, 24 * 8]))
        def time_passes(self, hours: int) -> None:
            world.pass_time(timedelta(hours=hours))
            self.did = True

        @rule()
        def workers_catch_up(self) -> None:
            self.did = wait(world.catch_up())

        # ── every way out

        @invariant()
        def the_ways_out_agree(self) -> None:
            if self.did:
                self.did = self.agreed = False
                wait(out.after_a_step())
                self.agreed = True

        def teardown(self) -> None:
            if self.agreed:
                wait(out.after_all())

    World.__name__ = "World"
    began = time.perf_counter()
    while out.steps < STEPS:
        some = min(WORLDS, 2 + (STEPS - out.steps) // RUN)  # the first of each is the simplest there is
        bounds = settings(
            max_examples=some,
            stateful_step_count=RUN,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a failure is told with its whole run of steps: making it smaller would take minutes
            suppress_health_check=list(HealthCheck),
        )
        await asyncio.to_thread(run_state_machine_as_test, World, settings=bounds)
        sys.stderr.write(f"{out.steps} steps, {out.taken} ways out, {time.perf_counter() - began:.0f} s, no disagreement\n")
    await out.client.aclose()
    assert STEPS < 5000 or out.hidden > STEPS // 500  # a short walk may meet nobody who has to be hidden

"""Stored verdicts: equal to fresh ones after a refresh, and flipped by time alone without one."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from photobank.access.actor import system
from photobank.clearance import facts, index, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import ClearanceState
from photobank.consents import withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.messaging.events import VerdictsChanged
from photobank.models.assets import Asset
from photobank.models.consents import Consent, ConsentEvent, ConsentScope, ConsentUse, StoredVerdict, Use
from photobank.models.people import Face, Person
from photobank.scope import Container
from tests.clearance.test_facts import Counter
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import TODAY, Cast
from workers import clearance as jobs_of_clearance


async def refresh(container: Container, *asset_ids: UUID) -> list[UUID]:
    async with container.scope(system()) as scope:
        return await index.refresh(scope, asset_ids)


async def shown(container: Container, asset_id: UUID, use: str = "website") -> index.Shield:
    async with container.scope(system()) as scope:
        return (await index.shields(scope, [asset_id]))[asset_id][use]


async def test_a_photo_without_stored_verdict_shows_blocked(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, with_bytes=False)
    assert await shown(cast.container, photo) == index.Shield(ClearanceState.BLOCKED, False, None)


async def test_refreshing_tells_what_came_out_different(cast: Cast) -> None:
    anna = await add_person(cast.container)
    photo, other = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=False) for n in range(2)]
    assert set(await refresh(cast.container, photo, other)) == {photo, other}
    assert await refresh(cast.container, photo, other) == []
    await add_consent(
        cast.container, cast.alice, anna, "website", extent="photos", extent_ids=(photo,), valid_until=TODAY + timedelta(days=90)
    )
    async with cast.container.scope(system()) as scope:
        assert await index.refresh(scope, [photo, other]) == [photo]
        assert scope.events == [VerdictsChanged(asset_ids=(photo,))]
    assert (await shown(cast.container, photo)).state is ClearanceState.APPROVED
    assert (await shown(cast.container, other)).state is ClearanceState.MISSING


async def test_time_alone_flips_what_lists_show(cast: Cast, clock: TurnableClock) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    end = TODAY + timedelta(days=90)
    await add_consent(cast.container, cast.alice, anna, "website", valid_until=end)
    await refresh(cast.container, photo)
    seen = []
    for moment in (TODAY, end - timedelta(days=30, seconds=1), end - timedelta(days=30), end - timedelta(seconds=1), end):
        clock.turn_to(moment)
        seen.append(await shown(cast.container, photo))
    assert [one.state.value for one in seen] == ["approved", "approved", "expiring", "expiring", "expired"]
    assert [one.allowed for one in seen] == [True, True, True, True, False]
    assert seen[-1].valid_until is None


async def test_what_time_changed_is_derived_again(cast: Cast, clock: TurnableClock) -> None:
    anna = await add_person(cast.container, born=date(2010, 12, 24))
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_consent(cast.container, cast.alice, anna, "website", guardians_signed=1)
    await refresh(cast.container, photo)
    assert (await shown(cast.container, photo)).state is ClearanceState.APPROVED
    ctx = {"container": cast.container}
    async with cast.container.scope(system()) as scope:
        assert await index.refresh_due(scope) == 0
    clock.turn_to(TODAY + timedelta(days=10))
    await jobs_of_clearance.refresh_due(ctx)
    assert (await shown(cast.container, photo)).state is ClearanceState.EXPIRING
    clock.turn_to(TODAY + timedelta(days=32))
    assert not (await shown(cast.container, photo)).allowed
    await jobs_of_clearance.refresh_due(ctx)
    async with cast.container.scope(system()) as scope:
        stored = await scope.db.get(StoredVerdict, (photo, "website"))
        assert stored is not None
        assert (stored.state, stored.allowed) == ("missing", False)
        assert await index.refresh_due(scope) == 0


async def test_a_use_that_is_retired_leaves_nothing_due(cast: Cast, clock: TurnableClock) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_consent(cast.container, cast.alice, anna, "press", valid_until=TODAY + timedelta(days=60))
    await refresh(cast.container, photo)
    async with cast.scope(cast.alice) as scope:
        await scope.db.execute(update(Use).where(col(Use.id) == "press").values(retired_at=TODAY))
    clock.turn(timedelta(days=61))
    async with cast.container.scope(system()) as scope:
        assert await index.refresh_due(scope) == 1
        assert await index.refresh_due(scope) == 0
        assert "press" not in (await index.shields(scope, [photo]))[photo]


async def test_all_photos_of_a_person_are_derived_in_batches(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(index, "BATCH", 3)
    anna = await add_person(cast.container)
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=False) for n in range(7)]
    row = await add_consent(cast.container, cast.alice, anna, "website")
    ctx = {"container": cast.container}
    await jobs_of_clearance.refresh_person(ctx, str(anna))
    assert [(await shown(cast.container, photo)).allowed for photo in photos] == [True] * 7
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, row.id)
    await jobs_of_clearance.refresh_person(ctx, str(anna))
    assert {(await shown(cast.container, photo)).state for photo in photos} == {ClearanceState.REVOKED}


async def test_one_asset_is_derived_by_its_job(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, no_people_at=TODAY, with_bytes=False)
    await jobs_of_clearance.refresh_verdicts({"container": cast.container}, str(photo))
    assert (await shown(cast.container, photo)).state is ClearanceState.NO_PEOPLE
    await change_asset(cast.container, photo, state="trashed")
    await jobs_of_clearance.refresh_verdicts({"container": cast.container}, str(photo))
    assert (await shown(cast.container, photo)).state is ClearanceState.BLOCKED


async def test_refreshing_many_costs_as_many_queries_as_refreshing_few(cast: Cast) -> None:
    anna = await add_person(cast.container)
    await add_consent(cast.container, cast.alice, anna, "website")
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=False) for n in range(60)]
    counts = []
    for ids in (photos[:2], photos[2:]):
        async with cast.container.scope(system()) as scope:
            with Counter(cast.container) as statements:
                await index.refresh(scope, ids)
            counts.append(len(statements))
    assert counts[0] == counts[1] <= 16


STATES = ["ready", "ready", "ready", "archived", "trashed", "processing"]


async def _random_world(container: Container, folders: list[UUID], seed: int) -> list[UUID]:
    """People, papers and photos as they may come, straight into the tables."""
    dice = random.Random(seed)

    def day(low: int, high: int) -> Any:
        return TODAY + timedelta(days=dice.randint(low, high))

    def maybe(value: Any, chance: float = 0.3) -> Any:
        return value if dice.random() < chance else None

    async with container.scope(system()) as scope:
        for table in (Face, StoredVerdict, ConsentScope, ConsentUse, ConsentEvent, Consent, Asset, Person):
            await scope.db.execute(delete(table))
    people = [
        await add_person(container, f"P{n}", born=maybe(date(2010, 11, dice.randint(20, 30))), is_minor=dice.random() < 0.2)
        for n in range(3)
    ]
    photos = [
        await add_photo(
            container,
            dice.choice(folders),
            dice.sample(people, dice.randint(0, 3)),
            seed=n,
            with_bytes=False,
            unknown_faces=int(dice.random() < 0.15),
            state=dice.choice(STATES),
            faces_done=dice.random() < 0.9,
            no_people_at=maybe(TODAY),
            hold_at=maybe(TODAY, 0.1),
        )
        for n in range(4)
    ]
    async with container.scope(system()) as scope:
        for face_id in (await scope.db.scalars(select(col(Face.id)).order_by(col(Face.id)))).all():
            if dice.random() < 0.2:
                await scope.db.execute(update(Face).where(col(Face.id) == face_id).values(box=None))
        for person_id in people:
            for _ in range(dice.randint(0, 4)):
                kind = dice.choice(["all", "all", "folder", "photos"])
                consent = Consent(
                    person_id=person_id,
                    regime=dice.choice(["consent", "consent", "release", "legitimate_interest", "press"]),
                    signed_at=maybe(day(-60, 0), 0.9),
                    valid_from=day(-60, 20),
                    valid_until=maybe(day(-20, 60), 0.6),
                    withdrawn_at=maybe(day(-30, 0), 0.2),
                    superseded_at=maybe(day(-30, 30), 0.2),
                    scope=kind,
                    territories=dice.choice(["", "", "NL", "DE"]),
                    guardians_signed=dice.randint(0, 2),
                    created_at=TODAY,
                )
                scope.db.add(consent)
                await scope.db.flush()
                for use in dice.sample(["internal", "website", "social"], dice.randint(1, 3)):
                    scope.db.add(ConsentUse(consent_id=consent.id, use_id=use, valid_until=maybe(day(-20, 60))))
                if kind != "all":
                    target = dice.choice(folders if kind == "folder" else photos)
                    scope.db.add(ConsentScope(consent_id=consent.id, kind=kind, target_id=target))
    return photos


async def _fresh(container: Container, photos: list[UUID]) -> dict[Any, Any]:
    async with container.scope(system()) as scope:
        judge = Judge(scope.now(), None, await facts.rules(scope))
        known, in_force = await facts.load(scope, photos), await uses.facts(scope)
        return {
            (id_, key): (verdict.state, verdict.allowed, verdict.valid_until)
            for id_, one in known.items()
            for key, verdict in judge.decide_all(one, in_force).items()
        }


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), later=st.integers(1, 70))
async def test_stored_equals_fresh_and_never_allows_more_later(cast: Cast, clock: TurnableClock, seed: int, later: int) -> None:
    clock.turn_to(TODAY)
    photos = await _random_world(cast.container, [cast.shared, cast.closed], seed)
    await refresh(cast.container, *photos)
    async with cast.container.scope(system()) as scope:
        rows = (await scope.db.execute(select(StoredVerdict))).scalars().all()
        stored = {(row.asset_id, row.use_id): (row.state, row.allowed, row.valid_until) for row in rows}
        changes = {row.asset_id: row.changes_at for row in rows}
    assert stored == await _fresh(cast.container, photos)
    clock.turn(timedelta(days=later))
    fresh = await _fresh(cast.container, photos)
    async with cast.container.scope(system()) as scope:
        told = await index.shields(scope, photos)
    for id_ in photos:
        for use, shield in told[id_].items():
            state, allowed, until = fresh[id_, use]
            assert allowed or not shield.allowed, "a stale verdict is never greener than the truth"
            if changes[id_] is None or changes[id_] > clock.now():
                assert (shield.state, shield.allowed, shield.valid_until) == (state, allowed, until)
    async with cast.container.scope(system()) as scope:
        await index.refresh_due(scope)
    assert {key: value[0] for key, value in fresh.items()} == {
        (id_, use): shield.state for id_, mine in (await _shields(cast.container, photos)).items() for use, shield in mine.items()
    }


async def _shields(container: Container, photos: list[UUID]) -> dict[UUID, dict[str, index.Shield]]:
    async with container.scope(system()) as scope:
        return await index.shields(scope, photos)


async def test_two_refreshes_at_once_leave_the_newest_facts(cast: Cast) -> None:
    """The second waits for the first and reads afterwards, so an older reading never overwrites a newer one."""
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    row = await add_consent(cast.container, cast.alice, anna, "website")
    async with cast.container.scope(system()) as first:
        await index.refresh(first, [photo])
        async with cast.scope(cast.alice) as scope:
            await withdrawal.withdraw(scope, row.id)
    await refresh(cast.container, photo)
    assert (await shown(cast.container, photo)).state is ClearanceState.REVOKED

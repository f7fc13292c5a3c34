"""Withdrawing: at once, once, only what can be withdrawn; and the timeline that shows it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from photobank.audit.tags import Tag
from photobank.consents import records, withdrawal
from photobank.consents.status import ConsentStatus
from photobank.consents.timeline import timeline
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from tests.consents.test_recording import YEAR, record
from tests.factories import add_person
from tests.house import TODAY, Cast, audit_of


async def test_withdrawing_ends_the_record(cast: Cast, anna: UUID, clock: TurnableClock, jobs: MemoryQueue) -> None:
    row = await record(cast, anna, "website", "social")
    clock.turn(timedelta(days=2))
    jobs.jobs.clear()
    async with cast.scope(cast.rita) as scope:
        gone = await withdrawal.withdraw(scope, row.id)
    assert gone.status is ConsentStatus.withdrawn
    assert gone.withdrawn_at == clock.now()
    assert (Job.refresh_person, (str(anna),)) in jobs.jobs
    (event,) = await audit_of(cast.container, Tag.consent_withdrawn)
    assert event.payload == {"regime": "consent", "uses": ["social", "website"], "whole": True}


async def test_doing_it_twice_changes_nothing_more(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    row = await record(cast, anna, "website", "social")
    moments = []
    for uses in (["social"], ["social"], None, None, ["website"]):
        clock.turn(timedelta(days=1))
        async with cast.scope(cast.rita) as scope:
            moments.append((await withdrawal.withdraw(scope, row.id, uses)).withdrawn_at)
    assert moments == [None, None, *[TODAY + timedelta(days=3)] * 3]
    assert len(await audit_of(cast.container, Tag.consent_withdrawn)) == 2


async def test_one_use_can_be_withdrawn(cast: Cast, anna: UUID) -> None:
    row = await record(cast, anna, "website", "social")
    async with cast.scope(cast.rita) as scope:
        left = await withdrawal.withdraw(scope, row.id, ["social"])
        assert left.status is ConsentStatus.signed
        assert {use.use: use.withdrawn_at is None for use in left.uses} == {"social": False, "website": True}
        with pytest.raises(Invalid):
            await withdrawal.withdraw(scope, row.id, ["print"])
        with pytest.raises(Invalid):
            await withdrawal.withdraw(scope, row.id, [])
        assert (await withdrawal.withdraw(scope, row.id, ["website"])).status is ConsentStatus.withdrawn


@pytest.mark.parametrize("regime", ["release", "contract", "press"])
async def test_an_agreement_cannot_be_withdrawn(cast: Cast, anna: UUID, regime: str) -> None:
    row = await record(cast, anna, "website", regime=regime, reason="Modelcontract", actor=cast.petra)
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(Conflict, match="cannot be withdrawn"):
            await withdrawal.withdraw(scope, row.id)
        assert (await records.get(scope, row.id)).status is ConsentStatus.signed


async def test_an_interest_can_be_objected_to(cast: Cast, anna: UUID) -> None:
    row = await record(cast, anna, "internal", regime="legitimate_interest", reason="Smoelenboek", actor=cast.petra)
    async with cast.scope(cast.rita) as scope:
        assert (await withdrawal.withdraw(scope, row.id)).status is ConsentStatus.withdrawn


async def test_who_may_not(cast: Cast, anna: UUID) -> None:
    row = await record(cast, anna, "website")
    for actor, error in ((cast.bob, Refused), (cast.charlie, Refused)):
        with pytest.raises(error):
            async with cast.scope(actor) as scope:
                await withdrawal.withdraw(scope, row.id)
    hidden = await record(cast, await add_person(cast.container, "Directeur"), "website", actor=cast.alice)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await withdrawal.withdraw(scope, hidden.id)
    assert [event.consent_id for event in await audit_of(cast.container, Tag.consent_withdrawn, "refused")] == [row.id, row.id]


async def test_the_timeline_shows_a_bar_per_use_and_what_happened(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    row = await record(cast, anna, "website", "social", valid_until=TODAY + YEAR)
    clock.turn(timedelta(days=10))
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id, ["social"])
    async with cast.scope(cast.bob) as scope:
        shown = await timeline(scope, anna)
    assert [(bar.use, bar.start, bar.end, bar.ended_by) for bar in shown.bars] == [
        ("social", TODAY, TODAY + timedelta(days=10), "withdrawn"),
        ("website", TODAY, TODAY + YEAR, "expired"),
    ]
    assert [(tick.kind, tick.uses) for tick in shown.ticks] == [("recorded", ("social", "website")), ("withdrawn", ("social",))]


async def test_a_no_on_one_paper_ends_what_was_signed_before_on_another(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    first = await record(cast, anna, "website", "social")
    clock.turn(timedelta(days=1))
    await record(cast, anna, "website", "print")
    clock.turn(timedelta(days=1))
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, first.id, ["website"])
        shown = await timeline(scope, anna)
    assert {(bar.number, bar.use): bar.end for bar in shown.bars} == {
        (1, "website"): clock.now(),
        (1, "social"): None,
        (2, "website"): clock.now(),
        (2, "print"): None,
    }


async def test_somebody_out_of_sight_has_no_timeline(cast: Cast) -> None:
    hidden = await add_person(cast.container, "Directeur")
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(NotFound):
            await timeline(scope, hidden)

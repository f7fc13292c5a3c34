"""While the verdicts of many photos are derived again, whoever reads gets a right answer at every moment."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from photobank.clearance import index, judgement
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.delivery import release
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast
from workers import clearance as jobs

PHOTOS, BATCH = 120, 12
GREEN, RED = ("approved", True), ("revoked", False)


async def _lists(cast: Cast, photos: list) -> dict:
    async with cast.scope(cast.alice) as scope:
        found = await index.shields(scope, photos)
    return {id_: {use: (one.state.value, one.allowed) for use, one in mine.items()} for id_, mine in found.items()}


async def test_reads_stay_right_at_every_moment(cast: Cast, clock: TurnableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions follow the consent at once. A list shows each photo as it was or as it is, never half of both, never back again."""
    monkeypatch.setattr(index, "BATCH", BATCH)
    anna = await add_person(cast.container)
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=n == 0) for n in range(PHOTOS)]
    row = await add_consent(cast.container, cast.alice, anna, "website", "social", "internal")
    await jobs.refresh_person({"container": cast.container}, str(anna))
    shown = await _lists(cast, photos)
    assert {mine["website"] for mine in shown.values()} == {GREEN}
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, row.id, ["website", "social"])

    async def look(red: set, longest: float) -> tuple[set, float]:
        began = time.perf_counter()
        async with cast.scope(cast.alice) as scope:
            decided = await judgement.verdicts(scope, photos)
        now = await _lists(cast, photos)
        longest = max(longest, time.perf_counter() - began)
        for id_ in photos:
            assert [decided[id_][use].allowed for use in ("website", "social", "internal")] == [False, False, True]
            assert now[id_]["website"] == now[id_]["social"] in (GREEN, RED)
            assert now[id_]["internal"] == GREEN
        turned = {id_ for id_, mine in now.items() if mine["website"] == RED}
        assert red <= turned
        return turned, longest

    with pytest.raises(ClearanceRefused):
        async with cast.scope(cast.alice) as scope:
            await release.download(scope, photos[0], "original", "website")
    red, longest = await look(set(), 0.0)
    assert red == set(), "nobody has derived anything yet"
    stages = set()
    deriving = asyncio.create_task(jobs.refresh_person({"container": cast.container}, str(anna)))
    while not deriving.done():
        red, longest = await look(red, longest)
        stages.add(len(red))
    await deriving
    red, longest = await look(red, longest)
    assert red == set(photos)
    assert len(stages) > 1, "nobody looked while it was under way"
    assert longest < 5, "whoever reads waits for no lock"

    # The other way round nothing is greener in a list than the decision is: it comes late, not early.
    clock.turn(timedelta(minutes=1))
    async with cast.scope(cast.alice) as scope:
        await recording.record(scope, NewConsent(person_id=anna, uses=("website",)))
    assert {mine["website"] for mine in (await _lists(cast, photos)).values()} == {RED}
    await jobs.refresh_person({"container": cast.container}, str(anna))
    assert {mine["website"] for mine in (await _lists(cast, photos)).values()} == {GREEN}

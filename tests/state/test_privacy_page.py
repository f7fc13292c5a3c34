"""What the privacy desk's page reads: the days that are left, and nothing for who does not deal with requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.privacy import desk
from state.privacy import read_privacy
from tests.factories import add_person
from tests.house import Cast


async def test_the_page_counts_the_days_that_are_left(cast: Cast, clock: TurnableClock) -> None:
    anna, bea = await add_person(cast.container), await add_person(cast.container, "Bea")
    async with cast.scope(cast.petra) as scope:
        empty = await read_privacy.read(scope, shown=30)
        await desk.enter(scope, anna, "access")
    assert (empty["status"], empty["waiting"]) == ("empty", [])
    clock.turn(timedelta(days=3))
    async with cast.scope(cast.petra) as scope:
        row = await desk.enter(scope, bea, "erasure")
        await desk.close(scope, row.id, "refused", "Bewaarplicht.")
        page = await read_privacy.read(scope, shown=30)
    (waiting,), (answered,) = page["waiting"], page["answered"]
    assert (waiting.name, waiting.kind, waiting.left, waiting.late) == ("Anna", "access", 27, False)
    assert waiting.due_at.startswith("2026-12-23")
    assert (answered.name, answered.outcome, answered.answer, page["count"]) == ("Bea", "refused", "Bewaarplicht.", 1)
    for days, left, late in ((27, 0, False), (1, -1, True)):
        clock.turn(timedelta(days=days))
        async with cast.scope(cast.petra) as scope:
            (waiting,) = (await read_privacy.read(scope, shown=30))["waiting"]
        assert (waiting.left, waiting.late) == (left, late)
    for actor in (cast.rita, cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await read_privacy.read(scope, shown=30)

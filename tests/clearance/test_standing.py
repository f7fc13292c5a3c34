"""Where people stand in one word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.clearance import standing
from photobank.clearance.verdicts import ClearanceState as S
from photobank.clearance.verdicts import PersonVerdict
from photobank.consents import reach, withdrawal
from photobank.consents.records import Extent
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import NotFound
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast


def states(*found: S) -> dict[str, PersonVerdict]:
    return {str(n): PersonVerdict(state, None, None, None) for n, state in enumerate(found)}


@pytest.mark.parametrize(
    ("found", "sum_", "granted"),
    [
        ([S.APPROVED, S.MISSING, S.REVOKED], S.APPROVED, 1),
        ([S.APPROVED, S.EXPIRING], S.EXPIRING, 2),
        ([S.MISSING, S.REVOKED, S.EXPIRED], S.REVOKED, 0),
        ([S.MISSING, S.EXPIRED], S.EXPIRED, 0),
        ([S.MISSING], S.MISSING, 0),
        ([], S.MISSING, 0),
    ],
)
def test_what_is_granted_counts_first(found: list[S], sum_: S, granted: int) -> None:
    stand = standing.sum_up(states(*found))
    assert (stand.state, stand.granted, stand.of) == (sum_, granted, len(found))


async def test_many_people_at_once(cast: Cast, clock: TurnableClock) -> None:
    anna, bea, cor = [await add_person(cast.container, name) for name in ("Anna", "Bea", "Cor")]
    await add_consent(cast.container, cast.alice, anna, "internal", "website", valid_until=TODAY + timedelta(days=90))
    gone = await add_consent(cast.container, cast.alice, bea, "internal")
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, gone.id)
    async with cast.scope(cast.alice) as scope:
        found = await standing.of_people(scope, [anna, bea, cor])
    assert [(found[one].state, found[one].granted) for one in (anna, bea, cor)] == [(S.APPROVED, 2), (S.REVOKED, 0), (S.MISSING, 0)]
    clock.turn(timedelta(days=70))
    async with cast.scope(cast.alice) as scope:
        assert (await standing.of_people(scope, [anna]))[anna].state is S.EXPIRING


async def test_a_record_reaches_the_photos_it_is_about(cast: Cast) -> None:
    anna, bea = [await add_person(cast.container, name) for name in ("Anna", "Bea")]
    first = await add_photo(cast.container, cast.shared, [anna], seed=1)
    await add_photo(cast.container, cast.closed, [anna, bea], seed=2)
    await add_photo(cast.container, cast.shared, [bea], seed=3)
    everywhere = await add_consent(cast.container, cast.alice, anna, "internal")
    folder = await add_consent(cast.container, cast.alice, anna, "press", extent=Extent.folder, extent_ids=(cast.closed,))
    named = await add_consent(cast.container, cast.alice, anna, "print", extent=Extent.photos, extent_ids=(first,))
    async with cast.scope(cast.alice) as scope:
        assert [await reach.photos(scope, row.id) for row in (everywhere, folder, named)] == [2, 1, 1]
    async with cast.scope(cast.rita) as scope:  # counts what she sees, and no more
        assert [await reach.photos(scope, row.id) for row in (everywhere, folder, named)] == [1, 0, 1]
    stranger = await add_consent(cast.container, cast.alice, await add_person(cast.container, "Dirk"), "internal")
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await reach.photos(scope, stranger.id)

"""The trash as a whole: its numbers, emptied by who may, and by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.access.actor import system
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, NotFound, Refused
from photobank.library import archiving, assets, trash
from photobank.library.assets import Filters
from photobank.models.assets import AssetState
from tests.factories import add_photo, change_asset
from tests.house import Cast, audit_of


async def test_the_numbers_say_what_each_may_delete_and_what_a_hold_keeps(cast: Cast, clock: TurnableClock) -> None:
    ids = [await add_photo(cast.container, cast.shared, with_bytes=False, seed=n) for n in range(3)]
    await add_photo(cast.container, cast.closed, with_bytes=False, state=AssetState.trashed, trashed_at=clock.now())
    async with cast.scope(cast.bob) as scope:
        for id_ in ids:
            await trash.trash(scope, id_)
    await change_asset(cast.container, ids[0], hold_at=clock.now())
    await cast.grant(cast.petra, cast.shared, "edit")
    for actor, numbers in ((cast.alice, (4, 3, 1)), (cast.petra, (4, 2, 1)), (cast.bob, (3, 0, 1)), (cast.charlie, (0, 0, 0))):
        async with cast.scope(actor) as scope:
            found = await trash.counts(scope)
            assert (found.photos, found.purgeable, found.held) == numbers, actor.name
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await trash.empty(scope)
    async with cast.scope(cast.petra) as scope:
        assert await trash.empty(scope, limit=1) == 1
        assert await trash.empty(scope) == 1
        assert await trash.empty(scope) == 0
    async with cast.scope(cast.alice) as scope:
        assert (await trash.counts(scope)).photos == 2
        assert await assets.count(scope, Filters(trashed=True)) == 2
    assert len(await audit_of(cast.container, "asset:purge", "done")) == 2


async def test_the_clock_empties_it_after_thirty_days_but_not_of_what_is_held(cast: Cast, clock: TurnableClock) -> None:
    gone, held = [await add_photo(cast.container, cast.shared, with_bytes=False, seed=n) for n in range(2)]
    async with cast.scope(cast.bob) as scope:
        for id_ in (gone, held):
            await trash.trash(scope, id_)
    await change_asset(cast.container, held, hold_at=clock.now())
    for days, purged in ((29, 0), (2, 1), (300, 0)):
        clock.turn(timedelta(days=days))
        async with cast.scope(system()) as scope:
            assert await trash.purge_due(scope) == purged
    async with cast.scope(cast.bob) as scope:
        assert (await trash.restore(scope, held)).state == AssetState.ready
        with pytest.raises(NotFound):
            await trash.restore(scope, gone)


async def test_archived_photos_go_in_and_out_one_by_one_too(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, with_bytes=False)
    async with cast.scope(cast.bob) as scope:
        assert (await archiving.archive(scope, photo)).state == AssetState.archived
        assert await assets.count(scope, Filters(state=AssetState.archived)) == 1
        with pytest.raises(Conflict):
            await archiving.archive(scope, photo)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await archiving.unarchive(scope, photo)
    async with cast.scope(cast.alice) as scope:
        assert (await archiving.unarchive(scope, photo)).state == AssetState.ready
        with pytest.raises(Conflict):
            await archiving.unarchive(scope, photo)

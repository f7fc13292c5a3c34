"""What stands beside a photo: in the library and its filters both ways, in a collection by hand, and never what one may not see."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from photobank.kernel.errors import NotFound
from photobank.library import collections, marks, neighbours
from photobank.library.assets import Filters
from photobank.library.neighbours import Neighbours
from photobank.models.collections import CollectionKind
from tests.factories import add_person, add_photo, change_asset
from tests.house import Cast


async def shoot(cast: Cast, *folders: UUID) -> list[UUID]:
    """Photos newest first, two a month."""
    made = [await add_photo(cast.container, folder, with_bytes=False, seed=n) for n, folder in enumerate(folders)]
    for n, id_ in enumerate(made):
        at = datetime(2026, 10 - n // 2, 20 - n % 2, 12, tzinfo=UTC)
        await change_asset(cast.container, id_, sort_at=at, taken_at=at)
    return made


async def test_every_photo_of_the_list_is_walked_both_ways(cast: Cast) -> None:
    made = await shoot(cast, *[cast.shared] * 5)
    for oldest_first in (False, True):
        order = made[::-1] if oldest_first else made
        async with cast.scope(cast.bob) as scope:
            for n, id_ in enumerate(order):
                found = await neighbours.in_list(scope, id_, Filters(folder_id=cast.shared), oldest_first=oldest_first)
                previous = order[n - 1] if n else None
                assert found == Neighbours(previous, order[n + 1] if n < 4 else None, n + 1, 5)


async def test_what_one_may_not_see_is_stepped_over_and_not_counted(cast: Cast) -> None:
    made = await shoot(cast, cast.shared, cast.closed, cast.shared)
    async with cast.scope(cast.bob) as scope:
        assert await neighbours.in_list(scope, made[0], Filters()) == Neighbours(None, made[2], 1, 2)
        with pytest.raises(NotFound):
            await neighbours.in_list(scope, made[1], Filters())
    async with cast.scope(cast.alice) as scope:
        assert await neighbours.in_list(scope, made[2], Filters()) == Neighbours(made[1], None, 3, 3)


async def test_a_photo_that_left_the_list_keeps_its_neighbours(cast: Cast) -> None:
    made = await shoot(cast, *[cast.shared] * 4)
    async with cast.scope(cast.bob) as scope:
        await marks.favour(scope, [made[0], made[3]])
        found = await neighbours.in_list(scope, made[1], Filters(favourite=True))
        assert found == Neighbours(made[0], made[3], 0, 2)


async def test_a_collection_has_an_order_of_its_own(cast: Cast) -> None:
    made = await shoot(cast, cast.shared, cast.closed, cast.shared, cast.shared)
    async with cast.scope(cast.alice) as scope:
        team = (await collections.create(scope, "Jaarverslag", CollectionKind.team)).id
        mine = (await collections.create(scope, "Mijn")).id
        await collections.add(scope, team, [made[2], made[1], made[0]])
        assert await neighbours.in_collection(scope, made[1], team) == Neighbours(made[2], made[0], 2, 3)
    async with cast.scope(cast.bob) as scope:
        assert await neighbours.in_collection(scope, made[0], team) == Neighbours(made[2], None, 2, 2)
        assert await neighbours.in_collection(scope, made[3], team) == Neighbours(None, None, 0, 2)
        with pytest.raises(NotFound):
            await neighbours.in_collection(scope, made[0], mine)
        with pytest.raises(NotFound):
            await neighbours.in_collection(scope, made[1], team)


async def test_of_one_person_and_of_a_pair(cast: Cast) -> None:
    anna = await add_person(cast.container, "Anna")
    hers = [await add_photo(cast.container, cast.shared, [anna], with_bytes=False, seed=10 + n) for n in range(2)]
    others = await shoot(cast, *[cast.shared] * 3)
    async with cast.scope(cast.bob) as scope:
        found = await neighbours.in_list(scope, hers[0], Filters(person_id=anna))  # the newest is first
        assert found == Neighbours(hers[1], None, 2, 2)
        pair = Filters(ids=(others[0], others[2]))
        assert await neighbours.in_list(scope, others[0], pair) == Neighbours(None, others[2], 1, 2)

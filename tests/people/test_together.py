"""With whom somebody is often on one photo: only photos and people in sight count."""

from __future__ import annotations

import pytest

from photobank.kernel.errors import NotFound
from photobank.people import persons, together
from tests.factories import add_person, add_photo
from tests.house import Cast


async def test_the_most_often_together_come_first_and_only_what_is_in_sight_counts(cast: Cast) -> None:
    anna, bea, cas, dirk = [await add_person(cast.container, name) for name in ("Anna", "Bea", "Cas", "Dirk")]
    for seed, folder, who in (
        (1, cast.shared, [anna, bea]),
        (2, cast.shared, [anna, cas]),
        (3, cast.shared, [anna, bea, cas]),
        (4, cast.shared, [anna, bea]),
        (5, cast.closed, [anna, dirk]),
        (6, cast.shared, [bea, cas]),
    ):
        await add_photo(cast.container, folder, who, seed=seed, with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        found = await together.of_person(scope, anna)
        assert [(one.person.name, one.photos) for one in found] == [("Bea", 3), ("Cas", 2)]
        with pytest.raises(NotFound):
            await together.of_person(scope, dirk)
    async with cast.scope(cast.alice) as scope:
        assert [(one.person.name, one.photos) for one in await together.of_person(scope, anna)][-1] == ("Dirk", 1)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, bea, hidden=True)
    async with cast.scope(cast.rita) as scope:
        assert [one.person.name for one in await together.of_person(scope, anna)] == ["Cas"]

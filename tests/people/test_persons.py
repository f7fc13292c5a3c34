"""People: who sees what of them, hiding, merging."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest

from photobank.access.actor import Actor
from photobank.consents import records, withdrawal
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.library import assets
from photobank.library.assets import Filters
from photobank.models.people import Person
from photobank.people import merging, persons
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, with_key


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    person_id = await add_person(cast.container, "Anna de Vries")
    await add_photo(cast.container, cast.shared, [person_id], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, person_id, email="anna@example.org", note="Ward 3", birth_date=date(1990, 5, 1))
    return person_id


async def test_contact_data_is_for_those_who_deal_with_people(cast: Cast, anna: UUID) -> None:
    async def told(actor: Actor) -> tuple[str, str, str, date | None]:
        async with cast.scope(actor) as scope:
            found = await persons.detail(scope, anna)
        return found.name, found.email, found.note, found.birth_date

    for actor in (cast.rita, cast.petra, cast.alice, with_key(cast.rita, "read")):
        assert await told(actor) == ("Anna de Vries", "anna@example.org", "Ward 3", date(1990, 5, 1))
    assert await told(cast.bob) == ("Anna de Vries", "", "", None)


async def test_a_hidden_person_can_still_withdraw_and_be_shown_again(cast: Cast, anna: UUID) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, hidden=True)
    async with cast.scope(cast.rita) as scope:
        assert (await persons.page(scope)).items == []
        assert [one.id for one in await records.of_person(scope, anna)] == [row.id]
        assert (await withdrawal.withdraw(scope, row.id)).withdrawn_at is not None
        await persons.change(scope, anna, hidden=False)
        await scope.db.flush()
        assert [one.id for one in (await persons.page(scope)).items] == [anna]


async def test_the_order_of_the_list_tells_nothing_about_people_out_of_sight(cast: Cast, anna: UUID) -> None:
    secret = await add_person(cast.container, "Boris")
    await add_photo(cast.container, cast.closed, [secret], with_bytes=False)
    with pytest.raises(Invalid):
        async with cast.scope(cast.rita) as scope:
            await persons.page(scope, cursor=str(secret))
    async with cast.scope(cast.rita) as scope:
        assert (await persons.page(scope, cursor=str(anna))).items == []


async def test_photos_are_found_by_person_only_by_who_may_see_the_person(cast: Cast, anna: UUID) -> None:
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        assert await assets.count(scope, Filters(person_id=anna)) == 1
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await assets.count(scope, Filters(person_id=anna))


async def test_two_merges_at_once_there_and_back_leave_one_person(cast: Cast, anna: UUID) -> None:
    ann = await add_person(cast.container, "Ann")
    await add_photo(cast.container, cast.shared, [ann], with_bytes=False)

    async def merge(one: UUID, other: UUID) -> None:
        async with cast.scope(cast.rita) as scope:
            await merging.merge(scope, one, other)

    done = await asyncio.gather(merge(anna, ann), merge(ann, anna), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFound"]
    async with cast.container.sessions() as db:
        left = [one for one in (anna, ann) if (found := await db.get(Person, one)) and found.merged_into is None]
    assert len(left) == 1


async def test_who_was_merged_away_is_not_found(cast: Cast, anna: UUID) -> None:
    ann = await add_person(cast.container, "Ann")
    await add_photo(cast.container, cast.shared, [ann], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        await merging.merge(scope, ann, anna)
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await persons.detail(scope, ann)

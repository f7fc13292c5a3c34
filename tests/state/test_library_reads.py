"""What an open library is told at a push: counts, changes and sight, each of what its reader may see."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from photobank.clearance import index
from photobank.models.assets import AssetState
from photobank.models.consents import StoredVerdict
from photobank.people import persons
from state import library
from state.library import read_library
from tests.factories import add_person, add_photo
from tests.house import Cast


async def read(cast: Cast, name: str) -> dict[str, object]:
    async with cast.scope(getattr(cast, name)) as scope:
        return dict(await read_library.read(scope))


def ids(answer: dict[str, object]) -> set[UUID]:
    changes = answer["changes"]
    assert isinstance(changes, list)
    return {UUID(id_) for id_, _ in changes}


async def test_each_reads_of_what_that_person_may_see(cast):
    shared = await add_photo(cast.container, cast.shared, with_bytes=False)
    closed = await add_photo(cast.container, cast.closed, with_bytes=False)
    thrown = await add_photo(cast.container, cast.shared, state=AssetState.trashed, with_bytes=False)
    sent = await add_photo(cast.container, cast.shared, by=cast.rita, state=AssetState.uploading, with_bytes=False)
    expected = {
        "alice": ({shared, closed, thrown}, 2),
        "bob": ({shared, thrown}, 1),
        "rita": ({shared, thrown, sent}, 2),
        "charlie": (set(), 0),
    }
    for name, (seen, count) in expected.items():
        answer = await read(cast, name)
        assert (ids(answer), answer["count"]) == (seen, count), name


async def test_a_verdict_that_turns_out_different_is_a_change(cast, clock):
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    async with cast.scope(cast.alice) as scope:
        await index.refresh(scope, [photo])
    before = (await read(cast, "bob"))["changes"]
    clock.turn(timedelta(minutes=1))
    async with cast.scope(cast.alice) as scope:
        assert await index.refresh(scope, [photo]) == []
    assert (await read(cast, "bob"))["changes"] == before
    async with cast.scope(cast.alice) as scope:
        await scope.db.execute(delete(StoredVerdict))
    clock.turn(timedelta(minutes=1))
    async with cast.scope(cast.alice) as scope:
        assert await index.refresh(scope, [photo]) == [photo]
    after = (await read(cast, "bob"))["changes"]
    assert [id_ for id_, _ in after] == [str(photo)]
    assert after != before


async def test_sight_changes_with_rights_and_with_nothing_else(cast):
    first = await read(cast, "charlie")
    await add_photo(cast.container, cast.shared, with_bytes=False)
    assert (await read(cast, "charlie"))["sight"] == first["sight"]
    await cast.grant(cast.charlie, cast.shared, "view")
    given = await read(cast, "charlie")
    assert given["sight"] != first["sight"]
    assert given["count"] == 1
    await cast.grant(cast.charlie, cast.shared, "edit")
    assert (await read(cast, "charlie"))["sight"] != given["sight"]
    assert (await read(cast, "bob"))["sight"] != given["sight"]


async def test_narrowed_to_somebody_only_photos_in_sight_count_and_nobody_out_of_sight_is_named(cast):
    anna, ben = await add_person(cast.container, "Anna"), await add_person(cast.container, "Ben")
    await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_photo(cast.container, cast.closed, [anna, ben], with_bytes=False)
    await add_photo(cast.container, cast.shared, with_bytes=False)
    for actor, photos in ((cast.alice, 2), (cast.bob, 1)):
        async with cast.scope(actor) as scope:
            assert (await read_library.read(scope, person_id=str(anna)))["count"] == photos
            assert await library._person(scope, str(anna)) == (str(anna), "Anna")
    async with cast.scope(cast.charlie) as scope:
        assert await library._person(scope, str(anna)) is None
    async with cast.scope(cast.bob) as scope:
        assert await library._person(scope, str(ben)) is None
        assert (await read_library.read(scope, person_id=str(ben)))["count"] == 0
        assert await library._person(scope, "nobody") is None
    async with cast.scope(cast.alice) as scope:
        await persons.change(scope, anna, hidden=True)
        assert await library._person(scope, str(anna)) is None, "who is hidden is in no list to choose from, nor an address for one"

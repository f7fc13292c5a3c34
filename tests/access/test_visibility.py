"""What one may not see is not found: lists, counts, people."""

from __future__ import annotations

import pytest

from photobank.access import visibility
from photobank.access.actor import anonymous
from photobank.kernel.errors import NotAuthenticated, NotFound, Refused
from photobank.library import assets, folders
from photobank.library.describing import Description
from photobank.models.assets import AssetState
from photobank.people import persons
from tests.factories import add_person, add_photo
from tests.house import with_key


async def test_each_sees_the_photos_of_the_folders_granted(cast):
    shared = await add_photo(cast.container, cast.shared, with_bytes=False)
    closed = await add_photo(cast.container, cast.closed, with_bytes=False)
    expected = {"alice": {shared, closed}, "petra": {shared, closed}, "bob": {shared}, "rita": {shared}, "charlie": set()}
    for name, ids in expected.items():
        async with cast.scope(getattr(cast, name)) as scope:
            assert {asset.id for asset in (await assets.page(scope, assets.Filters())).items} == ids, name
            assert await assets.count(scope, assets.Filters()) == len(ids), name
            assert sum(n for _, n in await assets.months(scope, assets.Filters())) == len(ids), name
            assert sum(row.photos for row in await folders.list_all(scope)) == len(ids), name


async def test_a_photo_out_of_sight_is_not_found_not_refused(cast):
    closed = await add_photo(cast.container, cast.closed, with_bytes=False)
    for actor in (cast.bob, cast.charlie):
        async with cast.scope(actor) as scope:
            with pytest.raises(NotFound):
                await assets.find(scope, closed)


async def test_what_may_be_seen_but_not_done_is_refused_and_kept(cast):
    shared = await add_photo(cast.container, cast.shared, with_bytes=False)
    await cast.grant(cast.charlie, cast.shared, "view")
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await assets.edit(scope, shared, Description(title="Mine"))
    async with cast.scope(cast.charlie) as scope:
        assert (await assets.find(scope, shared)).title == ""


async def test_the_trash_is_out_of_the_lists(cast):
    await add_photo(cast.container, cast.shared, state=AssetState.trashed, with_bytes=False)
    async with cast.scope(cast.bob) as scope:
        assert await assets.count(scope, assets.Filters()) == 0
        assert await assets.count(scope, assets.Filters(trashed=True)) == 1


async def test_an_upload_under_way_is_seen_by_its_sender_only(cast):
    await add_photo(cast.container, cast.shared, by=cast.bob, state=AssetState.uploading, with_bytes=False)
    for actor, n in ((cast.bob, 1), (cast.rita, 0), (cast.alice, 0)):
        async with cast.scope(actor) as scope:
            assert await assets.count(scope, assets.Filters()) == n


async def test_a_person_is_seen_through_photos_in_sight(cast):
    anna, ben = await add_person(cast.container, "Anna"), await add_person(cast.container, "Ben")
    await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_photo(cast.container, cast.closed, [anna, ben], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        rows = (await persons.page(scope)).items
        assert [(row.name, row.photos) for row in rows] == [("Anna", 1)]
        with pytest.raises(NotFound):
            await persons.find(scope, ben)
    async with cast.scope(cast.petra) as scope:
        assert [(row.name, row.photos) for row in (await persons.page(scope)).items] == [("Anna", 2), ("Ben", 1)]


async def test_a_key_without_the_scope_sees_nothing(cast):
    await add_photo(cast.container, cast.shared, with_bytes=False)
    with pytest.raises(Refused):
        async with cast.scope(with_key(cast.alice, "audit")) as scope:
            await assets.page(scope, assets.Filters())


async def test_nobody_is_asked_to_sign_in(cast):
    async with cast.scope(anonymous()) as scope:
        with pytest.raises(NotAuthenticated):
            await visibility.assets(scope)

"""Collections: they grant nothing, and count what one may see."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.library import assets, collections, trash
from photobank.library.assets import Filters
from photobank.library.describing import Description
from photobank.library.marks import favour, rate
from photobank.models.collections import CollectionKind
from tests.factories import add_photo
from tests.house import Cast


async def photos(cast: Cast, count: int, folder: UUID) -> list[UUID]:
    return [await add_photo(cast.container, folder, with_bytes=False, seed=n) for n in range(count)]


async def order_of(cast: Cast, actor: object, collection_id: UUID) -> list[UUID]:
    found: list[UUID] = []
    cursor: str | None = None
    while True:
        async with cast.scope(actor) as scope:  # type: ignore[arg-type]
            page = await collections.assets(scope, collection_id, cursor, 2)
        found += [asset.id for asset in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_each_sees_and_counts_their_own_part_of_a_team_collection(cast: Cast) -> None:
    here, there = await photos(cast, 3, cast.shared), await photos(cast, 2, cast.closed)
    async with cast.scope(cast.alice) as scope:
        made = await collections.create(scope, " Jaar  verslag ", CollectionKind.team)
        assert made.name == "Jaar verslag"
        await collections.add(scope, made.id, [there[0], *here, there[1]])
        await collections.change(scope, made.id, cover_id=there[0])
    async with cast.scope(cast.alice) as scope:
        row = await collections.get(scope, made.id)
        assert (row.photos, row.cover_id, row.mine) == (5, there[0], True)
    for actor, count, cover in ((cast.bob, 3, here[0]), (cast.charlie, 0, None)):
        async with cast.scope(actor) as scope:
            (row,) = (await collections.page(scope)).items
            assert (row.photos, row.cover_id, row.mine) == (count, cover, False)
            assert await assets.count(scope, Filters(collection_id=made.id)) == count
    assert await order_of(cast, cast.alice, made.id) == [there[0], *here, there[1]]
    assert await order_of(cast, cast.bob, made.id) == here
    async with cast.scope(cast.bob) as scope:
        await trash.trash(scope, here[1])
    assert await order_of(cast, cast.bob, made.id) == [here[0], here[2]]


async def test_a_personal_one_is_nobody_elses(cast: Cast) -> None:
    (photo,) = await photos(cast, 1, cast.shared)
    async with cast.scope(cast.bob) as scope:
        mine = (await collections.create(scope, "Mijn")).id
        await collections.add(scope, mine, [photo])
        assert await collections.holding(scope, photo) == [mine]
    async with cast.scope(cast.alice) as scope:
        assert (await collections.page(scope)).items == []
        assert await collections.holding(scope, photo) == []
        for ask in (
            collections.get(scope, mine),
            collections.add(scope, mine, [photo]),
            collections.remove(scope, mine),
            collections.assets(scope, mine),
            assets.count(scope, Filters(collection_id=mine)),
        ):
            with pytest.raises(NotFound):
                await ask


async def test_the_team_fills_it_and_its_owner_or_an_admin_renames_it(cast: Cast) -> None:
    (photo, other) = await photos(cast, 2, cast.shared)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        team = (await collections.create(scope, "Team", CollectionKind.team)).id
    async with cast.scope(cast.rita) as scope:
        assert await collections.add(scope, team, [photo, other, photo]) == {photo, other}
        assert await collections.drop(scope, team, [other]) == {other}
        with pytest.raises(Refused):
            await collections.change(scope, team, name="Mine")
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await collections.add(scope, team, [photo])
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await collections.create(scope, "Team", CollectionKind.team)
    async with cast.scope(cast.alice) as scope:
        assert (await collections.change(scope, team, name="Anders")).name == "Anders"
        await collections.remove(scope, team)
        assert (await assets.find(scope, photo)).id == photo


async def test_what_one_does_not_see_cannot_be_put_in_and_keeps_its_place(cast: Cast) -> None:
    a, b, c = await photos(cast, 3, cast.shared)
    (hidden,) = await photos(cast, 1, cast.closed)
    async with cast.scope(cast.alice) as scope:
        team = (await collections.create(scope, "Team", CollectionKind.team)).id
        await collections.add(scope, team, [a, hidden, b, c])
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(NotFound):
            await collections.add(scope, team, [hidden])
        with pytest.raises(NotFound):
            await collections.arrange(scope, team, [c], hidden)
        with pytest.raises(NotFound):
            await collections.change(scope, team, cover_id=hidden) if False else await collections.arrange(scope, team, [hidden], a)
        assert await collections.drop(scope, team, [hidden]) == set()
        await collections.arrange(scope, team, [c], a)
    assert await order_of(cast, cast.alice, team) == [c, a, hidden, b]
    async with cast.scope(cast.bob) as scope:
        await collections.arrange(scope, team, [c, a], None)
    assert await order_of(cast, cast.alice, team) == [hidden, b, c, a]
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Invalid):
            await collections.assets(scope, team, "x")


async def test_lists_are_narrowed_by_what_people_made_of_photos(cast: Cast) -> None:
    a, b, c = await photos(cast, 3, cast.shared)
    async with cast.scope(cast.rita) as scope:
        await rate(scope, [a], 1)
        await favour(scope, [c])
    async with cast.scope(cast.bob) as scope:
        await rate(scope, [a, b], 4)
        await favour(scope, [b])
        await assets.edit(scope, a, Description(tags=("Zomer",), event="Kerst"))
    async with cast.scope(cast.bob) as scope:
        for filters, wanted in (
            (Filters(favourite=True), {b}),
            (Filters(rating=3), {b}),
            (Filters(rating=2), {a, b}),
            (Filters(tag=" zomer "), {a}),
            (Filters(tag="winter"), set()),
            (Filters(event="Kerst"), {a}),
            (Filters(favourite=True, rating=5), set()),
        ):
            page = await assets.page(scope, filters)
            assert {asset.id for asset in page.items} == wanted, filters
            assert await assets.count(scope, filters) == len(wanted)


async def test_a_cursor_tells_nothing_of_what_one_does_not_see(cast: Cast) -> None:
    here, there = await photos(cast, 2, cast.shared), await photos(cast, 1, cast.closed)
    async with cast.scope(cast.alice) as scope:
        own = await collections.create(scope, "Ontslag")
        team = await collections.create(scope, "Team", CollectionKind.team)
        await collections.add(scope, team.id, [here[0], *there, here[1]])
    async with cast.scope(cast.bob) as scope:
        for ask in (
            collections.page(scope, cursor=str(own.id)),
            collections.assets(scope, team.id, cursor=str(there[0])),
        ):
            with pytest.raises(Invalid):
                await ask
        await trash.trash(scope, here[0])
        assert [one.id for one in (await collections.assets(scope, team.id, cursor=str(here[0]))).items] == [here[1]]

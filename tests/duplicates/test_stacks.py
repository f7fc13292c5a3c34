"""Stacks: bursts shown as one; suggested, made, taken apart."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest

from benchmarks.near_copies import Original, burst
from photobank.duplicates import pairs, stacks
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.library import assets, bulk, trash
from photobank.library.bulk import Change, Kind
from tests.duplicates.given import ASTRONAUT, CHELSEA, add_picture, look
from tests.factories import add_photo
from tests.house import TODAY, Cast, audit_of


async def three(cast: Cast) -> list[UUID]:
    return [await add_photo(cast.container, cast.shared, seed=seed, with_bytes=False) for seed in range(3)]


async def test_a_burst_is_no_duplicate_but_suggested_as_a_stack(cast: Cast) -> None:
    frames = [ASTRONAUT, burst(Original(ASTRONAUT, "astronaut"), random.Random(3), 0.6)]
    taken = [TODAY + timedelta(seconds=at) for at in (0, 1)]
    ids = [
        await add_picture(cast.container, cast.shared, frame, at=at, taken_at=taken[at], sort_at=taken[at])
        for at, frame in enumerate(frames)
    ]
    await look(cast.container, *ids, await add_picture(cast.container, cast.shared, CHELSEA, at=5, taken_at=TODAY))
    async with cast.scope(cast.bob) as scope:
        assert (await pairs.page(scope)).items == []
        assert await stacks.suggestions(scope) == [tuple(ids)]
        made = await stacks.make(scope, next(iter(await stacks.suggestions(scope))))
        assert made.cover_id == ids[0]
        assert await stacks.suggestions(scope) == []
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await stacks.suggestions(scope)


async def test_make_cover_take_out_dissolve(cast: Cast) -> None:
    ids = await three(cast)
    async with cast.scope(cast.bob) as scope:
        made = await stacks.make(scope, ids, cover_id=ids[1])
        assert (made.cover_id, made.asset_ids) == (ids[1], (ids[1], ids[0], ids[2]))
        assert await stacks.of_assets(scope, ids) == {id_: stacks.InStack(made.id, id_ == ids[1], 3) for id_ in ids}
        assert (await stacks.choose_cover(scope, made.id, ids[2])).cover_id == ids[2]
        await stacks.take_out(scope, made.id, ids[2])
        assert (await stacks.get(scope, made.id)).asset_ids == (ids[0], ids[1])
        assert sorted(await stacks.dissolve(scope, made.id)) == sorted(ids[:2])
        with pytest.raises(NotFound):
            await stacks.get(scope, made.id)
    assert len(await audit_of(cast.container, "stack:change")) == 2


async def test_a_stack_of_one_is_none(cast: Cast) -> None:
    ids = await three(cast)
    async with cast.scope(cast.bob) as scope:
        made = await stacks.make(scope, ids[:2])
        again = await stacks.make(scope, ids[1:])
        assert (await stacks.page(scope)).items == [again]
        with pytest.raises(NotFound):
            await stacks.get(scope, made.id)


async def test_a_cover_in_the_trash_is_stood_in_for(cast: Cast) -> None:
    ids = await three(cast)
    async with cast.scope(cast.bob) as scope:
        made = await stacks.make(scope, ids)
    async with cast.scope(cast.bob) as scope:
        await trash.trash(scope, ids[0])
    async with cast.scope(cast.bob) as scope:
        assert (await stacks.get(scope, made.id)).asset_ids == (ids[1], ids[2])


async def test_only_photos_in_sight_of_one_folder(cast: Cast) -> None:
    ids = await three(cast)
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Conflict):
            await stacks.make(scope, [ids[0], hidden])
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(NotFound):
            await stacks.make(scope, [ids[0], hidden])
        with pytest.raises(Invalid):
            await stacks.make(scope, ids[:1])
    async with cast.scope(cast.alice) as scope:
        made = await stacks.make(scope, [hidden, await add_photo(cast.container, cast.closed, with_bytes=False)])
    async with cast.scope(cast.bob) as scope:
        assert (await stacks.page(scope)).items == []
        with pytest.raises(NotFound):
            await stacks.dissolve(scope, made.id)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await stacks.make(scope, ids)


async def test_a_photo_that_moves_leaves_its_stack_and_a_whole_stack_comes_along(cast: Cast) -> None:
    ids = await three(cast)
    async with cast.scope(cast.alice) as scope:
        made = await stacks.make(scope, ids)
        await assets.edit(scope, ids[0], folder_id=cast.closed)
    async with cast.scope(cast.alice) as scope:
        left = await stacks.get(scope, made.id)
        assert (left.folder_id, left.asset_ids, left.cover_id) == (cast.shared, (ids[1], ids[2]), ids[1])
        await bulk.apply(scope, ids[1:], Change(kind=Kind.move, folder_id=cast.closed))
    async with cast.scope(cast.alice) as scope:
        assert (await stacks.get(scope, made.id)).folder_id == cast.closed
        await assets.edit(scope, ids[2], folder_id=cast.shared)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(NotFound):
            await stacks.get(scope, made.id)


async def test_a_photo_that_was_moved_away_is_of_no_stack_and_tells_nobody_of_it(cast: Cast) -> None:
    ids = await three(cast)
    async with cast.scope(cast.alice) as scope:
        made = await stacks.make(scope, ids)
        await assets.edit(scope, ids[0], folder_id=cast.closed)
    await cast.grant(cast.charlie, cast.closed, "view")
    async with cast.scope(cast.charlie) as scope:
        assert await stacks.of_assets(scope, [ids[0]]) == {}
        assert (await stacks.page(scope)).items == []
        with pytest.raises(NotFound):
            await stacks.get(scope, made.id)
    async with cast.scope(cast.alice) as scope:
        assert await stacks.of_assets(scope, [ids[0]]) == {}
        assert (await stacks.get(scope, made.id)).asset_ids == (ids[1], ids[2])
    async with cast.scope(cast.bob) as scope:
        for touch in (stacks.take_out(scope, made.id, ids[0]), stacks.choose_cover(scope, made.id, ids[0])):
            with pytest.raises(NotFound):
                await touch
        assert sorted(await stacks.dissolve(scope, made.id)) == sorted(ids[1:])

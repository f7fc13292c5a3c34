"""Bulk changes of every kind, and taking them back."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from photobank.access.actor import Actor, system
from photobank.delivery import showing
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, PhotobankError
from photobank.library import assets, bulk, collections, fields, marks, trash, undoing
from photobank.library.assets import Filters
from photobank.library.bulk import Change, Done, Kind, Left
from photobank.library.describing import Description
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.assets import Asset, AssetState
from photobank.models.descriptions import FieldKind
from tests.factories import add_photo, change_asset
from tests.house import Cast, audit_of


async def photos(cast: Cast, count: int, folder: UUID | None = None, **more: object) -> list[UUID]:
    return [await add_photo(cast.container, folder or cast.shared, with_bytes=False, seed=n, **more) for n in range(count)]  # type: ignore[arg-type]


async def do(cast: Cast, actor: Actor, ids: list[UUID], kind: Kind, **more: object) -> Done:
    async with cast.scope(actor) as scope:
        return await bulk.apply(scope, ids, Change(kind=kind, **more))  # type: ignore[arg-type]


async def undo(cast: Cast, actor: Actor, done: Done) -> Done:
    assert done.operation_id is not None
    async with cast.scope(actor) as scope:
        return await undoing.undo(scope, done.operation_id)


async def shown(cast: Cast, asset_id: UUID, actor: Actor | None = None) -> assets.AssetDetail:
    async with cast.scope(actor or cast.alice) as scope:
        return await assets.detail(scope, asset_id)


async def test_a_description_is_taken_back_to_what_each_photo_had(cast: Cast) -> None:
    one, two = await photos(cast, 2)
    async with cast.scope(cast.alice) as scope:
        room = (await fields.define(scope, "Kamer", "Room", FieldKind.text, private=True)).id
        await assets.edit(scope, one, Description(title="Een", tags=("oud", "blijft"), fields={room: "12"}))
    change = Description(caption="Zomer", tags=("blijft", "nieuw"), fields={room: "13"})
    done = await do(cast, cast.bob, [one, two], Kind.describe, description=change, title_pattern="{event}{title} {n} {filename}")
    assert done.changed == 2
    after = await shown(cast, two)
    assert (after.asset.title, after.asset.caption, after.tags) == ("2 IMG_0001", "Zomer", ["blijft", "nieuw"])
    assert (await shown(cast, one)).fields[0].value == "13"
    assert (await undo(cast, cast.bob, done)).changed == 2
    first, second = await shown(cast, one), await shown(cast, two)
    assert (first.asset.title, first.asset.caption, first.tags, first.fields[0].value) == ("Een", "", ["blijft", "oud"], "12")
    assert (second.asset.title, second.tags, second.fields[0].value) == ("", [], None)
    with pytest.raises(Conflict):
        await undo(cast, cast.bob, done)


async def test_what_somebody_changed_since_stays_and_is_counted(cast: Cast) -> None:
    one, two, three = await photos(cast, 3)
    done = await do(cast, cast.bob, [one, two, three], Kind.describe, description=Description(event="Kerst"))
    async with cast.scope(cast.rita) as scope:
        await assets.edit(scope, two, Description(event="Pasen"))
        await assets.edit(scope, three, Description(title="Of anything else"))
    back = await undo(cast, cast.bob, done)
    assert (back.changed, back.left) == (2, {Left.changed_since: 1})
    assert [(await shown(cast, id_)).asset.event for id_ in (one, two, three)] == ["", "Pasen", ""]
    assert (await shown(cast, three)).asset.title == "Of anything else"


async def test_moving_rewraps_keys_that_still_open_and_moves_back(cast: Cast) -> None:
    ids = [await add_photo(cast.container, cast.shared, seed=n) for n in range(3)]
    await cast.grant(cast.bob, cast.closed, "edit")
    done = await do(cast, cast.bob, ids, Kind.move, folder_id=cast.closed)
    assert done.changed == 3
    async with cast.scope(cast.bob) as scope:
        assert (await assets.count(scope, Filters(folder_id=cast.closed))) == 3
        assert (await showing.show(scope, ids[0], "thumb")).size > 0
    await undo(cast, cast.bob, done)
    async with cast.scope(cast.bob) as scope:
        assert (await assets.count(scope, Filters(folder_id=cast.shared))) == 3
        assert (await showing.show(scope, ids[2], "thumb")).size > 0


async def test_one_cannot_move_where_one_may_not_write_nor_take_back_what_one_may_no_longer_touch(cast: Cast) -> None:
    ids = await photos(cast, 2)
    with pytest.raises(NotFound):
        await do(cast, cast.bob, ids, Kind.move, folder_id=cast.closed)
    await cast.grant(cast.bob, cast.closed, "edit")
    done = await do(cast, cast.bob, ids, Kind.move, folder_id=cast.closed)
    await cast.grant(cast.bob, cast.shared, "view")
    back = await undo(cast, cast.bob, done)
    assert (back.changed, back.left) == (0, {Left.not_allowed: 2})
    assert (await shown(cast, ids[0])).asset.folder_id == cast.closed


async def test_the_trash_leaves_held_and_archived_photos_alone_and_gives_back_as_it_was(cast: Cast, jobs: MemoryQueue) -> None:
    ids = await photos(cast, 25)
    held, archived = (await photos(cast, 1))[0], (await photos(cast, 1, state=AssetState.archived))[0]
    async with cast.scope(cast.alice) as scope:
        now = scope.now()
    await change_asset(cast.container, held, hold_at=now)
    jobs.jobs.clear()
    done = await do(cast, cast.bob, [*ids, held, archived], Kind.trash)
    assert (done.changed, done.left) == (25, {Left.held: 1, Left.archived: 1})
    assert [job for job, _ in jobs.jobs] == [Job.refresh_verdicts], "many at once are one job"
    assert jobs.jobs[0][1][0].count(",") == 24
    async with cast.scope(cast.bob) as scope:
        assert (await trash.counts(scope)).photos == 25
    assert (await undo(cast, cast.bob, done)).changed == 25
    assert (await shown(cast, ids[7])).asset.state == AssetState.ready
    assert len(await audit_of(cast.container, "asset:restore")) == 25


async def test_the_archive_is_read_only_until_who_manages_takes_it_out(cast: Cast) -> None:
    ids = await photos(cast, 2)
    assert (await do(cast, cast.bob, ids, Kind.archive)).changed == 2
    assert (await do(cast, cast.bob, ids, Kind.describe, description=Description(title="x"))).left == {Left.archived: 2}
    assert (await do(cast, cast.bob, ids, Kind.unarchive)).left == {Left.not_allowed: 2}
    with pytest.raises(Conflict):
        async with cast.scope(cast.alice) as scope:
            await trash.trash(scope, ids[0])
    assert (await do(cast, cast.alice, ids, Kind.unarchive)).changed == 2


async def test_hearts_stars_and_collections_need_only_sight_and_are_taken_back(cast: Cast) -> None:
    ids = await photos(cast, 3)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        await marks.rate(scope, ids[:1], 2)
        mine = (await collections.create(scope, "Keuze")).id
        await collections.add(scope, mine, ids[:1])
    rated = await do(cast, cast.charlie, ids, Kind.rate, stars=4)
    loved = await do(cast, cast.charlie, ids, Kind.favour)
    kept = await do(cast, cast.charlie, [*ids, uuid4()], Kind.collect, collection_id=mine)
    assert (rated.changed, loved.changed, kept.changed, kept.left) == (3, 3, 2, {Left.gone: 1})
    for done in (kept, loved, rated):
        await undo(cast, cast.charlie, done)
    async with cast.scope(cast.charlie) as scope:
        found = await marks.of_assets(scope, ids)
        assert [(found[id_].stars, found[id_].favourite) for id_ in ids] == [(2, False), (None, False), (None, False)]
        assert (await collections.get(scope, mine)).photos == 1


async def test_an_operation_is_its_makers_own_and_ends_after_a_day(cast: Cast, clock: TurnableClock) -> None:
    ids = await photos(cast, 1)
    done = await do(cast, cast.bob, ids, Kind.describe, description=Description(title="x"))
    async with cast.scope(cast.bob) as scope:
        assert [row.id for row in await undoing.list_own(scope)] == [done.operation_id]
    for somebody in (cast.alice, cast.rita):
        with pytest.raises(NotFound):
            await undo(cast, somebody, done)
    clock.turn(timedelta(days=1))
    with pytest.raises(Conflict):
        await undo(cast, cast.bob, done)
    async with cast.scope(system()) as scope:
        assert await undoing.forget_old(scope) == 1
    async with cast.scope(cast.bob) as scope:
        assert await undoing.list_own(scope) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (Kind.move, {}), (Kind.collect, {}), (Kind.describe, {}), (Kind.rate, {"stars": 6}), (Kind.describe, {"title_pattern": "{what}"}),
        (Kind.describe, {"title_pattern": "x" * 301}),
    ],
)  # fmt: skip
async def test_what_is_asked_must_be_whole(cast: Cast, kind: Kind, more: dict[str, object]) -> None:
    ids = await photos(cast, 1)
    with pytest.raises(Invalid):
        await do(cast, cast.bob, ids, kind, **more)


async def test_no_more_than_five_thousand_and_not_none(cast: Cast) -> None:
    for ids in ([], [uuid4() for _ in range(5001)]):
        with pytest.raises(PhotobankError):
            await do(cast, cast.bob, ids, Kind.trash)


@pytest.mark.soak
async def test_five_thousand_photos_take_seconds(cast: Cast) -> None:
    async with cast.scope(system()) as scope:
        now = scope.now()
        moments = {"stage_at": now, "sort_at": now, "created_at": now, "changed_at": now}
        rows = [Asset(folder_id=cast.shared, state=AssetState.ready, filename=f"{n}.jpg", **moments) for n in range(5000)]
        scope.db.add_all(rows)
        await scope.db.flush()
        ids = [row.id for row in rows]
        for id_ in ids:
            await scope.vault.new_asset_key(scope.db, id_, cast.shared, now)
    await cast.grant(cast.bob, cast.closed, "edit")
    about = Description(event="Kerst", photographer="J. Smit", add_tags=("a", "b", "c"))
    for kind, more in (
        (Kind.describe, {"description": about, "title_pattern": "{event} {n}"}),
        (Kind.move, {"folder_id": cast.closed}),
        (Kind.trash, {}),
    ):
        started = time.perf_counter()
        done = await do(cast, cast.bob, ids, kind, **more)
        applied = time.perf_counter() - started
        assert (await undo(cast, cast.bob, done)).changed == 5000
        assert applied < 60


async def test_taking_back_obeys_the_archive_and_legal_holds_as_they_are_now(cast: Cast) -> None:
    filed, held = await photos(cast, 2)
    await cast.grant(cast.bob, cast.closed, "edit")
    named = await do(cast, cast.bob, [filed, held], Kind.describe, description=Description(event="Kerst"))
    moved = await do(cast, cast.bob, [filed, held], Kind.move, folder_id=cast.closed)
    await do(cast, cast.bob, [held], Kind.trash)
    out = await do(cast, cast.bob, [held], Kind.restore)
    await do(cast, cast.alice, [filed], Kind.archive)
    async with cast.scope(cast.alice) as scope:
        now = scope.now()
    await change_asset(cast.container, held, hold_at=now)
    assert (await undo(cast, cast.bob, out)).left == {Left.held: 1}
    assert (await undo(cast, cast.bob, moved)).left == {Left.archived: 1}
    assert (await undo(cast, cast.bob, named)).left == {Left.archived: 1}
    assert (await shown(cast, held)).asset.state == AssetState.ready
    asset = (await shown(cast, filed)).asset
    assert (asset.state, asset.event, asset.folder_id) == (AssetState.archived, "Kerst", cast.closed)


async def test_who_archived_takes_that_back_and_nothing_that_another_did(cast: Cast) -> None:
    ids = await photos(cast, 1)
    done = await do(cast, cast.bob, ids, Kind.archive)
    assert (await undo(cast, cast.bob, done)).changed == 1
    await do(cast, cast.bob, ids, Kind.archive)
    out = await do(cast, cast.alice, ids, Kind.unarchive)
    await cast.grant(cast.alice, cast.shared, "manage")
    assert (await undo(cast, cast.alice, out)).changed == 1
    assert (await shown(cast, ids[0])).asset.state == AssetState.archived

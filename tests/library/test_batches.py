"""A shoot as one thing: whose it is, what holds for all of it, what became of each file."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from photobank.access.actor import system
from photobank.kernel.errors import ChecksumMismatch, Invalid, NotFound, RateLimited, Refused
from photobank.library import assets, batch_files, batches, incoming, known, resumable, tags, uploads
from photobank.library.describing import Description
from photobank.library.incoming import OnDuplicate
from photobank.library.known import Wanted
from photobank.models.assets import Asset, AssetState, Stage
from tests.factories import change_asset, picture

ONE, TWO = picture(1), picture(2)


def digest(data):
    return hashlib.sha256(data).digest()


async def pieces(data):
    yield data


async def begin(cast, actor=None, **kw):
    async with cast.scope(actor or cast.bob) as scope:
        return await batches.create(scope, **({"folder_id": cast.shared} | kw))


async def send(cast, batch, data=ONE, name="IMG.jpg", **kw):
    told = {"filename": name, "size": len(data), "digest": digest(data), "batch_id": batch.id, "folder_id": None} | kw
    return await uploads.receive(cast.container, cast.bob, pieces(data), **told)


async def start(cast, batch, data=ONE, actor=None, **kw):
    async with cast.scope(actor or cast.bob) as scope:
        told = {"size": len(data), "filename": "IMG.jpg", "digest": digest(data), "batch_id": batch and batch.id} | kw
        return await resumable.create(scope, **told)


async def standing(cast, batch, actor=None):
    async with cast.scope(actor or cast.bob) as scope:
        found = await batch_files.page(scope, batch.id)
        row = await batches.row(scope, batch.id)
    names = [(file.filename, str(file.standing)) for file in found.items]
    assert sum(row.counts.values()) == len(names)
    return names


async def look_up(cast, batch, *files, actor=None):
    async with cast.scope(actor or cast.bob) as scope:
        return await known.look_up(scope, batch.id, [Wanted(digest(data), len(data), name) for name, data in files])


async def asset(cast, id_):
    async with cast.scope(system()) as scope:
        return await scope.db.get(Asset, id_)


@pytest.mark.parametrize(("who", "error"), [("charlie", Refused), ("petra", NotFound), ("rita", NotFound), ("alice", NotFound)])
async def test_a_batch_is_its_senders_alone(cast, who, error):
    batch = await begin(cast)
    other = getattr(cast, who)
    for work in (
        lambda scope: batches.row(scope, batch.id),
        lambda scope: batches.change(scope, batch.id, event="mine"),
        lambda scope: batches.browser_key(scope, batch.id),
        lambda scope: known.look_up(scope, batch.id, [Wanted(digest(ONE), 1, "x")]),
    ):
        with pytest.raises(error):
            async with cast.scope(other) as scope:
                await work(scope)
    if error is NotFound:
        async with cast.scope(other) as scope:
            assert (await batches.page(scope)).items == []
        with pytest.raises(NotFound):
            await start(cast, batch, actor=other)


async def test_a_folder_that_one_may_not_fill_is_refused_before_a_byte(cast):
    with pytest.raises(NotFound):
        await begin(cast, folder_id=cast.closed)
    await cast.grant(cast.bob, cast.closed, "download")
    with pytest.raises(Refused):
        await begin(cast, folder_id=cast.closed)
    batch = await begin(cast)
    with pytest.raises(Refused):
        await start(cast, batch, folder_id=cast.closed)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await batches.change(scope, batch.id, folder_id=cast.closed)


async def test_what_is_said_of_the_batch_holds_for_its_photos_before_and_after_they_came(cast):
    batch = await begin(cast, photographer="Bram  de Wit", event="Open dag", words=["open dag", "Open  Dag", " "])
    assert (batch.photographer, batch.tags) == ("Bram de Wit", ["Open Dag"])
    one = (await send(cast, batch)).asset.id
    two = (await send(cast, batch, TWO)).asset.id
    assert (await asset(cast, one)).photographer == "Bram de Wit"
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, two, Description(photographer="Zelf geschreven", add_tags=("eigen",)))
    async with cast.scope(cast.bob) as scope:
        await batches.change(scope, batch.id, photographer="Eva", event="Open dag 2026", words=["ziekenhuis"])
    found = [await asset(cast, id_) for id_ in (one, two)]
    assert [(photo.event, photo.photographer) for photo in found] == [
        ("Open dag 2026", "Eva"),
        ("Open dag 2026", "Zelf geschreven"),
    ]
    async with cast.scope(cast.bob) as scope:
        assert await tags.of_assets(scope, [one, two]) == {one: ["ziekenhuis"], two: ["eigen", "ziekenhuis"]}


async def test_another_folder_takes_photos_along_also_those_still_coming_in(cast):
    await cast.grant(cast.bob, cast.closed, "edit")
    batch = await begin(cast)
    done = (await send(cast, batch)).asset.id
    half = await start(cast, batch, TWO)
    await resumable.append(cast.container, cast.bob, half.upload_id, 0, pieces(TWO[:900]))
    async with cast.scope(cast.bob) as scope:
        await batches.change(scope, batch.id, folder_id=cast.closed)
    await resumable.append(cast.container, cast.bob, half.upload_id, 900, pieces(TWO[900:]))
    for id_ in (done, half.asset_id):
        found = await asset(cast, id_)
        assert (found.folder_id, found.state) == (cast.closed, "processing")


async def test_each_file_tells_where_it_is(cast):
    batch = await begin(cast, files=4)
    await start(cast, batch, ONE, filename="half.jpg")
    for seed, (name, fields) in enumerate(
        {
            "waits": {},
            "decodes": {"attempts": 1},
            "faces": {"stage": Stage.faces},
            "ready": {"stage": Stage.done, "state": AssetState.ready},
            "broken": {"stage": Stage.done, "state": AssetState.rejected},
            "trashed": {"state": AssetState.trashed},
        }.items()
    ):
        sent = await send(cast, batch, picture(10 + seed), name)
        if fields:
            await change_asset(cast.container, sent.asset.id, **fields)
    assert await standing(cast, batch) == [
        ("half.jpg", "sending"),
        ("waits", "received"),
        ("decodes", "decoding"),
        ("faces", "faces"),
        ("ready", "ready"),
        ("broken", "rejected"),
        ("trashed", "gone"),
    ]


async def test_a_photo_moved_out_of_sight_reads_as_gone(cast):
    batch = await begin(cast)
    sent = await send(cast, batch)
    await change_asset(cast.container, sent.asset.id, folder_id=cast.closed)
    assert await standing(cast, batch) == [("IMG.jpg", "gone")]


async def test_what_is_here_is_told_and_noted_until_the_sender_wants_it_twice(cast):
    first = (await send(cast, await begin(cast))).asset.id
    batch = await begin(cast)
    for _ in range(2):  # asked again after a reload: noted once
        found, fresh = await look_up(cast, batch, ("IMG.jpg", ONE), ("new.jpg", TWO))
        assert (found.asset_id, found.sent, fresh.asset_id) == (first, False, None)
        assert await standing(cast, batch) == [("IMG.jpg", "here")]
    await send(cast, batch, on_duplicate=OnDuplicate.keep)
    assert await standing(cast, batch) == [("IMG.jpg", "received")]


async def test_what_is_here_out_of_sight_is_not_told(cast):
    await uploads.receive(cast.container, cast.alice, pieces(ONE), filename="x.jpg", folder_id=cast.closed)
    batch = await begin(cast)
    assert (await look_up(cast, batch, ("IMG.jpg", ONE)))[0] == known.Known()


async def test_the_same_file_again_goes_on_where_it_was(cast):
    batch = await begin(cast)
    half = await start(cast, batch, TWO)
    assert (await look_up(cast, batch, ("IMG.jpg", TWO)))[0].upload_id == half.upload_id
    # Not for somebody else, and not for other bytes of the same name.
    assert (await look_up(cast, await begin(cast, cast.rita), ("IMG.jpg", TWO), actor=cast.rita))[0] == known.Known()
    assert (await look_up(cast, batch, ("IMG.jpg", ONE)))[0] == known.Known()
    await resumable.append(cast.container, cast.bob, half.upload_id, 0, pieces(TWO))
    found = (await look_up(cast, batch, ("IMG.jpg", TWO)))[0]
    assert (found.asset_id, found.sent, found.upload_id) == (half.asset_id, True, None)
    assert await standing(cast, batch) == [("IMG.jpg", "received")]


async def test_an_upload_that_another_file_went_on_with_is_nobodys_photo(cast):
    batch = await begin(cast)
    data = TWO + b"tail"
    half = await start(cast, batch, data)
    await resumable.append(cast.container, cast.bob, half.upload_id, 0, pieces(data[:500]))
    with pytest.raises(ChecksumMismatch):
        await resumable.append(cast.container, cast.bob, half.upload_id, 500, pieces(bytes(len(data) - 500)))
    assert await asset(cast, half.asset_id) is None
    assert await standing(cast, batch) == []
    assert not await cast.container.blobs.exists(incoming.blob_of(half.asset_id)[0])


async def test_a_copy_that_lands_meanwhile_is_noted_as_here(cast):
    batch = await begin(cast)
    half = await start(cast, batch, TWO)
    await send(cast, await begin(cast), TWO)
    await resumable.append(cast.container, cast.bob, half.upload_id, 0, pieces(TWO))
    assert await standing(cast, batch) == [("IMG.jpg", "here")]


async def test_a_given_up_upload_leaves_its_batch(cast):
    batch = await begin(cast)
    half = await start(cast, batch)
    await resumable.end(cast.container, cast.bob, half.upload_id)
    assert await standing(cast, batch) == []


async def test_the_key_of_copies_is_the_batchs_own_and_ends_with_it(cast):
    keys = set()
    for batch in (await begin(cast), await begin(cast)):
        async with cast.scope(cast.bob) as scope:
            keys.add(await batches.browser_key(scope, batch.id))
            await batches.change(scope, batch.id, closed=True)
            with pytest.raises(NotFound):
                await batches.browser_key(scope, batch.id)
            await batches.change(scope, batch.id, closed=False)
            assert await batches.browser_key(scope, batch.id) in keys
    assert [len(key) for key in keys] == [32, 32]


async def test_pages_and_what_moved_since(cast, clock):
    batch = await begin(cast)
    for seed in range(3):
        sent = await send(cast, batch, picture(20 + seed), f"{seed}.jpg")
        clock.turn(timedelta(minutes=1))
    async with cast.scope(cast.bob) as scope:
        first = await batch_files.page(scope, batch.id, None, 2)
        rest = await batch_files.page(scope, batch.id, first.next_cursor, 2)
        assert [file.filename for file in (*first.items, *rest.items)] == ["0.jpg", "1.jpg", "2.jpg"]
        assert rest.next_cursor is None
        since = scope.now()
        assert (await batch_files.page(scope, batch.id, since=since)).items == []
    await change_asset(cast.container, sent.asset.id, changed_at=since)
    async with cast.scope(cast.bob) as scope:
        assert [file.filename for file in (await batch_files.page(scope, batch.id, since=since)).items] == ["2.jpg"]
        for _ in range(2):
            clock.turn(timedelta(seconds=1))
        listed = await batches.page(scope, None, 1)
        assert [row.batch.id for row in listed.items] == [batch.id]


@pytest.mark.parametrize("wrong", [{"event": "x" * 301}, {"words": [f"t{n}" for n in range(60)]}, {"photographer": "a\0b"}])
async def test_what_is_too_long_is_told(cast, wrong):
    with pytest.raises(Invalid):
        await begin(cast, **wrong)


async def test_nobody_leaves_uploads_without_end(cast, monkeypatch):
    monkeypatch.setattr(resumable, "MOST_OPEN", 2)
    batch = await begin(cast)
    for seed in (1, 2):
        await start(cast, batch, picture(seed))
    with pytest.raises(RateLimited):
        await start(cast, batch, picture(3))


async def test_what_lies_in_the_archive_stays_where_it_is(cast):
    batch = await begin(cast)
    filed, other = (await send(cast, batch)).asset.id, (await send(cast, batch, TWO)).asset.id
    await change_asset(cast.container, filed, state=AssetState.archived)
    await cast.grant(cast.bob, cast.closed, "edit")
    async with cast.scope(cast.bob) as scope:
        await batches.change(scope, batch.id, folder_id=cast.closed, event="Kerst")
    rows = [await asset(cast, id_) for id_ in (filed, other)]
    assert [(row.folder_id, row.event) for row in rows] == [(cast.shared, ""), (cast.closed, "Kerst")]

"""Originals coming in, whole and in pieces."""

from __future__ import annotations

import asyncio
import hashlib
import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from photobank.access.actor import system
from photobank.access.permits import to_process
from photobank.blobs.names import ORIGINAL, context_for, key_for
from photobank.kernel.errors import Conflict, DuplicateAsset, Invalid, NotFound, Refused, TooLarge, UnsupportedMedia
from photobank.library import incoming, resumable, upkeep, uploads
from photobank.library.incoming import OnDuplicate
from photobank.messaging.jobs import Job
from photobank.models.assets import Asset
from photobank.models.keys import DataKey
from tests.factories import picture

# A picture with a long tail, so that there are many pieces.
DATA = picture(1) + random.Random(1).randbytes(90_000)


async def pieces(data, size=7000):
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def send(cast, actor=None, data=DATA, **kw):
    return await uploads.receive(
        cast.container, actor or cast.bob, pieces(data), **({"filename": "IMG.jpg", "folder_id": cast.shared} | kw)
    )


async def read_back(container, asset_id):
    async with container.scope(system()) as scope:
        key = await scope.vault.asset_key(scope.db, to_process(scope, asset_id, container.clock), scope.now())
    return await container.blobs.read_all(key_for(asset_id, ORIGINAL), key, context_for(asset_id, ORIGINAL))


async def count(container, table):
    async with container.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table))


async def test_what_was_sent_lies_encrypted_and_waits_for_processing(cast, jobs):
    done = await send(cast)
    assert (done.asset.state, done.asset.size, done.skipped) == ("processing", len(DATA), False)
    assert await read_back(cast.container, done.asset.id) == DATA
    assert (Job.decode_asset, (str(done.asset.id),)) in jobs.jobs
    blobs = [file.read_bytes() for file in (cast.container.settings.data_dir / "blobs").rglob("*") if file.is_file()]
    assert blobs
    assert not any(DATA[:64] in blob or DATA[5000:5064] in blob for blob in blobs)


async def test_an_identical_photo_is_asked_about_skipped_or_kept(cast):
    first = (await send(cast)).asset.id
    with pytest.raises(DuplicateAsset) as duplicate:
        await send(cast)
    assert duplicate.value.existing == [str(first)]
    assert (await send(cast, on_duplicate=OnDuplicate.skip)).asset.id == first
    with pytest.raises(Conflict):
        await send(cast, on_duplicate=OnDuplicate.version)
    assert (await send(cast, on_duplicate=OnDuplicate.keep)).asset.id != first
    assert await count(cast.container, Asset) == 2


async def test_a_duplicate_out_of_sight_is_not_told_of(cast):
    await send(cast, cast.alice, folder_id=cast.closed)
    assert (await send(cast)).skipped is False


@pytest.mark.parametrize("data", [b"", b"<html>", b"GIF99a", b"PK\3\4" + bytes(100), b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
async def test_what_is_no_picture_leaves_nothing_behind(cast, data):
    with pytest.raises(UnsupportedMedia):
        await send(cast, data=data)
    assert await count(cast.container, Asset) == 0
    async with cast.container.sessions() as db:
        assert not (await db.scalars(select(DataKey.subject).where(DataKey.kind == "asset"))).all()


async def test_announced_size_and_digest_must_be_true(cast):
    for lie in ({"size": 5}, {"digest": hashlib.sha256(b"other").digest()}):
        with pytest.raises(Invalid):
            await send(cast, **lie)
    with pytest.raises(TooLarge):
        await send(cast, size=10**12)
    assert await count(cast.container, Asset) == 0


@pytest.mark.parametrize(("who", "error"), [("charlie", NotFound), ("rita", None), ("petra", Refused)])
async def test_only_those_who_may_edit_a_folder_add_to_it(cast, who, error):
    if error is None:
        await send(cast, getattr(cast, who))
    else:
        with pytest.raises(error):
            await send(cast, getattr(cast, who))


async def begin(cast, actor=None, **kw):
    async with cast.scope(actor or cast.bob) as scope:
        return await resumable.create(scope, size=len(DATA), filename="IMG.jpg", folder_id=cast.shared, **kw)


async def test_an_upload_goes_on_where_it_stopped(cast):
    upload = await begin(cast)
    at = 0
    for stop in (1, 20_000, 20_001, len(DATA)):
        told = await resumable.append(cast.container, cast.bob, upload.upload_id, at, pieces(DATA[at:stop]))
        assert told.offset == stop
        assert (await resumable.progress(cast.container, cast.bob, upload.upload_id)).offset == stop
        at = stop
    assert await read_back(cast.container, upload.asset_id) == DATA


async def test_a_connection_that_breaks_keeps_what_arrived(cast):
    upload = await begin(cast)

    async def broken():
        yield DATA[:30_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await resumable.append(cast.container, cast.bob, upload.upload_id, 0, broken())
    assert (await resumable.progress(cast.container, cast.bob, upload.upload_id)).offset == 30_000


async def test_a_stop_between_the_last_byte_and_its_asset_is_made_good(cast):
    upload = await begin(cast)
    async with cast.scope(cast.bob) as scope:
        key = await incoming.writing_key(scope, upload.asset_id)
    blob, context = incoming.blob_of(upload.asset_id)
    async with await cast.container.blobs.resumable(blob, key, context) as writer:
        await writer.write(DATA)
        await writer.finish()
    assert (await resumable.progress(cast.container, cast.bob, upload.upload_id)).done
    async with cast.scope(cast.bob) as scope:
        assert (await scope.db.get(Asset, upload.asset_id)).state == "processing"


async def test_a_wrong_offset_or_too_many_bytes_are_conflicts(cast):
    upload = await begin(cast)
    for offset, data in ((5, DATA), (0, DATA + b"more")):
        with pytest.raises(Conflict):
            await resumable.append(cast.container, cast.bob, upload.upload_id, offset, pieces(data, len(data)))


async def test_an_upload_belongs_to_its_sender(cast):
    upload = await begin(cast)
    for actor in (cast.rita, cast.alice):
        with pytest.raises(NotFound):
            await resumable.append(cast.container, actor, upload.upload_id, 0, pieces(DATA))
        with pytest.raises(NotFound):
            await resumable.progress(cast.container, actor, upload.upload_id)
        with pytest.raises(NotFound):
            await resumable.end(cast.container, actor, upload.upload_id)


async def test_a_known_digest_is_told_before_a_byte_is_sent(cast):
    await send(cast)
    with pytest.raises(DuplicateAsset):
        await begin(cast, digest=hashlib.sha256(DATA).digest())


async def test_a_piece_with_a_wrong_checksum_does_not_count(cast):
    upload = await begin(cast)
    with pytest.raises(Invalid):
        await resumable.append(cast.container, cast.bob, upload.upload_id, 0, pieces(DATA[:9000]), ("sha256", b"wrong"))
    assert (await resumable.progress(cast.container, cast.bob, upload.upload_id)).offset == 0
    right = hashlib.sha256(DATA[:9000]).digest()
    told = await resumable.append(cast.container, cast.bob, upload.upload_id, 0, pieces(DATA[:9000]), ("sha256", right))
    assert told.offset == 9000


async def test_given_up_and_forgotten_uploads_leave_neither_row_nor_key_nor_bytes(cast, clock):
    first, second = await begin(cast), await begin(cast)
    for upload in (first, second):
        await resumable.append(cast.container, cast.bob, upload.upload_id, 0, pieces(DATA[:40_000]))
    await resumable.end(cast.container, cast.bob, first.upload_id)
    clock.turn(timedelta(days=8))
    async with cast.scope(system()) as scope:
        dead = await upkeep.forget_dead_uploads(scope)
    assert dead == [second.asset_id]
    async with cast.scope(system()) as scope:
        await upkeep.remove_blobs(scope, second.asset_id)
        await upkeep.forget_orphans(scope)
    assert await count(cast.container, Asset) == 0
    assert not [file for file in (cast.container.settings.data_dir / "blobs").rglob("*") if file.is_file()]


async def test_giving_up_an_upload_whose_last_byte_is_landing_leaves_the_photo(cast):
    async with cast.scope(cast.bob) as scope:
        asset = await incoming.begin(scope, "IMG.jpg", cast.shared)

    async def give_up():
        async with cast.scope(cast.bob) as scope:
            await incoming.abandon(scope, asset.id)

    async with cast.scope(cast.bob) as scope:
        await incoming.complete(scope, asset.id, hashlib.sha256(DATA).digest(), len(DATA), OnDuplicate.keep)
        await scope.db.flush()
        waiting = asyncio.create_task(give_up())
        await asyncio.sleep(0.3)
    await waiting
    assert await count(cast.container, Asset) == 1
    assert await count(cast.container, DataKey) > 0


async def test_a_sender_cut_off_after_the_commit_loses_nothing(cast, monkeypatch):
    """Cut off, or the database gone, while the news of the arrival goes out: the asset is there, so its bytes stay."""

    async def cut_off(container, events, topics):
        raise asyncio.CancelledError

    monkeypatch.setattr(cast.container, "react", cut_off)
    with pytest.raises(asyncio.CancelledError):
        await send(cast)
    async with cast.container.sessions() as db:
        asset = await db.scalar(select(Asset))
    assert asset.state == "processing"
    assert await read_back(cast.container, asset.id) == DATA

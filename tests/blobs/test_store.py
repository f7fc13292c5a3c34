"""The contract of every blob store; each test runs on the one in memory and on the one on disk."""

import errno
import fcntl
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from photobank.blobs import rooms
from photobank.blobs.local import LocalBlobs
from photobank.blobs.memory import MemoryBlobs
from photobank.blobs.rooms import BLOCK, LARGE
from photobank.blobs.store import MAX_KEY, BlobStore
from photobank.kernel.errors import Conflict, Invalid, NotFound

KEY = "assets/a1/original"


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return MemoryBlobs() if request.param == "memory" else LocalBlobs(tmp_path / "blobs")


async def put(store: BlobStore, key: str, data: bytes) -> None:
    writer = await store.create(key)
    await writer.write(data)
    await writer.commit()


async def get(store: BlobStore, key: str) -> bytes:
    reader = await store.open(key)
    try:
        return await reader.read(0, reader.size)
    finally:
        await reader.close()


@pytest.mark.parametrize(
    "key",
    ["", "/", "a/", "/a", "a//b", "../a", "a/..", ".", "A", "a.b", "a~part", "a b", "a\n", "a\0", "é", "a\\b", "x" * (MAX_KEY + 1)],
)
async def test_what_is_no_key_is_refused(store: BlobStore, key: str) -> None:
    for use in (store.create, store.part, store.open, store.exists, store.delete):
        with pytest.raises(Invalid):
            await use(key)


async def test_a_blob_appears_when_it_is_committed(store: BlobStore) -> None:
    writer = await store.create(KEY)
    await writer.write(b"first ")
    await writer.write(bytearray(b"second"))
    assert writer.size == 12
    assert not await store.exists(KEY)
    assert [key async for key in store.iterate()] == []
    with pytest.raises(NotFound):
        await store.open(KEY)
    await writer.commit()
    assert await store.exists(KEY)
    assert await get(store, KEY) == b"first second"


async def test_an_aborted_blob_never_appears(store: BlobStore) -> None:
    await put(store, KEY, b"old")
    writer = await store.create(KEY)
    await writer.write(b"new")
    await writer.abort()
    await writer.abort()
    assert await get(store, KEY) == b"old"


async def test_the_callers_buffer_is_its_own_again(store: BlobStore) -> None:
    buffer = bytearray(b"one")
    writer = await store.create(KEY)
    await writer.write(memoryview(buffer))
    buffer[:] = b"two"
    await writer.write(memoryview(buffer)[:2])
    await writer.commit()
    assert await get(store, KEY) == b"onetw"


async def test_a_new_blob_replaces_the_old_whole_and_readers_keep_theirs(store: BlobStore) -> None:
    await put(store, KEY, b"old content")
    reader = await store.open(KEY)
    await put(store, KEY, b"new")
    assert await reader.read(0, reader.size) == b"old content"
    await reader.close()
    assert await get(store, KEY) == b"new"
    reader = await store.open(KEY)
    await store.delete(KEY)
    assert await reader.read(0, 10) == b"new"
    await reader.close()


async def test_ranges_end_where_the_blob_ends(store: BlobStore) -> None:
    await put(store, KEY, b"0123456789")
    reader = await store.open(KEY)
    assert reader.size == 10
    assert [await reader.read(*span) for span in [(0, 3), (8, 5), (10, 1), (20, 1), (4, 0)]] == [b"012", b"89", b"", b"", b""]
    await reader.close()


async def test_deleting_says_whether_there_was_anything(store: BlobStore) -> None:
    assert not await store.delete(KEY)
    await put(store, KEY, b"x")
    assert await store.delete(KEY)
    assert not await store.exists(KEY)
    part = await store.part(KEY)
    await part.write(b"x")
    await part.sync()
    await part.close()
    assert await store.delete(KEY)
    assert not await store.delete(KEY)


async def test_keys_are_listed_by_prefix(store: BlobStore) -> None:
    for key in ("assets/a/original", "assets/a/thumb", "assets/b/original", "exports/a"):
        await put(store, key, b"x")
    part = await store.part("assets/a/large")
    await part.sync()
    await part.close()
    assert sorted([key async for key in store.iterate("assets/a/")]) == ["assets/a/original", "assets/a/thumb"]
    assert len([key async for key in store.iterate()]) == 4
    assert [key async for key in store.parts()] == [key async for key in store.parts("assets/a/")] == ["assets/a/large"]
    assert [key async for key in store.parts("assets/b/")] == []


# Parts


async def test_a_part_goes_on_in_the_next_session_and_becomes_the_blob(store: BlobStore) -> None:
    part = await store.part(KEY)
    assert part.size == 0
    await part.write(b"first ")
    await part.sync()
    await part.close()
    assert not await store.exists(KEY)
    part = await store.part(KEY)
    assert part.size == 6
    assert await part.read(2, 10) == b"rst "
    await part.write(b"second")
    await part.commit()
    await part.close()
    assert await get(store, KEY) == b"first second"
    part = await store.part(KEY)
    assert part.size == 0
    await part.abort()


async def test_a_part_is_open_once(store: BlobStore) -> None:
    part = await store.part(KEY)
    with pytest.raises(Conflict):
        await store.part(KEY)
    await part.close()
    await (await store.part(KEY)).abort()


async def test_a_renewed_part_takes_its_place_when_synced(store: BlobStore) -> None:
    part = await store.part(KEY)
    await part.write(b"old")
    await part.sync()
    renewed = await part.renew()
    await renewed.write(b"renewed")
    assert await part.read(0, 3) == b"old"
    await renewed.sync()
    with pytest.raises(Conflict):
        await store.part(KEY)
    await renewed.write(b" and more")
    await renewed.sync()
    await renewed.close()
    part = await store.part(KEY)
    assert await part.read(0, 100) == b"renewed and more"
    await part.commit()
    assert await get(store, KEY) == b"renewed and more"


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_a_renewed_part_that_was_never_synced_changes_nothing(store: BlobStore, end: str) -> None:
    part = await store.part(KEY)
    await part.write(b"old")
    await part.sync()
    renewed = await part.renew()
    await renewed.write(b"renewed")
    await getattr(renewed, end)()
    part = await store.part(KEY)
    assert await part.read(0, 100) == b"old"
    await part.close()
    assert await store.sweep(datetime.now(UTC) + timedelta(1)) == 0


async def test_a_renewed_part_can_be_published_at_once(store: BlobStore) -> None:
    part = await store.part(KEY)
    await part.write(b"old")
    await part.sync()
    renewed = await part.renew()
    await renewed.write(b"renewed")
    await renewed.commit()
    assert await get(store, KEY) == b"renewed"
    part = await store.part(KEY)
    assert part.size == 0
    await part.abort()


async def test_an_aborted_part_is_gone(store: BlobStore) -> None:
    part = await store.part(KEY)
    await part.write(b"old")
    await part.sync()
    await part.abort()
    part = await store.part(KEY)
    assert part.size == 0
    renewed = await part.renew()
    await renewed.write(b"x")
    await renewed.sync()
    await renewed.abort()
    assert not await store.delete(KEY)


# On disk only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_files_and_folders_are_for_us_alone(folder: Path) -> None:
    store = LocalBlobs(folder)
    await put(store, KEY, b"x")
    part = await store.part("assets/a1/large")
    await part.close()
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]} == {0o700}


async def test_names_follow_docs_formats(folder: Path) -> None:
    import hashlib

    await put(LocalBlobs(folder), KEY, b"x")
    assert files(folder) == [folder / hashlib.sha256(KEY.encode()).hexdigest()[:2] / "assets.a1.original"]


async def test_what_a_killed_write_left_is_swept_later(folder: Path) -> None:
    store = LocalBlobs(folder)
    writer = await store.create(KEY)
    await writer.write(b"x")
    (left,) = files(folder)
    assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    os.utime(left, (0, 0))
    assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert files(folder) == []
    with pytest.raises(Conflict):
        await writer.commit()
    await writer.abort()


async def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    store = LocalBlobs(folder)
    await put(store, KEY, b"x")
    (place,) = files(folder)
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    place.unlink()
    place.symlink_to(secret)
    with pytest.raises(OSError):
        await store.open(KEY)
    place.unlink()
    place.with_name(place.name + "~part").symlink_to(secret)
    with pytest.raises(OSError):
        await store.part(KEY)


async def test_a_part_deleted_under_its_writer_is_not_published(folder: Path) -> None:
    store = LocalBlobs(folder)
    part = await store.part(KEY)
    await part.write(b"first")
    await store.delete(KEY)
    other = await store.part(KEY)
    await other.write(b"second")
    with pytest.raises(Conflict):
        await part.commit()
    await part.abort()
    await other.commit()
    assert await get(store, KEY) == b"second"


@pytest.mark.parametrize("step", ["fsync", "rename"])
async def test_a_failing_disk_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store = LocalBlobs(folder)
    await put(store, KEY, b"old")

    def failing(*args: object) -> None:
        raise OSError(5, "input/output error")

    writer = await store.create(KEY)
    await writer.write(b"new")
    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), failing)
        with pytest.raises(OSError):
            await writer.commit()
    await writer.abort()
    assert await get(store, KEY) == b"old"
    assert len(files(folder)) == 1


async def test_a_published_blob_is_synced_before_and_after_it_gets_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalBlobs(folder)
    await put(store, KEY, b"old")
    done: list[str] = []

    def noting(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object) -> object:
            done.append(name)
            return original(*args)

        return noted

    monkeypatch.setattr(os, "fsync", noting("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", noting("rename", Path.replace))
    await put(store, KEY, b"new")
    assert done == ["fsync", "rename", "fsync"]


@pytest.mark.parametrize("way", ["past the cache", "no such way", "not for this file", "half of it"])
async def test_large_writes_of_a_part_leave_the_same_file_however_they_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    try:
        os.close(os.open(tmp_path / "probe", os.O_WRONLY | os.O_CREAT | os.O_DIRECT))
    except OSError:
        pytest.skip("this file system always uses the page cache")
    (tmp_path / "probe").unlink()
    pwrite, direct = os.pwrite, {"calls": 0}

    def written(file: int, data: memoryview, offset: int) -> int:
        if not fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT:
            return pwrite(file, data, offset)
        direct["calls"] += 1
        assert len(data) % BLOCK == 0
        assert offset % BLOCK == 0
        if way == "not for this file":
            raise OSError(errno.EINVAL, "no")
        return pwrite(file, data[: BLOCK * 3], offset) if way == "half of it" else pwrite(file, data, offset)

    monkeypatch.setattr(os, "pwrite", written)
    if way == "no such way":
        monkeypatch.setattr(rooms, "_DIRECT", 0)
    store, chance, data = LocalBlobs(tmp_path), random.Random(way), bytearray()
    for session in range(4):
        part = await store.part(KEY)
        assert part.size == len(data)
        for size in chance.choices([1, 56, BLOCK, LARGE - 1, LARGE, LARGE + 7, 3 * LARGE + 11], k=6):
            more = chance.randbytes(size)

            def make(room: memoryview, more: bytes = more) -> int:
                room[: len(more)] = more
                return len(more)

            await part.write_from(size + chance.choice([0, 100]), make)
            data += more
            if chance.random() < 0.3:
                at = chance.randrange(len(data))
                assert await part.read(at, 5 * BLOCK) == data[at : at + 5 * BLOCK]
        if session < 3:
            await part.sync()
            await part.close()
    await part.commit()
    reader = await store.open(KEY)
    assert await reader.read(0, reader.size) == data
    await reader.close()
    assert (direct["calls"] > 0) == (way != "no such way")

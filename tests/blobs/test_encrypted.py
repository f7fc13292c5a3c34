"""Encrypted blobs: no plaintext below, no range of a damaged blob above."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photobank.blobs.encrypted import EncryptedBlobs, Written
from photobank.blobs.local import LocalBlobs
from photobank.blobs.memory import MemoryBlobs
from photobank.blobs.names import context_for, key_for
from photobank.crypto.stream import CHUNK, HEADER, SEALED
from photobank.kernel.errors import Damaged, NotFound, TooLarge
from tests.blobs import stranger

KEY = bytes(range(32))
ASSET = UUID("01920000-0000-7000-8000-000000000001")
CONTEXT = context_for(ASSET, "original")
NAME = key_for(ASSET, "original")
SIZES = [0, 1, CHUNK - 1, CHUNK, 16 * CHUNK, 16 * CHUNK + 1, 40 * CHUNK + 7]


async def _range(blobs: EncryptedBlobs, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.read_range(NAME, KEY, CONTEXT, start, end)])


async def test_contexts_follow_docs_formats() -> None:
    assert CONTEXT == stranger.context(str(ASSET), "original") == b"photobank/blob/v1/01920000-0000-7000-8000-000000000001/original"
    assert NAME == "assets/01920000-0000-7000-8000-000000000001/original"
    for name in ("", "../x", "a/b", "A", "x" * 41):
        with pytest.raises(ValueError):
            context_for(ASSET, name)


# Damaged first


@pytest.mark.parametrize("cut", [1, 66, 67, SEALED, 2 * SEALED, 2 * SEALED + 66])
async def test_no_range_of_a_truncated_blob_is_given_out(cut: int) -> None:
    store = MemoryBlobs()
    blobs = EncryptedBlobs(store)
    await blobs.write(NAME, KEY, CONTEXT, bytes(5 * CHUNK + 50))
    store.blobs[NAME] = store.blobs[NAME][:-cut]
    with pytest.raises(Damaged):
        await _range(blobs, 0, 10)


@pytest.mark.parametrize("at", [0, 30, HEADER, HEADER + 3 * SEALED - 1, -1])
async def test_a_flipped_bit_is_found_when_its_chunk_is_read(at: int) -> None:
    store = MemoryBlobs()
    blobs = EncryptedBlobs(store)
    await blobs.write(NAME, KEY, CONTEXT, bytes(5 * CHUNK + 50))
    damaged = bytearray(store.blobs[NAME])
    damaged[at] ^= 1
    store.blobs[NAME] = bytes(damaged)
    with pytest.raises(Damaged):
        await blobs.read_all(NAME, KEY, CONTEXT)


async def test_a_blob_opens_as_itself_only() -> None:
    store = MemoryBlobs()
    blobs = EncryptedBlobs(store)
    await blobs.write(NAME, KEY, CONTEXT, b"photo")
    for key, context in [(bytes(32), CONTEXT), (KEY, context_for(ASSET, "thumb")), (KEY, context_for(UUID(int=1), "original"))]:
        with pytest.raises(Damaged):
            await blobs.read_all(NAME, key, context)


async def test_what_is_not_there_is_not_found() -> None:
    blobs = EncryptedBlobs(MemoryBlobs())
    for use in (blobs.read_all(NAME, KEY, CONTEXT), _range(blobs), blobs.size(NAME)):
        with pytest.raises(NotFound):
            await use


async def test_a_blob_larger_than_wanted_is_refused_before_it_is_read() -> None:
    blobs = EncryptedBlobs(MemoryBlobs())
    await blobs.write(NAME, KEY, CONTEXT, bytes(100))
    assert len(await blobs.read_all(NAME, KEY, CONTEXT, limit=100)) == 100
    with pytest.raises(TooLarge):
        await blobs.read_all(NAME, KEY, CONTEXT, limit=99)


async def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield bytes(300_000)
        raise ConnectionError

    blobs = EncryptedBlobs(LocalBlobs(tmp_path))
    await blobs.write(NAME, KEY, CONTEXT, b"old")
    with pytest.raises(ConnectionError):
        await blobs.write(NAME, KEY, CONTEXT, breaking())
    assert await blobs.read_all(NAME, KEY, CONTEXT) == b"old"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_cancelled_write_leaves_nothing(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1_000_000)
            started.set()

    blobs = EncryptedBlobs(LocalBlobs(tmp_path))
    task = asyncio.create_task(blobs.write(NAME, KEY, CONTEXT, endless()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# Whole


@pytest.mark.parametrize("size", SIZES)
async def test_a_stranger_reads_the_file_on_disk(tmp_path: Path, size: int) -> None:
    blobs, data = EncryptedBlobs(LocalBlobs(tmp_path)), os.urandom(size)
    written = await blobs.write(NAME, KEY, CONTEXT, data)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert written == Written(size, file.stat().st_size, hashlib.sha256(data).digest())
    assert stranger.read(KEY, CONTEXT, file.read_bytes()) == data
    assert await blobs.read_all(NAME, KEY, CONTEXT) == data
    assert await blobs.size(NAME) == size


async def test_we_read_what_a_stranger_wrote() -> None:
    store, data = MemoryBlobs(), os.urandom(3 * CHUNK + 5)
    store.blobs[NAME] = stranger.write(KEY, CONTEXT, os.urandom(24), data)
    assert await EncryptedBlobs(store).read_all(NAME, KEY, CONTEXT) == data


@given(pieces=st.lists(st.integers(0, 3 * CHUNK), max_size=6), buffer=st.booleans())
@settings(max_examples=30, deadline=None)
async def test_a_stream_may_come_in_any_pieces(pieces: list[int], buffer: bool) -> None:
    parts = [os.urandom(size) for size in pieces]

    async def stream() -> AsyncIterator[bytes | bytearray]:
        for part in parts:
            yield bytearray(part) if buffer else part

    blobs = EncryptedBlobs(MemoryBlobs())
    await blobs.write(NAME, KEY, CONTEXT, stream())
    assert await blobs.read_all(NAME, KEY, CONTEXT) == b"".join(parts)


@given(size=st.sampled_from(SIZES), start=st.integers(0, 41 * CHUNK), length=st.none() | st.integers(0, 41 * CHUNK))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_range(size: int, start: int, length: int | None) -> None:
    blobs, data = EncryptedBlobs(MemoryBlobs()), os.urandom(size)
    await blobs.write(NAME, KEY, CONTEXT, data)
    end = None if length is None else start + length
    assert await _range(blobs, start, end) == data[start:end]


async def test_a_range_reads_no_more_than_its_chunks_and_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from photobank.blobs import memory

    store = MemoryBlobs()
    blobs = EncryptedBlobs(store)
    await blobs.write(NAME, KEY, CONTEXT, bytes(100 * CHUNK))
    asked: list[int] = []
    original = memory._Reader.read

    async def noting(self: memory._Reader, offset: int, length: int) -> bytes:
        asked.append(length)
        return await original(self, offset, length)

    monkeypatch.setattr(memory._Reader, "read", noting)
    assert len(await _range(blobs, 50 * CHUNK + 5, 51 * CHUNK)) == CHUNK - 5
    assert asked == [HEADER, 16, SEALED]


async def test_one_open_blob_serves_many_reads() -> None:
    blobs, data = EncryptedBlobs(MemoryBlobs()), os.urandom(3 * CHUNK)
    await blobs.write(NAME, KEY, CONTEXT, data)
    async with blobs.open(NAME, KEY, CONTEXT) as blob:
        assert blob.size == len(data)
        for start, end in [(0, 10), (CHUNK, CHUNK + 1), (5, len(data))]:
            assert b"".join([bytes(piece) async for piece in blob.read(start, end)]) == data[start:end]


async def test_deleting_takes_an_unfinished_upload_along(tmp_path: Path) -> None:
    blobs = EncryptedBlobs(LocalBlobs(tmp_path))
    assert not await blobs.delete(NAME)
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        await upload.write(bytes(CHUNK + 5))
    assert await blobs.delete(NAME)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

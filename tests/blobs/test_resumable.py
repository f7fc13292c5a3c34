"""An upload may stop anywhere, in any way, and goes on from exactly what is durable; no nonce ever seals two contents."""

import hashlib
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photobank.blobs.encrypted import EncryptedBlobs
from photobank.blobs.local import LocalBlobs
from photobank.blobs.memory import MemoryBlobs
from photobank.blobs.resumable import tail_key
from photobank.blobs.sealing import BATCH
from photobank.crypto import stream
from photobank.crypto.stream import CHUNK, HEADER, SEALED
from photobank.kernel.errors import Conflict, Damaged
from tests.blobs import stranger

KEY = bytes(range(32))
CONTEXT = b"photobank/blob/v1/01920000-0000-7000-8000-000000000001/original"
NAME = "assets/01920000-0000-7000-8000-000000000001/original"


@pytest.fixture
def nonces(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[bytes, bytes], bytes]]:
    """Every chunk that is sealed, by key and nonce; two contents for one nonce fail the test at once."""
    yield from _watch(monkeypatch)


def _watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[bytes, bytes], bytes]]:
    seen: dict[tuple[bytes, bytes], bytes] = {}

    class Watching:
        def __init__(self, key: bytes) -> None:
            self._key = key
            self._aead = stream_aesgcm(key)
            self.decrypt_into = self._aead.decrypt_into
            self.decrypt = self._aead.decrypt

        def encrypt_into(self, nonce: bytes, data: memoryview, aad: None, out: memoryview) -> int:
            before = seen.setdefault((self._key, nonce), bytes(data))
            assert before == bytes(data), "one nonce sealed two contents"
            return self._aead.encrypt_into(nonce, data, aad, out)

    stream_aesgcm = stream.AESGCM
    monkeypatch.setattr(stream, "AESGCM", Watching)
    yield seen


class CrashingBlobs(MemoryBlobs):
    """Stops at the n-th change; what was written to a part but not synced survives as far as chance will have it."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.left: int | None = None
        self.chance = random.Random(seed)

    def step(self) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Crash
            self.left -= 1

    def crash(self) -> None:
        for key, part in self.open_parts.items():
            if getattr(part, "_in_place", True) and not part._ended:
                synced, live = self.kept_parts.get(key, b""), bytes(part._data)
                kept = live[: self.chance.randint(len(synced), len(live))]
                if self.chance.random() < 0.3 and len(kept) > len(synced):
                    kept = kept[:-1] + bytes([kept[-1] ^ 1])  # the disk knew the length before it knew the bytes
                self.kept_parts[key] = kept
        self.left = None
        super().crash()


class Crash(BaseException):
    """The power is gone."""


def _patch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each durable or visible change of the memory store is a point at which the power may go."""
    from photobank.blobs import memory

    for cls in (memory._Writer, memory._Part, memory._Renewed):
        for name in ("write", "sync", "commit", "abort"):
            if name in vars(cls):
                monkeypatch.setattr(cls, name, _stepping(vars(cls)[name]))
    monkeypatch.setattr(MemoryBlobs, "delete", _stepping(MemoryBlobs.delete, store=True))


def _stepping(original, store: bool = False):  # type: ignore[no-untyped-def]
    async def stepped(self, *args):  # type: ignore[no-untyped-def]
        owner = self if store else self._store
        if isinstance(owner, CrashingBlobs):
            owner.step()
        return await original(self, *args)

    return stepped


class Sender:
    """Sends other bytes each time it has to send a stretch again, and remembers what it was told is kept."""

    def __init__(self, seed: int) -> None:
        self.fill = random.Random(seed)
        self.sent = bytearray()
        self.kept = 0


async def _upload(blobs: EncryptedBlobs, sender: Sender, pieces: list[int], total: int) -> None:
    sent = sender.sent
    for length in pieces:
        async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
            assert sender.kept <= upload.offset <= len(sent)
            del sent[upload.offset :]
            replayed = b"".join([piece async for piece in upload.replay()])
            assert replayed == sent
            data = sender.fill.randbytes(min(length, total - len(sent)))
            sent += data
            await upload.write(data)
            if len(sent) == total:
                written = await upload.finish()
                assert written.digest in (None, hashlib.sha256(sent).digest())
                return
        sender.kept = len(sent)


@given(
    seed=st.integers(0, 2**32),
    pieces=st.lists(st.sampled_from([0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 20 * CHUNK + 5]), min_size=1, max_size=6),
    crashes=st.lists(st.integers(0, 12), max_size=6),
)
@settings(max_examples=150, deadline=None)
async def test_it_survives_any_row_of_crashes(seed: int, pieces: list[int], crashes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        watching = _watch(monkeypatch)
        next(watching)
        _patch(monkeypatch)
        store, sender, total = CrashingBlobs(seed), Sender(seed), sum(pieces)
        blobs = EncryptedBlobs(store)
        for crash in crashes:
            store.left = crash
            try:
                await _upload(blobs, sender, pieces, total)
                break
            except Crash:
                store.crash()
            except Conflict:  # published before the crash
                break
        store.left = None
        if not await store.exists(NAME):
            await _upload(blobs, sender, [*pieces, total], total)
        assert await blobs.read_all(NAME, KEY, CONTEXT) == bytes(sender.sent)
        assert stranger.read(KEY, CONTEXT, store.blobs[NAME]) == bytes(sender.sent)


@pytest.mark.parametrize("sizes", [[5], [CHUNK], [CHUNK - 1, 1, 1], [1] * 5, [40_000, 3, 20 * CHUNK, 7], [0]])
async def test_pieces_over_sessions_make_one_message(sizes: list[int], nonces: dict[tuple[bytes, bytes], bytes]) -> None:
    store, sent = MemoryBlobs(), bytearray()
    blobs = EncryptedBlobs(store)
    for size in sizes:
        async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
            assert upload.offset == len(sent)
            data = os.urandom(size)
            await upload.write(data)
            sent += data
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        written = await upload.finish()
    assert written.size == len(sent)
    assert written.blob_size == len(store.blobs[NAME])
    assert stranger.read(KEY, CONTEXT, store.blobs[NAME]) == bytes(sent)
    assert store.kept_parts == {}
    assert list(store.blobs) == [NAME]


async def test_a_clean_break_keeps_the_salt(nonces: dict[tuple[bytes, bytes], bytes]) -> None:
    store = MemoryBlobs()
    await _session(store, b"a" * (2 * CHUNK + 10))
    salt = store.kept_parts[NAME][:24]
    await _session(store, b"b" * CHUNK)
    assert store.kept_parts[NAME][:24] == salt
    assert len(store.kept_parts[NAME]) == HEADER + 3 * SEALED


async def test_nothing_in_the_store_is_in_clear() -> None:
    store, words = MemoryBlobs(), b"nobody may read this anywhere. " * 2000
    await _session(store, words)
    await _session(store, words)
    assert all(b"nobody may read" not in data for data in [*store.blobs.values(), *store.kept_parts.values()])


async def _session(store: MemoryBlobs, data: bytes) -> int:
    async with await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT) as upload:
        await upload.write(data)
    return upload.offset


# The table of docs/formats/blob.md, row by row: the state is made by hand, and the next session must go on from the offset told.


async def _offset(store: MemoryBlobs) -> int:
    upload = await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT)
    async with upload:
        return upload.offset


async def test_killed_before_the_header_was_written(nonces: object) -> None:
    store = MemoryBlobs()
    store.kept_parts[NAME] = os.urandom(30)
    assert await _offset(store) == 0


async def test_killed_in_the_first_session(nonces: object) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (3 * CHUNK + 50))
    salt = store.kept_parts[NAME][:24]
    del store.blobs[tail_key(NAME)]
    store.kept_parts[NAME] = store.kept_parts[NAME][:-5]
    assert await _offset(store) == 2 * CHUNK
    assert store.kept_parts[NAME][:24] != salt


async def test_killed_after_sync_before_the_tail_was_written(nonces: object) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    before = store.blobs[tail_key(NAME)]
    opened = await _opened_tail(store)
    await _session(store, b"y" * (2 * CHUNK))
    store.blobs[tail_key(NAME)] = opened
    assert before != opened
    assert await _offset(store) == 3 * CHUNK


async def test_killed_in_a_later_session_before_its_first_sync(nonces: object) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    store.blobs[tail_key(NAME)] = await _opened_tail(store)
    salt = store.kept_parts[NAME][:24]
    assert await _offset(store) == CHUNK + 50
    assert store.kept_parts[NAME][:24] != salt


async def test_killed_after_the_last_chunk_before_publishing(nonces: object) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    store.blobs[tail_key(NAME)] = await _opened_tail(store)
    store.kept_parts[NAME] += os.urandom(66)
    assert await _offset(store) == CHUNK + 50


async def test_killed_after_publishing_before_the_tail_was_deleted() -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * 50)
    tail = store.blobs[tail_key(NAME)]
    async with await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT) as upload:
        await upload.finish()
    store.blobs[tail_key(NAME)] = tail
    with pytest.raises(Conflict) as caught:
        await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT)
    assert caught.value.params["complete"]
    assert list(store.blobs) == [NAME]
    assert store.kept_parts == {}


async def _opened_tail(store: MemoryBlobs) -> bytes:
    """The tail as a session leaves it that is killed right after it has begun to seal."""
    copy = MemoryBlobs()
    copy.blobs, copy.kept_parts = dict(store.blobs), dict(store.kept_parts)
    upload = await EncryptedBlobs(copy).resumable(NAME, KEY, CONTEXT)
    await upload.write(b"y" * CHUNK)
    return copy.blobs[tail_key(NAME)]


async def test_a_part_that_lost_chunks_under_a_closed_tail_goes_on_from_what_is_there(nonces: object) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (4 * CHUNK + 50))
    store.kept_parts[NAME] = store.kept_parts[NAME][: HEADER + 2 * SEALED]
    assert await _offset(store) == 2 * CHUNK
    assert await _session(store, b"y" * CHUNK) == 3 * CHUNK


@pytest.mark.parametrize("what", ["key", "context", "tail", "header", "other upload"])
async def test_it_refuses_what_does_not_belong(what: str) -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    key, context, name = KEY, CONTEXT, NAME
    match what:
        case "key":
            key = bytes(32)
        case "context":
            context += b"x"
        case "tail":
            store.blobs[tail_key(NAME)] = store.blobs[tail_key(NAME)][:-1] + b"x"
        case "header":
            store.kept_parts[NAME] = b"x" + store.kept_parts[NAME][1:]
        case _:
            name = NAME + "-2"
            store.blobs[tail_key(name)] = store.blobs[tail_key(NAME)]
    with pytest.raises(Damaged):
        await EncryptedBlobs(store).resumable(name, key, context)
    assert store.open_parts == {}


async def test_two_sessions_at_once_are_refused(tmp_path: Path) -> None:
    for store in (MemoryBlobs(), LocalBlobs(tmp_path)):
        blobs = EncryptedBlobs(store)
        async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
            with pytest.raises(Conflict):
                await blobs.resumable(NAME, KEY, CONTEXT)
            await upload.write(b"x")
        async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
            assert upload.offset == 1


async def test_a_session_whose_write_failed_leaves_the_part_to_be_renewed(monkeypatch: pytest.MonkeyPatch, nonces: object) -> None:
    from photobank.blobs import memory

    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    salt = store.kept_parts[NAME][:24]

    async def full(self: object, data: object) -> None:
        raise OSError("no space left")

    async with await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT) as upload:
        await upload.write(b"y" * 10)
        with monkeypatch.context() as patch:
            patch.setattr(memory._Part, "write", full, raising=False)
            with pytest.raises(OSError, match="no space"):
                await upload.write(b"y" * ((BATCH + 4) * CHUNK))
        with pytest.raises(ValueError):
            await upload.write(b"z")
    assert await _offset(store) == CHUNK + 50
    assert store.kept_parts[NAME][:24] != salt


async def test_a_full_disk_at_the_end_of_a_session_loses_that_session_only(monkeypatch: pytest.MonkeyPatch, nonces: object) -> None:
    from photobank.blobs import memory

    async def full(self: object, data: object) -> None:
        raise OSError("no space left")

    store = MemoryBlobs()
    await _session(store, b"x" * (CHUNK + 50))
    upload = await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT)
    await upload.write(b"y" * (2 * CHUNK))
    with monkeypatch.context() as patch:
        patch.setattr(memory._Part, "write", full, raising=False)
        with pytest.raises(OSError, match="no space"):
            await upload.suspend()
    assert store.open_parts == {}
    assert await _offset(store) == CHUNK + 50


async def test_a_stranger_opens_the_tail_by_docs_formats() -> None:
    store = MemoryBlobs()
    await _session(store, b"x" * (2 * CHUNK) + b"the tail")
    assert stranger.read_tail(KEY, NAME, CONTEXT, store.blobs[tail_key(NAME)]) == (0, 2, b"the tail")


async def test_a_running_digest_is_taken_up_again_after_a_break() -> None:
    store, data = MemoryBlobs(), os.urandom(20 * CHUNK + 5)
    await _session(store, data[:300_000])
    async with await EncryptedBlobs(store).resumable(NAME, KEY, CONTEXT) as upload:
        digest = hashlib.sha256()
        async for piece in upload.replay():
            digest.update(piece)
        await upload.write(data[300_000:])
        digest.update(data[300_000:])
        assert b"".join([piece async for piece in upload.replay()]) == data
        await upload.finish()
    assert digest.digest() == hashlib.sha256(data).digest()


async def test_what_one_session_wrote_is_hashed_on_its_way_and_the_rest_is_read_back() -> None:
    data = os.urandom(70 * CHUNK + 9)
    for breaks in ([], [CHUNK + 3]):
        blobs, start = EncryptedBlobs(MemoryBlobs()), 0
        for end in breaks:
            async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
                await upload.write(data[start:end])
            start = end
        async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
            await upload.write(data[start:])
            written = await upload.finish()
        assert written.digest == (None if breaks else hashlib.sha256(data).digest())
        assert await blobs.digest(NAME, KEY, CONTEXT) == hashlib.sha256(data).digest()


async def test_bytes_are_taken_as_they_are_although_the_sender_uses_its_buffer_again() -> None:
    blobs, buffer = EncryptedBlobs(MemoryBlobs()), bytearray(b"a" * 1000)
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        await upload.write(buffer)
        buffer[:] = b"b" * 1000
        await upload.write(memoryview(buffer)[:10])
        buffer[:] = b"c" * 1000
        written = await upload.finish()
    assert await blobs.read_all(NAME, KEY, CONTEXT) == b"a" * 1000 + b"b" * 10
    assert written.digest == hashlib.sha256(b"a" * 1000 + b"b" * 10).digest()


async def test_abort_leaves_nothing(tmp_path: Path) -> None:
    blobs = EncryptedBlobs(LocalBlobs(tmp_path))
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        await upload.write(b"x" * 20_000)
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        await upload.abort()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_on_disk_a_killed_upload_is_renewed_in_place(tmp_path: Path) -> None:
    """As kill -9 leaves it: chunks in the page cache, no tail, no goodbye."""
    blobs = EncryptedBlobs(LocalBlobs(tmp_path))
    data = os.urandom((3 * BATCH + 2) * CHUNK + 999)
    upload = await blobs.resumable(NAME, KEY, CONTEXT)
    await upload.write(data[: (2 * BATCH + 8) * CHUNK + 7])
    await upload._part.close()  # what the kernel does for a process that died
    async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
        # Two full writes; where whole blocks go past the page cache, the end of the last one was none yet.
        assert upload.offset in (2 * BATCH * CHUNK, (2 * BATCH - 1) * CHUNK)
        await upload.write(data[upload.offset :])
        await upload.finish()
    assert await blobs.read_all(NAME, KEY, CONTEXT) == data
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert stranger.read(KEY, CONTEXT, files[0].read_bytes()) == data
    assert await blobs.store.sweep(datetime.now(UTC)) == 0

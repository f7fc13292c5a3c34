"""An upload that arrives in pieces, over several sessions, encrypted from the first byte. States and crashes: docs/formats/blob.md.

The rule above all: one nonce never seals two contents. So a part that may have lost a sealed chunk is renewed under a fresh salt
before anything is added, and a tail that fills no chunk yet waits in a small blob of its own, sealed under a random nonce.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType

from photobank.blobs.sealing import BATCH, Sealing
from photobank.blobs.store import BlobStore, PartWriter
from photobank.crypto.binding import Buffer, bind, subkey
from photobank.crypto.stream import CHUNK, HEADER, SEALED, Encryptor, encrypted_size, open_prefix
from photobank.crypto.xaes import Xaes
from photobank.kernel.errors import Conflict, Damaged, NotFound

_VERSION = b"\x01"
_CLOSED, _OPEN = 0, 1


@dataclass(frozen=True, slots=True)
class Written:
    """What a finished write holds."""

    size: int
    blob_size: int
    digest: bytes | None
    """SHA-256 of the content; None where an earlier session, of which only the sealed bytes are left, wrote some of it."""


@dataclass(frozen=True, slots=True)
class _Tail:
    open: bool
    index: int
    data: bytes


class ResumableWriter:
    """One session of an upload. As a context manager it keeps, at the end, all that arrived, unless it was finished or aborted."""

    def __init__(self, store: BlobStore, key: str, data_key: bytes, context: bytes, part: PartWriter) -> None:
        self._store = store
        self._key = key
        self._data_key = data_key
        self._context = context
        self._part = part
        self._tail_cipher = Xaes(subkey(data_key, "upload-tail"))
        self._ended = False

    @classmethod
    async def begin(cls, store: BlobStore, key: str, data_key: bytes, context: bytes) -> ResumableWriter:
        """Open the upload where it was durably left.

        Raises Conflict when it is complete (then `params["complete"]` is True) or open elsewhere, Damaged when it does not open with
        this key and context.
        """
        part = await store.part(key)
        self = cls(store, key, data_key, context, part)
        try:
            # Asked while the part is locked: a session that has just finished has published by now.
            if await store.exists(key):
                await store.delete(self._tail_key)
                await part.abort()
                raise Conflict("the upload is complete", complete=True)
            await self._resume()
        except BaseException:
            await self._part.close()
            raise
        return self

    @property
    def offset(self) -> int:
        """Bytes taken; what is to come next."""
        return self._sealing.size

    async def write(self, data: Buffer) -> None:
        """Take the next bytes, however many."""
        self._require_open()
        if self._sealing.would_seal(len(data)):
            await self._mark_open()
        await self._sealing.take(data)

    async def suspend(self) -> int:
        """Make all that arrived durable and let go; gives the offset to go on from."""
        self._require_open()
        self._ended = True
        try:
            await self._sealing.flush()
            await self._part.sync()
            await self._store_tail(_Tail(False, self._encryptor.chunk_index, self._encryptor.tail))
        finally:
            await self._part.close()
        return self.offset

    async def finish(self) -> Written:
        """Seal the end and publish the blob."""
        self._require_open()
        await self._mark_open()
        size = self.offset
        self._ended = True
        try:
            await self._sealing.finish()
            await self._part.commit()
        finally:
            await self._part.close()
        if self._stored:
            await self._store.delete(self._tail_key)
        return Written(size, encrypted_size(size), self._sealing.digest)

    async def abort(self) -> None:
        """Throw the upload away."""
        self._ended = True
        await self._store.delete(self._tail_key)
        await self._part.abort()

    async def replay(self) -> AsyncIterator[bytes]:
        """All bytes taken so far, from the first: a running digest is taken up again with them after a break."""
        self._require_open()
        await self._sealing.flush()
        async for chunks in self._chunks(self._part, self._encryptor.header, self._encryptor.chunk_index):
            yield b"".join(chunks)
        if tail := self._encryptor.tail:
            yield tail

    async def __aenter__(self) -> ResumableWriter:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sealing.unsure:
            await self._part.close()
        elif not self._ended:
            await self.suspend()

    @property
    def _encryptor(self) -> Encryptor:
        return self._sealing.encryptor

    @property
    def _tail_key(self) -> str:
        return tail_key(self._key)

    def _require_open(self) -> None:
        if self._ended or self._sealing.unsure:
            raise ValueError("this session of the upload has ended")

    async def _resume(self) -> None:
        self._stored = tail = await self._load_tail()
        if tail and not tail.open and self._part.size == HEADER + tail.index * SEALED:
            header = await self._part.read(0, HEADER)
            self._sealing = Sealing(Encryptor.resume(self._data_key, self._context, header, tail.index), self._part, begins=False)
            self._encryptor.update(tail.data)
        else:
            await self._renew()
        self._first = _Tail(True, self._encryptor.chunk_index, self._encryptor.tail)

    async def _renew(self) -> None:
        """Seal under a fresh salt what is whole, and put that in the place of the part."""
        old = self._part
        if old.size:
            self._part = await old.renew()
        self._sealing = Sealing(Encryptor(self._data_key, self._context), self._part)
        if old is not self._part and old.size > HEADER:
            async for chunks in self._chunks(old, await old.read(0, HEADER)):
                await self._sealing.take(b"".join(chunks))
        if self._stored and self._stored.index * CHUNK == self._sealing.size:
            await self._sealing.take(self._stored.data)
        # A part that just begins has nothing to lose: whatever a crash leaves of it is renewed, under another salt.
        if old.size or self._stored:
            await self._sealing.flush()
            await self._part.sync()

    async def _chunks(self, part: PartWriter, header: bytes, count: int | None = None) -> AsyncIterator[list[bytes]]:
        """Chunks of a part: all that are good, or the first `count`, which then must be."""
        first = 0
        while count is None or first < count:
            wanted = BATCH if count is None else min(BATCH, count - first)
            sealed = await part.read(HEADER + first * SEALED, wanted * SEALED)
            good = open_prefix(self._data_key, self._context, header, sealed, first)
            if good:
                yield good
            first += len(good)
            if len(good) < wanted:
                if count is not None:
                    raise Damaged(f"chunk {first} does not open")
                return

    async def _mark_open(self) -> None:
        """Note, before the first nonce of this session is used, that nonces may have been used."""
        if self._stored and not self._stored.open:
            await self._store_tail(self._first)

    async def _load_tail(self) -> _Tail | None:
        try:
            sealed = await read_whole(self._store, self._tail_key)
        except NotFound:
            return None
        if sealed[:1] != _VERSION:
            raise Damaged("not the tail of an upload")
        plain = self._tail_cipher.open(sealed[1:], self._tail_aad())
        if len(plain) < 9 or plain[0] not in (_CLOSED, _OPEN):
            raise Damaged("not the tail of an upload")
        return _Tail(plain[0] == _OPEN, int.from_bytes(plain[1:9], "big"), plain[9:])

    async def _store_tail(self, tail: _Tail) -> None:
        if tail == self._stored:
            return
        plain = bytes([_OPEN if tail.open else _CLOSED]) + tail.index.to_bytes(8, "big") + tail.data
        await write_whole(self._store, self._tail_key, _VERSION + self._tail_cipher.seal(plain, self._tail_aad()))
        self._stored = tail

    def _tail_aad(self) -> bytes:
        return bind("photobank/tail/v1", self._key, self._context)


def tail_key(key: str) -> str:
    """Where the tail of an upload lies."""
    return f"{key}/tail"


async def read_whole(store: BlobStore, key: str) -> bytes:
    """A small blob, as it is stored."""
    reader = await store.open(key)
    try:
        return await reader.read(0, reader.size)
    finally:
        await reader.close()


async def write_whole(store: BlobStore, key: str, data: bytes) -> None:
    """Store a small blob, whole or not at all."""
    writer = await store.create(key)
    try:
        await writer.write(data)
        await writer.commit()
    except BaseException:
        await writer.abort()
        raise

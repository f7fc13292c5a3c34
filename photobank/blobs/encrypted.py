"""Encrypted blobs over any store: whole writes, whole reads, ranges, resumable uploads. No plaintext reaches the store.

Whoever calls holds an unwrapped data key, hence a permit (photobank/crypto/permits.py): this module decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from photobank.blobs.resumable import ResumableWriter, Written, tail_key
from photobank.blobs.sealing import BATCH, Sealing
from photobank.blobs.store import BlobReader, BlobStore
from photobank.crypto.binding import Buffer
from photobank.crypto.stream import CHUNK, HEADER, SEALED, Decryptor, Encryptor, encrypted_size, plaintext_size
from photobank.kernel.errors import TooLarge

__all__ = ["EncryptedBlobs", "EncryptedReader", "ResumableWriter", "Written"]


class EncryptedBlobs:
    """What everybody else uses to keep bytes."""

    def __init__(self, store: BlobStore) -> None:
        self.store = store

    async def write(self, key: str, data_key: bytes, context: bytes, source: Buffer | AsyncIterable[Buffer]) -> Written:
        """Write a blob, whole or not at all, in the place of what was there."""
        encryptor = Encryptor(data_key, context)
        writer = await self.store.create(key)
        try:
            sealing = Sealing(encryptor, writer)
            if isinstance(source, AsyncIterable):
                async for piece in source:
                    await sealing.take(piece)
            else:
                await sealing.take(source)
            size = sealing.size
            await sealing.finish()
            await writer.commit()
        except BaseException:
            await writer.abort()
            raise
        return Written(size, encrypted_size(size), sealing.digest)

    @asynccontextmanager
    async def open(self, key: str, data_key: bytes, context: bytes) -> AsyncIterator[EncryptedReader]:
        """Open a blob for any number of reads. Raises NotFound, or Damaged for a wrong key or context and for a truncated blob."""
        reader = await self.store.open(key)
        try:
            decryptor = Decryptor(data_key, context, await reader.read(0, HEADER), reader.size)
            opened = EncryptedReader(reader, decryptor)
            # The last chunk proves the size; without this, a range of a truncated blob would look whole.
            await opened.prove_end()
            yield opened
        finally:
            await reader.close()

    async def read_all(self, key: str, data_key: bytes, context: bytes, *, limit: int | None = None) -> bytes:
        """The whole content; raises TooLarge beyond `limit` bytes."""
        async with self.open(key, data_key, context) as blob:
            if limit is not None and blob.size > limit:
                raise TooLarge("the blob is larger than wanted here")
            return b"".join([bytes(piece) async for piece in blob.read(0, blob.size)])

    async def read_range(
        self, key: str, data_key: bytes, context: bytes, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Bytes `start` … `end` - 1 in pieces; `end` beyond the size, or None, means up to it."""
        async with self.open(key, data_key, context) as blob:
            async for piece in blob.read(start, blob.size if end is None else end):
                yield bytes(piece)

    async def digest(self, key: str, data_key: bytes, context: bytes) -> bytes:
        """SHA-256 of the content, read back: what an upload of several sessions comes to."""
        digest = hashlib.sha256()
        async with self.open(key, data_key, context) as blob:
            async for piece in blob.read(0, blob.size):
                digest.update(piece)
        return digest.digest()

    async def size(self, key: str) -> int:
        """Size of the content as the length of the blob states it: not authentic before the blob has been opened."""
        reader = await self.store.open(key)
        try:
            return plaintext_size(reader.size)
        finally:
            await reader.close()

    async def resumable(self, key: str, data_key: bytes, context: bytes) -> ResumableWriter:
        """Begin an upload or go on with it: `async with await blobs.resumable(…) as upload`."""
        return await ResumableWriter.begin(self.store, key, data_key, context)

    async def exists(self, key: str) -> bool:
        """Whether a finished blob lies there."""
        return await self.store.exists(key)

    async def unfinished(self, prefix: str = "") -> list[str]:
        """Keys of uploads that are not finished."""
        return [key async for key in self.store.parts(prefix)]

    async def forget_unfinished(self, key: str) -> None:
        """Throw away what arrived of an upload; raises Conflict while somebody is sending it."""
        part = await self.store.part(key)
        await part.abort()
        await self.store.delete(tail_key(key))

    async def sweep(self, before: datetime) -> int:
        """Remove what writes that never ended left before this moment; gives how many."""
        return await self.store.sweep(before)

    async def delete(self, key: str) -> bool:
        """Remove a blob, and what an upload to it has left."""
        tail = await self.store.delete(tail_key(key))
        return await self.store.delete(key) or tail


class EncryptedReader:
    """An open blob whose size has been proved."""

    def __init__(self, reader: BlobReader, decryptor: Decryptor) -> None:
        self._reader = reader
        self._decryptor = decryptor

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self._decryptor.size

    async def prove_end(self) -> None:
        """Open the last chunk; raises Damaged when the blob has been cut or lengthened."""
        await self._open(self._decryptor.chunks - 1, self._decryptor.chunks, bytearray(SEALED))

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        """Bytes `start` … `end` - 1, cut at the size, in pieces that are good until the next one is asked for."""
        span = self._decryptor.span(start, end)
        buffer = bytearray(min(BATCH, span.end - span.first) * CHUNK)
        skip, left = span.skip, span.length
        for first in range(span.first, span.end, BATCH):
            opened = await self._open(first, min(first + BATCH, span.end), buffer)
            piece = memoryview(buffer)[skip : min(opened, skip + left)]
            skip, left = 0, left - len(piece)
            yield piece

    async def _open(self, first: int, end: int, buffer: bytearray) -> int:
        offset, length = self._decryptor.place(first, end)
        return self._decryptor.open_into(first, await self._reader.read(offset, length), buffer)

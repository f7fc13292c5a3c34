"""Blobs in memory, for tests. Tells what is durable from what is not: `crash()` loses the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from photobank.blobs.store import BlobReader, BlobWriter, Make, PartWriter, require_blob_key
from photobank.crypto.binding import Buffer
from photobank.kernel.errors import Conflict, NotFound


class MemoryBlobs:
    """A blob store that forgets."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.kept_parts: dict[str, bytes] = {}
        self.open_parts: dict[str, _Part] = {}

    def crash(self) -> None:
        """As if the machine had stopped: what was never synced or committed is gone, and nobody holds a part."""
        self.open_parts = {}

    async def create(self, key: str) -> BlobWriter:
        """Write a blob in one go."""
        require_blob_key(key)
        return _Writer(self, key)

    async def part(self, key: str) -> PartWriter:
        """Open the part with this key, or begin one; raises Conflict while another session has it open."""
        require_blob_key(key)
        if key in self.open_parts:
            raise Conflict("the part is open elsewhere")
        return _Part(self, key, bytearray(self.kept_parts.get(key, b"")))

    async def open(self, key: str) -> BlobReader:
        """Open a published blob; raises NotFound."""
        require_blob_key(key)
        try:
            return _Reader(self.blobs[key])
        except KeyError:
            raise NotFound("no such blob") from None

    async def exists(self, key: str) -> bool:
        """Whether a blob is published under this key."""
        require_blob_key(key)
        return key in self.blobs

    async def delete(self, key: str) -> bool:
        """Remove blob and part; gives whether there was any."""
        require_blob_key(key)
        part = self.kept_parts.pop(key, None)
        return self.blobs.pop(key, None) is not None or part is not None

    async def iterate(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of published blobs that begin with `prefix`."""
        for key in list(self.blobs):
            if key.startswith(prefix):
                yield key

    async def parts(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of parts that begin with `prefix`."""
        for key in {*self.kept_parts, *self.open_parts}:
            if key.startswith(prefix):
                yield key

    async def sweep(self, before: datetime) -> int:
        """Nothing unfinished outlives its writer here."""
        return 0


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    async def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]

    async def close(self) -> None:
        return


class _Writer:
    def __init__(self, store: MemoryBlobs, key: str, data: bytearray | None = None) -> None:
        self._store = store
        self._key = key
        self._data = bytearray() if data is None else data
        self._ended = False

    @property
    def size(self) -> int:
        return len(self._data)

    def _require_open(self) -> None:
        if self._ended:
            raise ValueError("the writer has ended")

    async def write(self, data: Buffer) -> None:
        self._require_open()
        self._data += data

    async def write_from(self, size: int, make: Make) -> None:
        room = memoryview(bytearray(size))
        await self.write(room[: make(room)])

    async def commit(self) -> None:
        self._require_open()
        self._ended = True
        self._store.blobs[self._key] = bytes(self._data)

    async def abort(self) -> None:
        self._ended = True


class _Part(_Writer):
    def __init__(self, store: MemoryBlobs, key: str, data: bytearray) -> None:
        super().__init__(store, key, data)
        store.open_parts[key] = self

    async def read(self, offset: int, length: int) -> bytes:
        self._require_open()
        return bytes(self._data[offset : offset + length])

    async def sync(self) -> None:
        self._require_open()
        self._store.kept_parts[self._key] = bytes(self._data)

    async def renew(self) -> PartWriter:
        self._require_open()
        return _Renewed(self)

    async def commit(self) -> None:
        await super().commit()
        self._store.kept_parts.pop(self._key, None)
        self._store.open_parts.pop(self._key, None)

    async def abort(self) -> None:
        if not self._ended:
            self._store.kept_parts.pop(self._key, None)
        await self.close()

    async def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._store.open_parts.pop(self._key, None)


class _Renewed(_Part):
    """Until its first sync the old part keeps its place."""

    def __init__(self, old: _Part) -> None:
        super().__init__(old._store, old._key, bytearray())
        self._old = old
        self._in_place = False

    async def sync(self) -> None:
        await super().sync()
        self._in_place = True
        self._old._ended = True

    async def close(self) -> None:
        self._old._ended = True
        await super().close()

    async def abort(self) -> None:
        if self._in_place:
            await super().abort()
        else:
            await self.close()

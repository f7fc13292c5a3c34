"""Blobs as files: one per blob, published by renaming a synced file. Names: docs/formats/blob.md, "Where it lies"."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import datetime
from io import FileIO
from pathlib import Path

from photobank.blobs.files import PART, delete, locked_part, open_file, read_at, settled, sweep, temporary
from photobank.blobs.store import BlobReader, BlobWriter, PartWriter, require_blob_key
from photobank.blobs.writing import Part, Writer
from photobank.kernel.errors import NotFound


class LocalBlobs:
    """A blob store in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def create(self, key: str) -> BlobWriter:
        """Write a blob in one go."""
        path = self._path(key)
        return await settled(lambda: Writer(path, temporary(path)))

    async def part(self, key: str) -> PartWriter:
        """Open the part with this key, or begin one; raises Conflict while another session has it open."""
        path = self._path(key)
        return await settled(lambda: Part(path, locked_part(path)))

    async def open(self, key: str) -> BlobReader:
        """Open a published blob; raises NotFound."""
        path = self._path(key)
        try:
            return await settled(lambda: _Reader(open_file(path, os.O_RDONLY)))
        except FileNotFoundError:
            raise NotFound("no such blob") from None

    async def exists(self, key: str) -> bool:
        """Whether a blob is published under this key."""
        return await settled(self._path(key).is_file)

    async def delete(self, key: str) -> bool:
        """Remove blob and part; gives whether there was any."""
        return await settled(delete, self._path(key))

    async def iterate(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of published blobs that begin with `prefix`, in no order."""
        async for name in self._names():
            key = name.replace(".", "/")
            if "~" not in name and key.startswith(prefix):
                yield key

    async def parts(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of parts that begin with `prefix`, in no order."""
        async for name in self._names():
            key = name.removesuffix(PART).replace(".", "/")
            if name.endswith(PART) and key.startswith(prefix):
                yield key

    async def _names(self) -> AsyncIterator[str]:
        for shard in await settled(os.listdir, self._folder):
            for name in await settled(os.listdir, self._folder / shard):
                yield name

    async def sweep(self, before: datetime) -> int:
        """Remove what writes that never ended left before this moment; gives how many. Parts stay."""
        return await settled(sweep, self._folder, before)

    def _path(self, key: str) -> Path:
        require_blob_key(key)
        # Keys begin alike (ids are sorted by time), so the folder comes from a digest.
        shard = hashlib.sha256(key.encode()).hexdigest()[:2]
        return self._folder / shard / key.replace("/", ".")


class _Reader:
    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    @property
    def size(self) -> int:
        return self._size

    async def read(self, offset: int, length: int) -> bytes:
        return await settled(read_at, self._file, offset, length)

    async def close(self) -> None:
        self._file.close()

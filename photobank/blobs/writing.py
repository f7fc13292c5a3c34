"""Blobs in the making, as files beside the place where they will be published by renaming. Names: docs/formats/blob.md, "Where it lies"."""

from __future__ import annotations

import fcntl
import os
from io import FileIO
from pathlib import Path
from typing import cast

from photobank.blobs.files import part_of, read_at, settled, temporary, write_at
from photobank.blobs.rooms import BLOCK, LARGE, room, write_blocks
from photobank.blobs.store import Make, PartWriter
from photobank.crypto.binding import Buffer
from photobank.kernel.durable import sync_folder
from photobank.kernel.errors import Conflict


class Writer:
    """Writes a file beside the place where it will be published."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self._path = path
        self._file = file
        self._own = Path(cast(str, file.name))
        self._size = os.fstat(file.fileno()).st_size

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    async def write(self, data: Buffer) -> None:
        """Add them at the end."""
        await settled(self._write, data)
        self._size += len(data)

    async def write_from(self, size: int, make: Make) -> None:
        """Add what `make` makes in the room that it is given."""
        self._size += await settled(self._write_made, size, make)

    async def commit(self) -> None:
        """Publish it; raises Conflict when it was deleted meanwhile."""
        await settled(self._commit)

    async def abort(self) -> None:
        """Throw it away."""
        await settled(self._abort)

    def _write(self, data: Buffer) -> None:
        write_at(self._file, self._size, data)

    def _write_made(self, size: int, make: Make) -> int:
        with room(size) as made:
            length = make(made)
            self._write(made[:length])
        return length

    def _commit(self) -> None:
        os.fsync(self._file.fileno())
        if not self._in_place():
            raise Conflict("the blob was deleted while it was written")
        self._own.replace(self._path)
        self._file.close()
        sync_folder(self._path.parent)

    def _abort(self) -> None:
        if not self._file.closed:
            if self._in_place():
                self._own.unlink()
            self._file.close()

    def _in_place(self) -> bool:
        """Whether the file still has its name; somebody may have deleted it, or even begun another one there."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._own.stat())
        except FileNotFoundError:
            return False


class Part(Writer):
    """The part itself, locked as long as it is open. Large writes go past the page cache, in whole blocks; what is left of them waits
    for the next write, or until it has to be in the file. Killed before, a part ends in a torn chunk, as it may anyway.
    """

    _rest = b""

    async def read(self, offset: int, length: int) -> bytes:
        """What was written before."""
        return await settled(self._read, offset, length)

    async def sync(self) -> None:
        """Have what was written survive a power cut."""
        await settled(self._sync)

    async def renew(self) -> PartWriter:
        """An empty part that takes the place of this one when it is synced."""
        return await settled(lambda: Renewed(self._path, temporary(self._path), self._file))

    async def close(self) -> None:
        """Leave it for another session."""
        if not self._file.closed:
            await settled(self._file.close)

    def _write(self, data: Buffer) -> None:
        self._settle()
        super()._write(data)

    def _write_made(self, size: int, make: Make) -> int:
        if size < LARGE:
            return super()._write_made(size, make)
        rest = self._rest or read_at(self._file, self._size // BLOCK * BLOCK, self._size % BLOCK)
        start, before = self._size - len(rest), len(rest)
        with room(before + size) as made:
            made[:before] = rest
            length = make(made[before:])
            end = before + length
            written = write_blocks(self._file.fileno(), made[:end], start) if length >= LARGE else 0
            self._rest = bytes(made[written:end]) if written else b""
            if not written:
                write_at(self._file, start, made[:end])
        return length

    def _settle(self) -> None:
        if self._rest:
            write_at(self._file, self._size - len(self._rest), self._rest)
            self._rest = b""

    def _read(self, offset: int, length: int) -> bytes:
        self._settle()
        return read_at(self._file, offset, length)

    def _sync(self) -> None:
        self._settle()
        os.fsync(self._file.fileno())
        sync_folder(self._path.parent)

    def _commit(self) -> None:
        self._settle()
        super()._commit()


class Renewed(Part):
    """A part in the making. The old file, and with it the lock, is held until this one has taken its place."""

    def __init__(self, path: Path, file: FileIO, old: FileIO) -> None:
        super().__init__(path, file)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._old: FileIO | None = old

    def _sync(self) -> None:
        self._settle()
        os.fsync(self._file.fileno())
        if self._old is not None:
            place = part_of(self._path)
            self._own.replace(place)
            self._own = place
            self._old.close()
            self._old = None
        sync_folder(self._path.parent)

    def _commit(self) -> None:
        self._sync()
        super()._commit()

    def _abort(self) -> None:
        super()._abort()
        self._let_go()

    async def close(self) -> None:
        """Leave it for another session; without a sync before, the old one is what stays."""
        if self._old is not None:
            await settled(self._abort)
        else:
            await super().close()

    def _let_go(self) -> None:
        if self._old is not None:
            self._old.close()
            self._old = None

"""Blobs as files: one per blob, published by renaming a synced file. Names: docs/formats/blob.md, "Where it lies"."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from photobank.blobs.rooms import BLOCK, LARGE, room, write_blocks
from photobank.blobs.store import BlobReader, BlobWriter, Make, PartWriter, require_blob_key
from photobank.crypto.binding import Buffer
from photobank.kernel.errors import Conflict, NotFound

P = ParamSpec("P")
T = TypeVar("T")

_PART = "~part"
_TEMPORARY = "~tmp-"


async def settled(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work in a thread; wait for its end even when cancelled: the caller may reuse its buffer or close its file."""
    done = asyncio.get_running_loop().run_in_executor(None, partial(work, *args, **kwargs))
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        while not done.done():
            try:
                await asyncio.wait([done])
            except asyncio.CancelledError:
                continue
        if not done.cancelled():
            done.exception()  # the cancellation is what the caller hears of
        raise


class LocalBlobs:
    """A blob store in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def create(self, key: str) -> BlobWriter:
        """Write a blob in one go."""
        path = self._path(key)
        return await settled(lambda: _Writer(path, _temporary(path)))

    async def part(self, key: str) -> PartWriter:
        """Open the part with this key, or begin one; raises Conflict while another session has it open."""
        path = self._path(key)
        return await settled(lambda: _Part(path, _locked_part(path)))

    async def open(self, key: str) -> BlobReader:
        """Open a published blob; raises NotFound."""
        path = self._path(key)
        try:
            return await settled(lambda: _Reader(_open(path, os.O_RDONLY)))
        except FileNotFoundError:
            raise NotFound("no such blob") from None

    async def exists(self, key: str) -> bool:
        """Whether a blob is published under this key."""
        return await settled(self._path(key).is_file)

    async def delete(self, key: str) -> bool:
        """Remove blob and part; gives whether there was any."""
        return await settled(_delete, self._path(key))

    async def iterate(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of published blobs that begin with `prefix`, in no order."""
        async for name in self._names():
            key = name.replace(".", "/")
            if "~" not in name and key.startswith(prefix):
                yield key

    async def parts(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of parts that begin with `prefix`, in no order."""
        async for name in self._names():
            key = name.removesuffix(_PART).replace(".", "/")
            if name.endswith(_PART) and key.startswith(prefix):
                yield key

    async def _names(self) -> AsyncIterator[str]:
        for shard in await settled(_names, self._folder):
            for name in await settled(_names, self._folder / shard):
                yield name

    async def sweep(self, before: datetime) -> int:
        """Remove what writes that never ended left before this moment; gives how many. Parts stay."""
        return await settled(_sweep, self._folder, before)

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
        return await settled(_read, self._file, offset, length)

    async def close(self) -> None:
        self._file.close()


class _Writer:
    """Writes a file beside the place where it will be published."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self._path = path
        self._file = file
        self._own = Path(cast(str, file.name))
        self._size = os.fstat(file.fileno()).st_size

    @property
    def size(self) -> int:
        return self._size

    async def write(self, data: Buffer) -> None:
        await settled(self._write, data)
        self._size += len(data)

    async def write_from(self, size: int, make: Make) -> None:
        self._size += await settled(self._write_made, size, make)

    async def commit(self) -> None:
        await settled(self._commit)

    async def abort(self) -> None:
        await settled(self._abort)

    def _write(self, data: Buffer) -> None:
        _write(self._file, self._size, data)

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
        _sync_folder(self._path.parent)

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


class _Part(_Writer):
    """The part itself, locked as long as it is open. Large writes go past the page cache, in whole blocks; what is left of them waits
    for the next write, or until it has to be in the file. Killed before, a part ends in a torn chunk, as it may anyway.
    """

    _rest = b""

    async def read(self, offset: int, length: int) -> bytes:
        return await settled(self._read, offset, length)

    async def sync(self) -> None:
        await settled(self._sync)

    async def renew(self) -> PartWriter:
        return await settled(lambda: _Renewed(self._path, _temporary(self._path), self._file))

    async def close(self) -> None:
        if not self._file.closed:
            await settled(self._file.close)

    def _write(self, data: Buffer) -> None:
        self._settle()
        super()._write(data)

    def _write_made(self, size: int, make: Make) -> int:
        if size < LARGE:
            return super()._write_made(size, make)
        rest = self._rest or _read(self._file, self._size // BLOCK * BLOCK, self._size % BLOCK)
        start, before = self._size - len(rest), len(rest)
        with room(before + size) as made:
            made[:before] = rest
            length = make(made[before:])
            end = before + length
            written = write_blocks(self._file.fileno(), made[:end], start) if length >= LARGE else 0
            self._rest = bytes(made[written:end]) if written else b""
            if not written:
                _write(self._file, start, made[:end])
        return length

    def _settle(self) -> None:
        if self._rest:
            _write(self._file, self._size - len(self._rest), self._rest)
            self._rest = b""

    def _read(self, offset: int, length: int) -> bytes:
        self._settle()
        return _read(self._file, offset, length)

    def _sync(self) -> None:
        self._settle()
        os.fsync(self._file.fileno())
        _sync_folder(self._path.parent)

    def _commit(self) -> None:
        self._settle()
        super()._commit()


class _Renewed(_Part):
    """A part in the making. The old file, and with it the lock, is held until this one has taken its place."""

    def __init__(self, path: Path, file: FileIO, old: FileIO) -> None:
        super().__init__(path, file)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._old: FileIO | None = old

    def _sync(self) -> None:
        self._settle()
        os.fsync(self._file.fileno())
        if self._old is not None:
            place = _part_of(self._path)
            self._own.replace(place)
            self._own = place
            self._old.close()
            self._old = None
        _sync_folder(self._path.parent)

    def _commit(self) -> None:
        self._sync()
        super()._commit()

    def _abort(self) -> None:
        super()._abort()
        self._let_go()

    async def close(self) -> None:
        if self._old is not None:
            await settled(self._abort)
        else:
            await super().close()

    def _let_go(self) -> None:
        if self._old is not None:
            self._old.close()
            self._old = None


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + _PART)


def _open(path: Path, flags: int) -> FileIO:
    """A file that only this user can read, never by way of a link."""

    def opener(name: str, _flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    mode: Any = "r+b" if flags & os.O_RDWR else "rb"
    return cast(FileIO, open(path, mode, buffering=0, opener=opener))


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _temporary(path: Path) -> FileIO:
    _make_folder(path.parent)
    return _open(path.with_name(path.name + _TEMPORARY + secrets.token_hex(8)), os.O_RDWR | os.O_CREAT | os.O_EXCL)


def _locked_part(path: Path) -> FileIO:
    _make_folder(path.parent)
    place = _part_of(path)
    while True:
        file = _open(place, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, another session may have renewed, published or deleted it.
            if os.path.samestat(os.fstat(file.fileno()), place.stat()):
                return file
        except BlockingIOError:
            file.close()
            raise Conflict("the part is open elsewhere") from None
        except FileNotFoundError:
            pass
        file.close()


def _read(file: FileIO, offset: int, length: int) -> bytes:
    data = os.pread(file.fileno(), length, offset)
    if len(data) == length:
        return data
    pieces = [data]
    while data and (missing := length - sum(map(len, pieces))) > 0:
        data = os.pread(file.fileno(), missing, offset + length - missing)
        pieces.append(data)
    return b"".join(pieces)


def _write(file: FileIO, offset: int, data: Buffer) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(file.fileno(), view, offset)
        view, offset = view[done:], offset + done


def _delete(path: Path) -> bool:
    found = False
    for place in (path, _part_of(path)):
        try:
            place.unlink()
            found = True
        except FileNotFoundError:
            continue
    if found:
        _sync_folder(path.parent)
    return found


def _names(folder: Path) -> list[str]:
    return os.listdir(folder)


def _sweep(folder: Path, before: datetime) -> int:
    swept = 0
    for path in folder.glob(f"*/*{_TEMPORARY}*"):
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                swept += 1
        except FileNotFoundError:
            continue
    return swept


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

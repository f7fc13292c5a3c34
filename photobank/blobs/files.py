"""Files for blobs: for this user alone and never by way of a link; locked, read and written whole, removed; and work on them in threads."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from photobank.crypto.binding import Buffer
from photobank.kernel.durable import sync_folder
from photobank.kernel.errors import Conflict

P = ParamSpec("P")
T = TypeVar("T")

PART = "~part"
TEMPORARY = "~tmp-"


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


def part_of(path: Path) -> Path:
    """Where the part of a blob lies."""
    return path.with_name(path.name + PART)


def open_file(path: Path, flags: int) -> FileIO:
    """A file that only this user can read, never by way of a link."""

    def opener(name: str, _flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    mode: Any = "r+b" if flags & os.O_RDWR else "rb"
    return cast(FileIO, open(path, mode, buffering=0, opener=opener))


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def temporary(path: Path) -> FileIO:
    """A new file beside a place, to be renamed to it."""
    _make_folder(path.parent)
    return open_file(path.with_name(path.name + TEMPORARY + secrets.token_hex(8)), os.O_RDWR | os.O_CREAT | os.O_EXCL)


def locked_part(path: Path) -> FileIO:
    """The part of a blob, opened or begun, for this session alone; raises Conflict while another has it."""
    _make_folder(path.parent)
    place = part_of(path)
    while True:
        file = open_file(place, os.O_RDWR | os.O_CREAT)
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


def read_at(file: FileIO, offset: int, length: int) -> bytes:
    """So many bytes, fewer only at the end of the file."""
    data = os.pread(file.fileno(), length, offset)
    if len(data) == length:
        return data
    pieces = [data]
    while data and (missing := length - sum(map(len, pieces))) > 0:
        data = os.pread(file.fileno(), missing, offset + length - missing)
        pieces.append(data)
    return b"".join(pieces)


def write_at(file: FileIO, offset: int, data: Buffer) -> None:
    """All of it."""
    view = memoryview(data)
    while view:
        done = os.pwrite(file.fileno(), view, offset)
        view, offset = view[done:], offset + done


def delete(path: Path) -> bool:
    """Remove a blob and its part; gives whether there was any."""
    found = False
    for place in (path, part_of(path)):
        try:
            place.unlink()
            found = True
        except FileNotFoundError:
            continue
    if found:
        sync_folder(path.parent)
    return found


def sweep(folder: Path, before: datetime) -> int:
    """Remove files that were never renamed, last written before a moment; gives how many."""
    swept = 0
    for path in folder.glob(f"*/*{TEMPORARY}*"):
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                swept += 1
        except FileNotFoundError:
            continue
    return swept

"""Memory to make bytes in before they are written, and the way past the page cache.

A shoot is gigabytes that nobody reads again soon. Written in the usual way each of its pages is copied into the kernel's memory first,
and pushes out what people are looking at; in a virtual machine those copies took longer than hashing and sealing together
(docs/performance.md). So whole blocks of an upload go straight to the disk, where the file system can do that.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager

BLOCK = 4096
LARGE = 256 * 1024
"""What is smaller is written as usual."""
_KEPT, _SIZE = 8, 2304 * 1024
_DIRECT = getattr(os, "O_DIRECT", 0)

_rooms: list[mmap.mmap] = []


@contextmanager
def room(size: int) -> Iterator[memoryview]:
    """At least `size` bytes, beginning at a page; fresh memory would cost more than the cipher. For sealed bytes only: nobody wipes it."""
    try:
        found = _rooms.pop() if size <= _SIZE else mmap.mmap(-1, size)
    except IndexError:
        found = mmap.mmap(-1, _SIZE)
    try:
        yield memoryview(found)
    finally:
        if len(found) == _SIZE and len(_rooms) < _KEPT:
            _rooms.append(found)


def write_blocks(file: int, data: memoryview, offset: int) -> int:
    """Write whole blocks past the page cache, from the beginning of a room to a whole number of blocks; gives how many bytes: none where
    the file system knows no such way.
    """
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    try:
        if not _DIRECT:
            return 0
        fcntl.fcntl(file, fcntl.F_SETFL, flags | _DIRECT)
    except OSError:
        return 0
    done, whole = 0, len(data) // BLOCK * BLOCK
    try:
        while done < whole and done % BLOCK == 0:
            done += os.pwrite(file, data[done:whole], offset + done)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        fcntl.fcntl(file, fcntl.F_SETFL, flags)
    return done // BLOCK * BLOCK

"""Memory that a worker and one decoding process share, so that pixels need not go through a pipe. It has no name and lies on no disk.

The worker makes it, at its full size and sealed against any other, and the process inherits it: nothing has to be allowed for that
which the process may not do anyway, and neither side can shrink it under the other. What lies in it is copied out before it is looked at:
the other side might still be writing.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from photobank.imaging.sniff import Buffer

T = TypeVar("T")

ROOM = 16 * 2**20
"""Bytes: the pixels of the largest picture that is kept for another hand-over, with what belongs to it. What is larger takes the pipe."""


class Room:
    """One side's view of it. Messages take turns, so each begins at the start."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._memory = mmap.mmap(handle, ROOM)

    @classmethod
    def make(cls) -> Room | None:
        """A new one; None where the system has no such memory."""
        if not hasattr(os, "memfd_create"):
            return None
        handle = -1
        try:
            handle = os.memfd_create("photobank-pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            os.ftruncate(handle, ROOM)
            fcntl.fcntl(handle, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
            return cls(handle)
        except OSError:
            if handle >= 0:
                os.close(handle)
            return None

    def put(self, buffers: Sequence[Buffer]) -> bool:
        """Lay them one after the other; False when they do not fit."""
        if sum(map(len, buffers)) > ROOM:
            return False
        at = 0
        for buffer in buffers:
            self._memory[at : at + len(buffer)] = buffer
            at += len(buffer)
        return True

    def take(self, sizes: Sequence[int], copy: Callable[[memoryview], T]) -> list[T]:
        """Copies of what the other side laid down; raises ValueError for more than there is room for."""
        if sum(sizes) > ROOM:
            raise ValueError("more than there is room for")
        taken: list[T] = []
        at = 0
        with memoryview(self._memory) as view:
            for size in sizes:
                taken.append(copy(view[at : at + size]))
                at += size
        return taken

    def close(self) -> None:
        """Give it back; it is gone when the other side has ended."""
        with contextlib.suppress(BufferError):
            self._memory.close()
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

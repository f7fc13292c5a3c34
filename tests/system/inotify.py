"""A watch on folders (Linux inotify): every file that is made or changed is opened at once and kept open, so that its content can be
read even when it is deleted a moment later.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
from dataclasses import dataclass, field
from pathlib import Path

CREATE, MODIFY, CLOSE_WRITE, MOVED_FROM, MOVED_TO, IS_DIR = 0x100, 0x2, 0x8, 0x40, 0x80, 0x40000000
MASK = CREATE | MODIFY | CLOSE_WRITE | MOVED_FROM | MOVED_TO
EVENT = struct.Struct("iIII")


@dataclass
class Watch:
    """Watches `deep` folders with all below them, and `flat` ones with what is newly made in them."""

    deep: list[Path]
    flat: list[Path]
    kept: dict[tuple[int, int], tuple[Path, int]] = field(default_factory=dict)
    vanished: set[Path] = field(default_factory=set)
    overflowed: bool = False

    def __enter__(self) -> Watch:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._inotify >= 0
        self._places: dict[int, Path] = {}
        self._alarm, self._bell = os.pipe()
        for folder in self.deep:
            self._add(folder, keep=False)
        for folder in self.flat:
            self._watch(folder)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for _, descriptor in self.kept.values():
            os.close(descriptor)
        for descriptor in (self._inotify, self._alarm, self._bell):
            os.close(descriptor)

    def stop(self) -> None:
        """Look at what has happened up to now, and no further."""
        if self._thread.is_alive():
            os.write(self._bell, b".")
            self._thread.join()

    def contents(self) -> list[tuple[Path, bytes]]:
        """All that was written, as far as it still is what it was at the end, deleted or not."""
        return [(path, _read(descriptor)) for path, descriptor in self.kept.values()]

    def _watch(self, folder: Path) -> None:
        number = self._libc.inotify_add_watch(self._inotify, os.fsencode(folder), MASK)
        if number >= 0:
            self._places[number] = folder

    def _add(self, folder: Path, keep: bool = True) -> None:
        """A folder and all below it; what lies in a new one already is new, too."""
        self._watch(folder)
        try:
            entries = list(os.scandir(folder))
        except OSError:
            self.vanished.add(folder)
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                self._add(Path(entry.path), keep)
            elif keep:
                self._keep(Path(entry.path))

    def _keep(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            self.vanished.add(path)
            return
        except OSError:
            return  # a socket, or a link
        found = os.fstat(descriptor)
        known = self.kept.setdefault((found.st_dev, found.st_ino), (path, descriptor))
        if known[1] != descriptor:
            os.close(descriptor)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._inotify, self._alarm], [], [])
            try:
                data = os.read(self._inotify, 1 << 20)
            except BlockingIOError:
                data = b""
            at = 0
            while at < len(data):
                number, mask, _, length = EVENT.unpack_from(data, at)
                name = data[at + EVENT.size : at + EVENT.size + length].rstrip(b"\0")
                at += EVENT.size + length
                self._heard(number, mask, os.fsdecode(name))
            if self._alarm in ready and not data:
                return

    def _heard(self, number: int, mask: int, name: str) -> None:
        if number < 0:
            self.overflowed = True
            return
        path = self._places.get(number, Path("/")) / name
        if mask & IS_DIR:
            if mask & (CREATE | MOVED_TO):
                self._add(path)
        elif mask & MOVED_FROM:
            self.vanished.discard(path)
        elif name:
            self._keep(path)


def _read(descriptor: int) -> bytes:
    size, found, at = os.fstat(descriptor).st_size, [], 0
    while at < size and (piece := os.pread(descriptor, 1 << 22, at)):
        found.append(piece)
        at += len(piece)
    return b"".join(found)

"""A ZIP that is written while it is read: one member after the other, each from its own stream. Nothing of it is kept anywhere."""

from __future__ import annotations

import hashlib
import stat
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from stream_zip import ZIP_AUTO, Method, async_stream_zip

from photobank.kernel.filenames import safe_filename

MODE = stat.S_IFREG | 0o644
Member = tuple[str, datetime, int, Method, AsyncIterator[bytes]]


class Names:
    """Names that are safe and each used once, whatever the file system thinks of capitals."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, stem: str, ending: str) -> str:
        """`stem` with its ending; with a number where that is taken."""
        number = 1
        while True:
            name = safe_filename(f"{stem.replace('/', '-')[:120]}{f' ({number})' if number > 1 else ''}{ending}")
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name
            number += 1


async def written(members: AsyncIterator[Member]) -> AsyncIterator[bytes]:
    """The ZIP, in pieces. Photos are compressed already, so nothing is compressed again."""
    async for piece in async_stream_zip(members, get_compressobj=lambda: zlib.compressobj(0, wbits=-zlib.MAX_WBITS)):
        yield piece


def member(name: str, at: datetime, size: int, data: AsyncIterator[bytes]) -> Member:
    """One file, of a size known beforehand."""
    return name, at, MODE, ZIP_AUTO(size, level=0), data


def text(name: str, at: datetime, data: bytes) -> Member:
    """One file from memory."""

    async def once() -> AsyncIterator[bytes]:
        yield data

    return member(name, at, len(data), once())


async def hashed(stream: AsyncIterator[bytes], whole: Callable[[str], None]) -> AsyncIterator[bytes]:
    """The bytes as they go; `whole` is told their SHA-256 once all of them went."""
    digest = hashlib.sha256()
    async for piece in stream:
        digest.update(piece)
        yield piece
    whole(digest.hexdigest())

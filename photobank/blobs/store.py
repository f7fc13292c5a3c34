"""The protocol of a blob store: named sequences of bytes, each published whole or not at all. It knows nothing of encryption.

Keys are words of `a`–`z`, `0`–`9` and `-`, joined by `/`. A blob appears under its key at `commit()` and never changes in place.
What grows over several sessions (an upload) is a *part*: it is kept apart from the blobs, can be reopened, and becomes the blob
when it is committed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol

from photobank.crypto.binding import Buffer
from photobank.kernel.errors import Invalid

_KEY = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
MAX_KEY = 180

Make = Callable[[memoryview], int]


def require_blob_key(key: str) -> None:
    """Refuse what is no key: keys are made by this house, so anything else is an attempt or a mistake."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise Invalid("not a blob key")


class BlobWriter(Protocol):
    """Writes one blob. Exactly one of `commit`, `abort` and (for a part) `close` ends it."""

    @property
    def size(self) -> int:
        """Bytes written so far, those of earlier sessions included."""
        ...

    async def write(self, data: Buffer) -> None:
        """Add bytes. The buffer belongs to the caller again when this returns."""
        ...

    async def write_from(self, size: int, make: Make) -> None:
        """Add up to `size` bytes. `make` puts them into the room it is given and says how many; it is called once, where they are
        written: in a thread, if there is one.
        """
        ...

    async def commit(self) -> None:
        """Make it durable and publish it under its key, in the place of what was there."""
        ...

    async def abort(self) -> None:
        """Throw it away; a part is thrown away too."""
        ...


class PartWriter(BlobWriter, Protocol):
    """Writes a part. While it is open, nobody else can open the same part."""

    async def read(self, offset: int, length: int) -> bytes:
        """Bytes of the part; fewer at its end."""
        ...

    async def sync(self) -> None:
        """Make what was written durable, without publishing it."""
        ...

    async def renew(self) -> PartWriter:
        """An empty part that takes the place of this one, atomically, when it is first synced; until then this one can be read.

        When the new one ends, this one is closed too. If it ends before it was synced, the old part stays as it was.
        """
        ...

    async def close(self) -> None:
        """Let go; what was synced stays for the next session."""
        ...


class BlobReader(Protocol):
    """An open blob. What it reads does not change, even if the blob is replaced or deleted meanwhile."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    async def read(self, offset: int, length: int) -> bytes:
        """Bytes from `offset` on; fewer at the end."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class BlobStore(Protocol):
    """Where blobs lie."""

    async def create(self, key: str) -> BlobWriter:
        """Write a blob in one go."""
        ...

    async def part(self, key: str) -> PartWriter:
        """Open the part with this key, or begin one; raises Conflict while another session has it open."""
        ...

    async def open(self, key: str) -> BlobReader:
        """Open a published blob; raises NotFound."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether a blob is published under this key."""
        ...

    async def delete(self, key: str) -> bool:
        """Remove blob and part; gives whether there was any."""
        ...

    def iterate(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of published blobs that begin with `prefix`, in no order."""
        ...

    def parts(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys of parts that begin with `prefix`, in no order."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Remove what writes that never ended left before this moment; gives how many. Parts stay."""
        ...

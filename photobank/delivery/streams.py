"""How released bytes flow: in pieces, from memory or from the encrypted store, and no longer than the decision holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from photobank.blobs.encrypted import EncryptedBlobs
from photobank.blobs.names import ORIGINAL, place
from photobank.kernel.clock import Clock

PIECE = 256 * 1024

# What is released was decided when it began. Somebody with a slow line, or who reads slowly on purpose, would stretch that
# decision at will, so it is taken anew every second; a withdrawal ends the transfer in the middle.
CHECK_AGAIN_EVERY = timedelta(seconds=1)
IN_HAND = 64 * 1024
"""No more than this goes out between two questions, whatever comes out of the store at once: on a slow line that is what counts."""


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    """Bytes in memory, in pieces."""
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


async def original(blobs: EncryptedBlobs, asset_id: UUID, version: int, key: bytes) -> tuple[AsyncIterator[bytes], int]:
    """The original in pieces, and its size. Opened once beforehand, so that a damaged or missing one fails before it is logged."""
    blob, context = place(asset_id, version, ORIGINAL)
    async with blobs.open(blob, key, context) as opened:
        size = opened.size
    return blobs.read_range(blob, key, context), size


def watched(stream: AsyncIterator[bytes], clock: Clock, check: Callable[[], Awaitable[None]]) -> AsyncIterator[bytes]:
    """The stream, for as long as `check` does not raise. Time counts from now, not from when somebody begins to read."""
    decided = clock.now()

    async def flow(checked: datetime) -> AsyncIterator[bytes]:
        async for piece in stream:
            for start in range(0, len(piece), IN_HAND):
                if clock.now() - checked >= CHECK_AGAIN_EVERY:
                    await check()
                    checked = clock.now()
                yield piece[start : start + IN_HAND]

    return flow(decided)

"""From pieces of any size to sealed chunks in writes of a good size."""

from __future__ import annotations

from photobank.blobs.store import BlobWriter
from photobank.crypto.binding import Buffer
from photobank.crypto.stream import CHUNK, SEALED, Encryptor

# Chunks per write or read, 1 MiB. Each is a hop to a thread, whose way back waits for the interpreter's lock: at a quarter of this size four
# uploads at a time came in at two thirds of the speed (docs/performance.md).
BATCH = 64


class Sealing:
    """Feeds a writer through an encryptor. Sealed chunks are held until they are worth a write."""

    def __init__(self, encryptor: Encryptor, writer: BlobWriter) -> None:
        self.encryptor = encryptor
        self._writer = writer
        self._buffer = memoryview(bytearray(2 * BATCH * SEALED))
        self._held = 0
        # True while a write is under way, and for good once one has failed: then nobody knows what was written.
        self.unsure = False

    async def take(self, data: Buffer) -> None:
        """Seal the next bytes."""
        view = memoryview(data)
        while view:
            piece, view = view[: BATCH * CHUNK], view[BATCH * CHUNK :]
            self._held += self.encryptor.update_into(piece, self._buffer[self._held :])
            if self._held >= BATCH * SEALED:
                await self.flush()

    async def flush(self) -> None:
        """Hand everything sealed to the writer."""
        if self._held:
            await self.write(self._buffer[: self._held])
            self._held = 0

    async def finish(self) -> None:
        """Seal the end and hand it to the writer."""
        await self.flush()
        await self.write(self.encryptor.finish())

    async def write(self, sealed: Buffer) -> None:
        """Hand bytes to the writer, as they are."""
        self.unsure = True
        await self._writer.write(sealed)
        self.unsure = False

"""From pieces of any size to sealed chunks in writes of a good size. Sealing, hashing and writing share one hop to a thread."""

from __future__ import annotations

import hashlib

from photobank.blobs.store import BlobWriter
from photobank.crypto.binding import Buffer
from photobank.crypto.stream import CHUNK, SEALED, Encryptor

# Chunks per write or read, 1 MiB. Each is a hop to a thread, whose way back waits for the interpreter's lock: at a quarter of this size four
# uploads at a time came in at two thirds of the speed (docs/performance.md).
BATCH = 64


class Sealing:
    """Feeds a writer through an encryptor. Bytes are held until they are worth a hop.

    A message that begins here is hashed on its way; of one that is gone on with nobody knows what was hashed before.
    """

    def __init__(self, encryptor: Encryptor, writer: BlobWriter, *, begins: bool = True) -> None:
        self.encryptor = encryptor
        self._writer = writer
        self._digest = hashlib.sha256() if begins else None
        self._header = encryptor.header if begins else b""
        self._pieces: list[memoryview] = []
        self._held = 0
        # True while a write is under way, and for good once one has failed: then nobody knows what was written.
        self.unsure = False

    @property
    def size(self) -> int:
        """Bytes taken so far, those of a resumed part included."""
        return self.encryptor.size + self._held

    @property
    def digest(self) -> bytes | None:
        """SHA-256 of all that was flushed, if the message began here."""
        return self._digest.digest() if self._digest else None

    def would_seal(self, size: int) -> bool:
        """Whether a chunk is complete with the next `size` bytes, so that a nonce is used."""
        return self.encryptor.room_for(self._held + size) > 0

    async def take(self, data: Buffer) -> None:
        """Seal the next bytes."""
        view = memoryview(data)
        lasting = isinstance(view.obj, bytes)  # whatever may change belongs to the caller again when this returns
        while view:
            piece, view = view[: BATCH * CHUNK], view[BATCH * CHUNK :]
            self._pieces.append(piece if lasting else memoryview(bytes(piece)))
            self._held += len(piece)
            if self._held >= BATCH * CHUNK:
                await self.flush()

    async def flush(self) -> None:
        """Hand to the writer all that fills chunks."""
        if self._held or self._header:
            await self._write(last=False)

    async def finish(self) -> None:
        """Seal the end and hand it to the writer."""
        await self._write(last=True)

    async def _write(self, *, last: bool) -> None:
        self.unsure = True
        most = len(self._header) + self.encryptor.room_for(self._held) + (SEALED if last else 0)
        await self._writer.write_from(most, lambda room: self._seal(room, last=last))
        self.unsure = False

    def _seal(self, room: memoryview, *, last: bool) -> int:
        written = len(self._header)
        room[:written] = self._header
        self._header = b""
        for piece in self._pieces:
            if self._digest:
                self._digest.update(piece)
            written += self.encryptor.update_into(piece, room[written:])
        self._pieces, self._held = [], 0
        if last:
            end = self.encryptor.finish()
            room[written : written + len(end)] = end
            written += len(end)
        return written

"""C2SP chunked encryption, Cobblestone-256: streaming, seekable, truncation-proof. Format: docs/formats/blob.md.

One implementation serves writing, resuming and random access (docs/adr/0002-own-cobblestone.md); pyca's is the peer in the tests.
Whole chunks go from the caller's buffer into the caller's buffer: fresh memory for each would cost more than the cipher.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from photobank.crypto.binding import Buffer, require_key
from photobank.kernel.errors import Damaged

CHUNK = 16_384
TAG = 16
SEALED = CHUNK + TAG
SALT = 24
COMMITMENT = 32
HEADER = SALT + COMMITMENT
MAX_CHUNKS = 1 << 38
NONCE = 12
_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


def encrypted_size(size: int) -> int:
    """Length of the blob that holds `size` bytes."""
    if not 0 <= size < MAX_CHUNKS * CHUNK:
        raise ValueError("no message has this size")
    return HEADER + size + TAG * (size // CHUNK + 1)


def plaintext_size(blob_size: int) -> int:
    """Bytes in a blob of this length; raises Damaged for a length that no blob has."""
    body = blob_size - HEADER
    last = body % SEALED
    if body < TAG or last < TAG:
        raise Damaged("truncated blob")
    return body - TAG * (body // SEALED + 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Which chunks hold a range: chunks `first` … `end` - 1, `length` bytes of theirs from `skip` on."""

    first: int
    end: int
    skip: int
    length: int


class _Derived:
    """Cipher, base nonce and commitment for one header."""

    __slots__ = ("base", "cipher", "commitment")

    def __init__(self, key: bytes, context: bytes, salt: bytes) -> None:
        require_key(key)
        okm = HKDFExpand(algorithm=hashes.SHA512(), length=32 + NONCE + COMMITMENT, info=_LABEL + salt + context).derive(key)
        self.cipher = AESGCM(okm[:32])
        self.base = int.from_bytes(okm[32 : 32 + NONCE], "big")
        self.commitment = okm[32 + NONCE :]

    @classmethod
    def opened(cls, key: bytes, context: bytes, header: Buffer) -> _Derived:
        """Derive for a header that was stored; raises Damaged unless its commitment is that of this key and context."""
        raw = bytes(header)
        if len(raw) != HEADER:
            raise Damaged("truncated blob header")
        derived = cls(key, context, raw[:SALT])
        if not hmac.compare_digest(derived.commitment, raw[SALT:]):
            raise Damaged("blob header does not fit this key and context")
        return derived


class Encryptor:
    """Seals one message. Write `header` first, then what `update` and `finish` give."""

    def __init__(self, key: bytes, context: bytes) -> None:
        salt = os.urandom(SALT)
        derived = _Derived(key, context, salt)
        self._start(derived, salt + derived.commitment, 0)

    @classmethod
    def resume(cls, key: bytes, context: bytes, header: Buffer, chunk_index: int) -> Encryptor:
        """Go on with a message whose first `chunk_index` chunks are kept.

        The caller vouches that no chunk from `chunk_index` on was ever sealed under this header: one nonce must not seal two
        contents.
        """
        if not 0 <= chunk_index < MAX_CHUNKS:
            raise ValueError("no message has this chunk")
        self = cls.__new__(cls)
        self._start(_Derived.opened(key, context, header), bytes(header), chunk_index)
        return self

    def _start(self, derived: _Derived, header: bytes, chunk_index: int) -> None:
        self.header = header
        self.chunk_index = chunk_index
        self._seal_into = derived.cipher.encrypt_into
        self._base = derived.base
        self._tail = bytearray(CHUNK)
        self._tail_view = memoryview(self._tail)
        self._filled = 0
        self._finished = False

    @property
    def tail(self) -> bytes:
        """Bytes taken that do not fill a chunk yet."""
        return bytes(self._tail_view[: self._filled])

    @property
    def size(self) -> int:
        """Bytes taken so far, those of a resumed part included."""
        return self.chunk_index * CHUNK + self._filled

    def room_for(self, size: int) -> int:
        """Bytes that sealing the next `size` bytes may give at most."""
        return (self._filled + size) // CHUNK * SEALED

    def update(self, data: Buffer) -> bytes:
        """Take bytes; gives the chunks that they completed, maybe none."""
        out = bytearray(self.room_for(len(data)))
        self.update_into(data, out)
        return bytes(out)

    def update_into(self, data: Buffer, out: bytearray | memoryview) -> int:
        """As `update`, into a buffer of at least `room_for(len(data))` bytes; gives the number written."""
        if self._finished:
            raise ValueError("the message is finished")
        source, target = memoryview(data), memoryview(out)
        taken = written = 0
        total = len(source)
        if self._filled:
            taken = min(CHUNK - self._filled, total)
            self._tail_view[self._filled : self._filled + taken] = source[:taken]
            self._filled += taken
            if self._filled < CHUNK:
                return 0
            self._seal(self._tail_view, target[:SEALED])
            self._filled, written = 0, SEALED
        # The hot loop: names are local, because the calls around a chunk cost a tenth of its encryption.
        index, base, seal_into = self.chunk_index, self._base, self._seal_into
        end = index + (total - taken) // CHUNK
        if end >= MAX_CHUNKS:
            raise ValueError("the message is too long")
        while index < end:
            # Counted first: whatever happens in the call, this nonce is not used again.
            nonce = (base ^ index).to_bytes(NONCE, "big")
            self.chunk_index = index = index + 1
            seal_into(nonce, source[taken : taken + CHUNK], None, target[written : written + SEALED])
            taken += CHUNK
            written += SEALED
        self._filled = total - taken
        self._tail_view[: self._filled] = source[taken:]
        return written

    def finish(self) -> bytes:
        """The last chunk, shorter than the others and perhaps empty. Nothing can be added afterwards."""
        if self._finished:
            raise ValueError("the message is finished")
        out = bytearray(self._filled + TAG)
        self._seal(self._tail_view[: self._filled], out)
        self._finished = True
        return bytes(out)

    def _seal(self, chunk: memoryview, out: memoryview | bytearray) -> None:
        # The last number is left unused: a full chunk there could not be followed by a last one.
        if self.chunk_index >= MAX_CHUNKS - (len(chunk) == CHUNK):
            raise ValueError("the message is too long")
        nonce = (self._base ^ self.chunk_index).to_bytes(NONCE, "big")
        self.chunk_index += 1
        self._seal_into(nonce, chunk, None, out)


class Decryptor:
    """Opens chunks of one message, in any order. The blob's length tells which chunk is the last, and how long each must be."""

    def __init__(self, key: bytes, context: bytes, header: Buffer, blob_size: int) -> None:
        self.size = plaintext_size(blob_size)
        derived = _Derived.opened(key, context, header)
        self._open_into = derived.cipher.decrypt_into
        self._base = derived.base
        self.chunks = self.size // CHUNK + 1

    def span(self, start: int, end: int) -> Span:
        """The chunks that hold bytes `start` … `end` - 1, cut at the size of the message."""
        end = min(end, self.size)
        if start < 0 or start >= end:
            return Span(0, 0, 0, 0)
        first = start // CHUNK
        return Span(first, (end - 1) // CHUNK + 1, start - first * CHUNK, end - start)

    def place(self, first: int, end: int) -> tuple[int, int]:
        """Offset and length within the blob of chunks `first` … `end` - 1."""
        sealed = (end - first) * SEALED
        if end >= self.chunks:
            sealed -= CHUNK - self.size % CHUNK
        return HEADER + first * SEALED, sealed

    def open_chunks(self, first: int, sealed: Buffer) -> bytearray:
        """Bytes of the consecutive chunks that begin with number `first`; raises Damaged unless every tag is right."""
        out = bytearray(max(0, len(sealed)))
        return out[: self.open_into(first, sealed, out)]

    def open_into(self, first: int, sealed: Buffer, out: bytearray | memoryview) -> int:
        """As `open_chunks`, into a buffer at least as long as `sealed`; gives the number of bytes written."""
        source, target = memoryview(sealed), memoryview(out)
        end = first - (-len(source) // SEALED)
        if first < 0 or end > self.chunks or self.place(first, end)[1] != len(source):
            raise Damaged("chunks of the wrong length")
        base, open_into = self._base, self._open_into
        taken = written = 0
        try:
            for index in range(first, end):
                until = min(written + CHUNK, written + len(source) - taken - TAG)
                nonce = (base ^ index).to_bytes(NONCE, "big")
                open_into(nonce, source[taken : taken + SEALED], None, target[written:until])
                taken += SEALED
                written = until
        except InvalidTag as error:
            raise Damaged(f"chunk {index} does not open") from error
        return written


def open_prefix(key: bytes, context: bytes, header: Buffer, sealed: Buffer, first: int = 0) -> list[bytes]:
    """Full chunks of a message without an end, up to the first that is torn or does not open. Only for an upload under way."""
    derived = _Derived.opened(key, context, header)
    source = memoryview(sealed)
    good: list[bytes] = []
    for at in range(0, len(source) // SEALED * SEALED, SEALED):
        nonce = (derived.base ^ (first + len(good))).to_bytes(NONCE, "big")
        try:
            good.append(derived.cipher.decrypt(nonce, bytes(source[at : at + SEALED]), None))
        except InvalidTag:
            return good
    return good


def encrypt(key: bytes, context: bytes, data: Buffer) -> bytes:
    """A whole blob at once, for what is small."""
    encryptor = Encryptor(key, context)
    return encryptor.header + encryptor.update(data) + encryptor.finish()


def decrypt(key: bytes, context: bytes, blob: Buffer) -> bytes:
    """A whole blob's bytes at once, for what is small."""
    view = memoryview(blob)
    return bytes(Decryptor(key, context, view[:HEADER], len(view)).open_chunks(0, view[HEADER:]))

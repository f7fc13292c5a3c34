"""XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM whose 192-bit nonces may be random. Format: docs/formats/field.md."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from photobank.crypto.binding import require_key
from photobank.kernel.errors import Damaged

NONCE = 24
TAG = 16
OVERHEAD = NONCE + TAG


class Xaes:
    """XAES-256-GCM under one key; the part of the derivation that is the same for every message is done once."""

    __slots__ = ("_block", "_k1")

    def __init__(self, key: bytes) -> None:
        require_key(key)
        # The specification builds its key derivation from the bare block cipher (CMAC of one block); no data passes through it.
        self._block = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        top = int.from_bytes(self._encrypt_blocks(bytes(16)), "big")
        self._k1 = (top << 1 & (1 << 128) - 1) ^ (0x87 if top >> 127 else 0)

    def _encrypt_blocks(self, blocks: bytes) -> bytes:
        return self._block.encryptor().update(blocks)

    def _cipher(self, nonce: bytes) -> AESGCM:
        first = int.from_bytes(b"\x00\x01X\x00" + nonce[:12], "big") ^ self._k1
        second = int.from_bytes(b"\x00\x02X\x00" + nonce[:12], "big") ^ self._k1
        return AESGCM(self._encrypt_blocks(first.to_bytes(16, "big") + second.to_bytes(16, "big")))

    def encrypt(self, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Ciphertext and tag under a nonce of 24 bytes that must never come twice: use `seal`, which draws one."""
        return self._cipher(nonce).encrypt(nonce[12:], plaintext, aad)

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Nonce ‖ ciphertext ‖ tag."""
        nonce = os.urandom(NONCE)
        return nonce + self.encrypt(nonce, plaintext, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """The plaintext; raises Damaged unless key, nonce, ciphertext and associated data belong together."""
        if len(sealed) < OVERHEAD:
            raise Damaged("truncated ciphertext")
        nonce = sealed[:NONCE]
        try:
            return self._cipher(nonce).decrypt(nonce[12:], sealed[NONCE:], aad)
        except InvalidTag as error:
            raise Damaged("ciphertext does not open") from error


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Seal one message: nonce ‖ ciphertext ‖ tag."""
    return Xaes(key).seal(plaintext, aad)


def open_(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what `seal` made; raises Damaged."""
    return Xaes(key).open(sealed, aad)

"""The code that an invisible mark carries: a square of chips, some the same on every photo of this house, the rest one download's own.

A square of 32 × 32 chips of 4 × 4 pixels is repeated over the picture. A quarter of the chips, at places that only this house knows, say
where the square lies (SYNC); the others are a random word of 768 signs that a download's id and the house's key give (the word). A word is
recognised as a whole, by its correlation with what is read: decoding a random code by maximum likelihood, which corrects as many errors as
any code of its length could. Formats: docs/formats/trace.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

SIDE = 32
"""Chips along a side of the square."""
CHIP = 4
"""Pixels along a side of a chip, in the picture that is handed out."""
CHIPS = SIDE * SIDE
SYNC_CHIPS = CHIPS // 4
WORD = CHIPS - SYNC_CHIPS
VERSION = b"photobank.trace.v1"

Signs = NDArray[np.int8]


@dataclass(frozen=True)
class TraceCode:
    """The code of one house; `key` is 32 secret bytes."""

    key: bytes

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """The chips in a secret order: those of SYNC first."""
        order = np.frombuffer(self._stream(b"places", b"", CHIPS * 4), np.uint32)
        return np.argsort(order, kind="stable")

    @property
    def sync_places(self) -> NDArray[np.intp]:
        """Where the chips are that every photo of this house has."""
        return self._places[:SYNC_CHIPS]

    @property
    def word_places(self) -> NDArray[np.intp]:
        """Where the chips of a download's word are."""
        return self._places[SYNC_CHIPS:]

    @cached_property
    def sync(self) -> Signs:
        """The signs at `sync_places`."""
        return _signs(self._stream(b"sync", b"", SYNC_CHIPS // 8))

    def word(self, download_id: UUID) -> Signs:
        """The signs at `word_places` of one download."""
        return _signs(self._stream(b"word", download_id.bytes, WORD // 8))

    def square(self, download_id: UUID | None) -> Signs:
        """The whole square, (SIDE, SIDE) of -1 and 1; without a download only SYNC, and 0 elsewhere."""
        chips = np.zeros(CHIPS, np.int8)
        chips[self.sync_places] = self.sync
        if download_id is not None:
            chips[self.word_places] = self.word(download_id)
        return chips.reshape(SIDE, SIDE)

    def _stream(self, purpose: bytes, subject: bytes, size: int) -> bytes:
        label = len(purpose).to_bytes(1, "big") + purpose + subject
        return hashlib.shake_256(VERSION + self.key + label).digest(size)


def packed(square: Signs) -> bytes:
    """A full square as 128 bytes, row by row, 1 for a positive chip: how it goes to the decoding process."""
    return np.packbits(square.ravel() > 0).tobytes()


def unpacked(bits: bytes) -> Signs:
    """The square that `packed` wrote; raises ValueError for another length."""
    if len(bits) != CHIPS // 8:
        raise ValueError(f"a square is {CHIPS // 8} bytes")
    return _signs(bits).reshape(SIDE, SIDE)


def _signs(bits: bytes) -> Signs:
    return np.unpackbits(np.frombuffer(bits, np.uint8)).astype(np.int8) * 2 - 1

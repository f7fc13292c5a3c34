"""Finding pieces of pictures in whatever was written: any 64 bytes in a row of a picture are recognised, at any place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

PIECE = 32  # every run of 64 bytes holds a whole one of these
TELLING = 22  # different bytes in a piece, below which it could be anybody's (zeros, a table of a file format)
STEPS = 12  # different steps from byte to byte, below which it only counts up, as tables in databases do, too
SKIPPED = 1024  # the start of a file, where formats write what is the same in all pictures
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*", b"GIF8")


class Needles:
    """The pieces of all pictures."""

    def __init__(self, pictures: Iterable[bytes]) -> None:
        self._pieces: set[bytes] = set()
        for picture in pictures:
            start = min(SKIPPED, len(picture) // 4)
            count = len(range(start, len(picture) - PIECE, PIECE))
            rows = np.frombuffer(picture, np.uint8, count * PIECE, start).reshape(count, PIECE)
            telling = (_different(rows) >= TELLING) & (_different(rows[:, 1:] - rows[:, :-1]) >= STEPS)
            self._pieces.update(row.tobytes() for row in rows[telling])
        starts = np.frombuffer(b"".join(piece[:8] for piece in self._pieces), dtype="<u8")
        self._starts = np.unique(starts)
        self._bits = np.zeros(1 << 24, dtype=bool)  # a quick no for almost everything
        self._bits[_mixed(self._starts)] = True

    def __len__(self) -> int:
        return len(self._pieces)

    def within(self, data: bytes) -> bytes | None:
        """A piece of a picture that `data` holds, at any offset."""
        for shift in range(8):
            words = (
                np.frombuffer(data, dtype="<u8", offset=shift, count=max(0, (len(data) - shift) // 8))
                if len(data) > shift
                else None
            )
            if words is None:
                continue
            for index in np.flatnonzero(self._bits[_mixed(words)]).tolist():
                piece = data[shift + 8 * index : shift + 8 * index + PIECE]
                if piece in self._pieces:
                    return piece
        return None


def looks_like_a_picture(data: bytes) -> bool:
    """Whether it begins as a file of a picture does."""
    return data.startswith(STARTS) or data[4:8] == b"ftyp" or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def _different(rows: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many different bytes each row holds."""
    ordered = np.sort(rows, axis=1)
    return 1 + np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)


def _mixed(words: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return (words * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)

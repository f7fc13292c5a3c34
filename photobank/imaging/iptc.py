"""IPTC-IIM records, as older programs and press agencies write them: a flat list of numbered texts."""

from __future__ import annotations

MAX_RECORDS = 1000
MAX_LENGTH = 32_767
UTF8 = b"\x1b%G"
RESOURCE = b"8BIM\x04\x04"


class Iptc:
    """Application records (2:n) by number."""

    def __init__(self, block: bytes) -> None:
        self._records: dict[int, list[bytes]] = {}
        self._utf8 = False
        at = block.find(RESOURCE)
        at = block.find(b"\x1c", at if at >= 0 else 0)
        for _ in range(MAX_RECORDS):
            if at < 0 or at + 5 > len(block) or block[at] != 0x1C:
                return
            record, number, size = block[at + 1], block[at + 2], int.from_bytes(block[at + 3 : at + 5], "big")
            value = block[at + 5 : at + 5 + size]
            if size > MAX_LENGTH or len(value) < size:
                return
            if (record, number) == (1, 90):
                self._utf8 = value == UTF8
            elif record == 2:
                self._records.setdefault(number, []).append(value)
            at += 5 + size

    def texts(self, number: int) -> list[str]:
        """All values under a number."""
        return [self._decode(value) for value in self._records.get(number, [])]

    def text(self, number: int) -> str:
        """The first value under a number."""
        return next(iter(self.texts(number)), "")

    def _decode(self, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace") if self._utf8 else value.decode("latin-1")

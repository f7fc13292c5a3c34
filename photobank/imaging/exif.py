"""EXIF, read with Pillow's own reader and taken only in part: tags that mean something to people, each checked and bounded."""

from __future__ import annotations

import contextlib
import io
import math
import struct
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from photobank.imaging.sniff import Buffer

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
MAX_BLOCK = 4 * 2**20
DNG_VERSION, SUB_IFDS, NEW_SUBFILE_TYPE = 0xC612, 0x014A, 0x00FE
MAX_ENTRIES = 512


class Exif:
    """Tags of one picture. Whatever is broken is absent; nothing here raises."""

    def __init__(self, block: bytes) -> None:
        self.main: Mapping[int, Any] = {}
        self.detail: Mapping[int, Any] = {}
        self.gps: Mapping[int, Any] = {}
        if block and len(block) <= MAX_BLOCK:
            self._take(lambda reader: reader.load(block))

    @classmethod
    def of_tiff(cls, file: Buffer) -> Exif:
        """The same of a TIFF, which carries the tags in its own directories."""
        found = cls(b"")
        found._take(lambda reader: reader.load_from_fp(_Tags(file)))
        return found

    def _take(self, load: Callable[[Any], None]) -> None:
        reader = Image.Exif()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A block that Pillow cannot open says nothing; which of its many errors it was does not matter.
            with contextlib.suppress(Exception):
                load(reader)
            self.main = _items(reader)
            with contextlib.suppress(Exception):
                self.detail = _items(reader.get_ifd(EXIF_IFD))
            with contextlib.suppress(Exception):
                self.gps = _items(reader.get_ifd(GPS_IFD))

    def text(self, tag: int) -> str:
        """A text tag of either block, decoded as UTF-8 or else Latin-1."""
        return as_text(self.detail.get(tag, self.main.get(tag)))

    def number(self, tag: int) -> float | None:
        """A finite number of either block."""
        return as_number(self.detail.get(tag, self.main.get(tag)))

    def windows_text(self, tag: int) -> str:
        """Windows' XP… tags: bytes of UTF-16."""
        value = self.main.get(tag)
        if isinstance(value, tuple) and all(isinstance(v, int) and 0 <= v < 256 for v in value):
            value = bytes(value)
        return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else ""

    def comment(self) -> str:
        """UserComment: eight bytes name the character set."""
        value = self.detail.get(0x9286)
        if not isinstance(value, bytes) or len(value) <= 8:
            return ""
        charset, body = value[:8], value[8:]
        if charset.startswith(b"UNICODE"):
            little = body[1:2] == b"\0" or body[:2] == b"\xff\xfe"
            return body.decode("utf-16-le" if little else "utf-16-be", "ignore")
        return as_text(body)

    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None when absent, broken, out of range, or 0,0: nothing was known."""
        return position(
            _degrees(self.gps.get(2), as_text(self.gps.get(1)), "NS"),
            _degrees(self.gps.get(4), as_text(self.gps.get(3)), "EW"),
        )

    def altitude(self) -> float | None:
        """Metres above the sea."""
        value = as_number(self.gps.get(6))
        if value is None or abs(value) > 20_000:
            return None
        below = self.gps.get(5) in (1, b"\x01")
        return -value if below else value


class _Tags:
    """A file in memory, read without a copy. It calls itself no longer than MAX_BLOCK, so that Pillow takes no more than that
    for a directory's tags: layers, thumbnails and profiles are passed over."""

    def __init__(self, file: Buffer) -> None:
        self._file, self._at = memoryview(file), 0

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or what is left."""
        end = self._at + min(size if size >= 0 else MAX_BLOCK, MAX_BLOCK)
        data = bytes(self._file[self._at : end])
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there, also beyond what we call our length."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: min(len(self._file), MAX_BLOCK)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Where we are."""
        return self._at


def position(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """A position that can be real."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return None if abs(latitude) < 1e-6 and abs(longitude) < 1e-6 else (round(latitude, 7), round(longitude, 7))


def as_text(value: Any) -> str:
    """Text of a tag, whatever type a careless program gave it."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")
    if isinstance(value, str):
        with contextlib.suppress(UnicodeError):
            return value.encode("latin-1").decode()  # Pillow reads ASCII tags as Latin-1; most programs write UTF-8 into them
        return value
    return ""


def as_number(value: Any) -> float | None:
    """A finite number; of several, the first."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or isinstance(value, str | bytes | bool):
        return None
    with contextlib.suppress(TypeError, ValueError, ZeroDivisionError, OverflowError):
        number = float(value)
        return number if math.isfinite(number) else None
    return None


def raw_signs(head: bytes) -> bool:
    """Whether the first directory of a TIFF is that of a camera's raw file (DNG, NEF, ARW and kin)."""
    order = "<" if head[:2] == b"II" else ">"
    with contextlib.suppress(struct.error):
        if struct.unpack_from(order + "H", head, 2)[0] != 42:
            return False
        (at,) = struct.unpack_from(order + "I", head, 4)
        (count,) = struct.unpack_from(order + "H", head, at)
        tags = {}
        for entry in range(min(count, MAX_ENTRIES)):
            tag, _kind, _count, value = struct.unpack_from(order + "HHII", head, at + 2 + 12 * entry)
            tags[tag] = value
        return DNG_VERSION in tags or (SUB_IFDS in tags and tags.get(NEW_SUBFILE_TYPE) == 1)
    return False


def _items(tags: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for tag in list(tags)[:MAX_ENTRIES]:
        with contextlib.suppress(Exception):  # tags are decoded one by one on access; a broken one hides only itself
            found[int(tag)] = tags[tag]
    return found


def _degrees(parts: Any, hemisphere: str, signs: str) -> float | None:
    hemisphere = hemisphere.strip("\0 ").upper()[:1]
    if not hemisphere or hemisphere not in signs or not isinstance(parts, tuple | list) or not 1 <= len(parts) <= 3:
        return None
    numbers = [as_number(part) for part in parts]
    if any(number is None or number < 0 for number in numbers):
        return None
    value = sum((number / 60.0**at for at, number in enumerate(numbers) if number is not None), 0.0)
    return -value if hemisphere == signs[1] else value

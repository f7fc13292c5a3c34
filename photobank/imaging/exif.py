"""EXIF, read with Pillow's own reader and taken only in part: tags that mean something to people, each checked and bounded."""

from __future__ import annotations

import contextlib
import math
import struct
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import Image

from photobank.imaging.sniff import Buffer

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
MAX_BLOCK = 4 * 2**20
DNG_VERSION, SUB_IFDS, NEW_SUBFILE_TYPE = 0xC612, 0x014A, 0x00FE
MAX_ENTRIES = 512
POINTERS = (EXIF_IFD, GPS_IFD, INTEROP_IFD)
KIND_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
MAX_DEPTH = 2
MAX_TAG = 1 << 16
"""Of a TIFF, where tags also hold strips and profiles: whatever is longer says nothing that is wanted here."""

MOST_OF_DIRECTORY = 1 << 19


class Exif:
    """Tags of one picture. Whatever is broken is absent; nothing here raises."""

    def __init__(self, block: bytes) -> None:
        self.main: Mapping[int, Any] = {}
        self.detail: Mapping[int, Any] = {}
        self.gps: Mapping[int, Any] = {}
        self.interop: Mapping[int, Any] = {}
        if not block or len(block) > MAX_BLOCK:
            return
        reader = Image.Exif()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A block that Pillow cannot open says nothing; which of its many errors it was does not matter.
            with contextlib.suppress(Exception):
                reader.load(block)
            self.main = _items(reader)
            with contextlib.suppress(Exception):
                self.detail = _items(reader.get_ifd(EXIF_IFD))
            with contextlib.suppress(Exception):
                self.gps = _items(reader.get_ifd(GPS_IFD))
            with contextlib.suppress(Exception):
                self.interop = _items(reader.get_ifd(INTEROP_IFD))

    @property
    def adobe_rgb(self) -> bool:
        """Whether the camera says so in the way that cameras do (DCF): "R03", and no profile."""
        return as_text(self.interop.get(1)).strip("\0 ") == "R03"

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


def of_tiff(data: Buffer) -> bytes:
    """The block that other formats would embed: a TIFF's own directories, without what is long there (strips, profiles) or broken."""
    order = "<" if data[:2] == b"II" else ">"
    with contextlib.suppress(struct.error):
        magic, at = struct.unpack_from(order + "HI", data, 2)
        if magic == 42:
            return b"Exif\0\0" + bytes(data[:4]) + struct.pack(order + "I", 8) + _directory(data, order, at, 8, 0)
    return b""


def _directory(data: Buffer, order: str, at: int, base: int, depth: int) -> bytes:
    """One directory and what it points at, to lie at `base` of a block."""
    kept: list[tuple[int, int, int, bytes | int]] = []
    seen: set[int] = set()
    room = MOST_OF_DIRECTORY
    with contextlib.suppress(struct.error):
        (count,) = struct.unpack_from(order + "H", data, at)
        for number in range(min(count, MAX_ENTRIES)):
            tag, kind, length, value = struct.unpack_from(order + "HHI4s", data, at + 2 + 12 * number)
            size = KIND_BYTES.get(kind, 0) * length
            (place,) = struct.unpack(order + "I", value)
            if tag in seen:
                continue  # a second directory under the same tag, and a thousandth, is an attack
            seen.add(tag)
            if tag in POINTERS:
                if depth < MAX_DEPTH:
                    kept.append((tag, 4, 1, place))
            elif 0 < size <= 4:
                kept.append((tag, kind, length, value))
            elif 0 < size <= min(MAX_TAG, room) and place + size <= len(data):
                room -= size
                kept.append((tag, kind, length, bytes(data[place : place + size])))
    table, body = struct.pack(order + "H", len(kept)), b""
    start = base + 2 + 12 * len(kept) + 4
    for tag, kind, length, what in kept:
        here = start + len(body)
        if isinstance(what, int):
            body += _directory(data, order, what, here, depth + 1)
            what = struct.pack(order + "I", here)
        elif len(what) > 4:
            body += what + bytes(len(what) % 2)
            what = struct.pack(order + "I", here)
        table += struct.pack(order + "HHI", tag, kind, length) + what
    return table + bytes(4) + body


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

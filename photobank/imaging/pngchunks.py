"""PNG chunks: text taken out of the decoder's sight, and the colours that a file names without an ICC profile.

Compressed text expands without a limit, and none of it is shown. A chunk is renamed in place to an unknown, ignorable one, so that a
large file is not copied. Short uncompressed XMP stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from photobank.imaging import nclx
from photobank.imaging.nclx import Nclx

SIGNATURE_BYTES = 8
FRAME_BYTES = 12
TEXT = (b"tEXt", b"zTXt", b"iTXt")
HIDDEN = b"pbXx"
"""Ancillary, private, unknown to every decoder: skipped by all."""
XMP_KEYWORD = b"XML:com.adobe.xmp\0\0"
"""Keyword, end of keyword, and a zero for "not compressed"."""
MAX_XMP = 1 << 20
MAX_PROFILE = 1 << 20
MAX_CHUNKS = 100_000
UNIT = 100_000
"""Of gAMA and cHRM: they are whole numbers of hundred thousandths."""
USUAL_GAMMA = 2.2
SAME_GAMMA = 0.05
"""Nearer than this to the usual one a curve is taken for that of sRGB, as libpng and browsers do."""


def hide_text(data: bytearray) -> None:
    """Hide every text chunk but a short plain XMP one, and a colour profile too large to be one."""
    for at, size, kind in _chunks(data):
        keep = kind == b"iTXt" and size <= MAX_XMP and data.startswith(XMP_KEYWORD, at + 8)
        if (kind in TEXT and not keep) or (kind == b"iCCP" and size > MAX_PROFILE):
            data[at + 4 : at + 8] = HIDDEN
            with memoryview(data) as view:
                checksum = zlib.crc32(view[at + 4 : at + 8 + size])
            data[at + 8 + size : at + FRAME_BYTES + size] = checksum.to_bytes(4, "big")


def colours(data: bytes | bytearray | memoryview) -> Nclx | None:
    """What the chunks before the picture say of its colours: cICP before all else, then a profile or sRGB, then gAMA with cHRM."""
    found: dict[bytes, tuple[int, ...]] = {}
    for at, size, kind in _chunks(data):
        if kind == b"IDAT":
            break
        if kind == b"cICP" and size == 4:
            return Nclx(int(data[at + 8]), int(data[at + 9]))
        if kind in (b"iCCP", b"sRGB"):
            found[kind] = ()
        elif (kind, size) in ((b"gAMA", 4), (b"cHRM", 32)):
            found[kind] = tuple(int.from_bytes(data[n : n + 4], "big") for n in range(at + 8, at + 8 + size, 4))
    if b"iCCP" in found or b"sRGB" in found or not found.get(b"gAMA", (0,))[0]:
        return None
    gamma = UNIT / found[b"gAMA"][0]
    if abs(gamma / USUAL_GAMMA - 1) < SAME_GAMMA:
        gamma = 0.0
    return nclx.measured(gamma, [part / UNIT for part in found.get(b"cHRM", ())])


def _chunks(data: bytes | bytearray | memoryview) -> Iterator[tuple[int, int, bytes]]:
    """Where each chunk begins, the size of its content, and its kind, as far as the file makes sense."""
    at = SIGNATURE_BYTES
    for _ in range(MAX_CHUNKS):
        if at + FRAME_BYTES > len(data):
            return
        size, kind = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        if at + FRAME_BYTES + size > len(data):
            return
        yield at, size, kind
        at += FRAME_BYTES + size

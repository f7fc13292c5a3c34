"""PNG text chunks taken out of the decoder's sight: compressed text expands without a limit, and none of it is shown.

A chunk is renamed in place to an unknown, ignorable one, so that a large file is not copied. Short uncompressed XMP stays.
"""

from __future__ import annotations

import zlib

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


def hide_text(data: bytearray) -> None:
    """Hide every text chunk but a short plain XMP one, and a colour profile too large to be one."""
    at = SIGNATURE_BYTES
    for _ in range(MAX_CHUNKS):
        if at + FRAME_BYTES > len(data):
            return
        size, kind = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        if at + FRAME_BYTES + size > len(data):
            return
        keep = kind == b"iTXt" and size <= MAX_XMP and data.startswith(XMP_KEYWORD, at + 8)
        if (kind in TEXT and not keep) or (kind == b"iCCP" and size > MAX_PROFILE):
            data[at + 4 : at + 8] = HIDDEN
            with memoryview(data) as view:
                checksum = zlib.crc32(view[at + 4 : at + 8 + size])
            data[at + 8 + size : at + FRAME_BYTES + size] = checksum.to_bytes(4, "big")
        at += FRAME_BYTES + size

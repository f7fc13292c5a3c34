"""What a file is, by its content and never by its name: a short list that we take, and names for what we refuse."""

from __future__ import annotations

from enum import StrEnum

from photobank.imaging.rejections import Rejected, Rejection

Buffer = bytes | bytearray | memoryview
HEAD_BYTES = 4096
"""Enough of the start to tell every kind below apart."""


class Kind(StrEnum):
    """The kinds of picture that are decoded."""

    jpeg = "jpeg"
    png = "png"
    webp = "webp"
    tiff = "tiff"
    gif = "gif"
    avif = "avif"
    heic = "heic"

    @property
    def mime(self) -> str:
        """The media type under which the original is served."""
        return f"image/{self.value}"


HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
AVIF_BRANDS = {b"avif", b"avis"}
GENERIC_BRANDS = {b"mif1", b"msf1", b"miaf"}
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
REFUSED = (
    (b"BM", "BMP"), (b"\0\0\1\0", "ICO"), (b"\0\0\2\0", "CUR"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"), (b"\xff\x4f\xff\x51", "JPEG 2000"), (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"%PDF", "PDF"), (b"8BPS", "Photoshop"), (b"v/1\1", "OpenEXR"), (b"#?RADIANCE", "Radiance HDR"),
    (b"PK\3\4", "ZIP"), (b"PK\5\6", "ZIP"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7-Zip"), (b"\x1f\x8b", "gzip"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"\x1aE\xdf\xa3", "video"), (b"\0\0\1\xba", "video"),
)  # fmt: skip
RAW_MAGIC = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"\0MRM")


def sniff(data: Buffer) -> Kind:
    """The kind of picture, or Rejected with what it seems to be."""
    head = bytes(data[:HEAD_BYTES])
    if not head:
        raise Rejected(Rejection.empty)
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.jpeg
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.png
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Kind.gif
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.webp
    if head[4:8] == b"ftyp":
        return _isobmff(head)
    if head.startswith(RAW_MAGIC):
        raise Rejected(Rejection.raw)
    if head[:4] in TIFF_MAGIC:
        if head[8:10] == b"CR":
            raise Rejected(Rejection.raw)
        return Kind.tiff
    raise Rejected(Rejection.unsupported, kind=_name(head))


def _isobmff(head: bytes) -> Kind:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if b"crx " in brands:
        raise Rejected(Rejection.raw)
    if head[8:12] in AVIF_BRANDS:
        return Kind.avif
    if head[8:12] in HEVC_BRANDS:
        return Kind.heic
    if head[8:12] in GENERIC_BRANDS:
        return Kind.avif if brands & AVIF_BRANDS and not brands & HEVC_BRANDS else Kind.heic
    raise Rejected(Rejection.unsupported, kind="video")


def _name(head: bytes) -> str:
    for magic, name in REFUSED:
        if head.startswith(magic):
            return name
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "SVG"
    if text.startswith((b"<!doctype html", b"<html", b"<script", b"<body")):
        return "HTML"
    if text.startswith(b"<?xml"):
        return "XML"
    return ""

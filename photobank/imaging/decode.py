"""Untrusted bytes → upright sRGB pixels. Runs only inside the decoding process; see sandbox.py.

Order matters: kind by content, then the header alone against the limits, and only then pixels.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pi_heif
import pyvips

from photobank.imaging import nclx
from photobank.imaging.exif import Exif, of_tiff, raw_signs
from photobank.imaging.nclx import Nclx
from photobank.imaging.pngchunks import colours, hide_text
from photobank.imaging.rejections import Rejected, Rejection
from photobank.imaging.sniff import Buffer, Kind, sniff

LOADERS = {
    Kind.jpeg: "VipsForeignLoadJpeg",
    Kind.png: "VipsForeignLoadPng",
    Kind.webp: "VipsForeignLoadWebp",
    Kind.tiff: "VipsForeignLoadTiff",
    Kind.gif: "VipsForeignLoadNsgif",
    Kind.avif: "VipsForeignLoadHeif",
}
"""libvips' loaders that may run. All others (SVG, PDF, ImageMagick, CSV, Ultra HDR, …) are blocked; HEIC goes through pi-heif."""
JPEG_SHRINK = (8, 4, 2)
JPEG_ROOM = 1.15
"""JPEG is shrunk while loading as long as this much more than the final size is left for the good filter."""
MAX_SIDE = 200_000
NO_MEMORY = ("out of memory", "failed to allocate", "cannot allocate memory", "memory allocation", "insufficient memory", "alloc")
PROFILE_WORDS = ("icc", "profile", "lcms")
MISSING_ROWS = 0.9
"""A cut-off picture of which more than this share of the rows is missing is not shown."""


@dataclass
class Source:
    """A picture whose header has been read and found within the limits."""

    data: Buffer
    kind: Kind
    width: int
    height: int
    orientation: int = 1
    frames: int = 1
    alpha: bool = False
    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    icc: bytes = b""
    notes: dict[str, str | int] = field(default_factory=dict)
    nclx: Nclx | None = None
    open: Callable[[str, int], Any] = field(default=lambda *_: None)
    """Opens the pixels with libvips, given how strict to be and the longest side that will be wanted."""

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height as shown."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def lock_down() -> None:
    """Block every loader but the allowlist; keep no picture in libvips' cache of operations."""
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in LOADERS.values():
        pyvips.operation_block_set(name, False)
    pyvips.cache_set_max(0)
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.DEPTH_IMAGES = False
    pi_heif.options.AUX_IMAGES = False


def inspect(data: Buffer, max_pixels: int) -> Source:
    """Read the header only; Rejected when the kind, the size or the header itself will not do."""
    kind = sniff(data)
    if kind is Kind.png and isinstance(data, bytearray):
        hide_text(data)
    try:
        source = _inspect_heic(data) if kind is Kind.heic else _inspect_vips(data, kind)
    except pyvips.Error as error:
        raise _rejected(error) from error
    _check_size(source.width, source.height, max_pixels)
    return source


def pixels(source: Source, max_side: int) -> tuple[Any, bool]:
    """The picture as 8-bit sRGB without alpha, upright, at most `max_side` long, in memory; and whether all of it was there."""
    try:
        return _render(source, max_side, "truncated"), True
    except pyvips.Error as error:
        if _is_memory(error):
            raise _rejected(error) from error
    try:
        image = _render(source, max_side, "none")
    except pyvips.Error as error:
        raise _rejected(error) from error
    if _missing(image) > MISSING_ROWS:
        raise Rejected(Rejection.damaged)
    return image, False


def _inspect_vips(data: Buffer, kind: Kind) -> Source:
    image = _open(data, "none")
    if kind is Kind.tiff and _is_raw(image, data):
        raise Rejected(Rejection.raw)
    source = Source(data, kind, image.width, image.get_page_height() if kind in {Kind.gif, Kind.webp} else image.height)
    source.orientation = _orientation(image)
    source.frames = max(1, _number(image, "n-pages", 1))
    source.alpha = bool(image.hasalpha())
    for name, key in (("exif", "exif-data"), ("xmp", "xmp-data"), ("iptc", "iptc-data"), ("icc", "icc-profile-data")):
        if image.get_typeof(key):
            setattr(source, name, bytes(image.get(key)))
    if kind is Kind.tiff and not source.exif:
        source.exif = of_tiff(data)
    source.notes = {"interpretation": str(image.interpretation), "bands": image.bands, "sample": str(image.format)}
    if kind is Kind.avif and not source.icc:
        source.nclx = nclx.find(data)
    if kind is Kind.png:
        source.nclx = colours(data)
    if (
        kind in {Kind.jpeg, Kind.tiff}
        and not source.icc
        and source.alpha is False
        and image.bands == 3
        and _names_adobe_rgb(source)
    ):
        source.nclx = Nclx(nclx.ADOBE, nclx.ADOBE)
    if kind is Kind.jpeg:
        source.open = lambda fail_on, side: _open(data, fail_on, shrink=_jpeg_shrink(max(source.width, source.height), side))
    elif kind is Kind.webp and source.frames == 1:
        source.open = lambda fail_on, side: _open(data, fail_on, scale=min(1.0, 2 * side / max(source.width, source.height)))
    else:
        source.open = lambda fail_on, _: _open(data, fail_on)
    return source


def _jpeg_shrink(longest: int, side: int) -> int:
    return next((shrink for shrink in JPEG_SHRINK if longest / shrink >= side * JPEG_ROOM), 1)


def _from_memory(data: Buffer) -> Any:
    """Without a copy, unlike libvips' buffer loaders: an upload may be as large as half the memory limit."""
    return pyvips.Source.new_from_memory(data)


def _open(data: Buffer, fail_on: str, **options: float) -> Any:
    return pyvips.Image.new_from_source(_from_memory(data), "", access="sequential", fail_on=fail_on, **options)


def _inspect_heic(data: Buffer) -> Source:
    try:
        heif = pi_heif.open_heif(bytes(data) if isinstance(data, memoryview) else data, convert_hdr_to_8bit=True)
        primary = heif[heif.primary_index]
    except MemoryError as error:
        raise Rejected(Rejection.too_much_memory) from error
    except Exception as error:  # libheif raises EOFError, ValueError, SyntaxError, RuntimeError and OSError, all for bad input
        raise Rejected(Rejection.damaged) from error
    # Rotation and mirroring are properties of the HEIC container and already applied; the EXIF value beside them must be ignored.
    width, height = primary.size
    source = Source(data, Kind.heic, width, height, frames=max(1, len(heif)), alpha=primary.has_alpha)
    info = primary.info
    source.exif, source.xmp, source.icc = (bytes(info.get(key) or b"") for key in ("exif", "xmp", "icc_profile"))
    source.notes = {"interpretation": "srgb", "bands": len(primary.mode), "sample": "uchar"}
    source.notes["bit_depth"] = int(info.get("bit_depth", 8))
    if not source.icc and (named := info.get("nclx_profile")):
        source.nclx = Nclx(int(named["color_primaries"]), int(named["transfer_characteristics"]))
    source.open = lambda *_: _decode_heic(primary, source.icc)
    return source


def _decode_heic(primary: Any, icc: bytes) -> Any:
    try:
        raw = primary.data
    except MemoryError as error:
        raise Rejected(Rejection.too_much_memory) from error
    except Exception as error:
        raise Rejected(Rejection.too_much_memory if "memory" in str(error).lower() else Rejection.damaged) from error
    bands, (width, height) = len(primary.mode), primary.size
    row = width * bands
    if primary.stride != row:  # rows padded for the decoder's convenience
        view = memoryview(raw)
        raw = b"".join(view[y * primary.stride : y * primary.stride + row] for y in range(height))
    image = pyvips.Image.new_from_memory(raw, width, height, bands, "uchar").copy(interpretation="srgb" if bands >= 3 else "b-w")
    if icc:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", icc)
    return image


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise Rejected(Rejection.damaged)
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise Rejected(Rejection.too_many_pixels, width=width, height=height, limit=max_pixels)


def _render(source: Source, max_side: int, fail_on: str) -> Any:
    if source.nclx and not source.nclx.plain:
        return _render_nclx(source, source.nclx, max_side, fail_on)
    options: dict[str, Any] = {"height": max_side, "size": "down"}
    cmyk = source.notes.get("interpretation") == "cmyk"
    if source.icc or cmyk:  # an untagged picture is sRGB already: converting it to itself takes five times as long as decoding it
        options |= {"output_profile": "srgb", "intent": "perceptual"}
    if cmyk:
        options["input_profile"] = "cmyk"
    try:
        return _finish(source.open(fail_on, max_side).thumbnail_image(max_side, **options))
    except pyvips.Error as error:
        if not source.icc or not any(word in str(error).lower() for word in PROFILE_WORDS):
            raise
    # The profile is broken: what it says is worth nothing, so take the picture for sRGB.
    source.notes["icc"] = "broken"
    image = source.open(fail_on, max_side).copy()
    image.remove("icc-profile-data")
    if not cmyk:
        del options["output_profile"], options["intent"]
    return _finish(image.thumbnail_image(max_side, **options))


def _render_nclx(source: Source, colours: Nclx, max_side: int, fail_on: str) -> Any:
    image = source.open(fail_on, max_side)
    white = [65535 if image.format == "ushort" else 255] * 3
    if image.bands == 4:
        image = image.flatten(background=white)
    if image.bands != 3:
        return _finish(image.thumbnail_image(max_side, height=max_side, size="down"))
    scale = min(1.0, max_side / max(image.width, image.height))
    if scale < 1:
        image = image.resize(scale)
    return _finish(nclx.to_srgb(image, colours).autorot())


def _finish(image: Any) -> Any:
    """8 bits, three bands, sRGB, no alpha, in memory."""
    if image.interpretation not in {"srgb", "b-w"}:
        image = image.colourspace("srgb")
    if image.hasalpha():
        # White, as paper and web pages show it; the original keeps its alpha.
        image = image.flatten(background=[255] * (image.bands - 1))
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.bands > 3:
        image = image.extract_band(0, n=3)
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image.cast("uchar").copy_memory()


def _missing(image: Any) -> float:
    """Share of the rows at the end that hold one colour only: what a decoder puts where the data ended."""
    import numpy as np

    small = image.thumbnail_image(64, height=256, size="force").numpy().astype(np.int16)
    flat = (small.max(axis=1) - small.min(axis=1)).max(axis=1) <= 2
    filled = np.flatnonzero(~flat)
    return 1.0 if not len(filled) else 1.0 - (int(filled[-1]) + 1) / len(flat)


def _orientation(image: Any) -> int:
    value = _number(image, "orientation", 1)
    return value if 1 <= value <= 8 else 1


def _number(image: Any, key: str, default: int) -> int:
    if not image.get_typeof(key):
        return default
    with contextlib.suppress(TypeError, ValueError, pyvips.Error):
        return int(image.get(key))
    return default


def _names_adobe_rgb(source: Source) -> bool:
    return Exif(source.exif).adobe_rgb


def _is_raw(image: Any, data: Buffer) -> bool:
    """A camera's raw file is a TIFF whose first picture is a stamp-sized preview; showing that as the photo would mislead."""
    return image.width * image.height < 1_000_000 and raw_signs(bytes(data[:65536]))


def _is_memory(error: Exception) -> bool:
    text = str(error).lower()
    return any(words in text for words in NO_MEMORY)


def _rejected(error: Exception) -> Rejected:
    return Rejected(Rejection.too_much_memory if _is_memory(error) else Rejection.damaged)

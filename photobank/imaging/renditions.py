"""The sizes that screens show. Decoded once, made from large to small; runs inside the decoding process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Format = Literal["webp", "jpeg", "avif", "png", "tiff"]
MIMES: dict[Format, str] = {
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
    "png": "image/png",
    "tiff": "image/tiff",
}


@dataclass(frozen=True)
class Size:
    """One rendition: no side longer than `side`, never enlarged."""

    name: str
    side: int
    quality: int
    format: Format = "webp"


# Quality rises with size: thumbs are seen by the hundred, `large` is what reviewers zoom into to tell faces apart.
# Figures and the choice of WebP over AVIF are in docs/adr.
STANDARD = (Size("thumb", 480, 74), Size("preview", 1440, 80), Size("large", 2560, 82))


@dataclass(frozen=True)
class Working:
    """A copy that hand-overs begin at. No rendition: nobody is ever shown it."""

    name: str
    side: int
    quality: int


# Smallest first. The first is as large as the web size, which is taken most, so that nothing is left to be made smaller. Its quality is
# no round number: what comes of it is compressed at 85, and the steps of 95 and 85 are such that detail is lost between them (docs/adr/0087).
WORKING = (Working("working-web", 1920, 96), Working("working", 2560, 95))
WORTH_IT = 1.5
"""Photos whose longest side is this much longer than the largest of them get working copies."""
WORKING_ROOM = 1.15
"""What is made from a working copy is exactly as large, or so much smaller at least that the good filter has something to do."""
EFFORT = 2
AVIF_EFFORT = 0
"""The quickest: 0.4 s for 2.5 megapixels where 2 takes 1.7 s, for files 5 % larger."""


def shrink(image: Any, side: int) -> Any:
    """`image` with no side longer than `side`; itself when it is small enough already."""
    if max(image.width, image.height) <= side:
        return image
    return image.thumbnail_image(side, height=side, size="down", no_rotate=True).copy_memory()


def make(image: Any, sizes: tuple[Size, ...]) -> dict[str, tuple[bytes, Any]]:
    """Encode every size, largest first, each from the one above it; equal pictures are encoded once."""
    made: dict[str, tuple[bytes, Any]] = {}
    last: tuple[bytes, Any] | None = None
    for size in sorted(sizes, key=lambda size: -size.side):
        image = shrink(image, size.side)
        if last is None or last[1] is not image:
            last = (encode(image, size.format, size.quality), image)
        made[size.name] = last
    return made


def working(image: Any, photo: Sequence[int]) -> dict[str, bytes]:
    """The working copies of a photo of this size: what hand-overs of usual sizes begin at, so that the original need not be decoded for
    each. JPEG, since nothing is read faster, with colours in full, and so little compressed that no second look tells it from the original
    made smaller.
    """
    made = {}
    for copy in WORKING if max(photo) >= WORKING[-1].side * WORTH_IT else ():
        small = exactly(image, copy.side, photo)
        made[copy.name] = bytes(small.jpegsave_buffer(Q=copy.quality, subsample_mode="off", keep="none"))
    return made


def begin_at(side: int) -> list[str]:
    """The working copies that a picture can be made from for which the whole photo has to be this long, the best first."""
    return [copy.name for copy in WORKING if side == copy.side or side * WORKING_ROOM <= copy.side]


def exactly(image: Any, side: int, photo: Sequence[int]) -> Any:
    """As large as a photo of this size is when it is made this long: what was rounded once already may be a pixel off."""
    width, height = (max(1, round(one * side / max(photo))) for one in photo)
    if (image.width, image.height) == (width, height):
        return image
    return image.thumbnail_image(width, height=height, size="force").copy_memory()


def encode(image: Any, fmt: Format, quality: int, *, tag: bool = False) -> bytes:
    """Encoded bytes without any metadata; `tag` adds an sRGB profile for programs that do not take an untagged picture for sRGB."""
    return _save(image, fmt, quality, small=True, keep="none", **({"profile": "srgb"} if tag else {}))


def hand_over(image: Any, fmt: Format, quality: int, *, dpi: int = 0, xmp: bytes = b"", iim: bytes = b"") -> bytes:
    """Encoded bytes of a picture that stands on its own: with its colour profile, its resolution on paper, and what is written into it.

    A JPEG is neither progressive, which costs more time than all else about it (and what is handed over is looked at when it is there), nor
    are its codes fitted to it, which takes half of the rest for 2 % of the bytes.
    """
    from pyvips import GValue

    image = image.copy()
    labels = {"xmp-data": xmp} if xmp else {}
    if iim and fmt == "jpeg":
        labels["iptc-data"] = _resource(iim)
    for name, value in labels.items():
        image.set_type(GValue.blob_type, name, value)
    if dpi:
        image = image.copy(xres=dpi / 25.4, yres=dpi / 25.4)
    options: dict[str, Any] = {"keep": "icc:xmp:iptc" if labels else "icc"}
    if image.interpretation != "cmyk":
        options["profile"] = "srgb"
    if fmt == "tiff":
        options |= {"xres": image.xres, "yres": image.yres, "resunit": "inch"}
    data = _save(image, fmt, quality, small=False, **options)
    return _on_paper(data, dpi) if fmt == "jpeg" and dpi else data


def _on_paper(jpeg: bytes, dpi: int) -> bytes:
    """With the header that says how large it is on paper; libvips writes that into EXIF only, which we do not write."""
    return jpeg[:2] + b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x01" + dpi.to_bytes(2, "big") * 2 + b"\0\0" + jpeg[2:]


def _resource(records: bytes) -> bytes:
    """IPTC records as a JPEG carries them: as the one resource of a block that Photoshop once thought of."""
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)


def _save(image: Any, fmt: Format, quality: int, *, small: bool, **options: Any) -> bytes:
    if fmt == "webp":
        data = image.webpsave_buffer(Q=quality, effort=EFFORT, smart_subsample=False, **options)
    elif fmt == "jpeg":
        data = image.jpegsave_buffer(Q=quality, optimize_coding=small, interlace=small, **options)
    elif fmt == "avif":
        data = image.heifsave_buffer(Q=quality, compression="av1", effort=AVIF_EFFORT, **options)
    elif fmt == "tiff":
        data = image.tiffsave_buffer(compression="lzw", predictor="horizontal", **options)
    else:
        data = image.pngsave_buffer(compression=6, **options)
    return bytes(data)

"""The sizes that screens show. Decoded once, made from large to small; runs inside the decoding process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Format = Literal["webp", "jpeg", "avif", "png"]
MIMES: dict[Format, str] = {"webp": "image/webp", "jpeg": "image/jpeg", "avif": "image/avif", "png": "image/png"}


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
EFFORT = 2


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


def encode(image: Any, fmt: Format, quality: int, *, tag: bool = False) -> bytes:
    """Encoded bytes without any metadata; `tag` adds an sRGB profile for programs that do not take an untagged picture for sRGB."""
    options: dict[str, Any] = {"keep": "none"}
    if tag:
        options["profile"] = "srgb"
    if fmt == "webp":
        data = image.webpsave_buffer(Q=quality, effort=EFFORT, smart_subsample=False, **options)
    elif fmt == "jpeg":
        data = image.jpegsave_buffer(Q=quality, optimize_coding=True, interlace=True, **options)
    elif fmt == "avif":
        data = image.heifsave_buffer(Q=quality, compression="av1", effort=2, **options)
    else:
        data = image.pngsave_buffer(compression=6, **options)
    return bytes(data)

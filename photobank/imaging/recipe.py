"""What to make of a photo for a hand-over: its size, cut, format, and what is written and drawn into it. Plain values, no pixels.

Both sides compute with it: the decoding process makes the picture, and menus say beforehand what will come of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from photobank.imaging.crop import Box
from photobank.imaging.renditions import Format

Layout = Literal["tiled", "placed"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right", "centre"]
CORNERS: tuple[Corner, ...] = ("top_left", "top_right", "bottom_left", "bottom_right", "centre")
_PLAIN = ("width", "height", "format", "quality", "dpi", "cmyk", "sharpen")
SHARPEN_BELOW = 0.95
"""Pictures made smaller than this share of the original are sharpened: making smaller averages edges away."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recipe makes of a photo of a given size. `scale` is 1 at most: nothing is ever enlarged."""

    width: int
    height: int
    scale: float
    decode_side: int
    """How long the longest side of the whole photo is when it is decoded."""
    smaller: bool
    """The photo has too few pixels for the size that was asked for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a visible watermark lies on a picture. `size` is its longer side as a share of the picture's."""

    layout: Layout = "placed"
    corner: Corner = "bottom_right"
    opacity: float = 0.4
    size: float = 0.2

    def to_header(self) -> dict[str, Any]:
        """For the decoding process."""
        return {name: getattr(self, name) for name in ("layout", "corner", "opacity", "size")}

    @classmethod
    def of_header(cls, header: dict[str, Any]) -> Mark:
        """What `to_header` wrote."""
        return cls(**{name: header[name] for name in ("layout", "corner", "opacity", "size")})


@dataclass(frozen=True, slots=True)
class Label:
    """What is written into a picture: an XMP packet, and the same in the records that older programs read (IPTC-IIM)."""

    xmp: str = ""
    iim: bytes = b""


UNLABELLED = Label()


@dataclass(frozen=True, slots=True)
class Recipe:
    """An order for the decoding process. Width and height are in pixels, 0 leaves one open; `cut` is 0–1 of the upright photo.

    `hidden`: boxes of the faces to be made unrecognisable, 0–1 of the upright photo, before anything else is done to it.
    """

    width: int = 0
    height: int = 0
    cut: Box | None = None
    format: Format = "jpeg"
    quality: int = 85
    dpi: int = 0
    cmyk: bool = False
    sharpen: bool = False
    hidden: tuple[Box, ...] = ()

    def outcome(self, width: int, height: int) -> Outcome:
        """What comes of a photo of this (upright) size."""
        cut = self.cut or Box(0.0, 0.0, 1.0, 1.0)
        across, down = cut.width * width, cut.height * height
        wanted = [size / have for size, have in ((self.width, across), (self.height, down)) if size]
        scale = min([1.0, max(wanted) if self.cut and len(wanted) == 2 else min(wanted, default=1.0)])
        made = [max(1, round(size * scale)) for size in (across, down)]
        if self.cut and scale < 1:
            # The shape that was asked for, to the pixel: rounding of the cut must not cost one.
            made = [size or made[at] for at, size in enumerate((self.width, self.height))]
        longest = max(width, height)
        # Of a cut a pixel more is decoded, so that rounding leaves enough to take it out of.
        decode_side = min(longest, math.ceil(longest * scale) + 1 if self.cut else max(1, round(longest * scale)))
        return Outcome(made[0], made[1], scale, decode_side, smaller=bool(wanted) and scale >= 1 and max(wanted) > 1)

    def to_header(self) -> dict[str, Any]:
        """For the decoding process."""
        boxes = {"cut": list(self.cut) if self.cut else None, "hidden": [list(box) for box in self.hidden]}
        return {name: getattr(self, name) for name in _PLAIN} | boxes

    @classmethod
    def of_header(cls, header: dict[str, Any]) -> Recipe:
        """What `to_header` wrote."""
        cut = Box(*header["cut"]) if header.get("cut") else None
        return cls(**{name: header[name] for name in _PLAIN}, cut=cut, hidden=tuple(Box(*box) for box in header["hidden"]))

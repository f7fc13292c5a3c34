"""Puts a visible watermark on a picture: a logo or written words, in one place or repeated all over. Runs in the decoding process."""

from __future__ import annotations

import pyvips

from photobank.imaging import decode
from photobank.imaging.recipe import Mark
from photobank.imaging.sniff import Buffer

MARGIN = 0.035
"""Distance from the edges, as a share of the picture's shorter side."""
APART = 0.9
"""Room between repeated marks, as a share of the mark's width; half of it between rows."""
TILT = -24
"""Degrees by which repeated marks are turned: lines of a picture rarely run so, and they are harder to paint over."""
BIGGEST_LOGO = 4_000_000
LONGEST_LOGO = 1200


def put_on(image: pyvips.Image, mark: Mark, logo: Buffer) -> pyvips.Image:
    """`image` (8-bit sRGB, three bands) with the mark on it, in memory."""
    stamp = _stamp(logo)
    shorter = min(image.width, image.height)
    wanted = max(8.0, mark.size * (image.width if stamp.width > stamp.height else image.height))
    limit = (image.width - 2 * MARGIN * shorter) / stamp.width, (image.height - 2 * MARGIN * shorter) / stamp.height
    stamp = stamp.resize(max(0.005, min(wanted / max(stamp.width, stamp.height), *limit)))
    stamp = _fade(stamp, mark.opacity)
    over = (
        _tiled(stamp, image.width, image.height) if mark.layout == "tiled" else _placed(stamp, mark, image, round(MARGIN * shorter))
    )
    done = image.composite2(over, "over").extract_band(0, n=3)
    return done.rint().cast("uchar").copy(interpretation="srgb").copy_memory()


def check(logo: Buffer) -> bytes:
    """A logo as it will be kept: sRGB with alpha, no longer than LONGEST_LOGO, nothing else of the file. PNG."""
    return bytes(_stamp(logo).pngsave_buffer(compression=9, keep="none"))


def _stamp(logo: Buffer) -> pyvips.Image:
    """The logo with its alpha; decoded like any stranger's picture, but for the white that photos get beneath."""
    decode.inspect(logo, BIGGEST_LOGO)
    image = pyvips.Image.new_from_source(pyvips.Source.new_from_memory(logo), "", access="sequential", fail_on="truncated")
    image = image.thumbnail_image(LONGEST_LOGO, height=LONGEST_LOGO, size="down").copy_memory()
    alpha = image.extract_band(image.bands - 1) if image.hasalpha() else None
    colours = image.extract_band(0, n=image.bands - 1) if image.hasalpha() else image
    colours = colours.colourspace("srgb").extract_band(0, n=3)
    if alpha is None:
        alpha = (colours.extract_band(0) * 0 + 255).cast("uchar")
    elif alpha.format != "uchar":
        alpha = (alpha / 257).cast("uchar")
    return colours.cast("uchar").bandjoin(alpha).copy(interpretation="srgb").copy_memory()


def _fade(stamp: pyvips.Image, opacity: float) -> pyvips.Image:
    alpha = (stamp.extract_band(3) * opacity).rint().cast("uchar")
    return stamp.extract_band(0, n=3).bandjoin(alpha).copy(interpretation="srgb").copy_memory()


def _placed(stamp: pyvips.Image, mark: Mark, image: pyvips.Image, margin: int) -> pyvips.Image:
    right, bottom = image.width - stamp.width - margin, image.height - stamp.height - margin
    middle = (image.width - stamp.width) // 2, (image.height - stamp.height) // 2
    left, top = {
        "top_left": (margin, margin), "top_right": (right, margin), "bottom_left": (margin, bottom), "bottom_right": (right, bottom),
    }.get(mark.corner, middle)  # fmt: skip
    return stamp.embed(max(0, left), max(0, top), image.width, image.height).copy(interpretation="srgb")


def _tiled(stamp: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """Every other row moved by half, so that no straight cut goes between them."""
    across, down = round(stamp.width * (1 + APART)), round(stamp.height + stamp.width * APART / 2)
    cell = stamp.embed((across - stamp.width) // 2, (down - stamp.height) // 2, across, down)
    rows = cell.join(cell.wrap(x=across // 2, y=0), "vertical")
    side = int((width**2 + height**2) ** 0.5) + 1
    field = rows.replicate(side // rows.width + 2, side // rows.height + 2).copy_memory()
    turned = field.rotate(TILT, background=[0, 0, 0, 0])
    left, top = (turned.width - width) // 2, (turned.height - height) // 2
    return turned.crop(left, top, width, height).cast("uchar").copy(interpretation="srgb")

"""Makes the picture that is handed over: cut, sized, sharpened, marked, in its colours, with its label. Runs in the decoding process.

Order matters: faces are hidden before anything else is done with the pixels; the visible mark goes on before the invisible one, so that
the latter lies over everything; inks come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray

from photobank.imaging import decode, redact, renditions, tracecode, tracemark, watermark
from photobank.imaging.recipe import SHARPEN_BELOW, Mark, Outcome, Recipe
from photobank.imaging.sniff import Buffer

SHARPEN = np.array((-1, 14, -1), np.float32) / 12
"""Gentle, once along each axis: gives back what making smaller takes from edges, without rings on skin."""
MOST_KEPT = 4_000_000
"""Pixels of a picture that is worth keeping for another hand-over: what screens and channels ask for, not prints."""


def make(buffers: Sequence[Buffer], header: dict[str, Any]) -> tuple[pyvips.Image, list[Buffer]]:
    """The picture and its bytes; with `keep` also its pixels before the invisible mark, if they are few enough, and how strong
    the mark may be where.

    `buffers`: the photo, then a logo where there is a watermark, then the press profile where asked for.
    """
    recipe, rest = Recipe.of_header(header), list(buffers[1:])
    source = decode.inspect(buffers[0], header["max_pixels"])
    photo = header.get("photo") or source.upright_size
    outcome = recipe.outcome(*photo)
    image = renditions.exactly(decode.pixels(source, outcome.decode_side)[0], outcome.decode_side, photo)
    image = redact.hide(image, recipe.hidden)
    image = _sized(image, recipe, outcome)
    if recipe.sharpen and outcome.scale < SHARPEN_BELOW:
        image = _sharpened(image)
    if visible := header.get("watermark"):
        image = watermark.put_on(image, Mark.of_header(visible), rest.pop(0))
    if not header.get("mark"):
        return image, [_encoded(image, recipe, rest, header)]
    pixels = np.ascontiguousarray(image.numpy())
    weights = tracemark.weigh(pixels)
    kept = image.width * image.height <= MOST_KEPT and header.get("keep")
    image, encoded = _marked(pixels, weights, recipe, rest, header)
    return image, [encoded, *((_flat(pixels), _flat(weights)) if kept else ())]


def finish(buffers: Sequence[Buffer], header: dict[str, Any]) -> tuple[pyvips.Image, list[Buffer]]:
    """From the pixels that `make` gave, another hand-over of the same picture. `buffers`: the pixels, how strong the mark may
    be where, then the press profile."""
    width, height = header["size"]
    pixels = np.frombuffer(buffers[0], np.uint8).reshape(height, width, 3)
    image, encoded = _marked(
        pixels, tracemark.weights_of(buffers[1], width, height), Recipe.of_header(header), list(buffers[2:]), header
    )
    return image, [encoded]


def _marked(
    pixels: tracemark.Pixels, weights: tracemark.Floats, recipe: Recipe, rest: list[Buffer], header: dict[str, Any]
) -> tuple[pyvips.Image, bytes]:
    """With what is this hand-over's own: the invisible mark and the label; and encoded."""
    image = _image(tracemark.mark(pixels, tracecode.unpacked(bytes.fromhex(header["mark"])), weights))
    return image, _encoded(image, recipe, rest, header)


def _encoded(image: pyvips.Image, recipe: Recipe, rest: list[Buffer], header: dict[str, Any]) -> bytes:
    if recipe.cmyk:
        image = inks(image, bytes(rest.pop(0)))
    return renditions.hand_over(
        image,
        recipe.format,
        recipe.quality,
        dpi=recipe.dpi,
        xmp=header.get("xmp", "").encode(),
        iim=bytes.fromhex(header.get("iim", "")),
    )


def _flat(array: NDArray[Any]) -> memoryview:
    return array.data.cast("B")


def _sharpened(image: pyvips.Image) -> pyvips.Image:
    """By OpenCV: a twentieth of the time that libvips takes for the same."""
    return _image(cv2.sepFilter2D(image.numpy(), -1, SHARPEN, SHARPEN, borderType=cv2.BORDER_REPLICATE))


def _image(pixels: Any) -> pyvips.Image:
    """Pixels of OpenCV's for libvips, without a copy."""
    height, width = pixels.shape[:2]
    return pyvips.Image.new_from_memory(pixels, width, height, 3, "uchar").copy(interpretation="srgb")


def _sized(image: pyvips.Image, recipe: Recipe, outcome: Outcome) -> pyvips.Image:
    """In its final size. A cut is taken out of the whole photo, which is small already."""
    if recipe.cut is None:
        fits = image.width <= outcome.width + 1 and image.height <= outcome.height + 1
        return image if fits else image.thumbnail_image(outcome.width, height=outcome.height, size="down").copy_memory()
    width, height = min(outcome.width, image.width), min(outcome.height, image.height)
    left = round((recipe.cut.left + recipe.cut.width / 2) * image.width - width / 2)
    top = round((recipe.cut.top + recipe.cut.height / 2) * image.height - height / 2)
    return image.crop(max(0, min(left, image.width - width)), max(0, min(top, image.height - height)), width, height).copy_memory()


def inks(image: pyvips.Image, profile: bytes) -> pyvips.Image:
    """In the inks of a press; its profile stays in the file."""
    colours = image.icc_import(input_profile="srgb", embedded=False, intent="perceptual").copy()
    colours.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return colours.icc_export(intent="perceptual", depth=8).copy_memory()

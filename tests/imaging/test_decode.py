"""What is shown, on generated pictures: orientation, colours, transparency, depth, frames, names that lie."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photobank.imaging.pngchunks import hide_text
from photobank.imaging.sandbox import Decoder
from photobank.kernel.errors import ImageRejected
from tests.imaging.conftest import difference, picture, pixels


def stored(rgb: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """An upright picture as a camera stores it with this EXIF orientation."""
    mirrored = rgb.transpose(1, 0, 2)
    turned = {
        1: rgb,
        2: rgb[:, ::-1],
        3: rgb[::-1, ::-1],
        4: rgb[::-1],
        5: mirrored,
        6: np.rot90(rgb, 1),
        7: mirrored[::-1, ::-1],
        8: np.rot90(rgb, -1),
    }
    return np.ascontiguousarray(turned[orientation])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF"])
async def test_every_orientation_in_every_format(decoder: Decoder, portrait: Any, orientation: int, fmt: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    options = {"lossless": True} if fmt == "WEBP" else {"quality": 98, "subsampling": 0} if fmt == "JPEG" else {}
    Image.fromarray(stored(portrait.numpy(), orientation)).save(file, fmt, exif=exif, **options)
    photo = await decoder.process(file.getvalue())
    assert (photo.width, photo.height, photo.orientation) == (300, 400, orientation)
    assert np.abs(pixels(photo.renditions["large"].data) - portrait.numpy()).mean() < 5


@pytest.mark.parametrize("value", [0, 9, 77])
async def test_an_invalid_orientation_is_none(decoder: Decoder, portrait: Any, value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    file = io.BytesIO()
    Image.fromarray(portrait.numpy()).save(file, "JPEG", exif=exif)
    photo = await decoder.process(file.getvalue())
    assert (photo.width, photo.height, photo.orientation) == (300, 400, 1)


async def test_nothing_is_enlarged(decoder: Decoder, portrait: Any) -> None:
    photo = await decoder.process(portrait.pngsave_buffer())
    assert {(made.width, made.height) for made in photo.renditions.values()} == {(300, 400)}


async def test_transparent_becomes_white(decoder: Decoder) -> None:
    clear = picture(np.zeros((40, 60, 3), np.uint8)).bandjoin(0)
    photo = await decoder.process(clear.pngsave_buffer())
    assert photo.alpha
    assert pixels(photo.renditions["thumb"].data).min() > 250


@pytest.mark.parametrize("save", ["grey", "sixteen", "palette", "grey16"])
async def test_other_pixels_look_the_same(decoder: Decoder, astronaut: NDArray[np.uint8], save: str) -> None:
    image = picture(astronaut)
    grey = image.colourspace("b-w")
    expected = grey if save.startswith("grey") else image
    data = {
        "grey": lambda: grey.pngsave_buffer(),
        "grey16": lambda: grey.colourspace("grey16").pngsave_buffer(),
        "sixteen": lambda: image.colourspace("rgb16").pngsave_buffer(),
        "palette": lambda: image.pngsave_buffer(palette=True, Q=100, dither=0),
    }[save]()
    photo = await decoder.process(data)
    reference = expected.colourspace("srgb").webpsave_buffer(Q=82)
    assert difference(photo.renditions["large"].data, reference) < 3


@pytest.mark.parametrize("profile", ["p3", "cmyk"])
async def test_profiles_are_brought_to_srgb(decoder: Decoder, astronaut: NDArray[np.uint8], profile: str) -> None:
    image = picture(astronaut)
    wide = image.icc_transform(profile, input_profile="srgb", intent="perceptual")
    photo = await decoder.process(wide.jpegsave_buffer(Q=97, subsample_mode="off"))
    back = image if profile == "p3" else wide.icc_transform("srgb", embedded=True, intent="perceptual")
    assert difference(photo.renditions["large"].data, back.webpsave_buffer(Q=95)) < 3


async def test_cmyk_without_a_profile_is_not_inverted(decoder: Decoder, astronaut: NDArray[np.uint8]) -> None:
    file = io.BytesIO()
    Image.fromarray(astronaut).convert("CMYK").save(file, "JPEG", quality=95)
    photo = await decoder.process(file.getvalue())
    assert np.abs(pixels(photo.renditions["large"].data) - astronaut).mean() < 40


@pytest.mark.parametrize("broken", [b"not a profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()[:200]])
async def test_a_broken_profile_counts_as_srgb(decoder: Decoder, astronaut: NDArray[np.uint8], broken: bytes) -> None:
    file = io.BytesIO()
    Image.fromarray(astronaut).save(file, "JPEG", icc_profile=broken, quality=95)
    photo = await decoder.process(file.getvalue())
    assert difference(photo.renditions["large"].data, picture(astronaut).webpsave_buffer(Q=82)) < 3


async def test_only_the_first_frame_is_shown(decoder: Decoder) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    photo = await decoder.process(file.getvalue())
    assert (photo.frames, photo.width, photo.height) == (3, 64, 48)
    assert pixels(photo.renditions["thumb"].data).mean(axis=(0, 1)) == pytest.approx([254, 0, 0], abs=6)


@pytest.mark.parametrize(
    ("head", "reason", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "unsupported", "SVG"),
        (b"<!DOCTYPE html><p>", "unsupported", "HTML"),
        (b"%PDF-1.7\n", "unsupported", "PDF"),
        (b"PK\3\4" + bytes(40), "unsupported", "ZIP"),
        (b"BM" + bytes(60), "unsupported", "BMP"),
        (b"just words", "unsupported", ""),
        (b"\0\0\0\x18ftypisom" + bytes(40), "unsupported", "video"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "raw", None),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "raw", None),
        (b"FUJIFILMCCD-RAW 0201" + bytes(40), "raw", None),
        (b"\xff\xd8\xff\xe0" + bytes(40), "damaged", None),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged", None),
    ],
)
async def test_kinds_are_told_by_content(decoder: Decoder, head: bytes, reason: str, kind: str | None) -> None:
    with pytest.raises(ImageRejected) as caught:
        await decoder.process(head)
    assert caught.value.reason == reason
    assert caught.value.params.get("kind") == kind


async def test_a_cameras_raw_file_is_not_shown_as_its_stamp(decoder: Decoder) -> None:
    file = io.BytesIO()
    Image.new("RGB", (160, 120)).save(file, "TIFF", tiffinfo={0xC612: b"\1\4\0\0"})
    with pytest.raises(ImageRejected) as caught:
        await decoder.process(file.getvalue())
    assert caught.value.reason == "raw"


async def test_half_a_picture_is_shown_and_said_to_be_half(decoder: Decoder, astronaut: NDArray[np.uint8]) -> None:
    data = picture(astronaut).jpegsave_buffer(Q=90)
    photo = await decoder.process(data[: len(data) // 2])
    assert not photo.complete
    with pytest.raises(ImageRejected) as caught:
        await decoder.process(data[: len(data) // 25])
    assert caught.value.reason == "damaged"


async def test_the_limit_counts_pixels_from_the_header() -> None:
    wide = picture(np.zeros((1, 1, 3), np.uint8)).replicate(2_000, 1_000).pngsave_buffer()
    async with Decoder(max_pixels=1_000_000, seconds=60, memory_bytes=800 * 2**20) as decoder:
        with pytest.raises(ImageRejected) as caught:
            await decoder.process(wide)
    assert caught.value.params == {"width": 2_000, "height": 1_000, "limit": 1_000_000}


def test_png_texts_are_hidden_and_the_rest_stays_valid() -> None:
    png = bytearray(picture(np.zeros((8, 8, 3), np.uint8)).pngsave_buffer())
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10**6)))
    xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>")
    data = png[:33] + bomb + xmp + png[33:]
    hide_text(data)
    assert b"zTXt" not in data
    assert b"iTXt" in data
    shown = Image.open(io.BytesIO(bytes(data)))
    shown.verify()
    assert "Comment" not in shown.info


@pytest.mark.parametrize("size", [0, 7, 8, 15, 33, 60])
def test_hiding_survives_pieces_of_png(size: int) -> None:
    data = bytearray(picture(np.zeros((8, 8, 3), np.uint8)).pngsave_buffer()[:size])
    hide_text(data)
    assert len(data) == size


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

"""Colour is right whatever space a file comes in: patches of known colours against what their definitions say, in ΔE (CIE 2000)."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray
from PIL import Image, ImageCms, TiffImagePlugin

from photobank.imaging.sandbox import Decoder
from tests.imaging.profiles import ADOBE_RGB, P3, SRGB, Space, grey_profile

COLOURS = [
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128),
    (200, 120, 80), (60, 90, 160), (240, 200, 60), (30, 60, 40), (180, 60, 140), (90, 200, 210),
]  # fmt: skip
SIDE = 24
Grid = NDArray[Any]


def grid(colours: Any, dtype: Any = np.uint8) -> Grid:
    """Four across and three down, each large enough that no compression reaches its middle."""
    rows = np.asarray(colours).reshape(3, 4, -1)
    return np.ascontiguousarray(rows.repeat(SIDE, 0).repeat(SIDE, 1).astype(dtype))


def middles(shown: Grid) -> Grid:
    return shown[SIDE // 2 :: SIDE, SIDE // 2 :: SIDE].reshape(12, -1)


def delta(shown: Grid, wanted: Any) -> float:
    """The largest difference of a patch."""
    one, other = (
        pyvips.Image.new_from_array(np.asarray(colours).round().clip(0, 255).astype(np.uint8).reshape(3, 4, 3))
        .copy(interpretation="srgb")
        .colourspace("lab")
        for colours in (shown, wanted)
    )
    return float(one.dE00(other).max())


async def shown(decoder: Decoder, data: bytes) -> Grid:
    """The patches as a download shows them, without loss."""
    made = await decoder.derive(bytes(data), 4 * SIDE, "png")
    return middles(np.asarray(Image.open(io.BytesIO(made.data)).convert("RGB")))


def vips(pixels: Grid, interpretation: str = "srgb", profile: bytes = b"") -> Any:
    image = pyvips.Image.new_from_array(pixels).copy(interpretation=interpretation)
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def in_space(space: Space, levels: int = 255) -> Grid:
    """The colours as a file in that space codes them."""
    return grid((space.of(SRGB, np.array(COLOURS) / 255) * levels).round(), np.uint8 if levels == 255 else np.uint16)


WRITERS = {
    "jpeg": lambda image: image.jpegsave_buffer(Q=98, subsample_mode="off"),
    "png": lambda image: image.pngsave_buffer(),
    "tiff": lambda image: image.tiffsave_buffer(),
    "webp": lambda image: image.webpsave_buffer(lossless=True),
    "avif": lambda image: image.heifsave_buffer(Q=95, compression="av1", subsample_mode="off", effort=2),
}
SPACES = {"srgb": SRGB, "p3": P3, "adobe_rgb": ADOBE_RGB}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("space", SPACES)
async def test_a_profile_is_followed(decoder: Decoder, space: str, kind: str) -> None:
    image = vips(in_space(SPACES[space]), profile=SPACES[space].profile())
    assert delta(await shown(decoder, WRITERS[kind](image)), COLOURS) < 1.5


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize("space", SPACES)
async def test_sixteen_bits(decoder: Decoder, space: str, kind: str) -> None:
    image = vips(in_space(SPACES[space], 65535), "rgb16", SPACES[space].profile())
    assert delta(await shown(decoder, WRITERS[kind](image)), COLOURS) < 1


@pytest.mark.parametrize("kind", WRITERS)
async def test_without_a_profile_it_is_srgb(decoder: Decoder, kind: str) -> None:
    assert delta(await shown(decoder, WRITERS[kind](vips(grid(COLOURS)))), COLOURS) < 1


def test_the_references_tell_right_from_wrong() -> None:
    """What a decoder that ignores profiles would show is far off, so the limits above mean something."""
    assert delta(middles(in_space(P3)), COLOURS) > 4
    assert delta(middles(in_space(ADOBE_RGB)), COLOURS) > 4


@pytest.mark.parametrize("rendition", ["thumb", "preview", "large"])
async def test_every_rendition_is_right(decoder: Decoder, rendition: str) -> None:
    photo = await decoder.process(bytes(vips(in_space(P3), profile=P3.profile()).pngsave_buffer()))
    made = Image.open(io.BytesIO(photo.renditions[rendition].data)).convert("RGB")
    assert delta(middles(np.asarray(made)), COLOURS) < 3.5, "WebP keeps half of the colour's resolution and 8 bits"


GREYS = [(value,) for value in range(0, 253, 23)] + [(255,)]


@pytest.mark.parametrize("bits", [8, 16])
async def test_grey(decoder: Decoder, bits: int) -> None:
    scale, kind = (1, "b-w") if bits == 8 else (257, "grey16")
    data = vips(grid(np.array(GREYS) * scale, np.uint8 if bits == 8 else np.uint16), kind).pngsave_buffer()
    assert delta(await shown(decoder, data), np.repeat(GREYS, 3, 1)) < 0.5


async def test_grey_with_a_profile(decoder: Decoder) -> None:
    wanted = SRGB.coded((np.array(GREYS) / 255) ** 1.8) * 255
    data = vips(grid(GREYS), "b-w", grey_profile(1.8)).tiffsave_buffer()
    assert delta(await shown(decoder, data), np.repeat(wanted, 3, 1)) < 1


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
async def test_what_is_transparent_is_shown_on_white(decoder: Decoder, kind: str) -> None:
    pixels = np.dstack([grid(COLOURS), np.full((3 * SIDE, 4 * SIDE), 128, np.uint8)])
    wanted = np.array(COLOURS) * 128 / 255 + 255 * 127 / 255
    assert delta(await shown(decoder, WRITERS[kind](vips(pixels))), wanted) < 1


def press() -> tuple[Any, bytes]:
    """The patches in the ink of a press, by littlecms, and the press's profile."""
    made = vips(grid(COLOURS)).icc_transform("cmyk", input_profile="srgb", intent="relative")
    return made, bytes(made.get("icc-profile-data"))


@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
@pytest.mark.parametrize("tagged", [True, False])
async def test_cmyk_by_its_profile_or_else_by_a_usual_press(decoder: Decoder, kind: str, tagged: bool) -> None:
    image, profile = press()
    if not tagged:
        image = image.copy()
        image.remove("icc-profile-data")
    data = bytes(WRITERS[kind](image))
    opened = Image.open(io.BytesIO(data))
    assert opened.mode == "CMYK"
    ink = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    perceptual = ImageCms.Intent.PERCEPTUAL
    wanted = ImageCms.profileToProfile(opened, ink, ImageCms.createProfile("sRGB"), perceptual, "RGB")
    assert wanted is not None
    assert delta(await shown(decoder, data), middles(np.asarray(wanted))) < 1


async def test_avif_that_names_its_primaries_by_number(decoder: Decoder) -> None:
    out = io.BytesIO()
    Image.fromarray(in_space(P3)).save(out, "AVIF", quality=95, subsampling="4:4:4")
    data = out.getvalue()
    at = data.index(b"colrnclx") + 8
    named = data[:at] + struct.pack(">H", 12) + data[at + 2 :]
    assert delta(await shown(decoder, named), COLOURS) < 1.5
    assert delta(await shown(decoder, data), COLOURS) > 4


def chunked(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with these chunks before its picture."""
    added = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return png[:33] + added + png[33:]


def untagged(pixels: Grid) -> bytes:
    return bytes(vips(pixels, "rgb16" if pixels.dtype == np.uint16 else "srgb").pngsave_buffer())


P3_XY = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
PLAIN_CICP = (b"cICP", bytes([1, 13, 0, 1]))
USUAL_GAMMA = (b"gAMA", struct.pack(">I", 45455))


@pytest.mark.parametrize("levels", [255, 65535])
async def test_png_that_names_its_primaries_by_number(decoder: Decoder, levels: int) -> None:
    data = untagged(in_space(P3, levels))
    assert delta(await shown(decoder, chunked(data, (b"cICP", bytes([12, 13, 0, 1])))), COLOURS) < 1.5
    assert delta(await shown(decoder, data), COLOURS) > 3


async def test_png_that_gives_its_primaries_as_measured(decoder: Decoder) -> None:
    data = untagged(in_space(P3))
    measured = (b"cHRM", struct.pack(">8I", *P3_XY))
    assert delta(await shown(decoder, chunked(data, USUAL_GAMMA, measured)), COLOURS) < 1.5
    # What says that it is sRGB is, whatever else stands beside it.
    for better in ((b"sRGB", b"\0"), PLAIN_CICP):
        assert (await shown(decoder, chunked(data, better, USUAL_GAMMA, measured)) == await shown(decoder, data)).all()


@pytest.mark.parametrize("exponent", [1.0, 1.8])
async def test_png_with_a_curve_of_its_own(decoder: Decoder, exponent: float) -> None:
    code = np.array(COLOURS) / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    data = untagged(grid((light ** (1 / exponent) * 65535).round(), np.uint16))
    assert delta(await shown(decoder, chunked(data, (b"gAMA", struct.pack(">I", round(100000 / exponent))))), COLOURS) < 1


@pytest.mark.parametrize("xy", [(0,) * 8, (31270, 0) * 4, (2**31,) * 8, (33333,) * 8])
async def test_png_with_colours_that_no_screen_has_is_srgb(decoder: Decoder, xy: tuple[int, ...]) -> None:
    data = untagged(grid(COLOURS))
    assert (
        await shown(decoder, chunked(data, USUAL_GAMMA, (b"cHRM", struct.pack(">8I", *xy)))) == await shown(decoder, data)
    ).all()


async def test_heic_that_names_its_primaries_by_number(decoder: Decoder, shared_data: Path) -> None:
    data = (shared_data / "formats/heic/nokia_8.3_hdr.heif").read_bytes()
    at = data.index(b"colrnclx") + 8
    plain, named = [
        np.asarray(Image.open(io.BytesIO((await decoder.derive(one, 200, "png")).data))).reshape(-1, 3)
        for one in (data, data[:at] + struct.pack(">H", 12) + data[at + 2 :])
    ]
    wanted = SRGB.of(P3, plain / 255) * 255
    assert np.abs(named - wanted).mean() < np.abs(plain - wanted).mean() / 2


def _exif(main: bytes) -> bytes:
    return b"Exif\0\0" + main


async def test_a_camera_that_says_adobe_rgb_without_a_profile_is_believed(decoder: Decoder) -> None:
    """As cameras write it (DCF 2.0): interoperability index R03."""
    # IFD0 → Exif IFD (0x8769) → interoperability IFD (0xA005) → index "R03".
    main = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    main += struct.pack("<HHHIII", 1, 0xA005, 4, 1, 44, 0) + struct.pack("<HHHI4sI", 1, 1, 2, 4, b"R03\0", 0)
    image = Image.fromarray(in_space(ADOBE_RGB))
    said, unsaid = io.BytesIO(), io.BytesIO()
    image.save(said, "JPEG", quality=98, subsampling=0, exif=_exif(main))
    image.save(unsaid, "JPEG", quality=98, subsampling=0)
    assert delta(await shown(decoder, said.getvalue()), COLOURS) < 1.5
    assert delta(await shown(decoder, unsaid.getvalue()), COLOURS) > 4


@pytest.mark.parametrize("kind", ["jpeg", "tiff", "png", "webp"])
@pytest.mark.parametrize("number", range(1, 9))
async def test_every_orientation_comes_out_upright(decoder: Decoder, portrait: Any, number: int, kind: str) -> None:
    """`turned` is what lies in the file: EXIF's number says how to undo it."""
    upright = np.ascontiguousarray(portrait.numpy())
    undo = {1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1]}
    undo |= {5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1)}
    undo[8] = lambda a: np.rot90(a, -1)
    turned = Image.fromarray(np.ascontiguousarray(undo[number](upright)))
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = number
    turned.save(out, kind.upper(), exif=exif, **({"quality": 95} if kind in ("jpeg", "webp") else {}))
    made = await decoder.derive(out.getvalue(), 400, "png")
    found = np.asarray(Image.open(io.BytesIO(made.data))).astype(int)
    assert found.shape == upright.shape
    assert np.abs(found - upright).mean() < 4


async def test_a_tiff_tells_what_its_own_directories_say(decoder: Decoder, portrait: Any) -> None:
    out, tags = io.BytesIO(), TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x010E], tags[0x013B], tags[0x010F], tags[0x0110] = "Opening", "Marijke Bos", "Nikon", "Z 8"
    tags[0x8769] = {0x9003: "2026:06:01 10:20:30", 0x9011: "+02:00", 0x8827: 400}
    tags[0x8825] = {1: "N", 2: (52.0, 5.0, 24.0), 3: "E", 4: (4.0, 18.0, 0.0)}
    Image.fromarray(portrait.numpy()).save(out, "TIFF", tiffinfo=tags)
    photo = await decoder.process(out.getvalue())
    assert photo.metadata["caption"] == "Opening"
    assert photo.metadata["creator"] == ["Marijke Bos"]
    assert photo.metadata["camera"] == {"make": "Nikon", "model": "Z 8"}
    assert photo.metadata["exposure"]["iso"] == 400
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2026-06-01T10:20:30+02:00"
    assert photo.gps == pytest.approx((52.09, 4.3), abs=1e-4)


async def test_a_tiff_whose_tags_lie_about_their_length_is_read_as_far_as_it_goes(decoder: Decoder, portrait: Any) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010E], exif[0x013B] = "A" * 40, "Marijke Bos"
    Image.fromarray(portrait.numpy()).save(out, "TIFF", exif=exif)
    data = bytearray(out.getvalue())
    entry = data.index(struct.pack("<HHI", 0x010E, 2, 41))
    struct.pack_into("<I", data, entry + 4, 2**31)
    photo = await decoder.process(bytes(data))
    assert "caption" not in photo.metadata
    assert photo.metadata["creator"] == ["Marijke Bos"]

"""What is handed over: in its size and colours, sharp, marked visibly and invisibly, labelled, and with nothing of the original's data."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms
from skimage import data

from photobank.imaging import lettering, tracefind
from photobank.imaging.crop import Box
from photobank.imaging.labelling import Mining, Releases, Statement, label
from photobank.imaging.recipe import CORNERS, Layout, Mark, Recipe
from photobank.imaging.renditions import Format
from photobank.imaging.sandbox import Decoder
from photobank.imaging.tracecode import TraceCode, packed
from photobank.kernel.errors import ImageRejected

HOUSE = TraceCode(b"h" * 32)
DOWNLOAD = UUID(int=7)
INKS = Path(lettering.__file__).parent / "data" / "coated-fogra39.icc"
SAID = Statement(
    owner="Gemeente Zuid & <partners>",
    terms="Alleen voor: Website, tot 1 januari 2027. Ærø ✓",
    download_id=DOWNLOAD,
    releases=Releases.limited,
    mining=Mining.but_for_search,
    consents=("PB-12", "PB-7"),
    ends=datetime(2027, 1, 1, 12, 30, tzinfo=UTC),
    title="Opening van de tuin",
    creators=("Bram de Wit",),
    credit="Gemeente Zuid",
    copyright="© 2026 Gemeente Zuid",
)


@pytest.fixture(scope="module")
def private() -> bytes:
    """A photo that says where and with what it was taken, and who is on it."""
    image = Image.fromarray(data.astronaut()).resize((1200, 900))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "Canon", "EOS R5", "Private Photographer"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 5.0, 30.0)
    exif.get_ifd(0x8769)[0xA431] = "SERIAL0815"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>SECRETWORD</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>'
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif, xmp=xmp, comment=b"PRIVATECOMMENT")
    return out.getvalue()


@pytest.mark.parametrize("fmt", ["jpeg", "webp", "avif", "png", "tiff"])
async def test_nothing_of_the_original_s_data_goes_along(decoder: Decoder, private: bytes, fmt: Format) -> None:
    made = await decoder.make(private, Recipe(600, 600, format=fmt, dpi=300), label=label(SAID))
    for word in (b"Canon", b"EOS R5", b"Private Photographer", b"SERIAL0815", b"SECRETWORD", b"PRIVATECOMMENT", b"GPS"):
        assert word in private or word == b"GPS"
        assert word not in made.data
    assert not Image.open(io.BytesIO(made.data)).getexif().get_ifd(0x8825)


@pytest.mark.parametrize("fmt", ["jpeg", "webp", "avif", "png", "tiff"])
async def test_an_independent_reader_finds_what_was_written(decoder: Decoder, private: bytes, fmt: Format, tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("no exiftool (Debian: apt-get install libimage-exiftool-perl)")
    made = await decoder.make(private, Recipe(600, 600, format=fmt), label=label(SAID))
    found = _exiftool(made.data, tmp_path / f"made.{fmt}")
    assert found["XMP-xmpRights:UsageTerms"] == SAID.terms
    assert found["XMP-xmpRights:Marked"] is True
    assert found["XMP-xmpRights:Owner"] == SAID.owner
    assert found["XMP-photoshop:Credit"] == "Gemeente Zuid"
    assert found["XMP-photoshop:TransmissionReference"] == DOWNLOAD.hex
    assert found["XMP-dc:Creator"] == "Bram de Wit"
    assert found["XMP-dc:Rights"] == "© 2026 Gemeente Zuid"
    assert found["XMP-dc:Title"] == "Opening van de tuin"
    assert found["XMP-plus:ModelReleaseStatus"] == "MR-LMR"
    assert found["XMP-plus:ModelReleaseID"] == ["PB-12", "PB-7"]
    assert found["XMP-plus:DataMining"] == "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"
    assert found["XMP-plus:LicenseEndDate"] == "2027:01:01 12:30:00+00:00"
    if fmt == "jpeg":
        assert found["IPTC:SpecialInstructions"] == SAID.terms
        assert found["IPTC:By-line"] == "Bram de Wit"
        assert found["IPTC:Credit"] == "Gemeente Zuid"
        assert found["IPTC:ExpirationDate"] == "2027:01:01"
        assert found["IPTC:ObjectName"] == "Opening van de tuin"
    strange = [
        key for key in found if key.startswith(("GPS", "IFD0:Make", "IFD0:Model", "ExifIFD:Serial", "MakerNotes", "XMP-dc:Subject"))
    ]
    assert strange == []


def _exiftool(made: bytes, path: Path) -> dict[str, Any]:
    path.write_bytes(made)
    told = subprocess.run(["exiftool", "-json", "-G1", "-n", "-charset", "iptc=utf8", str(path)], capture_output=True, check=True)
    (found,) = json.loads(told.stdout)
    return {key.replace("XMP-plus:", "XMP-plus:"): _short(value) for key, value in found.items()}


def _short(value: Any) -> Any:
    return value.rsplit("/", 1)[-1] if isinstance(value, str) and value.startswith("http://ns.useplus.org/ldf/vocab/") else value


async def test_pillow_reads_it_too(decoder: Decoder, private: bytes) -> None:
    made = await decoder.make(private, Recipe(600, 600), label=label(SAID))
    about = Image.open(io.BytesIO(made.data)).getxmp()["xmpmeta"]["RDF"]["Description"]
    assert about["UsageTerms"]["Alt"]["li"]["text"] == SAID.terms
    assert about["ModelReleaseID"]["Bag"]["li"] == ["PB-12", "PB-7"]


async def test_a_label_that_tries_to_break_out_stays_text(decoder: Decoder, private: bytes) -> None:
    evil = '</rdf:li><rdf:li>"&\x00\ud800]]>'
    said = label(
        Statement(owner=evil, terms=evil, download_id=DOWNLOAD, releases=Releases.not_applicable, mining=Mining.prohibited)
    )
    made = await decoder.make(private, Recipe(200, 200), label=said)
    about = Image.open(io.BytesIO(made.data)).getxmp()["xmpmeta"]["RDF"]["Description"]
    assert about["Owner"]["Bag"]["li"] == '</rdf:li><rdf:li>"&]]>'


async def test_a_cut_has_exactly_its_size_and_place(decoder: Decoder) -> None:
    across = np.tile(np.linspace(0, 255, 2000).astype(np.uint8)[None, :, None], (1000, 1, 3))
    photo = bytes(pyvips.Image.new_from_array(across).pngsave_buffer())
    made = await decoder.make(photo, Recipe(300, 300, cut=Box(0.5, 0.0, 0.5, 1.0), format="png", sharpen=True))
    assert (made.width, made.height) == (300, 300)
    shown = np.asarray(Image.open(io.BytesIO(made.data)).convert("L")).astype(float)
    assert shown[:, 0].mean() == pytest.approx(128, abs=2)
    assert shown[:, -1].mean() == pytest.approx(255, abs=2)


async def test_a_small_photo_is_not_enlarged(decoder: Decoder) -> None:
    photo = bytes(pyvips.Image.black(400, 300, bands=3).copy(interpretation="srgb").pngsave_buffer())
    made = await decoder.make(photo, Recipe(1080, 1350, cut=Box(0.2, 0.0, 0.6, 1.0)))
    assert (made.width, made.height) == (240, 300)


async def test_what_is_made_smaller_is_sharpened_a_little(decoder: Decoder, private: bytes) -> None:
    plain, sharp = [await decoder.make(private, Recipe(400, 400, format="png", sharpen=which)) for which in (False, True)]

    def edges(made: Any) -> float:
        grey = np.asarray(Image.open(io.BytesIO(made.data)).convert("L")).astype(float)
        return float(np.abs(np.diff(grey, axis=1)).mean())

    assert 1.05 < edges(sharp) / edges(plain) < 1.4


async def test_inks_keep_their_profile_size_on_paper_and_colours(decoder: Decoder, private: bytes) -> None:
    recipe = Recipe(1200, 1200, format="tiff", dpi=300, cmyk=True)
    made = await decoder.make(private, recipe, inks=INKS.read_bytes(), label=label(SAID))
    image = Image.open(io.BytesIO(made.data))
    assert image.mode == "CMYK"
    assert [round(float(part)) for part in image.info["dpi"]] == [300, 300]
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "FOGRA39" in profile.profile.profile_description
    back = pyvips.Image.new_from_buffer(made.data, "").icc_transform("srgb", embedded=True, intent="relative").numpy().astype(float)
    true = np.asarray(Image.open(io.BytesIO(private)).convert("RGB")).astype(float)
    assert np.abs(back - true).mean() < 12


@pytest.mark.parametrize("fmt", ["jpeg", "tiff", "png"])
async def test_its_size_on_paper_is_in_the_file(decoder: Decoder, private: bytes, fmt: Format) -> None:
    made = await decoder.make(private, Recipe(600, 600, format=fmt, dpi=300))
    assert [round(float(part)) for part in Image.open(io.BytesIO(made.data)).info["dpi"]] == [300, 300]


async def test_a_mark_survives_the_inks_and_a_cut(decoder: Decoder, private: bytes) -> None:
    mark = packed(HOUSE.square(DOWNLOAD))
    inked = await decoder.make(private, Recipe(1200, 1200, format="tiff", dpi=300, cmyk=True), inks=INKS.read_bytes(), mark=mark)
    cut = await decoder.make(
        private, Recipe(800, 640, cut=Box(0.1, 0.1, 0.75, 0.8)), mark=mark, watermark=(Mark(), lettering.letter("© Zuid"))
    )
    for made in (inked, cut):
        pixels = await decoder.pixels(made.data, 2000)
        rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
        words = [reading.word for reading in tracefind.read(rgb, HOUSE, [1.0])]
        assert max(float(HOUSE.word(DOWNLOAD).astype(np.float32) @ word) for word in words) > 7.5


@pytest.mark.parametrize("corner", CORNERS)
async def test_words_lie_where_they_should(decoder: Decoder, corner: Any) -> None:
    photo = bytes((pyvips.Image.black(900, 600, bands=3) + 90).cast("uchar").copy(interpretation="srgb").pngsave_buffer())
    made = await decoder.make(
        photo,
        Recipe(900, 600, format="png"),
        watermark=(Mark("placed", corner, 1.0, 0.25), lettering.letter("Gemeente <Zuid> & co")),
    )
    shown = np.asarray(Image.open(io.BytesIO(made.data)).convert("L")).astype(int)
    rows, columns = np.nonzero(shown > 200)
    assert len(rows) > 200
    middle = rows.mean() / 600, columns.mean() / 900
    wanted = {"top_left": (0.1, 0.15), "top_right": (0.1, 0.85), "bottom_left": (0.9, 0.15), "bottom_right": (0.9, 0.85)}
    assert middle == pytest.approx(wanted.get(corner, (0.5, 0.5)), abs=0.12)


async def test_a_repeated_logo_covers_all_of_it_as_strongly_as_asked(decoder: Decoder) -> None:
    logo = await decoder.logo(
        bytes((pyvips.Image.black(80, 40, bands=3) + 255).cast("uchar").copy(interpretation="srgb").pngsave_buffer())
    )
    photo = bytes(pyvips.Image.black(900, 600, bands=3).copy(interpretation="srgb").pngsave_buffer())
    made = await decoder.make(photo, Recipe(900, 600, format="png"), watermark=(Mark("tiled", opacity=0.3, size=0.15), logo))
    shown = np.asarray(Image.open(io.BytesIO(made.data)).convert("L")).astype(int)
    assert shown.max() == pytest.approx(0.3 * 255, abs=3)
    for rows in np.array_split(shown, 3, axis=0):
        for part in np.array_split(rows, 3, axis=1):
            assert (part > 40).mean() > 0.02


@pytest.mark.parametrize("layout", ["placed", "tiled"])
async def test_a_tiny_photo_takes_a_watermark_too(decoder: Decoder, layout: Layout) -> None:
    photo = bytes(pyvips.Image.black(9, 7, bands=3).copy(interpretation="srgb").pngsave_buffer())
    made = await decoder.make(photo, Recipe(900, 600), watermark=(Mark(layout), lettering.letter("© Gemeente Zuid")))
    assert (made.width, made.height) == (9, 7)


async def test_what_is_no_picture_is_no_logo(decoder: Decoder) -> None:
    for junk in (b"<svg onload=alert(1)/>", b"%PDF-1.7", b"GIF"):
        with pytest.raises(ImageRejected):
            await decoder.logo(junk)

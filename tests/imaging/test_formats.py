"""Real files of many formats: outcome, upright size, orientation, position and moment as the manifest says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvips

from photobank.imaging.rejections import Rejection
from photobank.imaging.renditions import STANDARD
from photobank.imaging.results import Processed
from photobank.imaging.sandbox import Decoder
from photobank.kernel.errors import ImageRejected
from tests.imaging.conftest import SHARED, difference, manifest, outcome, pixels


@pytest.mark.parametrize("row", manifest("formats"))
async def test_it_gets_the_outcome_its_manifest_says(decoder: Decoder, row: dict[str, str]) -> None:
    data = (SHARED / "formats" / row["file"]).read_bytes()
    photo, reason = await outcome(decoder, data)
    if photo is None:
        assert row["expected"] in {"reject", "either"}, f"rejected: {reason}"
        assert reason in {"unsupported", "damaged", "too_many_pixels"}
        return
    assert row["expected"] in {"ok", "either"}
    _check_renditions(photo)
    if row["expected"] != "ok" or not row["width"]:
        return
    turned = row["orientation"] in {"5", "6", "7", "8"}
    stored = (int(row["width"]), int(row["height"]))
    assert (photo.width, photo.height) == (stored[::-1] if turned else stored)
    if row["orientation"].isdigit():
        assert photo.orientation == int(row["orientation"])
    if row["gps"] == "yes":
        assert photo.gps == pytest.approx((float(row["gps_lat"]), float(row["gps_lon"])), abs=1e-4)
    else:
        assert photo.gps is None
    assert photo.complete


def _check_renditions(photo: Processed) -> None:
    assert set(photo.renditions) == {"thumb", "preview", "large"}
    for size in STANDARD:
        made = photo.renditions[size.name]
        assert made.mime == "image/webp"
        assert pixels(made.data).shape == (made.height, made.width, 3)
        scale = min(1.0, size.side / max(photo.width, photo.height))
        assert abs(made.width - photo.width * scale) <= 1
        assert abs(made.height - photo.height * scale) <= 1


async def test_all_eight_orientations_look_alike(decoder: Decoder, shared_data: Path) -> None:
    thumbs = []
    for number in range(1, 9):
        photo = await decoder.process((shared_data / f"formats/orientation/landscape_{number}.jpg").read_bytes())
        assert (photo.width, photo.height, photo.orientation) == (600, 450, number)
        thumbs.append(photo.renditions["thumb"].data)
    upright = pixels(thumbs[0])
    # The files were compressed anew by whoever turned them (4 to 6 levels apart); the mildest wrong turn is 50 levels apart.
    wrong = min(np.abs(turned - upright).mean() for turned in (upright[:, ::-1], upright[::-1], upright[::-1, ::-1]))
    for thumb in thumbs[1:]:
        assert np.abs(pixels(thumb) - upright).mean() < wrong / 5


async def test_adobe_rgb_looks_like_its_srgb_source(decoder: Decoder, shared_data: Path) -> None:
    wide = (shared_data / "formats/color/adobergb_made.jpg").read_bytes()
    plain = (shared_data / "formats/photos/prairie_falcon.jpg").read_bytes()
    ignored = pyvips.Image.new_from_buffer(wide, "").copy()
    ignored.remove("icc-profile-data")
    # Small and lossless: what remains is colour, not the grain that two rounds of compression leave (measured: 0.6 against 1.9).
    shown, source, dull = [(await decoder.derive(data, 100, "png")).data for data in (wide, plain, bytes(ignored.pngsave_buffer()))]
    assert difference(shown, source) < 1
    assert difference(shown, source) < difference(dull, source) / 2


async def test_hdr_is_brought_to_screen_brightness(decoder: Decoder, shared_data: Path) -> None:
    photo = await decoder.process((shared_data / "formats/avif/10bit-HDR-P3-nclx.avif").read_bytes())
    shown = pixels(photo.renditions["thumb"].data)
    assert 90 < shown.mean() < 160
    assert np.percentile(shown, 99) > 225


@pytest.mark.parametrize(
    ("name", "moment", "source", "known"),
    [
        ("dates/date-priority-test.jpg", "2023-02-02T02:00:00+01:00", "exif_original", False),
        ("dates/gps-datetime.jpg", "2023-11-15T12:30:00+00:00", "gps", True),
        ("heic/IMG_2682.heic", "2019-03-21T11:04:22.348000-05:00", "exif_original", True),
        ("exif/xmp_no_exif.jpg", "2013-09-23T10:09:46+02:00", "xmp", None),
    ],
)
async def test_when_it_was_taken(
    decoder: Decoder, shared_data: Path, name: str, moment: str, source: str, known: bool | None
) -> None:
    photo = await decoder.process((shared_data / "formats" / name).read_bytes())
    assert photo.taken_at is not None
    assert (photo.taken_at.isoformat(), photo.taken_source) == (moment, source)
    assert known is None or photo.taken_offset_known is known


async def test_regions_turn_with_the_picture(decoder: Decoder, shared_data: Path) -> None:
    plain, turned = [
        (await decoder.process((shared_data / f"formats/faces/{name}.jpg").read_bytes())).metadata["regions"]
        for name in ("portrait", "portrait-orientation-6")
    ]
    assert [region["name"] for region in plain] == [region["name"] for region in turned] == ["Marie Curie", "Pierre Curie"]
    for one, other in zip(plain, turned, strict=True):
        for key in ("left", "top", "width", "height"):
            assert one[key] == pytest.approx(other[key], abs=0.02)


async def test_too_many_pixels_says_how_many(decoder: Decoder, shared_data: Path) -> None:
    with pytest.raises(ImageRejected) as caught:
        await decoder.process((shared_data / "formats/large/65536-uint32-limit.png").read_bytes())
    assert caught.value.reason == Rejection.too_many_pixels
    assert caught.value.params == {"width": 65536, "height": 65536, "limit": 300_000_000}

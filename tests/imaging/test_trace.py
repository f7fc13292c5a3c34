"""The invisible mark: not seen, found again after what happens to leaked pictures, and read from nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from photobank.imaging import tracefind, tracemark
from photobank.imaging.recipe import Recipe
from photobank.imaging.sandbox import Decoder
from photobank.imaging.tracecode import CHIPS, WORD, TraceCode, packed, unpacked
from tests.imaging.conftest import picture

Photo = NDArray[np.uint8]

HOUSE = TraceCode(b"h" * 32)
DOWNLOAD = UUID(int=7)
CERTAIN = 7.5


@pytest.fixture(scope="module")
def photo() -> Photo:
    """1024 × 1024, enlarged from a public-domain portrait (NASA)."""
    return np.asarray(Image.fromarray(data.astronaut()).resize((1024, 1024), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def marked(photo: Photo) -> Photo:
    return _marked(photo)


def _marked(photo: Photo, download: UUID = DOWNLOAD, code: TraceCode = HOUSE) -> Photo:
    return tracemark.mark(photo, code.square(download))


def _jpeg(photo: Photo, quality: int) -> Photo:
    out = io.BytesIO()
    Image.fromarray(photo).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def _resized(photo: Photo, factor: float) -> Photo:
    size = (round(photo.shape[1] * factor), round(photo.shape[0] * factor))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR))


def _toned(photo: Photo) -> Photo:
    return np.clip((photo * [1.08, 1.0, 0.93] - 12) * 1.1 + 10, 0, 255).astype(np.uint8)


def _likeness(photo: Photo, download: UUID = DOWNLOAD, code: TraceCode = HOUSE, likely: tuple[float, ...] = ()) -> float:
    """How many standard deviations the best reading is more like the word of a download than chance."""
    readings = tracefind.read(photo, code, likely)
    return max((float(one.word @ code.word(download)) for one in readings), default=0.0)


def test_it_is_not_seen(photo: Photo, marked: Photo) -> None:
    error = marked.astype(float) - photo
    assert 10 * np.log10(255**2 / (error**2).mean()) >= 42
    assert np.abs(error).max() <= 12


def test_it_stays_low_where_the_picture_is_smooth() -> None:
    sky = np.broadcast_to(np.linspace(120, 220, 512)[:, None, None], (512, 512, 3)).astype(np.uint8)
    error = _marked(np.ascontiguousarray(sky)).astype(float) - sky
    assert 0 < np.sqrt((error**2).mean()) <= 1.1


def test_it_makes_no_bands() -> None:
    """What an eye would follow across a sky is a row or column that is lighter than its neighbours; a level of 255 is not seen."""
    for number in range(8):
        sky = np.broadcast_to(np.linspace(120, 220, 512)[:, None, None], (512, 768, 3)).astype(np.uint8)
        error = _marked(np.ascontiguousarray(sky), UUID(int=number)).astype(float).mean(axis=2) - sky[:, :, 0]
        assert max(abs(error.mean(axis=0)).max(), abs(error.mean(axis=1)).max()) < 0.75


def _sky(grain: float) -> Photo:
    shades = np.broadcast_to(np.linspace(120, 220, 512)[:, None, None], (512, 768, 3))
    return np.clip(shades + np.random.default_rng(1).normal(0, grain, (512, 768, 1)), 0, 255).astype(np.uint8)


def _enlarged(photo: Photo, times: int) -> Photo:
    size = (photo.shape[1] * times, photo.shape[0] * times)
    return np.ascontiguousarray(np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS)))


SMOOTH: dict[str, tuple[Callable[[], Photo], tuple[slice, slice]]] = {
    "a sky without any grain": (lambda: _sky(0), (slice(None), slice(None))),
    "a sky with a camera's grain": (lambda: _sky(2), (slice(None), slice(None))),
    "a sky at night": (lambda: _enlarged(data.rocket(), 3), (slice(0, 400), slice(0, 600))),
    "a face": (lambda: _enlarged(data.astronaut(), 3), (slice(200, 560), slice(520, 840))),
}
LEAST_SEEN = 1.0
"""The least difference in lightness, of 100 (CIE L*), that an eye tells apart side by side."""


@pytest.mark.parametrize("what", SMOOTH)
def test_no_band_or_blotch_is_as_strong_as_an_eye_can_see(what: str) -> None:
    """As bands an eye takes what is lighter or darker along a row or column; as blotches, what is so over some sixteen pixels."""
    make, area = SMOOTH[what]
    plain = make()
    before, after = (
        cv2.cvtColor(one[area].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, :, 0] for one in (plain, _marked(plain))
    )
    lighter = np.asarray(after, float) - before
    bands = max(np.abs(lighter.mean(axis=0)).max(), np.abs(lighter.mean(axis=1)).max())
    blotches = np.abs(cv2.GaussianBlur(lighter, (0, 0), 8)[16:-16, 16:-16]).max()
    assert 0 < bands < LEAST_SEEN
    assert 0 < blotches < LEAST_SEEN


ATTACKS: dict[str, Callable[[Photo], Photo]] = {
    "JPEG 50": lambda photo: _jpeg(photo, 50),
    "half size, JPEG 60": lambda photo: _jpeg(_resized(photo, 0.5), 60),
    "one and a half": lambda photo: _jpeg(_resized(photo, 1.5), 70),
    "six tenths kept": lambda photo: _jpeg(np.ascontiguousarray(photo[131:930, 203:972]), 75),
    "toned": lambda photo: _jpeg(_toned(photo), 70),
    "photographed from a screen": lambda photo: _jpeg(np.ascontiguousarray(_resized(photo, 0.83)[10:-7, 5:-9]), 80),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_survives(marked: Photo, attack: str) -> None:
    leaked = ATTACKS[attack](_jpeg(marked, 85))
    likely = (len(leaked) / len(marked),)  # as the size of a preset gives; wrong for what was cropped, so that all scales are tried
    readings = tracefind.read(leaked, HOUSE, likely)
    assert max(float(one.word @ HOUSE.word(DOWNLOAD)) for one in readings) > CERTAIN
    assert max(float(one.word @ HOUSE.word(UUID(int=8))) for one in readings) < 5


def test_nothing_is_read_from_what_is_not_marked(photo: Photo) -> None:
    others = [UUID(int=number) for number in range(200)]
    readings = tracefind.read(photo, HOUSE)
    assert all(float(one.word @ HOUSE.word(other)) < 6 for one in readings for other in others)


def test_another_house_reads_nothing(marked: Photo) -> None:
    assert _likeness(marked, code=TraceCode(b"o" * 32), likely=(1.0,)) < 6


def test_a_picture_too_small_for_a_mark_is_no_error() -> None:
    assert tracefind.read(np.zeros((40, 30, 3), np.uint8), HOUSE) == []


def test_words_are_as_different_as_chance() -> None:
    words = np.stack([HOUSE.word(UUID(int=number)) for number in range(300)]).astype(np.float32)
    likeness = words @ words.T / np.sqrt(WORD)
    assert np.abs(likeness[~np.eye(300, dtype=bool)]).max() < 6
    assert len(set(HOUSE.sync_places) | set(HOUSE.word_places)) == CHIPS


@given(st.uuids())
def test_a_square_goes_to_the_decoding_process_and_back(download: UUID) -> None:
    square = HOUSE.square(download)
    assert np.array_equal(unpacked(packed(square)), square)


def test_a_square_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bytes"):
        unpacked(b"\0" * 127)


async def test_the_decoding_process_puts_it_in(decoder: Decoder, photo: Photo) -> None:
    original = bytes(picture(photo).jpegsave_buffer(Q=95))
    plain = await decoder.derive(original, 1000)
    made = await decoder.make(original, Recipe(1000, 1000), mark=packed(HOUSE.square(DOWNLOAD)))
    shown = np.asarray(Image.open(io.BytesIO(made.data)))
    assert shown.shape == (1000, 1000, 3)
    assert _likeness(shown, likely=(1.0,)) > CERTAIN
    assert _likeness(np.asarray(Image.open(io.BytesIO(plain.data))), likely=(1.0,)) < 6

"""A hidden head leaves nothing behind: what stood inside a region changes no pixel of what comes out, in any size, cut, turn or format."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from photobank.imaging import redact, tracefind
from photobank.imaging.crop import Box
from photobank.imaging.recipe import Recipe
from photobank.imaging.redact import Region
from photobank.imaging.sandbox import Decoder
from photobank.imaging.tracecode import TraceCode, packed

from .conftest import picture, pixels

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "40"))
FACE = Box(0.36, 0.14, 0.17, 0.23)  # of the astronaut

Picture = NDArray[np.uint8]


def inside(faces: list[Box], width: int, height: int) -> NDArray[np.bool_]:
    """Every pixel that touches a region, without the guard: what must leave no trace."""
    regions = [Region.of(face, width, height) for face in faces]
    whole = [Region(one.x, one.y, one.across - redact.GUARD, one.down - redact.GUARD) for one in regions]
    return redact.covered(whole, *redact.centres(slice(0, height), slice(0, width)))


def hidden(rgb: Picture, faces: list[Box]) -> Picture:
    return np.asarray(redact.hide(picture(rgb), faces).numpy())


side = st.floats(0.002, 0.9)
boxes = st.builds(Box, st.floats(-0.2, 1.0), st.floats(-0.2, 1.0), side, side)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(boxes, min_size=1, max_size=5), st.integers(1, 160), st.integers(1, 160), st.integers(0, 2**32 - 1))
def test_what_stood_inside_changes_nothing(faces: list[Box], width: int, height: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    one = dice.integers(0, 256, (height, width, 3), dtype=np.uint8)
    other = one.copy()
    regions = [Region.of(face, width, height) for face in faces]
    gone = redact.covered(regions, *redact.centres(slice(0, height), slice(0, width)))
    other[gone] = dice.integers(0, 256, (int(gone.sum()), 3), dtype=np.uint8)
    first, second = hidden(one, faces), hidden(other, faces)
    assert np.array_equal(first, second)
    assert np.array_equal(first[~gone], one[~gone])


HEAD = Box(0.30, 0.03, 0.29, 0.36)
"""Of the astronaut, by eye: hair above, ears beside, chin below."""


@pytest.mark.parametrize("turns", range(4))
def test_a_whole_head_lies_within_whichever_way_it_is_turned(turns: int) -> None:
    head, face = HEAD, FACE
    for _ in range(turns):
        head, face = _turned(head), _turned(face)
    x, y = redact.centres(slice(0, 512), slice(0, 512))
    outline = Region((head.left + head.width / 2) * 512, (head.top + head.height / 2) * 512, head.width * 256, head.height * 256)
    assert (Region.of(face, 512, 512).reach(x, y)[outline.reach(x, y) <= 1] <= 1).all()


def _turned(box: Box) -> Box:
    """A quarter to the right."""
    return Box(1 - box.top - box.height, box.left, box.height, box.width)


def test_heads_that_overlap_give_one_another_no_colour(astronaut: Picture) -> None:
    faces = [FACE, Box(0.45, 0.2, 0.15, 0.2)]
    red = astronaut.copy()
    red[inside(faces, 512, 512)] = (255, 0, 0)
    shown = hidden(red, faces)
    assert np.array_equal(shown, hidden(astronaut, faces))


def test_a_picture_that_is_all_head_becomes_grey(astronaut: Picture) -> None:
    shown = hidden(astronaut, [Box(0, 0, 1, 1), Box(0, 0, 1.9, 1.9), Box(-0.9, -0.9, 1.9, 1.9)])
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= len(redact.SHADES)
    assert np.abs(shown.astype(int) - 128).max() <= max(map(abs, redact.SHADES))


SMALLER = Recipe(300, 300, format="png", sharpen=True)
CUT = Recipe(200, 200, cut=Box(0.1, 0.0, 0.75, 0.75), format="png", sharpen=True)


@pytest.mark.parametrize(
    ("recipe", "orientation"),
    [(Recipe(format="png"), 1), (CUT, 1), (Recipe(97, format="png"), 1), *((SMALLER, turned) for turned in range(1, 9))],
)
async def test_through_the_decoding_process_no_original_pixel_is_left(
    decoder: Decoder, astronaut: Picture, recipe: Recipe, orientation: int
) -> None:
    noise = np.random.default_rng(5).integers(0, 256, astronaut.shape, dtype=np.uint8)
    other = np.where(inside([FACE], 512, 512)[:, :, None], noise, astronaut)
    order = replace(recipe, hidden=(FACE,))
    made = [pixels((await decoder.make(stored(one, orientation), order)).data) for one in (astronaut, other)]
    assert np.array_equal(*made)
    shown = pixels((await decoder.make(stored(astronaut, orientation), recipe)).data)
    assert made[0].shape == shown.shape
    assert np.abs(made[0] - shown).mean() > 2


def stored(upright: Picture, orientation: int) -> bytes:
    """As a camera that was held so stores it: lossless, with the EXIF value that turns it upright again."""
    undone = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # PIL's transposes that turn upright into stored
    image = Image.fromarray(upright)
    if orientation > 1:
        image = image.transpose(Image.Transpose(undone[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "TIFF", exif=exif)
    return out.getvalue()


async def test_the_file_carries_no_second_picture(decoder: Decoder, astronaut: Picture) -> None:
    """Cameras put a small picture into EXIF, with every face on it."""
    small = io.BytesIO()
    Image.fromarray(astronaut).resize((160, 160)).save(small, "JPEG")
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    out = io.BytesIO()
    Image.fromarray(astronaut).save(out, "JPEG", quality=95, exif=exif, comment=small.getvalue())
    assert out.getvalue().count(b"\xff\xd8\xff") == 2
    made = await decoder.make(out.getvalue(), Recipe(400, 400, hidden=(FACE,)))
    assert made.data.count(b"\xff\xd8\xff") == 1
    assert b"Canon" not in made.data


async def test_the_invisible_mark_is_read_back(decoder: Decoder, astronaut: Picture) -> None:
    code, download = TraceCode(b"h" * 32), UUID(int=11)
    large = np.asarray(Image.fromarray(astronaut).resize((1400, 1400)))
    photo = bytes(picture(np.ascontiguousarray(large)).pngsave_buffer(compression=1))
    order = Recipe(1200, 1200, quality=85, sharpen=True, hidden=(FACE,))
    made = await decoder.make(photo, order, mark=packed(code.square(download)), keep=True)
    assert made.base is not None
    again = await decoder.finish(made.base, order, mark=packed(code.square(download)))
    for data in (made.data, again.data):
        rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        best = max(float(code.word(download) @ reading.word) for reading in tracefind.read(rgb, code, [1.0]))
        assert best > 8  # by chance one in 10^15

"""Is it another version of the same picture, and where does the one lie in the other."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from skimage import data

from photobank.imaging.registration import Match, match
from photobank.imaging.results import Pixels
from photobank.imaging.shift import Shift

PICTURES = {
    "astronaut": Image.fromarray(data.astronaut()),
    "cat": Image.fromarray(data.chelsea()),
    "coffee": Image.fromarray(data.coffee()),
    "rocket": Image.fromarray(data.rocket()),
    "camera": Image.fromarray(data.camera()).convert("RGB"),
}
HEAD = [0.33, 0.1, 0.2, 0.3]
Change = Callable[[Image.Image], Image.Image]


def pixels(picture: Image.Image) -> Pixels:
    return Pixels(picture.convert("RGB").tobytes(), picture.width, picture.height)


def again(picture: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue()))


def cut(left: float, top: float, right: float, bottom: float) -> Change:
    return lambda one: one.crop(
        (round(left * one.width), round(top * one.height), round(right * one.width), round(bottom * one.height))
    )


SAME: dict[str, tuple[Change, list[float]]] = {
    "itself": (lambda one: one, [0, 0, 1, 1]),
    "smaller": (lambda one: one.resize((one.width // 3, one.height // 3)), [0, 0, 1, 1]),
    "quality 40": (lambda one: again(one, 40), [0, 0, 1, 1]),
    "grey": (lambda one: ImageOps.grayscale(one), [0, 0, 1, 1]),
    "brighter": (lambda one: ImageEnhance.Brightness(one).enhance(1.25), [0, 0, 1, 1]),
    "crop 5 %": (cut(0.02, 0.03, 0.97, 0.98), [0.02, 0.03, 0.97, 0.98]),
    "crop 15 %": (cut(0.1, 0, 1, 0.85), [0.1, 0, 1, 0.85]),
    "another shape": (cut(0, 0.15, 1, 0.85), [0, 0.15, 1, 0.85]),
}
TURNED: dict[str, Change] = {
    "mirrored": ImageOps.mirror,
    "upside down": lambda one: one.rotate(180),
    "a quarter turned": lambda one: one.rotate(90, expand=True),
}


@pytest.mark.parametrize("change", SAME)
@pytest.mark.parametrize("name", PICTURES)
def test_a_version_of_the_same_picture_is_found_where_it_lies(name: str, change: str) -> None:
    do, (left, top, right, bottom) = SAME[change]
    found = match(pixels(PICTURES[name]), pixels(do(PICTURES[name])))
    assert found is not None
    # The corners of the part that is left are the corners of the new picture.
    assert found.shift.box([left, top, right - left, bottom - top]) == pytest.approx([0, 0, 1, 1], abs=0.015)


@pytest.mark.parametrize("change", TURNED)
@pytest.mark.parametrize("name", PICTURES)
def test_what_was_turned_or_mirrored_is_another_picture(name: str, change: str) -> None:
    assert match(pixels(PICTURES[name]), pixels(TURNED[change](PICTURES[name]))) is None


@pytest.mark.parametrize("other", ["cat", "coffee", "rocket", "camera"])
def test_another_picture_is_none(other: str) -> None:
    assert match(pixels(PICTURES["astronaut"]), pixels(PICTURES[other])) is None


def _head(change: Change) -> Match:
    astronaut = PICTURES["astronaut"].copy()
    place = tuple(round(part * 512) for part in (HEAD[0], HEAD[1], HEAD[0] + HEAD[2], HEAD[1] + HEAD[3]))
    astronaut.paste(change(astronaut.crop(place)), place[:2])  # type: ignore[arg-type]
    found = match(pixels(PICTURES["astronaut"]), pixels(astronaut))
    assert found is not None
    return found


def test_a_face_that_was_left_alone_looks_the_same() -> None:
    assert _head(lambda head: head).same_at(HEAD)
    assert _head(lambda head: again(head, 40)).same_at(HEAD)
    assert _head(lambda head: ImageOps.grayscale(head).convert("RGB")).same_at(HEAD)


def test_a_face_that_was_blurred_painted_over_or_exchanged_does_not() -> None:
    assert not _head(lambda head: head.filter(ImageFilter.GaussianBlur(14))).same_at(HEAD)
    assert not _head(lambda head: Image.new("RGB", head.size, "white")).same_at(HEAD)
    assert not _head(lambda head: PICTURES["cat"].resize(head.size)).same_at(HEAD)


parts = st.floats(0.1, 4)
offsets = st.floats(-2, 2)
shifts = st.builds(Shift, parts, parts, offsets, offsets)


@given(shifts, shifts)
def test_ways_can_be_joined_and_gone_back(one: Shift, other: Shift) -> None:
    box = [0.2, 0.3, 0.1, 0.15]
    assert one.then(other).box(box) == pytest.approx(other.box(one.box(box)), abs=1e-6)
    assert one.back().box(one.box(box)) == pytest.approx(box, abs=1e-6)
    assert Shift(*one.numbers()) == one

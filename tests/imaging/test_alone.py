"""Of a photo in company only one's own face is sharp; nothing of the others can be brought back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photobank.imaging.alone import COARSE, hide, region
from photobank.imaging.crop import Box
from tests.imaging.conftest import picture

OWN = Box(0.4, 0.3, 0.2, 0.3)
sides = st.floats(0.01, 0.6)
boxes = st.builds(Box, st.floats(0, 0.9), st.floats(0, 0.9), sides, sides)


def _touch(one: Box, other: Box) -> bool:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return across > 0 and down > 0


@given(boxes, st.lists(boxes, max_size=6))
def test_what_stays_sharp_touches_nobody_else(own: Box, others: list[Box]) -> None:
    sharp = region(own, others)
    if sharp is None:
        assert any(_touch(own, other) for other in others)
        return
    assert not any(_touch(sharp, other) for other in others)
    assert 0 <= sharp.left <= sharp.left + sharp.width <= 1 + 1e-9
    assert 0 <= sharp.top <= sharp.top + sharp.height <= 1 + 1e-9


def test_there_is_room_around_a_face_that_is_far_from_others() -> None:
    sharp = region(OWN, [Box(0.8, 0.3, 0.1, 0.1)])
    assert sharp is not None
    assert sharp.width > OWN.width
    assert region(OWN, [Box(0.45, 0.35, 0.2, 0.3)]) is None


def _noise(seed: int, width: int = 360, height: int = 240) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_pictures_that_differ_only_outside_the_face_come_out_the_same_but_for_a_dozen_pixels() -> None:
    """Anything that two pictures do not share beyond their coarse average is gone: noise with the same average leaves no trace."""
    sharp = Box(0.4, 0.25, 0.2, 0.5)
    pixels = _noise(1)
    shown = hide(picture(pixels), sharp, [], 360).numpy()
    left, top, right, bottom = 144, 60, 216, 180
    assert (shown[top:bottom, left:right] == pixels[top:bottom, left:right]).all()
    outside = np.ones(shown.shape[:2], bool)
    outside[top:bottom, left:right] = False
    # Noise has a spread of 74; what is left of it after averaging thirty by thirty pixels is below 4.
    assert shown[outside].std(axis=0).max() < 10 < pixels[outside].std(axis=0).min()


def test_the_heads_of_others_have_no_part_even_in_the_dozen_pixels() -> None:
    """Two pictures that differ only in a head that is known of, light in one and dark in the other, come out the same."""
    one, face = _noise(2), Box(0.7, 0.3, 0.1, 0.2)
    other = one.copy()
    other[60:132, 248:292] = 255 - other[60:132, 248:292] // 4
    shown = [np.asarray(hide(picture(rgb), OWN, [face], 360).numpy()) for rgb in (one, other)]
    assert (shown[0] == shown[1]).all()
    assert (np.asarray(hide(picture(one), OWN, [], 360).numpy()) != np.asarray(hide(picture(other), OWN, [], 360).numpy())).any()


def test_nothing_is_left_that_is_finer_than_the_coarse_grid() -> None:
    lines = np.zeros((240, 360, 3), np.uint8)
    lines[:, ::4] = 255
    shown = hide(picture(lines), None, [], 360).numpy().astype(int)
    assert abs(np.diff(shown, axis=1)).max() <= 12
    assert shown.shape == (240, 360, 3)
    assert 360 // COARSE >= 30


def test_it_is_no_larger_than_asked() -> None:
    shown = hide(picture(_noise(2, 900, 600)), None, [], 480)
    assert (shown.width, shown.height) == (480, 320)

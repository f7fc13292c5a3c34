"""Face crops stay square and inside the picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photobank.imaging.crop import Box, cut, square
from tests.imaging.conftest import picture


def test_a_face_in_the_middle_gets_room_on_all_sides() -> None:
    assert square(Box(0.4, 0.4, 0.2, 0.2), 1000, 1000, margin=0.5) == (300, 300, 400, 400)


def test_a_face_at_the_edge_moves_the_square_not_the_size() -> None:
    assert square(Box(0.0, 0.0, 0.2, 0.2), 1000, 1000, margin=0.5) == (0, 0, 400, 400)
    assert square(Box(0.9, 0.9, 0.2, 0.2), 1000, 1000, margin=0.5) == (600, 600, 400, 400)


def test_a_face_that_fills_the_picture_takes_its_shorter_side() -> None:
    assert square(Box(0.0, 0.1, 1.0, 0.9), 600, 400) == (100, 0, 400, 400)


@given(
    st.tuples(*(st.floats(-0.5, 1.5) for _ in range(2)), *(st.floats(0, 2) for _ in range(2))),
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.floats(0, 3),
)
def test_it_is_always_a_square_inside(box: tuple[float, float, float, float], width: int, height: int, margin: float) -> None:
    left, top, across, down = square(Box(*box), width, height, margin)
    assert across == down >= 1
    assert 0 <= left <= width - across
    assert 0 <= top <= height - down


def test_a_cut_is_not_enlarged() -> None:
    image = picture(np.zeros((100, 100, 3), np.uint8))
    assert cut(image, Box(0.4, 0.4, 0.1, 0.1), 256).width < 30

"""What two pictures are to one another, from measures alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photobank.duplicates import policy
from photobank.duplicates.policy import Picture
from photobank.imaging.results import Likeness
from photobank.kernel.ids import new_id
from photobank.models.duplicates import PairKind

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHOLE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
COPY = Likeness(200, 0.98, 0.0, 0.0, 1.0, 1.0, WHOLE, 30.0, 30.0)
ONE = Picture(new_id(), 4000, 3000, 5_000_000, "image/jpeg", NOON, chroma=30)
OTHER = Picture(new_id(), 4000, 3000, 5_000_000, "image/jpeg", NOON, chroma=30)


@pytest.mark.parametrize(
    ("measured", "seconds", "kind"),
    [
        (COPY, None, PairKind.copy),
        (replace(COPY, apart=0.3, fit=0.85), None, PairKind.copy),  # a watermark
        (replace(COPY, points=15), None, None),
        (replace(COPY, moved=0.05), None, None),  # a burst, but nobody knows when
        (replace(COPY, moved=0.05), 1, PairKind.burst),
        (replace(COPY, moved=0.05), 60, None),
        (COPY, 0, PairKind.copy),
        (COPY, 2, PairKind.burst),  # two frames of somebody who stood still
        (COPY, 60, PairKind.copy),
        (replace(COPY, covers_other=0.7), 2, PairKind.copy),  # cropped: no frame of a camera
    ],
)
def test_a_copy_lies_on_its_original_and_a_burst_only_in_places(
    measured: Likeness, seconds: int | None, kind: PairKind | None
) -> None:
    later = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert policy.kind_of(measured, replace(ONE, taken_at=NOON if later else None), replace(OTHER, taken_at=later)) is kind


@pytest.mark.parametrize(
    ("newer", "better"),
    [
        ({}, "older"),
        ({"width": 6000, "height": 4500}, "newer"),
        ({"width": 2000, "height": 1500, "size": 9_000_000}, "older"),
        ({"size": 8_000_000}, "newer"),
        ({"size": 5_100_000}, "older"),
        ({"chroma": 0.5, "size": 9_000_000}, "older"),
    ],
)
def test_the_better_one_has_more_to_it(newer: dict[str, float], better: str) -> None:
    assert policy.better_of(ONE, replace(OTHER, **newer)) == better  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("newer", "older", "matrix", "identical", "words"),
    [
        ({}, {}, WHOLE, True, ["identical"]),
        ({}, {}, WHOLE, False, ["recompressed"]),
        ({}, {"covered": 0.7}, (0.8, 0, 0.1, 0, 0.8, 0.1), False, ["cropped"]),
        ({"covered": 0.7}, {}, (1.2, 0, -0.1, 0, 1.2, -0.1), False, ["wider"]),
        ({}, {}, (-1, 0, 1, 0, 1, 0), False, ["mirrored"]),
        ({"width": 3000, "height": 4000}, {}, (0, -1, 1, 1, 0, 0), False, ["rotated"]),
        ({"chroma": 0.0}, {}, WHOLE, False, ["grey"]),
        ({"width": 1000, "height": 750, "media_type": "image/webp"}, {}, WHOLE, False, ["smaller", "format"]),
    ],
)
def test_it_says_what_became_of_the_picture(
    newer: dict[str, float], older: dict[str, float], matrix: tuple[float, ...], identical: bool, words: list[str]
) -> None:
    assert policy.differences(replace(ONE, **older), replace(OTHER, **newer), matrix, identical=identical) == words  # type: ignore[arg-type]


@given(
    st.tuples(
        st.floats(0.3, 3), st.floats(-0.3, 0.3), st.floats(-1, 1), st.floats(-0.3, 0.3), st.floats(0.5, 3), st.floats(-1, 1)
    ).filter(lambda m: abs(m[0] * m[4] - m[1] * m[3]) > 0.05)
)
def test_the_way_back_leads_back(matrix: tuple[float, ...]) -> None:
    there = policy.place_of((0.25, 0.25, 0.0, 0.0), matrix)
    back = policy.place_of((there[0], there[1], 0.0, 0.0), policy.inverse(matrix))
    assert back[:2] == pytest.approx((0.25, 0.25), abs=1e-6)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_an_answer_is_kept_under_the_contents_in_any_order(one: bytes, other: bytes) -> None:
    a, b = new_id(), new_id()
    assert policy.answer_key(one, other, a, b) == policy.answer_key(other, one, b, a)
    if one != other:
        assert policy.answer_key(one, other, a, b) == policy.answer_key(one, other, new_id(), new_id())


def test_identical_files_are_told_apart_by_their_ids() -> None:
    assert policy.answer_key(b"x", b"x", new_id(), new_id()) != policy.answer_key(b"x", b"x", new_id(), new_id())

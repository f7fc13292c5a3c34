"""From where on decisions support confirming without a person: the bound against the textbook, and each thing that keeps a face waiting."""

from __future__ import annotations

import math
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from photobank.people.support import DOUBT, ERRORS, LEVELS, OF_ONE, Facts, Trial, WhyNot, levels, needed, supported, upper, why_not
from photobank.vision.calibration import Calibration

CURVE = Calibration(0.5, 20.0)
SURE = Facts(0.9, 0.1, touched=False, allowed=True, refused=False, beside=False, apart=False, claimed=False)


def rights(people: int, each: int, score: float = 0.95) -> list[Trial]:
    return [Trial(person, score, -math.inf, same=True) for person in [uuid4() for _ in range(people)] for _ in range(each)]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (SURE, None),
        (replace(SURE, score=0.8), None),
        (replace(SURE, score=0.799), WhyNot.unsure),
        (replace(SURE, score=math.nan), WhyNot.unsure),
        (replace(SURE, runner_up=0.499), None),
        (replace(SURE, runner_up=0.5), WhyNot.another_likely),
        (replace(SURE, runner_up=math.nan), WhyNot.another_likely),
        (replace(SURE, touched=True), WhyNot.touched),
        (replace(SURE, allowed=False), WhyNot.not_allowed),
        (replace(SURE, refused=True), WhyNot.refused),
        (replace(SURE, beside=True), WhyNot.beside),
        (replace(SURE, apart=True), WhyNot.apart),
        (replace(SURE, claimed=True), WhyNot.claimed),
    ],
)
def test_each_thing_keeps_a_face_waiting(facts: Facts, why: WhyNot | None) -> None:
    assert why_not(facts, 0.8) is why


@given(st.integers(1, 20_000), st.integers(0, 40))
def test_the_bound_is_the_exact_one(of: int, wrong: int) -> None:
    exact = float(beta.ppf(1 - DOUBT, wrong + 1, of - wrong)) if wrong < of else 1.0
    assert upper(wrong, of) == pytest.approx(exact, rel=1e-6)


@given(st.integers(0, 5000), st.integers(0, 30))
def test_one_more_right_one_lowers_it_and_one_more_wrong_one_raises_it(of: int, wrong: int) -> None:
    bound = upper(wrong, of)
    assert upper(wrong, of + 1) <= bound
    assert upper(wrong + 1, of + 1) >= bound
    assert bound >= (wrong / of if of > 0 and wrong < of else 0)


def test_with_nothing_wrong_it_is_the_rule_of_three_for_three_levels() -> None:
    assert upper(0, 0) == 1.0
    assert upper(0, 1000, 0.05) == pytest.approx(3 / 1000, rel=0.01)
    assert [needed([], one_in) for one_in in ERRORS] == [408, 817, 2046, 4093]


@given(st.integers(0, 30), st.integers(0, 20), st.integers(0, 6), st.sampled_from(ERRORS))
def test_what_is_still_needed_is_enough_and_no_more(people: int, each: int, wrong: int, one_in: int) -> None:
    nobody = [Trial(uuid4(), 0.95, -math.inf, same=False) for _ in range(wrong)]
    found = levels(CURVE, [*rights(people, each), *nobody])
    more = needed(found, one_in)
    best = min(found, key=lambda one: one.bound)
    assert (more == 0) == (supported(found, one_in) is not None)
    if more:
        assert upper(best.wrong, best.passed + more) <= 1 / one_in < upper(best.wrong, best.passed + more - 1)


def test_the_lowest_level_that_holds_is_taken_and_a_wrong_one_counts_at_those_it_passes() -> None:
    good = rights(21, OF_ONE)
    level = supported(levels(CURVE, good), 100)
    assert level is not None
    assert (level.probability, level.passed, level.wrong) == (LEVELS[0], 420, 0)
    assert CURVE.threshold(LEVELS[0]) == level.score
    unlucky = Trial(uuid4(), CURVE.threshold(0.97), -math.inf, same=False)
    level = supported(levels(CURVE, [*good, unlucky]), 100)
    assert level is not None
    assert (level.probability, level.wrong) == (LEVELS[1], 0), "higher up nothing is wrong"
    certain = replace(unlucky, score=0.99)
    assert supported(levels(CURVE, [*good, certain]), 100) is None


def test_one_person_says_little_about_everybody_else_but_every_error_counts() -> None:
    (level, *_) = levels(CURVE, rights(1, 1000))
    assert level.passed == OF_ONE
    person = UUID(int=1)
    (level, *_) = levels(CURVE, [Trial(person, 0.95, -math.inf, same=False)] * 30)
    assert (level.passed, level.wrong, level.bound) == (30, 30, 1.0)


def test_a_decision_with_two_likely_people_is_none_that_would_have_been_made() -> None:
    close = [replace(one, runner_up=CURVE.threshold(0.6)) for one in rights(21, OF_ONE)]
    assert {level.passed for level in levels(CURVE, close)} == {0}

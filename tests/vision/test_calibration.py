"""Calibration: the prior alone, the organisation's decisions on top of it, and never a higher score with a lower probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from photobank.vision.calibration import Calibration, Decision, brier, fit
from photobank.vision.engine import Prior
from photobank.vision.insightface import PRIORS, UNKNOWN
from photobank.vision.open_pack import PRIOR

priors = some.sampled_from([PRIOR, UNKNOWN, *PRIORS.values()])
decisions = some.lists(some.builds(Decision, score=some.floats(-1, 1), same=some.booleans()), max_size=60)


def drawn(curve: Prior, count: int, seed: int = 1) -> list[Decision]:
    """Decisions of people whose truth is another curve than the engine's prior."""
    rng = np.random.default_rng(seed)
    scores = curve.even + rng.uniform(-5, 5, count) / curve.slope
    same = rng.random(count) < 1 / (1 + np.exp(-curve.slope * (scores - curve.even)))
    return [Decision(float(score), bool(yes)) for score, yes in zip(scores, same, strict=True)]


@given(priors)
def test_without_decisions_it_is_the_prior(prior: Prior) -> None:
    curve = fit(prior, [])
    assert curve == Calibration.of_prior(prior)
    assert curve.probability(prior.even) == pytest.approx(0.5)


@settings(deadline=None)
@given(priors, decisions, some.lists(some.floats(-1, 1), min_size=2, max_size=8))
def test_probability_never_falls_when_the_score_rises(prior: Prior, made: list[Decision], scores: list[float]) -> None:
    curve = fit(prior, made)
    values = [curve.probability(score) for score in sorted(scores)]
    assert values == sorted(values)
    assert all(0 <= value <= 1 for value in values)


@settings(deadline=None)
@given(priors, decisions, some.randoms())
def test_the_order_of_decisions_does_not_matter(prior: Prior, made: list[Decision], random: object) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = fit(prior, made), fit(prior, shuffled)
    assert one.even == pytest.approx(other.even, abs=1e-6)
    assert one.slope == pytest.approx(other.slope, rel=1e-4)


@settings(deadline=None)
@given(priors, decisions, some.floats(-2, 2))
def test_a_rejection_never_raises_the_probability_of_its_own_score(prior: Prior, made: list[Decision], at: float) -> None:
    score = prior.even + at / prior.slope
    before, after = fit(prior, made), fit(prior, [*made, Decision(score, same=False)])
    assert after.probability(score) <= before.probability(score) + 1e-6


def test_a_few_decisions_move_it_little_and_many_move_it_home() -> None:
    truth = Prior(even=PRIOR.even + 0.01, slope=PRIOR.slope * 1.5, cluster=0, spread=0)
    few, many = fit(PRIOR, drawn(truth, 4)), fit(PRIOR, drawn(truth, 4000))
    assert abs(few.even - PRIOR.even) < 0.004
    assert many.even == pytest.approx(truth.even, abs=0.001)
    assert many.slope == pytest.approx(truth.slope, rel=0.15)
    unseen = drawn(truth, 2000, seed=2)
    assert brier(many, unseen) < brier(few, unseen)


def test_one_sided_decisions_do_not_make_it_certain_of_everything() -> None:
    scores = [PRIOR.even + part / PRIOR.slope for part in np.linspace(0, 4, 200)]
    curve = fit(PRIOR, [Decision(score, same=True) for score in scores])
    assert curve.probability(PRIOR.even - 6 / PRIOR.slope) < 0.5


def test_threshold_and_probability_are_inverse() -> None:
    curve = Calibration.of_prior(PRIOR)
    assert curve.probability(curve.threshold(0.95)) == pytest.approx(0.95)
    with pytest.raises(ValueError, match="strictly"):
        curve.threshold(1.0)


def test_the_error_shown_beside_a_threshold_is_the_mean_of_what_is_left_to_one() -> None:
    curve = Calibration.of_prior(PRIOR)
    assert curve.expected_error([]) == 0
    assert curve.expected_error([curve.threshold(0.9), curve.threshold(0.8)]) == pytest.approx(0.15)

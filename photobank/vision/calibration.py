"""What a score means: score → probability that the best match is right, from a measured prior and the organisation's own decisions.

A logistic curve of two parameters. Every confirmed and rejected suggestion is one observation; the engine's prior takes part as
`prior.weight` imagined decisions spread over the scores, whose answers are what the prior says. With no decisions the curve is the
prior; with hundreds it is the organisation's own. The slope stays positive, so a higher score never means a lower probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from photobank.vision.engine import Points, Prior

# Where the imagined decisions of the prior lie, in units of its own logit: dense where it is undecided.
SPREAD = np.array([-6.0, -4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0])
FLATTEST, STEEPEST = 0.2, 5.0  # how far the slope may leave the prior's, as a factor
FARTHEST = 8.0  # how far the even point may move, in logits of the prior
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Decision:
    """One suggestion that somebody confirmed or rejected, with the score it had."""

    score: float
    same: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """P(right) = 1 / (1 + exp(-slope (score - even)))."""

    even: float
    slope: float
    decisions: int = 0

    @classmethod
    def of_prior(cls, prior: Prior) -> Calibration:
        """Before anybody has decided anything."""
        return cls(prior.even, prior.slope)

    def probability(self, score: float) -> float:
        """Between 0 and 1, never falling when the score rises."""
        return _logistic(self.slope * (score - self.even))

    def threshold(self, probability: float) -> float:
        """The score from which a suggestion is right with at least this probability."""
        if not 0 < probability < 1:
            raise ValueError("a probability strictly between 0 and 1")
        return self.even + math.log(probability / (1 - probability)) / self.slope

    def expected_error(self, scores: Iterable[float]) -> float:
        """The part of these suggestions that is wrong, to be shown beside a threshold. 0 for none."""
        wrong = [1 - self.probability(score) for score in scores]
        return sum(wrong) / len(wrong) if wrong else 0.0


def fit(prior: Prior, decisions: Iterable[Decision]) -> Calibration:
    """The curve after these decisions: penalised maximum likelihood by Newton's method, the same for the same decisions."""
    made = list(decisions)
    if not made:
        return Calibration.of_prior(prior)
    # In units of the prior's logit the prior is the curve with slope 1 through 0, whatever the engine's scores look like.
    logits = np.clip([prior.slope * (decision.score - prior.even) for decision in made], -30.0, 30.0)
    x = np.concatenate([SPREAD, logits])
    y = np.concatenate([1 / (1 + np.exp(-SPREAD)), [float(decision.same) for decision in made]])
    weights = np.concatenate([np.full(len(SPREAD), prior.weight / len(SPREAD)), np.ones(len(made))])
    factor, offset = _newton(x, y, weights)
    factor = min(max(factor, FLATTEST), STEEPEST)
    offset = _offset(x, y, weights, factor, offset)
    even = min(max(-offset / factor, -FARTHEST), FARTHEST)
    return Calibration(prior.even + even / prior.slope, prior.slope * factor, len(made))


def brier(calibration: Calibration, decisions: Iterable[Decision]) -> float:
    """Mean squared error of the probabilities: 0 is perfect, 0.25 is a coin."""
    errors = [(calibration.probability(decision.score) - decision.same) ** 2 for decision in decisions]
    return sum(errors) / len(errors) if errors else 0.0


def _logistic(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-min(logit, 700.0)))
    power = math.exp(max(logit, -700.0))
    return power / (1 + power)


def _newton(x: Points, y: Points, weights: Points) -> tuple[float, float]:
    """Slope and offset of the weighted logistic regression. Convex, with both answers present, so a damped step always arrives."""
    factor, offset = 1.0, 0.0
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(factor * x + offset, -30, 30)))
        error, curve = weights * (p - y), weights * p * (1 - p) + 1e-9
        gradient = np.array([(error * x).sum(), error.sum()])
        hessian = np.array([[(curve * x * x).sum(), (curve * x).sum()], [(curve * x).sum(), curve.sum()]])
        step = np.clip(np.linalg.solve(hessian, gradient), -1.0, 1.0)
        factor, offset = factor - float(step[0]), offset - float(step[1])
        if float(np.abs(step).max()) < 1e-10:
            break
    return factor, offset


def _offset(x: Points, y: Points, weights: Points, factor: float, offset: float) -> float:
    """The best offset for a given slope."""
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(factor * x + offset, -30, 30)))
        step = float((weights * (p - y)).sum() / ((weights * p * (1 - p)).sum() + 1e-9))
        offset -= min(max(step, -1.0), 1.0)
        if abs(step) < 1e-10:
            break
    return offset

"""From which probability on an organisation's own decisions support that a face is confirmed without a person. Pure.

Somebody chooses an error: at most one wrong in so many. Each of LEVELS is held against the decisions replayed: how many would have been
confirmed at it, and how many of those wrongly. The level holds when the upper end of the exact (Clopper and Pearson) interval of that
part is at most the error chosen. With nothing wrong that is the rule of three, made stricter for looking at several levels at once
(docs/adr/0093-confirmed-by-itself.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from photobank.vision.calibration import Calibration

LEVELS = (0.95, 0.99, 0.999)
ERRORS = (100, 200, 500, 1000)
"""What may be chosen: at most one wrong in so many."""
DOUBT = 0.05 / len(LEVELS)
"""How likely a bound may be too low; divided by the levels, since the best of them is taken."""
RUNNER_UP = 0.5
"""A probability from which somebody else is likely too, and nobody is confirmed without a person."""
OF_ONE = 20
"""So many right decisions about one person count: a thousand photos of the director say little about everybody else."""
STEPS = 60


@dataclass(frozen=True, slots=True)
class Trial:
    """A decision replayed: whom we would have named with which score, the score of the next one, and whether that was right."""

    person_id: UUID
    score: float
    runner_up: float
    same: bool


@dataclass(frozen=True, slots=True)
class Level:
    """What confirming from this probability on comes to: the score it stands for, the decisions that pass it, those of them that were
    wrong, and the part that may be wrong at most, as far as these decisions can tell."""

    probability: float
    score: float
    passed: int
    wrong: int
    bound: float


class WhyNot(StrEnum):
    """Why a face waits for a person after all."""

    unsure = "unsure"
    another_likely = "another_likely"
    touched = "touched"
    not_allowed = "not_allowed"
    refused = "refused"
    beside = "beside"
    apart = "apart"
    claimed = "claimed"


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts about one face and the person it may be. `score` and `runner_up` (a probability) are as of this moment."""

    score: float
    runner_up: float
    touched: bool
    """Somebody decided about this face before, whatever it was, or drew it."""
    allowed: bool
    """Templates of the person may exist, and a person confirmed at least one of them."""
    refused: bool
    """Somebody said that this face is not that person."""
    beside: bool
    """Another face on the photo is that person, or may be."""
    apart: bool
    """Somebody said that this face and another one are two people."""
    claimed: bool
    """A reviewer is at its cluster."""


def why_not(facts: Facts, least: float) -> WhyNot | None:
    """The first thing that keeps a face from being confirmed by itself; None where nothing does."""
    reasons = (
        (not facts.score >= least, WhyNot.unsure),
        (not facts.runner_up < RUNNER_UP, WhyNot.another_likely),
        (facts.touched, WhyNot.touched),
        (not facts.allowed, WhyNot.not_allowed),
        (facts.refused, WhyNot.refused),
        (facts.beside, WhyNot.beside),
        (facts.apart, WhyNot.apart),
        (facts.claimed, WhyNot.claimed),
    )
    return next((why for holds, why in reasons if holds), None)


def levels(curve: Calibration, trials: Iterable[Trial]) -> list[Level]:
    """Each of LEVELS held against these decisions."""
    clear = [one for one in trials if one.runner_up < curve.threshold(RUNNER_UP)]
    found = []
    for probability in LEVELS:
        least = curve.threshold(probability)
        passed = [one for one in clear if one.score >= least]
        wrong = sum(not one.same for one in passed)
        of_each = Counter(one.person_id for one in passed if one.same)
        counted = wrong + sum(min(count, OF_ONE) for count in of_each.values())
        found.append(Level(probability, least, counted, wrong, upper(wrong, counted)))
    return found


def supported(found: Sequence[Level], one_in: int) -> Level | None:
    """The lowest level at which no more than one in so many is wrong; None where these decisions support none."""
    return min((one for one in found if one.bound * one_in <= 1), key=lambda one: one.probability, default=None)


def needed(found: Sequence[Level], one_in: int) -> int:
    """How many more decisions it takes, if all of them are right and as sure as that; 0 where a level is supported."""
    if supported(found, one_in) is not None:
        return 0
    return min((_enough(one.wrong, one_in) - one.passed for one in found or [Level(0, 0, 0, 0, 1)]), default=0)


def upper(wrong: int, of: int, doubt: float = DOUBT) -> float:
    """The largest part of wrong ones under which so few of so many come up wrong with a probability of `doubt`; 1 for none."""
    if wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _at_most(wrong, of, middle) > doubt:
            low = middle
        else:
            high = middle
    return high


def _enough(wrong: int, one_in: int) -> int:
    """With so many wrong, the fewest decisions whose bound is at most one in so many."""
    low, high = wrong, max(2 * wrong, 1) * one_in
    while upper(wrong, high) * one_in > 1:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if upper(wrong, middle) * one_in > 1:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, of: int, part: float) -> float:
    """The probability of so many wrong or fewer, when this part is wrong."""
    if part >= 1:
        return 0.0
    if part <= 0:
        return 1.0
    return sum(
        math.exp(
            math.lgamma(of + 1)
            - math.lgamma(count + 1)
            - math.lgamma(of - count + 1)
            + count * math.log(part)
            + (of - count) * math.log1p(-part)
        )
        for count in range(wrong + 1)
    )

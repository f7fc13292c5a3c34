"""What scores mean in this organisation: its own decisions, replayed against the vectors there are now.

Nothing is noted down at the moment of deciding, so a new model is calibrated by the decisions made under the old one. Three kinds count:

- a confirmed face whose person is known from others: whom would we have suggested first, and was that right;
- the first face of each person: nobody was known then, so whoever comes first is wrong;
- a "no": this face is not that person.

The engine's prior stands for a fixed number of decisions beside them (vision/calibration.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.models.people import FaceRejection
from photobank.models.recognition import FaceModel
from photobank.people.support import Trial
from photobank.scope import Scope
from photobank.vision.calibration import Calibration, Decision, brier, fit
from photobank.vision.engine import FaceEngine
from photobank.vision.vectors import FaceIndex

MOST = 300  # decisions replayed of each kind; the latest ones, since people and cameras change
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
OWN = 100  # decisions from which the organisation's own data support a threshold


@dataclass(frozen=True, slots=True)
class Threshold:
    """What asking for a probability comes to: the score it stands for, and among the decisions replayed how many would have been
    suggested (`passed`) and how many of those wrongly (`wrong`). `expected` is what the curve promises of them."""

    probability: float
    score: float
    passed: int
    wrong: int
    expected: float


async def calibrate(scope: Scope, engine: FaceEngine, index: FaceIndex) -> Calibration:
    """The curve of now; written beside the model, with the errors that thresholds imply, for people to see."""
    rejections = (await scope.db.execute(select(col(FaceRejection.face_id), col(FaceRejection.person_id)))).all()
    made = list(decisions(engine, index, {(face_id, person_id) for face_id, person_id in rejections}))
    curve = fit(engine.prior, made)
    model = await scope.db.scalar(select(FaceModel).where(col(FaceModel.tag) == engine.tag))
    if model is not None:
        model.calibration = {
            "even": curve.even,
            "slope": curve.slope,
            "decisions": curve.decisions,
            "prior": {"even": engine.prior.even, "slope": engine.prior.slope, "weight": engine.prior.weight},
            "brier": brier(curve, made),
            "supported": len(made) >= OWN,
            "thresholds": [
                {
                    "probability": one.probability,
                    "score": one.score,
                    "passed": one.passed,
                    "wrong": one.wrong,
                    "expected": one.expected,
                }
                for one in thresholds(curve, made)
            ],
        }
    return curve


def decisions(engine: FaceEngine, index: FaceIndex, rejections: set[tuple[UUID, UUID]]) -> Iterator[Decision]:
    """The replay, the latest decisions first."""
    for one in trials(engine, index, rejections, MOST):
        yield Decision(one.score, one.same)


def trials(engine: FaceEngine, index: FaceIndex, rejections: set[tuple[UUID, UUID]], most: int) -> Iterator[Trial]:
    """Up to `most` decisions of each kind replayed, the latest first, with whom we would have named and how near the next one came."""
    prior = Calibration.of_prior(engine.prior)
    confirmed = index.confirmed
    counts: dict[UUID, int] = {}
    for person in confirmed.values():
        counts[person] = counts.get(person, 0) + 1
    firsts: dict[UUID, UUID] = {}
    for face_id in sorted(confirmed):
        firsts.setdefault(confirmed[face_id], face_id)
    for face_id in sorted(confirmed, reverse=True)[:most]:
        person = confirmed[face_id]
        vector = index.vector(face_id)
        if vector is None:
            continue
        alone = counts[person] == 1 or firsts[person] == face_id
        found = index.suggest(vector, prior, face_id=face_id, barred=[person] if alone else (), limit=2, least=0.0)
        if found:
            runner_up = found[1].score if len(found) > 1 else -math.inf
            yield Trial(found[0].person_id, found[0].score, runner_up, not alone and found[0].person_id == person)
    for face_id, person in sorted(rejections, reverse=True)[:most]:
        vector = index.vector(face_id)
        if vector is not None:
            score = index.score(vector, person, besides=face_id)
            if score is not None:
                yield Trial(person, score, -math.inf, same=False)


def thresholds(curve: Calibration, made: list[Decision]) -> list[Threshold]:
    """What asking for each of LEVELS would have let through."""
    found = []
    for level in LEVELS:
        least = curve.threshold(level)
        passed = [one for one in made if one.score >= least]
        wrong = sum(not one.same for one in passed)
        found.append(Threshold(level, least, len(passed), wrong, curve.expected_error(one.score for one in passed)))
    return found

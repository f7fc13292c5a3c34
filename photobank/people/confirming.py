"""Confirming without a person, where an organisation switched that on: the vision worker's turn at it, by the clock.

First the decisions of people are replayed, if any were made since the last time; then faces that were suggested go the way of a
reviewer's own decision (review.py), each as one action that nobody did. Not at the moment a face is found, so that what supports it is
worked out once for many faces, and before each few it is looked whether anything was decided meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.db.locks import one_at_a_time
from photobank.library.processing import WORKER
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceLink, FaceRejection, FaceState, FaceSuggestion, FaceTemplate, Person
from photobank.models.recognition import ReviewClaim
from photobank.people import review, support, templates, unattended
from photobank.people.recognition import OPEN, Recognition
from photobank.people.support import Facts, Level, why_not
from photobank.scope import Container, Scope

KIND = "auto-confirm"
REPLAYED = 6000  # decisions of each kind, the latest
IN_ONE_GO = 25  # decisions replayed before the worker looks up
AT_ONCE = 20  # faces decided in one transaction
MOST = 5000  # faces looked at in one turn; the others have theirs after it


@dataclass(frozen=True, slots=True)
class Basis:
    """What a turn rests on. With another model, mark or switch it is over."""

    model: str
    mark: str
    one_in: int
    level: Level


async def turn(container: Container, recognition: Recognition) -> int:
    """Replay what was decided, if need be, and confirm what that supports; gives how many faces."""
    basis = await _basis(container, recognition)
    if basis is None:
        return 0
    done = 0
    after: UUID | None = None
    for _ in range(MOST // AT_ONCE):
        async with container.scope(WORKER) as scope:
            if not await _stands(scope, basis):
                break
            faces = await _candidates(scope, basis, after)
            for face_id, person_id, known in await _facts(scope, basis, faces):
                done += await _decide(scope, recognition, basis, face_id, person_id, known)
        if len(faces) < AT_ONCE:
            break
        after = faces[-1]
    return done


async def _basis(container: Container, recognition: Recognition) -> Basis | None:
    """What decisions say now; None where nothing may be confirmed."""
    tag = recognition.engine.tag
    async with container.scope(WORKER) as scope:
        model = await unattended.in_use(scope)
        if model is None or model.tag != tag:
            return None
        # The mark first: whatever is decided from here on gives another one, whether it is read below or not.
        now, mark = unattended.replayed(model), await unattended.mark(scope, tag)
        await one_at_a_time(scope.db, "recognition")
        await recognition.catch_up(scope)
        rejections = {(face, person) for face, person in await scope.db.execute(_noes())}
    if now is None or now.mark != mark:
        trials = []
        for count, one in enumerate(recognition.trials(rejections, REPLAYED), start=1):
            trials.append(one)
            if count % IN_ONE_GO == 0:
                await asyncio.sleep(0)
        async with container.scope(WORKER) as scope:
            model = await unattended.in_use(scope)
            if model is None or model.tag != tag:
                return None
            unattended.write(scope, model, mark, support.levels(recognition.calibration, trials))
    async with container.scope(WORKER) as scope:
        model, rule = await unattended.in_use(scope), await unattended.rule(scope)
        now = unattended.replayed(model) if model else None
        level = support.supported(now.levels, rule.one_in) if now and rule.one_in else None
        return Basis(tag, mark, rule.one_in, level) if level else None


async def _stands(scope: Scope, basis: Basis) -> bool:
    """Whether nobody decided anything since that the basis does not know of."""
    model = await unattended.in_use(scope)
    same = model is not None and model.tag == basis.model and (await unattended.rule(scope)).one_in == basis.one_in
    return same and await unattended.mark(scope, basis.model) == basis.mark


async def _candidates(scope: Scope, basis: Basis, after: UUID | None) -> list[UUID]:
    """Faces that may be sure enough, the newest first; without those that somebody is deciding about at this moment."""
    query = unattended.waiting(basis.model, basis.level)
    if after is not None:
        query = query.where(col(Face.id) < after)
    locked = query.order_by(col(Face.id).desc()).limit(AT_ONCE).with_for_update(skip_locked=True)
    return list((await scope.db.scalars(locked)).all())


async def _facts(scope: Scope, basis: Basis, face_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, dict[str, bool]]]:
    """What the database knows of each of these faces with each person they may be."""
    query = _known(basis.model, await templates.rule(scope), scope)
    rows = (await scope.db.execute(query.where(col(Face.id).in_(face_ids)))).mappings()
    return [
        (row["face_id"], row["person_id"], {key: row[key] for key in row if key not in ("face_id", "person_id")}) for row in rows
    ]


def _known(tag: str, rule: templates.Rule, scope: Scope) -> Any:
    person, asset_id = col(FaceSuggestion.person_id), col(Face.asset_id)
    other, guess = aliased(Face), aliased(FaceSuggestion)
    likely = (
        exists()
        .where(col(guess.face_id) == col(other.id), col(guess.person_id) == person)
        .where(col(guess.probability) >= support.RUNNER_UP)
        .correlate(other, FaceSuggestion)
    )
    here = or_(
        and_(col(other.state) == FaceState.confirmed, col(other.person_id) == person), and_(col(other.state).in_(OPEN), likely)
    )
    beside = exists().where(col(other.asset_id) == asset_id, col(other.id) != col(Face.id), here)
    example = (
        select(col(Face.id))
        .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
        .where(col(FaceTemplate.model) == tag, col(Face.by_itself).is_(None), col(Face.state) == FaceState.confirmed)
        .where(col(Face.person_id) == person, templates.allowed(rule, scope.now()))
        .correlate(FaceSuggestion)
        .exists()
    )
    seen = exists().where(col(Person.id) == person, col(Person.hidden_at).is_(None), col(Person.merged_into).is_(None))
    held = exists().where(col(ReviewClaim.cluster_id) == col(Face.cluster_id), col(ReviewClaim.until) > scope.now())
    linked = or_(col(FaceLink.one) == col(Face.id), col(FaceLink.other) == col(Face.id))
    touched = or_(col(Face.settled_at).is_not(None), col(Face.source) != "detected", col(Asset.no_people_at).is_not(None))
    refused = exists().where(col(FaceRejection.face_id) == col(Face.id), col(FaceRejection.person_id) == person)
    return (
        select(
            col(Face.id).label("face_id"),
            person.label("person_id"),
            touched.label("touched"),
            and_(seen, example).label("allowed"),
            refused.label("refused"),
            beside.label("beside"),
            exists().where(col(FaceLink.kind) == "apart", linked).label("apart"),
            held.label("claimed"),
        )
        .select_from(Face)
        .join(Asset, col(Asset.id) == asset_id)
        .join(FaceSuggestion, col(FaceSuggestion.face_id) == col(Face.id))
        .where(
            col(FaceSuggestion.model) == tag,
            col(Asset.state).in_((AssetState.ready, AssetState.processing, AssetState.archived)),
        )
        .order_by(col(Face.id))
    )


async def _decide(
    scope: Scope, recognition: Recognition, basis: Basis, face_id: UUID, person_id: UUID, known: dict[str, bool]
) -> bool:
    found = recognition.first_two(face_id, ())
    if not found or found[0].person_id != person_id:
        return False
    next_ = found[1].probability if len(found) > 1 else 0.0
    if why_not(Facts(found[0].score, next_, **known), basis.level.score) is not None:
        return False
    await review.confirm(scope, [face_id], person_id, KIND, by_itself=found[0].probability)
    return True


def _noes() -> Select[UUID, UUID]:
    return select(col(FaceRejection.face_id), col(FaceRejection.person_id))

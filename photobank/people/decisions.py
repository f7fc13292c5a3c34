"""Decisions in batches: each carries an id that the reviewer's screen gave it, so that what is sent again after a lost connection counts
once. One that cannot be carried out does not take the others along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid, PhotobankError, Refused
from photobank.models.people import ReviewAction
from photobank.people import claims, groups, persons, review
from photobank.scope import Scope

MOST = 200


class Verb(StrEnum):
    """What is decided. With a cluster and without faces it is about the whole cluster."""

    confirm = "confirm"
    reject = "reject"
    ignore = "ignore"
    unassign = "unassign"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One decision. `person_id`, or `name` of somebody new, where it is about a person."""

    id: UUID
    verb: Verb
    face_ids: tuple[UUID, ...] = ()
    cluster_id: UUID | None = None
    person_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the action that undoes it, or the code of what was wrong. `person_id`: whoever was made or meant."""

    id: UUID
    action_id: UUID | None = None
    person_id: UUID | None = None
    error: str = ""


async def carry_out(scope: Scope, wanted: Sequence[Wanted]) -> list[Outcome]:
    """In the order given."""
    require(scope, Action.face_review)
    if len(wanted) > MOST:
        raise Invalid("decisions", fields={"decisions": "errors.too_long"})
    known = select(col(ReviewAction.request_id), col(ReviewAction.id)).where(
        col(ReviewAction.request_id).in_([one.id for one in wanted]), col(ReviewAction.user_id) == scope.actor.user_id
    )
    done: dict[UUID | None, UUID] = dict((await scope.db.execute(known)).all())
    outcomes = []
    for one in wanted:
        if one.id in done:
            outcomes.append(Outcome(one.id, done[one.id]))
            continue
        events = len(scope.events)
        try:
            async with scope.db.begin_nested():
                action, person = await _one(scope, one)
                mark = update(ReviewAction).where(col(ReviewAction.id) == action).values(request_id=one.id)
                await scope.db.execute(mark)
            done[one.id] = action
            outcomes.append(Outcome(one.id, action, person))
        except PhotobankError as error:
            del scope.events[events:]
            if isinstance(error, Refused):
                await scope.container.on_refusal(scope.container, scope.actor, error)
            outcomes.append(Outcome(one.id, error=error.code))
    return outcomes


async def _one(scope: Scope, one: Wanted) -> tuple[UUID, UUID | None]:
    if not one.face_ids and one.cluster_id is None:
        raise Invalid("face_ids", fields={"face_ids": "errors.faces"})
    if one.cluster_id is None and one.verb is not Verb.unassign:
        await claims.require_free_of(scope, one.face_ids)
    if one.verb in (Verb.ignore, Verb.unassign):
        return await _without_person(scope, one), None
    person = one.person_id
    if person is None:
        person = (await persons.create(scope, one.name)).id
    if one.verb is Verb.confirm:
        if one.cluster_id is not None:
            return await groups.confirm(scope, one.cluster_id, person, one.face_ids), person
        return await review.confirm(scope, one.face_ids, person), person
    if one.cluster_id is not None and not one.face_ids:
        return await groups.reject(scope, one.cluster_id, person), person
    return await review.reject_all(scope, one.face_ids, person), person


async def _without_person(scope: Scope, one: Wanted) -> UUID:
    if one.verb is Verb.unassign:
        return await review.unassign_all(scope, one.face_ids)
    if one.cluster_id is not None:
        return await groups.ignore(scope, one.cluster_id, one.face_ids)
    return await review.ignore(scope, one.face_ids)

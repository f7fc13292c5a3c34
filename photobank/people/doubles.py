"""Entries that may be of one person: somebody known already scanned an event's code, and came in as somebody new.

Two things say so: an address that both have, and a selfie that is like a face at its event that was confirmed as somebody else. It is only
ever said to staff, never to who scanned; nothing is merged by it; and "two people" sticks. An entry from a code counts once it was signed
for: until then anybody may have typed the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Float, Select, cast, delete, exists, func, null, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict
from photobank.messaging.events import PersonChanged, SelfieKept
from photobank.models.consents import Consent
from photobank.models.people import Face, FaceState, FaceTemplate, PeopleApart, Person, Selfie, SelfieLikeness
from photobank.models.requests import ConsentRequest
from photobank.people import persons, selfies
from photobank.people.persons import PersonRow
from photobank.people.selfies import Reference
from photobank.scope import Scope
from photobank.vision.calibration import Calibration
from photobank.vision.vectors import FaceIndex

LIKELY = 0.5
MOST = 50


@dataclass(frozen=True, slots=True)
class Double:
    """Two entries that may be of one person: the later one, the earlier one, and what says so. `alike`: how surely by face, if at all."""

    later: PersonRow
    earlier: PersonRow
    same_address: bool
    alike: float | None


async def listed(scope: Scope, person_id: UUID | None = None) -> list[Double]:
    """Pairs in sight, or those with this person, the latest entries first."""
    require(scope, Action.person_edit)
    if person_id is not None:
        await persons.find(scope, person_id, hidden=True)
    in_sight = (await visibility.people(scope)).with_only_columns(col(Person.id), maintain_column_froms=True).cte("in_sight")
    ways = [_by_face(scope, in_sight)] + ([_by_address(in_sight)] if may(scope.actor, Action.person_contact) else [])
    pairs = union_all(*ways).subquery()
    later, earlier = func.greatest(pairs.c.one, pairs.c.other), func.least(pairs.c.one, pairs.c.other)
    told_apart = exists().where(col(PeopleApart.one) == earlier, col(PeopleApart.other) == later).correlate(pairs)
    query = (
        select(later, earlier, func.bool_or(pairs.c.alike.is_(None)), func.max(pairs.c.alike))
        .where(~told_apart)
        .group_by(later, earlier)
        .order_by(later.desc(), earlier)
        .limit(MOST)
    )
    if person_id is not None:
        query = query.where(or_(pairs.c.one == person_id, pairs.c.other == person_id))
    found = (await scope.db.execute(query)).all()
    rows = await persons.rows_of(scope, {id_ for one, other, *_ in found for id_ in (one, other)})
    return [Double(rows[one], rows[other], address, alike) for one, other, address, alike in found]


async def tell_apart(scope: Scope, person_id: UUID, other_id: UUID) -> None:
    """They are two people, whatever they have in common. Twice is the same as once."""
    require(scope, Action.person_edit, person_id=person_id)
    if person_id == other_id:
        raise Conflict("one entry is one person")
    for id_ in (person_id, other_id):
        await persons.find(scope, id_, hidden=True)
    await keep_apart(scope, person_id, other_id)


async def keep_apart(scope: Scope, person_id: UUID, other_id: UUID) -> None:
    """Write it down; the caller has made sure that the actor may say so of both."""
    one, other = sorted((person_id, other_id))
    row = {"one": one, "other": other, "said_by": scope.actor.user_id, "said_at": scope.now()}
    said = insert(PeopleApart).values(**row).on_conflict_do_nothing().returning(col(PeopleApart.one))
    if await scope.db.scalar(said) is None:
        return
    record(scope, Tag.person_told_apart, person_id=person_id, payload={"other": str(other_id)})
    for id_ in (person_id, other_id):
        scope.announce(PersonChanged(person_id=id_))


async def note(
    scope: Scope, held: Mapping[UUID, Reference], index: FaceIndex, calibration: Calibration, face_ids: Iterable[UUID]
) -> None:
    """Write down as whom faces at an event were confirmed that are like these selfies of other entries. For the worker that compares."""
    confirmed, best = index.confirmed, dict[tuple[UUID, UUID], float]()
    for face_id in face_ids:
        person_id, vector = confirmed.get(face_id), index.vector(face_id)
        if person_id is None or vector is None:
            continue
        for selfie_id, reference in held.items():
            sureness = calibration.probability(float(np.dot(vector, reference.vector)))
            if reference.person_id in index.rejected(face_id) | {person_id} or sureness < LIKELY:
                continue
            best[selfie_id, person_id] = max(sureness, best.get((selfie_id, person_id), 0.0))
    await _say(scope, best)
    for person_id in sorted({held[selfie_id].person_id for selfie_id, _ in best}):
        scope.announce(PersonChanged(person_id=person_id))


async def carry(scope: Scope, gone_id: UUID, kept_id: UUID) -> None:
    """The faces of one entry are another's now, and so is whatever selfie they are like."""
    said = delete(SelfieLikeness).where(col(SelfieLikeness.person_id) == gone_id)
    rows = (await scope.db.execute(said.returning(col(SelfieLikeness.selfie_id), col(SelfieLikeness.probability)))).all()
    await _say(scope, {(selfie_id, kept_id): sureness for selfie_id, sureness in rows})


async def look_anew(scope: Scope, person_id: UUID) -> None:
    """Some of this entry's faces are another's again: which of the two a selfie is like is for the vision worker to see."""
    said = delete(SelfieLikeness).where(col(SelfieLikeness.person_id) == person_id).returning(col(SelfieLikeness.selfie_id))
    for selfie_id in sorted((await scope.db.scalars(said)).all()):
        scope.announce(SelfieKept(selfie_id=selfie_id))


async def _say(scope: Scope, sure: Mapping[tuple[UUID, UUID], float]) -> None:
    """Write down how surely each selfie is like each person; what was surer before stays."""
    if not sure:
        return
    rows = [{"selfie_id": one, "person_id": other, "probability": sureness} for (one, other), sureness in sorted(sure.items())]
    saying = insert(SelfieLikeness).values(rows)
    surer = {"probability": func.greatest(col(SelfieLikeness.probability), saying.excluded.probability)}
    await scope.db.execute(saying.on_conflict_do_update(index_elements=["selfie_id", "person_id"], set_=surer))


def _by_face(scope: Scope, in_sight: Any) -> Select[Any, Any, Any]:
    """While both may be recognised: the one by the selfie that is kept, the other by a template of a confirmed face."""
    known = (
        exists()
        .where(col(Face.person_id) == col(SelfieLikeness.person_id), col(Face.state) == FaceState.confirmed)
        .where(col(FaceTemplate.face_id) == col(Face.id))
        .correlate(SelfieLikeness)
    )
    theirs, others = col(Selfie.person_id), col(SelfieLikeness.person_id)
    return (
        select(theirs.label("one"), others.label("other"), col(SelfieLikeness.probability).label("alike"))
        .join(Selfie, col(Selfie.id) == col(SelfieLikeness.selfie_id))
        .where(theirs != others, known, selfies.backed(scope.now()))
        .where(theirs.in_(select(in_sight.c.id)), others.in_(select(in_sight.c.id)))
    )


def _by_address(in_sight: Any) -> Select[Any, Any, Any]:
    one, other = aliased(Person), aliased(Person)
    return (
        select(col(one.id).label("one"), col(other.id).label("other"), cast(null(), Float).label("alike"))
        .join(other, (col(other.email_index) == col(one.email_index)) & (col(other.id) < col(one.id)))
        .where(col(one.id).in_(select(in_sight.c.id)), col(other.id).in_(select(in_sight.c.id)), _counts(one), _counts(other))
    )


def _counts(person: Any) -> ColumnElement[bool]:
    """Condition on an entry: its address was not merely typed at an event."""
    typed = exists().where(col(ConsentRequest.person_id) == col(person.id), col(ConsentRequest.event_code_id).is_not(None))
    signed = exists().where(col(Consent.person_id) == col(person.id), col(Consent.signed_at).is_not(None))
    return or_(~typed.correlate(person), signed.correlate(person))

"""Selfies taken at an event: vectors under the person's own opt-in, to be compared with faces in that event's folders, and only there.

The picture is kept nowhere. What looks like it becomes a suggestion for reviewers, as any other; nobody is confirmed by it and nothing is
shown for it. It goes with the opt-in: withdrawn, lapsed or switched off, in the transaction in which that is carried out; and it is not
used any more from the moment the opt-in ends.

It is measured by the model in use and by those being filled at that moment. A change to any other cannot take it along, since there is no
picture to measure again: what it had suggested before stays before reviewers, and the person is asked once whether they want to take
another; nothing else of them is worked out in the meantime.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, select
from sqlmodel import col

from photobank.access.actor import ActorKind
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.among import among
from photobank.kernel.errors import Refused
from photobank.kernel.ids import new_id
from photobank.messaging.events import SelfieKept, TemplatesDeleted
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Consent
from photobank.models.folders import Folder
from photobank.models.people import Face, FaceState, FaceSuggestion, FaceTemplate, Person, Selfie, SelfieVector
from photobank.models.recognition import FaceModel, ModelState
from photobank.models.requests import ConsentSigner
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.people import optins, unsuggesting
from photobank.scope import Scope
from photobank.vision.calibration import Calibration
from photobank.vision.engine import Vectors
from photobank.vision.vectors import Suggestion

MOST_SUGGESTED = 3
SEALED: Final = "selfies"
"""The table that vectors are bound to when they are sealed: that of their selfie, in whose row they once lay."""
SETTLED: Final = timedelta(days=1)
"""A model that is switched back within this time asks nobody for anything."""
LATELY: Final = timedelta(days=92)
"""Of an event longer ago than a code may hang there, no more photos are to be expected that are worth a letter."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A selfie as recognition holds it: whose, where it may be looked for, and the vector."""

    person_id: UUID
    folders: frozenset[UUID]
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Earlier:
    """A suggestion by a selfie of a model that is not in use any more."""

    person_id: UUID
    score: float
    probability: float
    model: str


async def may_be_kept(scope: Scope, person_id: UUID) -> bool:
    """Whether this person opted in to recognition, and nobody switched it off."""
    on = exists().where(col(Person.id) == person_id, col(Person.biometrics_off_at).is_(None))
    return bool(await scope.db.scalar(select(and_(on, optins.of(scope.now(), person_id).exists()))))


async def keep(scope: Scope, person_id: UUID, request_id: UUID, folders: Sequence[UUID], vectors: Mapping[str, bytes]) -> UUID:
    """Keep what each of these models saw, in place of an earlier one of the same request. The caller knows that the person gives it."""
    if scope.actor.kind is not ActorKind.subject or not await may_be_kept(scope, person_id):
        raise Refused("only under one's own opt-in", action=Tag.selfie_kept, targets={"person_id": person_id})
    await forget(scope, col(Selfie.request_id) == request_id, why="replaced")
    id_ = new_id()
    scope.db.add(
        Selfie(
            id=id_,
            person_id=person_id,
            request_id=request_id,
            folders=sorted(folders),
            created_at=scope.now(),
        )
    )
    await scope.db.flush()
    for model, vector in vectors.items():
        sealed = scope.vault.fields.seal(SEALED, f"vector_ct/{model}", id_, vector)
        scope.db.add(SelfieVector(selfie_id=id_, model=model, vector_ct=sealed))
    await scope.db.flush()
    record(scope, Tag.selfie_kept, person_id=person_id, payload={"request": str(request_id), "folders": len(folders)})
    scope.announce(SelfieKept(selfie_id=id_))
    return id_


async def last(scope: Scope, person_id: UUID) -> tuple[datetime, bool] | None:
    """When this person took the last one that is kept, and whether new photos are compared with it: a model that saw it is in use."""
    query = select(col(Selfie.created_at), _seen_by(col(SelfieVector.model).in_(_in_use()))).where(
        col(Selfie.person_id) == person_id
    )
    found = (await scope.db.execute(query.order_by(col(Selfie.created_at).desc()).limit(1))).first()
    return (found[0], bool(found[1])) if found else None


async def ask_anew(scope: Scope, which: ColumnElement[bool] | None = None, limit: int = 50) -> int:
    """Ask people whose selfie no model in use has seen whether they want to take another, once; gives how many. By the clock.

    Not who has been found by now: their confirmed photos have templates of the model in use, and do what the selfie did.
    """
    if not scope.container.mailer.ready:
        return 0
    since = select(col(FaceModel.id)).where(
        col(FaceModel.state) == ModelState.active, col(FaceModel.activated_at) <= scope.now() - SETTLED
    )
    query = (
        select(Selfie, col(ConsentSigner.id))
        .join(ConsentSigner, col(ConsentSigner.request_id) == col(Selfie.request_id))
        .where(col(ConsentSigner.role) == "subject", col(ConsentSigner.email_ct).is_not(None))
        .where(
            col(Selfie.asked_anew_at).is_(None),
            col(Selfie.created_at) > scope.now() - LATELY,
            backed(scope.now()),
            ~_found_by_photos(col(Selfie.person_id), Selfie),
        )
        .where(and_(since.exists(), ~_seen_by(col(SelfieVector.model).in_(_in_use()))) if which is None else which)
        .order_by(col(Selfie.id))
        .limit(limit)
        .with_for_update(of=Selfie, skip_locked=True)
    )
    asked = (await scope.db.execute(query)).all()
    for selfie, signer_id in asked:
        selfie.asked_anew_at = scope.now()
        mails.put_down(scope, Kind.selfie, signer_id)
        record(scope, Tag.selfie_asked_anew, person_id=selfie.person_id, payload={"request": str(selfie.request_id)})
    await scope.db.flush()
    return len(asked)


async def forget(scope: Scope, which: ColumnElement[bool], why: str) -> int:
    """Delete selfies, with the suggestions that rest on nothing else. Gives how many went."""
    deleted = delete(Selfie).where(which).returning(col(Selfie.id), col(Selfie.person_id))
    gone = (await scope.db.execute(deleted)).all()
    if not gone:
        return 0
    for person_id in sorted({person_id for _, person_id in gone}):
        record(scope, Tag.selfie_forgotten, person_id=person_id, payload={"why": why})
    scope.announce(TemplatesDeleted(face_ids=tuple(sorted(id_ for id_, _ in gone))))
    known = (
        select(col(Face.person_id))
        .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
        .where(col(Face.state) == FaceState.confirmed, col(Face.person_id).is_not(None), col(Face.by_itself).is_(None))
    )
    theirs = among(col(FaceSuggestion.person_id), {person_id for _, person_id in gone})
    await unsuggesting.forget(scope, and_(theirs, col(FaceSuggestion.person_id).not_in(known)))
    return len(gone)


async def drop(scope: Scope, person_id: UUID | None = None) -> int:
    """Delete those that may not be kept any more, of one person or of everybody."""
    ended = ~backed(scope.now())
    return await forget(scope, ended if person_id is None else and_(ended, col(Selfie.person_id) == person_id), why="opt-in-ended")


async def drop_of_model(scope: Scope, model: str) -> int:
    """Delete what a model saw that was given up: without the picture there is no making it anew. Whoever was not asked yet is, unless
    another model saw the same selfie."""
    only = and_(_seen_by(col(SelfieVector.model) == model), ~_seen_by(col(SelfieVector.model) != model))
    while await ask_anew(scope, only):
        pass
    gone = await forget(scope, only, why="model-retired")
    await scope.db.execute(delete(SelfieVector).where(col(SelfieVector.model) == model))
    return gone


def counted(now: datetime) -> Select[Any, Any, Any, Any, Any, Any]:
    """Per model: how many there are, of how many people, and when the first and the last end; for the report (templates.py)."""
    ends = optins.of_owners(now, col(Selfie.person_id), Selfie)
    until = ends.with_only_columns(func.max(func.coalesce(col(Consent.valid_until), optins.NEVER))).scalar_subquery()
    rows = (
        select(col(SelfieVector.model), col(Selfie.person_id).label("person"), until.label("until"))
        .join(Selfie, col(Selfie.id) == col(SelfieVector.selfie_id))
        .subquery()
    )
    people = func.count(func.distinct(rows.c.person))
    return (
        select(rows.c.model, literal("selfie"), func.count(), people, func.min(rows.c.until), func.max(rows.c.until))
        .group_by(rows.c.model)
        .order_by(rows.c.model)
    )


async def in_force(scope: Scope, model: str) -> dict[UUID, UUID]:
    """Selfies that this model saw and that may be used at this moment, and whose they are."""
    query = select(col(Selfie.id), col(Selfie.person_id)).where(_seen_by(col(SelfieVector.model) == model), backed(scope.now()))
    return dict((await scope.db.execute(query)).all())


async def read(scope: Scope, ids: Collection[UUID], model: str) -> dict[UUID, Reference]:
    """These selfies as this model saw them, opened: for the worker that compares."""
    if not ids:
        return {}
    query = select(Selfie, col(SelfieVector.vector_ct)).join(SelfieVector, col(SelfieVector.selfie_id) == col(Selfie.id))
    found = {}
    for row, sealed in await scope.db.execute(query.where(among(col(Selfie.id), ids), col(SelfieVector.model) == model)):
        data = scope.vault.fields.open(SEALED, f"vector_ct/{model}", row.id, sealed)
        vector = np.frombuffer(data, dtype="<f4").astype(np.float32)
        found[row.id] = Reference(row.person_id, frozenset(row.folders), vector)
    return found


async def at_the_event(scope: Scope, reference: Reference, states: Collection[FaceState]) -> list[UUID]:
    """Faces in these states on photos in the event's folders and below."""
    tree = select(col(Folder.id)).where(among(col(Folder.id), reference.folders)).cte("event", recursive=True)
    tree = tree.union(select(col(Folder.id)).join(tree, col(Folder.parent_id) == tree.c.id))
    query = (
        select(col(Face.id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(col(Asset.folder_id).in_(select(tree.c.id)), col(Asset.state) == AssetState.ready, col(Face.state).in_(states))
    )
    return list((await scope.db.scalars(query.order_by(col(Face.id)))).all())


async def by_photo(scope: Scope, asset_ids: Collection[UUID], held: Iterable[Reference]) -> Mapping[UUID, list[Reference]]:
    """Which of these selfies may be held against faces on each photo: those whose event's folder it lies in."""
    references = list(held)
    if not references or not asset_ids:
        return {}
    up: Select[UUID, UUID] = select(col(Asset.id).label("asset"), col(Asset.folder_id).label("folder")).where(
        among(col(Asset.id), asset_ids)
    )
    path = up.cte("above", recursive=True)
    above = select(path.c.asset, col(Folder.parent_id)).join(Folder, col(Folder.id) == path.c.folder)
    path = path.union(above.where(col(Folder.parent_id).is_not(None)))
    found: dict[UUID, list[Reference]] = {}
    for asset_id, folder_id in await scope.db.execute(select(path.c.asset, path.c.folder)):
        for one in references:
            if folder_id in one.folders and one not in found.setdefault(asset_id, []):
                found[asset_id].append(one)
    return found


async def earlier(scope: Scope, face_ids: Collection[UUID], model: str) -> Mapping[UUID, list[Earlier]]:
    """What selfies of other models suggested for these faces while theirs was in use: it stands for as long as they may be kept."""
    by_it = _seen_by(col(SelfieVector.model) == col(FaceSuggestion.model))
    theirs = exists().where(col(Selfie.person_id) == col(FaceSuggestion.person_id), by_it, backed(scope.now()))
    one = FaceSuggestion
    query = (
        select(col(one.face_id), col(one.person_id), col(one.score), col(one.probability), col(one.model))
        .where(among(col(FaceSuggestion.face_id), face_ids), col(FaceSuggestion.model) != model)
        .where(theirs.correlate(FaceSuggestion), ~_found_by_photos(col(FaceSuggestion.person_id), FaceSuggestion, model))
    )
    found: dict[UUID, list[Earlier]] = {}
    for face_id, person_id, score, probability, tag in await scope.db.execute(query):
        found.setdefault(face_id, []).append(Earlier(person_id, score, probability, tag))
    return found


def joined(
    found: Sequence[Suggestion],
    vector: Vectors,
    held: Iterable[Reference],
    calibration: Calibration,
    barred: Collection[UUID],
    least: float,
) -> list[Suggestion]:
    """Suggestions by confirmed faces, and by selfies that are likely to show the same person; the best per person, likeliest first."""
    best = {one.person_id: one for one in found}
    for reference in held:
        score = float(np.dot(vector, reference.vector))
        probability = calibration.probability(score)
        known = best.get(reference.person_id)
        if reference.person_id in barred or probability < least or (known is not None and known.probability >= probability):
            continue
        best[reference.person_id] = Suggestion(reference.person_id, score, probability, ())
    return sorted(best.values(), key=lambda one: (-one.probability, one.person_id))[:MOST_SUGGESTED]


def backed(now: datetime) -> ColumnElement[bool]:
    """Condition on selfies: their person opted in, and it was not switched off."""
    on = exists().where(col(Person.id) == col(Selfie.person_id), col(Person.biometrics_off_at).is_(None)).correlate(Selfie)
    return and_(on, optins.of_owners(now, col(Selfie.person_id), Selfie).exists())


def _seen_by(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on selfies: a model of which this holds measured it."""
    return exists().where(col(SelfieVector.selfie_id) == col(Selfie.id), which).correlate(Selfie, FaceSuggestion)


def _in_use() -> Select[str]:
    return select(col(FaceModel.tag)).where(col(FaceModel.state) == ModelState.active)


def _found_by_photos(owner: Any, table: Any, model: str | None = None) -> ColumnElement[bool]:
    """Condition: of the person in this column there is a face that people confirmed with a template of this model, else of the one in use."""
    tags = col(FaceTemplate.model).in_(_in_use()) if model is None else col(FaceTemplate.model) == model
    return (
        exists()
        .where(col(Face.person_id) == owner, col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_(None))
        .where(col(FaceTemplate.face_id) == col(Face.id), tags)
        .correlate(table)
    )

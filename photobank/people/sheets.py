"""Items of the queue as a reviewer looks at them: the faces to decide about, most alike first, beside confirmed ones of who it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import NotFound
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState, FaceSuggestion
from photobank.people import groups
from photobank.people.groups import Guess
from photobank.scope import Scope

MOST_FACES = 400
MOST_REFERENCES = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A face to decide about. `probability`: that it is who the sheet asks about; None where nothing says so."""

    id: UUID
    asset_id: UUID
    box: tuple[float, float, float, float]
    title: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A confirmed face of who it may be."""

    id: UUID
    asset_id: UUID
    title: str
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`total` counts the faces, of which at most MOST_FACES are here; `known`: confirmed faces of the guess in sight."""

    id: UUID
    faces: tuple[Candidate, ...]
    total: int
    guess: Guess | None
    references: tuple[Reference, ...]
    known: int


Known: TypeAlias = tuple[tuple[Reference, ...], int]
NOBODY: Known = ((), 0)


async def of_cluster(scope: Scope, cluster_id: UUID) -> Sheet:
    """What a reviewer needs to decide about this cluster; NotFound when none of its faces is theirs to decide about."""
    found = await of_clusters(scope, [cluster_id])
    if not found:
        raise NotFound("no such cluster")
    return found[0]


async def of_clusters(scope: Scope, cluster_ids: Sequence[UUID]) -> list[Sheet]:
    """The same for several, in their order; without those of which no face is the reviewer's to decide about."""
    require(scope, Action.face_review)
    found = await groups.members(scope, cluster_ids)
    guesses = {id_: groups.likely(guesses) for id_, guesses in (await groups.guesses_of(scope, cluster_ids)).items()}
    shown = [face for id_ in cluster_ids for face in found[id_][:MOST_FACES]]
    sure = await _probabilities(scope, shown, guesses)
    titles = await _titles(scope, {face.asset_id for face in shown})
    known = await _references(scope, {guess.person_id for guess in guesses.values() if guess})
    return [_sheet(id_, found[id_], guesses[id_], sure, titles, known) for id_ in dict.fromkeys(cluster_ids) if found[id_]]


def _sheet(
    cluster_id: UUID,
    faces: Sequence[Face],
    guess: Guess | None,
    sure: dict[UUID, float],
    titles: dict[UUID, str],
    known: dict[UUID, Known],
) -> Sheet:
    # Sorting keeps the order among equals, which is that of quality.
    shown = sorted(faces[:MOST_FACES], key=lambda face: -sure.get(face.id, 0.0))
    references, count = known.get(guess.person_id, NOBODY) if guess else NOBODY
    candidates = [Candidate(face.id, face.asset_id, _box(face), titles[face.asset_id], sure.get(face.id)) for face in shown]
    return Sheet(cluster_id, tuple(candidates), len(faces), guess, references, count)


def _box(face: Face) -> tuple[float, float, float, float]:
    assert face.box is not None, "only faces to be seen are reviewed (groups.mine)"
    return face.box[0], face.box[1], face.box[2], face.box[3]


async def _probabilities(scope: Scope, faces: Sequence[Face], guesses: Mapping[UUID, Guess | None]) -> dict[UUID, float]:
    """How surely each face is who its cluster may be."""
    asked = {face.id: guess.person_id for face in faces if face.cluster_id and (guess := guesses[face.cluster_id])}
    if not asked:
        return {}
    query = select(col(FaceSuggestion.face_id), col(FaceSuggestion.person_id), col(FaceSuggestion.probability)).where(
        col(FaceSuggestion.face_id).in_(asked), col(FaceSuggestion.person_id).in_(set(asked.values()))
    )
    return {face: sure for face, person, sure in await scope.db.execute(query) if asked[face] == person}


async def _titles(scope: Scope, asset_ids: set[UUID]) -> dict[UUID, str]:
    query = select(col(Asset.id), col(Asset.title), col(Asset.filename)).where(col(Asset.id).in_(asset_ids))
    return {id_: title or filename for id_, title, filename in await scope.db.execute(query)}


async def _references(scope: Scope, person_ids: set[UUID]) -> dict[UUID, Known]:
    """The best confirmed faces of each, and how many there are in sight."""
    if not person_ids:
        return {}
    of_one: Any = {"partition_by": col(Face.person_id)}
    here = (
        select(
            col(Face.id),
            col(Face.person_id).label("person"),
            func.row_number().over(**of_one, order_by=(col(Face.quality).desc(), col(Face.id))).label("place"),
            func.count().over(**of_one).label("known"),
        )
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(
            col(Face.person_id).in_(person_ids),
            col(Face.state) == FaceState.confirmed,
            col(Face.box).is_not(None),
            col(Face.by_itself).is_(None),  # reviewers compare with what people said
            col(Asset.state).in_([AssetState.ready, AssetState.processing, AssetState.archived]),
            await visibility.in_sight(scope),
        )
        .subquery()
    )
    query = (
        select(here.c.person, here.c.known, Face, Asset)
        .join(Face, col(Face.id) == here.c.id)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(here.c.place <= MOST_REFERENCES)
        .order_by(here.c.person, here.c.place)
    )
    best: dict[UUID, list[Reference]] = defaultdict(list)
    counts: dict[UUID, int] = {}
    for person, count, face, asset in await scope.db.execute(query):
        best[person].append(Reference(face.id, asset.id, asset.title or asset.filename, asset.taken_at))
        counts[person] = count
    return {person: (tuple(best[person]), counts[person]) for person in counts}

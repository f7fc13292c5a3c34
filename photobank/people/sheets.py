"""One item of the queue as a reviewer looks at it: the faces to decide about, most alike first, beside confirmed ones of who it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


async def of_cluster(scope: Scope, cluster_id: UUID) -> Sheet:
    """What a reviewer needs to decide about this cluster; NotFound when none of its faces is theirs to decide about."""
    require(scope, Action.face_review)
    found = (await groups.members(scope, [cluster_id]))[cluster_id]
    if not found:
        raise NotFound("no such cluster")
    guess = groups.likely((await groups.guesses_of(scope, [cluster_id]))[cluster_id])
    shown = found[:MOST_FACES]
    sure = await _probabilities(scope, [face.id for face in shown], guess)
    titles = await _titles(scope, {face.asset_id for face in shown})
    # Sorting keeps the order among equals, which is that of quality.
    shown = sorted(shown, key=lambda face: -sure.get(face.id, 0.0))
    references, known = await _references(scope, guess) if guess else ((), 0)
    return Sheet(
        cluster_id,
        tuple(
            Candidate(
                face.id,
                face.asset_id,
                (face.box[0], face.box[1], face.box[2], face.box[3]),
                titles[face.asset_id],
                sure.get(face.id),
            )
            for face in shown
        ),
        len(found),
        guess,
        references,
        known,
    )


async def _probabilities(scope: Scope, face_ids: list[UUID], guess: Guess | None) -> dict[UUID, float]:
    if guess is None:
        return {}
    query = select(col(FaceSuggestion.face_id), col(FaceSuggestion.probability)).where(
        col(FaceSuggestion.face_id).in_(face_ids), col(FaceSuggestion.person_id) == guess.person_id
    )
    return dict((await scope.db.execute(query)).all())


async def _titles(scope: Scope, asset_ids: set[UUID]) -> dict[UUID, str]:
    query = select(col(Asset.id), col(Asset.title), col(Asset.filename)).where(col(Asset.id).in_(asset_ids))
    return {id_: title or filename for id_, title, filename in await scope.db.execute(query)}


async def _references(scope: Scope, guess: Guess) -> tuple[tuple[Reference, ...], int]:
    """The best confirmed faces, and how many there are."""
    here = (
        select(Face, Asset)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(
            col(Face.person_id) == guess.person_id,
            col(Face.state) == FaceState.confirmed,
            col(Asset.state).in_([AssetState.ready, AssetState.processing, AssetState.archived]),
            await visibility.in_sight(scope),
        )
    )
    best = here.order_by(col(Face.quality).desc(), col(Face.id)).limit(MOST_REFERENCES)
    rows = [
        Reference(face.id, asset.id, asset.title or asset.filename, asset.taken_at) for face, asset in await scope.db.execute(best)
    ]
    known = await scope.db.scalar(here.with_only_columns(func.count(), maintain_column_froms=True).order_by(None))
    return tuple(rows), known or 0

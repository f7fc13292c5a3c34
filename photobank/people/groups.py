"""Review in bulk: clusters of open faces, confirmed, split, merged or ignored as a whole. Only faces the actor may decide about count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, clamp
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Cluster, Face, FaceRejection, FaceState, FaceSuggestion
from photobank.models.recognition import ReviewClaim
from photobank.people import claims, empty_photos, persons, regrouping, review
from photobank.scope import Scope

OPEN = (FaceState.unknown, FaceState.suggested)
MOST_GUESSES = 3
COUNTED = 999
ASKED_FROM = 0.5  # whoever is less likely on average is no question to put to anybody


@dataclass(frozen=True, slots=True)
class Guess:
    """Who a cluster may be: how many of its faces say so, and how surely on average. Only people in sight are named."""

    person_id: UUID
    name: str
    faces: int
    probability: float


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A cluster: its open faces that the actor may decide about, best first. `unlocks`: photos on which nothing else is open;
    `claimed_by`: another reviewer who is at it."""

    id: UUID
    face_ids: tuple[UUID, ...]
    photos: int
    unlocks: int
    guesses: tuple[Guess, ...]
    claimed_by: UUID | None


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Where the faces are now, and the action for undo."""

    cluster_id: UUID
    action_id: UUID


@dataclass(frozen=True, slots=True)
class Progress:
    """What is left in sight: open faces, their clusters, the photos they are on; and photos without faces that nobody confirmed."""

    faces: int
    clusters: int
    photos: int
    empty: int


def likely(guesses: Sequence[Guess]) -> Guess | None:
    """Whom a reviewer is asked about, if anybody."""
    return next((guess for guess in guesses if guess.probability >= ASKED_FROM), None)


async def page(
    scope: Scope,
    cursor: str | None = None,
    limit: int | None = None,
    *,
    free: bool = False,
    suggested: bool = False,
    unknown: bool = False,
    single: bool = False,
) -> Page[GroupRow]:
    """Clusters, those that settle most photos first, then most faces. `free`: without those another reviewer is at; `suggested`: only
    those of which some face has a likely person; `unknown`: only the others; `single`: only those of one face."""
    require(scope, Action.face_review)
    size = clamp(limit)
    own = await mine(scope)
    here: Any = (
        select(col(Face.cluster_id).label("cluster"), col(Face.asset_id).label("asset"), func.count().label("faces"))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*own, col(Face.cluster_id).is_not(None))
        .group_by(col(Face.cluster_id), col(Face.asset_id))
    )
    if suggested:
        here = here.where(col(Face.cluster_id).in_(_suggested()))
    if unknown:
        here = here.where(col(Face.cluster_id).not_in(_suggested()))
    if free:
        taken = select(col(ReviewClaim.cluster_id)).where(
            col(ReviewClaim.until) > scope.now(), col(ReviewClaim.user_id) != scope.actor.user_id
        )
        here = here.where(col(Face.cluster_id).not_in(taken))
    at = here.subquery()
    on_photo = (
        select(col(Face.asset_id).label("asset"), func.count().label("faces"))
        .where(col(Face.state).in_(OPEN))
        .group_by(col(Face.asset_id))
        .subquery()
    )
    unlocks = func.count().filter(at.c.faces == on_photo.c.faces)
    most = func.sum(at.c.faces)
    query = (
        select(at.c.cluster, unlocks, most, func.count())
        .join(on_photo, on_photo.c.asset == at.c.asset)
        .group_by(at.c.cluster)
        .order_by(unlocks.desc(), most.desc(), at.c.cluster)
        .limit(size + 1)
    )
    if single:
        query = query.having(most == 1)
    if cursor:
        first, second, id_ = _position(cursor)
        same = (unlocks == first) & (most == second) & (at.c.cluster > id_)
        query = query.having((unlocks < first) | ((unlocks == first) & (most < second)) | same)
    found = (await scope.db.execute(query)).all()
    more = len(found) > size
    found = found[:size]
    ids = [row[0] for row in found]
    faces, guesses, claimed = await members(scope, ids), await guesses_of(scope, ids), await claims.of_others(scope, ids)
    rows = [
        GroupRow(id_, tuple(face.id for face in faces[id_]), photos, opens, guesses[id_], claimed.get(id_))
        for id_, opens, _, photos in found
        if faces[id_]  # somebody may have settled them between the two looks
    ]
    return Page(rows, f"{found[-1][1]}.{found[-1][2]}.{found[-1][0]}" if more else None)


async def claim(scope: Scope, cluster_id: UUID) -> datetime:
    """Be at a cluster of which one may decide something; gives until when."""
    await _chosen(scope, cluster_id, ())
    return await claims.take(scope, cluster_id)


async def progress(scope: Scope) -> Progress:
    """How much is left to do in sight."""
    require(scope, Action.face_review)
    query = (
        select(func.count(), func.count(func.distinct(col(Face.cluster_id))), func.count(func.distinct(col(Face.asset_id))))
        .select_from(Face)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await mine(scope))
    )
    faces, clusters, photos = (await scope.db.execute(query)).one()
    return Progress(faces, clusters, photos, await empty_photos.count(scope))


async def singles(scope: Scope) -> int:
    """How many faces look like nobody else and like nobody who is known, counted up to one more than COUNTED."""
    require(scope, Action.face_review)
    alone = (
        select(col(Face.cluster_id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await mine(scope), col(Face.cluster_id).is_not(None), col(Face.cluster_id).not_in(_suggested()))
        .group_by(col(Face.cluster_id))
        .having(func.count() == 1)
        .limit(COUNTED + 1)
    )
    return await scope.db.scalar(select(func.count()).select_from(alone.subquery())) or 0


async def waiting(scope: Scope) -> int:
    """How many faces wait for the actor, for a badge: counted up to one more than COUNTED."""
    require(scope, Action.face_review)
    some = select(col(Face.id)).join(Asset, col(Asset.id) == col(Face.asset_id)).where(*await mine(scope)).limit(COUNTED + 1)
    return await scope.db.scalar(select(func.count()).select_from(some.subquery())) or 0


async def waiting_as(scope: Scope, person_id: UUID) -> int:
    """How many open faces of the actor's may well be this person."""
    require(scope, Action.face_review)
    query = (
        select(func.count(func.distinct(col(Face.id))))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .join(FaceSuggestion, col(FaceSuggestion.face_id) == col(Face.id))
        .where(*await mine(scope), col(FaceSuggestion.person_id) == person_id, col(FaceSuggestion.probability) >= ASKED_FROM)
    )
    return await scope.db.scalar(query) or 0


async def confirm(scope: Scope, cluster_id: UUID, person_id: UUID, face_ids: Sequence[UUID] = ()) -> UUID:
    """Everybody in the cluster, or just `face_ids` of it, is this person; gives the action for undo.

    Of a whole cluster, faces of which somebody said that they are not this person are left out: a "no" is taken back by naming the face.
    """
    chosen = await _chosen(scope, cluster_id, face_ids)
    if not face_ids:
        refused = select(col(FaceRejection.face_id)).where(
            col(FaceRejection.person_id) == person_id, col(FaceRejection.face_id).in_(chosen)
        )
        said_no = set((await scope.db.scalars(refused)).all())
        chosen = [face_id for face_id in chosen if face_id not in said_no]
        if not chosen:
            raise Conflict("of every face in it somebody said that it is not this person")
    record(scope, Tag.cluster_confirmed, person_id=person_id, payload={"faces": len(chosen)})
    return await review.confirm(scope, chosen, person_id, kind="confirm-cluster")


async def reject(scope: Scope, cluster_id: UUID, person_id: UUID) -> UUID:
    """Nobody in the cluster is this person."""
    return await review.reject_all(scope, await _chosen(scope, cluster_id, ()), person_id, kind="reject-cluster")


async def ignore(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID] = ()) -> UUID:
    """Nobody in the cluster, or in `face_ids` of it, is a recognisable person."""
    chosen = await _chosen(scope, cluster_id, face_ids)
    record(scope, Tag.cluster_ignored, payload={"faces": len(chosen)})
    return await review.ignore(scope, chosen, kind="ignore-cluster")


async def split(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID]) -> Regrouped:
    """These faces are somebody else than the rest; gives their new cluster and the action. They are never put together again."""
    chosen = await _chosen(scope, cluster_id, face_ids)
    rest = [face.id for face in (await members(scope, [cluster_id]))[cluster_id] if face.id not in set(chosen)]
    if not face_ids or not rest:
        raise Invalid("face_ids", fields={"face_ids": "errors.faces"})
    fresh = Cluster(id=new_id(), model=await _model(scope, cluster_id), created_at=scope.now())
    scope.db.add(fresh)
    await scope.db.flush()
    record(scope, Tag.cluster_split, payload={"faces": len(chosen), "from": len(rest)})
    return Regrouped(fresh.id, await regrouping.regroup(scope, "split", chosen, fresh.id, apart=rest))


async def merge(scope: Scope, cluster_id: UUID, other_id: UUID, face_ids: Sequence[UUID] = ()) -> Regrouped:
    """Two clusters are one person; the other's faces come into this one. With `face_ids` only these: the rest is somebody else."""
    if cluster_id == other_id:
        raise Conflict("a cluster cannot be merged with itself")
    kept, moved = await _chosen(scope, cluster_id, ()), await _chosen(scope, other_id, face_ids)
    rest = sorted({face.id for face in (await members(scope, [other_id]))[other_id]} - set(moved))
    record(scope, Tag.cluster_merged, payload={"faces": len(moved), "from": len(rest)})
    kind = "move" if rest else "merge"
    return Regrouped(cluster_id, await regrouping.regroup(scope, kind, moved, cluster_id, together=kept, apart=rest))


def _suggested() -> Any:
    """Clusters of which some face may be somebody known."""
    return select(col(Face.cluster_id)).where(col(Face.state) == FaceState.suggested, col(Face.cluster_id).is_not(None))


async def mine(scope: Scope) -> list[ColumnElement[bool]]:
    """Conditions on faces and their photos: open, to be seen, and the actor's to decide about."""
    return [
        col(Face.box).is_not(None),
        col(Face.state).in_(OPEN),
        col(Asset.state).in_([AssetState.ready, AssetState.processing]),
        await visibility.in_sight(scope, Permission.edit),
    ]


async def members(scope: Scope, cluster_ids: Sequence[UUID]) -> dict[UUID, list[Face]]:
    """Their faces that the actor may decide about, best first."""
    query = (
        select(Face)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await mine(scope), col(Face.cluster_id).in_(cluster_ids))
        .order_by(col(Face.quality).desc(), col(Face.id))
    )
    found: dict[UUID, list[Face]] = defaultdict(list)
    for face in (await scope.db.execute(query)).scalars():
        if face.cluster_id:
            found[face.cluster_id].append(face)
    return found


async def _chosen(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID]) -> list[UUID]:
    require(scope, Action.face_review)
    here = [face.id for face in (await members(scope, [cluster_id]))[cluster_id]]
    if not here:
        raise NotFound("no such cluster")
    await claims.require_free(scope, cluster_id)
    if not face_ids:
        return here
    if not set(face_ids) <= set(here):
        raise NotFound("no such face in this cluster")
    return sorted(set(face_ids))


async def _model(scope: Scope, cluster_id: UUID) -> str:
    return await scope.db.scalar(select(col(Cluster.model)).where(col(Cluster.id) == cluster_id)) or ""


async def guesses_of(scope: Scope, cluster_ids: Sequence[UUID]) -> dict[UUID, tuple[Guess, ...]]:
    """Who these clusters may be, best first: by how many faces say so, each as surely as it does."""
    query = (
        select(
            col(Face.cluster_id),
            col(FaceSuggestion.person_id),
            func.count(),
            func.avg(col(FaceSuggestion.probability)),
        )
        .join(FaceSuggestion, col(FaceSuggestion.face_id) == col(Face.id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await mine(scope), col(Face.cluster_id).in_(cluster_ids))
        .group_by(col(Face.cluster_id), col(FaceSuggestion.person_id))
        .order_by(func.sum(col(FaceSuggestion.probability)).desc(), col(FaceSuggestion.person_id))
    )
    rows = (await scope.db.execute(query)).all()
    names = await persons.names(scope, list({person for _, person, _, _ in rows}))
    found: dict[UUID, list[Guess]] = defaultdict(list)
    for cluster, person, faces, probability in rows:
        if cluster and person in names:
            found[cluster].append(Guess(person, names[person], faces, float(probability)))
    return {id_: tuple(found[id_][:MOST_GUESSES]) for id_ in cluster_ids}


def _position(cursor: str) -> tuple[int, int, UUID]:
    first, _, rest = cursor.partition(".")
    second, _, id_ = rest.partition(".")
    try:
        return int(first[:9]), int(second[:9]), UUID(id_)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

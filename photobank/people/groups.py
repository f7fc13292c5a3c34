"""Review in bulk: clusters of open faces, confirmed, split, merged or ignored as a whole. Only faces the actor may decide about count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, clamp
from photobank.messaging.events import FacesSettled
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Cluster, Face, FaceLink, FaceState
from photobank.people import review
from photobank.scope import Scope

OPEN = (FaceState.unknown, FaceState.suggested)
MOST_LINKS = 400


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A cluster: its open faces that the actor may decide about, best first."""

    id: UUID
    face_ids: tuple[UUID, ...]
    photos: int


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[GroupRow]:
    """Clusters, those that settle most faces first."""
    require(scope, Action.face_review)
    size = clamp(limit)
    most = func.count()
    query = (
        select(col(Face.cluster_id), most)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await _mine(scope), col(Face.cluster_id).is_not(None))
        .group_by(col(Face.cluster_id))
    )
    if cursor:
        count, id_ = _position(cursor)
        query = query.having((most < count) | ((most == count) & (col(Face.cluster_id) > id_)))
    found = (await scope.db.execute(query.order_by(most.desc(), col(Face.cluster_id)).limit(size + 1))).all()
    more = len(found) > size
    found = found[:size]
    members = await _members(scope, [id_ for id_, _ in found if id_])
    rows = [
        GroupRow(id_, tuple(face.id for face in members[id_]), len({face.asset_id for face in members[id_]}))
        for id_, _ in found
        if id_
    ]
    return Page(rows, f"{found[-1][1]}.{found[-1][0]}" if more else None)


async def confirm(scope: Scope, cluster_id: UUID, person_id: UUID, face_ids: Sequence[UUID] = ()) -> UUID:
    """Everybody in the cluster, or just `face_ids` of it, is this person; gives the action for undo."""
    chosen = await _chosen(scope, cluster_id, face_ids)
    record(scope, Tag.cluster_confirmed, person_id=person_id, payload={"faces": len(chosen)})
    return await review.confirm(scope, chosen, person_id, kind="confirm-cluster")


async def ignore(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID] = ()) -> UUID:
    """Nobody in the cluster, or in `face_ids` of it, is a recognisable person."""
    chosen = await _chosen(scope, cluster_id, face_ids)
    record(scope, Tag.cluster_ignored, payload={"faces": len(chosen)})
    return await review.ignore(scope, chosen, kind="ignore-cluster")


async def split(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID]) -> UUID:
    """These faces are somebody else than the rest; gives their new cluster. They are never put together again."""
    chosen = await _chosen(scope, cluster_id, face_ids)
    rest = [face.id for face in (await _members(scope, [cluster_id]))[cluster_id] if face.id not in set(chosen)]
    if not face_ids or not rest:
        raise Invalid("face_ids", fields={"face_ids": "errors.faces"})
    fresh = Cluster(id=new_id(), model=await _model(scope, cluster_id), created_at=scope.now())
    scope.db.add(fresh)
    await scope.db.flush()
    faces = await _put(scope, chosen, fresh.id)
    await _link(scope, "apart", chosen, rest)
    record(scope, Tag.cluster_split, payload={"faces": len(chosen), "from": len(rest)})
    scope.announce(FacesSettled(face_ids=tuple(chosen), asset_ids=tuple(sorted({face.asset_id for face in faces}))))
    return fresh.id


async def merge(scope: Scope, cluster_id: UUID, other_id: UUID) -> UUID:
    """Two clusters are one person; the other's faces come into this one."""
    if cluster_id == other_id:
        raise Conflict("a cluster cannot be merged with itself")
    kept, moved = await _chosen(scope, cluster_id, ()), await _chosen(scope, other_id, ())
    faces = await _put(scope, moved, cluster_id)
    await _link(scope, "together", kept, moved)
    record(scope, Tag.cluster_merged, payload={"faces": len(moved)})
    scope.announce(FacesSettled(face_ids=tuple(moved), asset_ids=tuple(sorted({face.asset_id for face in faces}))))
    return cluster_id


async def _mine(scope: Scope) -> list[ColumnElement[bool]]:
    return [
        col(Face.state).in_(OPEN),
        col(Asset.state).in_([AssetState.ready, AssetState.processing]),
        await visibility.in_sight(scope, Permission.edit),
    ]


async def _members(scope: Scope, cluster_ids: Sequence[UUID]) -> dict[UUID, list[Face]]:
    query = (
        select(Face)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(*await _mine(scope), col(Face.cluster_id).in_(cluster_ids))
        .order_by(col(Face.quality).desc(), col(Face.id))
    )
    found: dict[UUID, list[Face]] = defaultdict(list)
    for face in (await scope.db.execute(query)).scalars():
        if face.cluster_id:
            found[face.cluster_id].append(face)
    return found


async def _chosen(scope: Scope, cluster_id: UUID, face_ids: Sequence[UUID]) -> list[UUID]:
    require(scope, Action.face_review)
    members = [face.id for face in (await _members(scope, [cluster_id]))[cluster_id]]
    if not members:
        raise NotFound("no such cluster")
    if not face_ids:
        return members
    if not set(face_ids) <= set(members):
        raise NotFound("no such face in this cluster")
    return sorted(set(face_ids))


async def _put(scope: Scope, face_ids: Sequence[UUID], cluster_id: UUID) -> list[Face]:
    faces = list((await scope.db.execute(select(Face).where(col(Face.id).in_(face_ids)).with_for_update())).scalars())
    for face in faces:
        face.cluster_id = cluster_id
        face.changed_at = scope.now()
    await scope.db.flush()
    return faces


async def _link(scope: Scope, kind: str, some: Sequence[UUID], others: Sequence[UUID]) -> None:
    pairs = [sorted(pair) for pair in list(product(some, others))[:MOST_LINKS]]
    rows = [{"one": a, "other": b, "kind": kind, "said_by": scope.actor.user_id, "said_at": scope.now()} for a, b in pairs]
    said = insert(FaceLink).values(rows)
    await scope.db.execute(
        said.on_conflict_do_update(
            index_elements=["one", "other"], set_={"kind": kind, "said_by": scope.actor.user_id, "said_at": scope.now()}
        )
    )


async def _model(scope: Scope, cluster_id: UUID) -> str:
    return await scope.db.scalar(select(col(Cluster.model)).where(col(Cluster.id) == cluster_id)) or ""


def _position(cursor: str) -> tuple[int, UUID]:
    count, _, id_ = cursor.partition(".")
    try:
        return int(count[:9]), UUID(id_)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

"""Clusters split and merged by people, faces moved from one to another, and that taken back. What people said of two faces (`apart`,
`together`) goes with it both ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import FacesSettled
from photobank.models.people import Cluster, Face, FaceLink, ReviewAction
from photobank.people.faces import find_for_review
from photobank.scope import Scope

LINKS = "links"
MOST_LINKS = 20_000  # pairs written down; of more, each face with the first of the other side
AT_ONCE = 5_000


async def regroup(scope: Scope, kind: str, moved: Sequence[UUID], to: UUID, **said: Sequence[UUID]) -> UUID:
    """Put `moved` into cluster `to` and say of each that it is `apart` from or `together` with each of those; gives the action, for undo."""
    links = [(one, other, link) for link, others in said.items() for one, other in _pairs(moved, others)]
    before: dict[str, Any] = {LINKS: await _links(scope, [(one, other) for one, other, _ in links])}
    after: dict[str, Any] = {LINKS: [[str(one), str(other), link] for one, other, link in links]}
    faces = list((await scope.db.execute(select(Face).where(col(Face.id).in_(moved)).with_for_update())).scalars())
    for face in faces:
        before[str(face.id)], after[str(face.id)] = {"cluster": _text(face.cluster_id)}, {"cluster": str(to)}
        face.cluster_id = to
        face.changed_at = scope.now()
    await scope.db.flush()
    await _say(scope, links)
    return await _keep(scope, kind, before, after, faces)


async def undo(scope: Scope, action: ReviewAction) -> UUID:
    """Put faces back where they were, unless they went elsewhere since, and take back what was said of them."""
    if action.undone_at is not None:
        raise Conflict("this was undone before")
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    back: list[Face] = []
    for key, was in action.before.items():
        if key == LINKS:
            continue
        try:
            face, asset = await find_for_review(scope, UUID(key))
        except NotFound:
            continue
        if _text(face.cluster_id) != action.after[key]["cluster"]:
            continue
        before[key], after[key] = {"cluster": _text(face.cluster_id)}, was
        face.cluster_id = await _standing(scope, was["cluster"])
        face.changed_at = scope.now()
        back.append(face)
        record(scope, Tag.review_undone, asset_id=asset.id, face_id=face.id, folder_id=asset.folder_id)
    if not back:
        raise Conflict("everything in it was decided again since, or is gone")
    await scope.db.flush()
    said = {(UUID(one), UUID(other)): link for one, other, link in action.after[LINKS]}
    were = {(UUID(one), UUID(other)): link for one, other, link in action.before[LINKS]}
    returning = {face.id for face in back}
    touched = [pair for pair in said if returning & set(pair)]
    now = {(UUID(one), UUID(other)): link for one, other, link in await _links(scope, touched)}
    mine = [pair for pair in touched if now.get(pair) == said[pair]]
    await _unsay(scope, [pair for pair in mine if pair not in were])
    await _say(scope, [(*pair, were[pair]) for pair in mine if pair in were])
    before[LINKS] = [[str(one), str(other), said[one, other]] for one, other in mine]
    after[LINKS] = [[str(one), str(other), were[one, other]] for one, other in mine if (one, other) in were]
    action.undone_at = scope.now()
    return await _keep(scope, "undo", before, after, back, undoes=action.id)


async def _keep(
    scope: Scope, kind: str, before: dict[str, Any], after: dict[str, Any], faces: Sequence[Face], undoes: UUID | None = None
) -> UUID:
    action = ReviewAction(
        id=new_id(),
        user_id=scope.actor.user_id,
        kind=kind,
        before=before,
        after=after,
        created_at=scope.now(),
        undoes=str(undoes) if undoes else None,
    )
    scope.db.add(action)
    ids, assets = tuple(sorted(face.id for face in faces)), tuple(sorted({face.asset_id for face in faces}))
    scope.announce(FacesSettled(face_ids=ids, asset_ids=assets))
    return action.id


def _pairs(some: Sequence[UUID], others: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """The smaller id first, as they are stored."""
    if not others:
        return []
    found = [*((some[0], other) for other in others), *((one, others[0]) for one in some[1:])]
    if len(some) * len(others) <= MOST_LINKS:
        found = list(product(some, others))
    return sorted({(min(pair), max(pair)) for pair in found})


async def _links(scope: Scope, pairs: Sequence[tuple[UUID, UUID]]) -> list[list[str]]:
    found: list[list[str]] = []
    both = tuple_(col(FaceLink.one), col(FaceLink.other))
    for start in range(0, len(pairs), AT_ONCE):
        rows = (await scope.db.execute(select(FaceLink).where(both.in_(pairs[start : start + AT_ONCE])))).scalars()
        found += [[str(row.one), str(row.other), row.kind] for row in rows]
    return found


async def _say(scope: Scope, links: Sequence[tuple[UUID, UUID, str]]) -> None:
    for start in range(0, len(links), AT_ONCE):
        rows = [
            {"one": one, "other": other, "kind": kind, "said_by": scope.actor.user_id, "said_at": scope.now()}
            for one, other, kind in links[start : start + AT_ONCE]
        ]
        said = insert(FaceLink).values(rows)
        new = {name: said.excluded[name] for name in ("kind", "said_by", "said_at")}
        await scope.db.execute(said.on_conflict_do_update(index_elements=["one", "other"], set_=new))


async def _unsay(scope: Scope, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    both = tuple_(col(FaceLink.one), col(FaceLink.other))
    for start in range(0, len(pairs), AT_ONCE):
        await scope.db.execute(delete(FaceLink).where(both.in_(pairs[start : start + AT_ONCE])))


async def _standing(scope: Scope, cluster_id: str | None) -> UUID | None:
    """The cluster, if it is still there."""
    return None if cluster_id is None else await scope.db.scalar(select(col(Cluster.id)).where(col(Cluster.id) == UUID(cluster_id)))


def _text(id_: UUID | None) -> str | None:
    return str(id_) if id_ else None

"""Who is at which cluster: a reviewer takes one, and others are given another. A claim ends by itself when nobody renews it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Conflict, NotAuthenticated
from photobank.models.people import Face
from photobank.models.recognition import ReviewClaim
from photobank.scope import Scope

LASTS = timedelta(seconds=90)
TOPIC = "review"


async def take(scope: Scope, cluster_id: UUID) -> datetime:
    """Be at this cluster from now on, or stay at it; gives until when. Raises Conflict when somebody else is. The caller has made
    sure that the cluster is in sight. One leaves whatever one was at before."""
    me = _me(scope)
    now = scope.now()
    until = now + LASTS
    claim = insert(ReviewClaim).values(cluster_id=cluster_id, user_id=me, until=until)
    mine_or_over = or_(col(ReviewClaim.user_id) == me, col(ReviewClaim.until) <= now)
    taken = claim.on_conflict_do_update(
        index_elements=["cluster_id"], set_={"user_id": me, "until": until}, where=mine_or_over
    ).returning(col(ReviewClaim.cluster_id))
    if await scope.db.scalar(taken) is None:
        raise Conflict("another reviewer is at this cluster")
    left = delete(ReviewClaim).where(col(ReviewClaim.user_id) == me, col(ReviewClaim.cluster_id) != cluster_id)
    await scope.db.execute(left)
    scope.wake(TOPIC)
    return until


async def leave(scope: Scope) -> None:
    """Be at no cluster."""
    await scope.db.execute(delete(ReviewClaim).where(col(ReviewClaim.user_id) == _me(scope)))
    scope.wake(TOPIC)


async def of_others(scope: Scope, cluster_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Those of these clusters that somebody else is at, with who."""
    query = select(col(ReviewClaim.cluster_id), col(ReviewClaim.user_id)).where(
        col(ReviewClaim.cluster_id).in_(cluster_ids), col(ReviewClaim.until) > scope.now()
    )
    return {cluster: user for cluster, user in await scope.db.execute(query) if user != scope.actor.user_id}


async def require_free(scope: Scope, cluster_id: UUID) -> None:
    """Raise Conflict when somebody else is at it. Whoever decides holds the claim's row to the end of the transaction."""
    query = select(ReviewClaim).where(col(ReviewClaim.cluster_id) == cluster_id).with_for_update()
    claim = await scope.db.scalar(query)
    if claim is not None and claim.user_id != scope.actor.user_id and claim.until > scope.now():
        raise Conflict("another reviewer is at this cluster")


async def require_free_of(scope: Scope, face_ids: Collection[UUID]) -> None:
    """Raise Conflict when somebody else is at a cluster of these faces."""
    clusters = select(col(Face.cluster_id)).where(col(Face.id).in_(face_ids))
    query = select(ReviewClaim).where(col(ReviewClaim.cluster_id).in_(clusters), col(ReviewClaim.user_id) != scope.actor.user_id)
    if await scope.db.scalar(query.where(col(ReviewClaim.until) > scope.now()).limit(1)) is not None:
        raise Conflict("another reviewer is at one of these faces")


def _me(scope: Scope) -> UUID:
    require(scope, Action.face_review)
    if scope.actor.user_id is None:
        raise NotAuthenticated("a reviewer")
    return scope.actor.user_id

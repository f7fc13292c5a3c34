"""Review in bulk: clusters of faces that look like one unknown person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.people import groups, sheets

router = APIRouter(prefix="/clusters", tags=["review"], responses=RESPONSES)

MOST_SHEETS = 24


class GuessOut(Out):
    """Who a cluster may be: how many of its faces say so, and how surely on average."""

    person_id: UUID
    name: str
    faces: int
    probability: float


class ClusterOut(Out):
    """A cluster with its open faces, best first. `unlocks`: photos on which nothing else is open; `claimed_by`: another reviewer who is
    at it."""

    id: UUID
    face_ids: list[UUID]
    photos: int
    unlocks: int
    guesses: list[GuessOut]
    claimed_by: UUID | None


class CandidateOut(Out):
    """A face to decide about. `box` is x, y, width, height in 0–1 of the upright picture; `probability`: that it is who is asked about."""

    id: UUID
    asset_id: UUID
    box: tuple[float, float, float, float]
    title: str
    probability: float | None


class ReferenceOut(Out):
    """A confirmed face of who it may be."""

    id: UUID
    asset_id: UUID
    title: str
    taken_at: datetime | None


class SheetOut(Out):
    """A cluster to decide about: its faces most alike first (at most 400 of `total`), and confirmed ones of who it may be, of `known`."""

    id: UUID
    faces: list[CandidateOut]
    total: int
    guess: GuessOut | None
    references: list[ReferenceOut]
    known: int


class ConfirmIn(Body):
    """Who it is; `face_ids` where not the whole cluster is meant."""

    person_id: UUID
    face_ids: list[UUID] = Field(default_factory=list, max_length=5000)


class FacesIn(Body):
    """Which faces; none means the whole cluster."""

    face_ids: list[UUID] = Field(default_factory=list, max_length=5000)


class MergeIn(Body):
    """The other cluster; `face_ids` of it where the rest of it is somebody else and stays."""

    cluster_id: UUID
    face_ids: list[UUID] = Field(default_factory=list, max_length=5000)


class Done(Out):
    """What was done. `action_id` undoes a decision; `cluster_id` is where the faces are now."""

    action_id: UUID | None = None
    cluster_id: UUID | None = None


class ClaimOut(Out):
    """How long it holds unless it is renewed."""

    until: datetime


@router.get("")
async def list_clusters(
    scope: InScope,
    free: bool = False,
    suggested: bool = False,
    unknown: bool = False,
    single: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[ClusterOut]:
    """Clusters, those that settle most photos first. `free`: without those another reviewer is at; `suggested`: only those with a likely
    person; `unknown`: only the others; `single`: only those of one face."""
    page = await groups.page(scope, cursor, limit, free=free, suggested=suggested, unknown=unknown, single=single)
    return Listed(items=[ClusterOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/sheets")
async def look_ahead(id: Annotated[list[UUID], Query(min_length=1, max_length=MOST_SHEETS)], scope: InScope) -> Listed[SheetOut]:
    """Several clusters with everything that is needed to decide about them; those that are settled or not one's own are left out."""
    return Listed(items=[SheetOut.model_validate(sheet) for sheet in await sheets.of_clusters(scope, id)], next_cursor=None)


@router.get("/{cluster_id}")
async def look(cluster_id: UUID, scope: InScope) -> SheetOut:
    """One cluster with everything that is needed to decide about it."""
    return SheetOut.model_validate(await sheets.of_cluster(scope, cluster_id))


@router.post("/{cluster_id}/claim")
async def claim(cluster_id: UUID, scope: InScope) -> ClaimOut:
    """Be at this cluster, or stay; others are given another one. 409 when somebody else is. Ends by itself after `until`."""
    return ClaimOut(until=await groups.claim(scope, cluster_id))


@router.post("/{cluster_id}/confirm")
async def confirm(cluster_id: UUID, body: ConfirmIn, scope: InScope) -> Done:
    """All of these are this person."""
    return Done(action_id=await groups.confirm(scope, cluster_id, body.person_id, body.face_ids))


@router.post("/{cluster_id}/ignore")
async def ignore(cluster_id: UUID, body: FacesIn, scope: InScope) -> Done:
    """None of these is a recognisable person."""
    return Done(action_id=await groups.ignore(scope, cluster_id, body.face_ids))


@router.post("/{cluster_id}/split")
async def split(cluster_id: UUID, body: FacesIn, scope: InScope) -> Done:
    """These faces are somebody else than the rest."""
    return Done.model_validate(await groups.split(scope, cluster_id, body.face_ids))


@router.post("/{cluster_id}/merge")
async def merge(cluster_id: UUID, body: MergeIn, scope: InScope) -> Done:
    """Two clusters are one person, or some faces of the other belong here: they move."""
    return Done.model_validate(await groups.merge(scope, cluster_id, body.cluster_id, body.face_ids))

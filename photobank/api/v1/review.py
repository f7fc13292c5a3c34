"""The work of reviewing: decisions in batches, how much is left, what one did and what taking it back would change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.people import claims, decisions, empty_photos, groups, history

router = APIRouter(prefix="/review", tags=["review"], responses=RESPONSES)


class DecisionIn(Body):
    """One decision. `id` is the caller's own: sent again, it counts once. About `face_ids`, or a whole cluster; `name` makes a person."""

    id: UUID
    verb: decisions.Verb
    face_ids: list[UUID] = Field(default_factory=list, max_length=5000)
    cluster_id: UUID | None = None
    person_id: UUID | None = None
    name: str = Field(default="", max_length=200)


class DecisionsIn(Body):
    """In the order in which they were made."""

    decisions: list[DecisionIn] = Field(min_length=1, max_length=decisions.MOST)


class OutcomeOut(Out):
    """What became of a decision: the action that undoes it, or the code of what was wrong."""

    id: UUID
    action_id: UUID | None
    person_id: UUID | None
    error: str


class OutcomesOut(Out):
    """One for each, in the order sent."""

    outcomes: list[OutcomeOut]


class ProgressOut(Out):
    """What is left in sight. `empty`: photos without faces of which nobody has said that nobody is on them."""

    faces: int
    clusters: int
    photos: int
    empty: int


class ActionOut(Out):
    """One thing that one did, with so many faces, or photos without any."""

    id: UUID
    kind: str
    faces: int
    at: datetime
    undone_at: datetime | None
    undoes: UUID | None
    person_id: UUID | None
    person_name: str


class ChangeOut(Out):
    """One face, or one photo without any: how it stands now, and how it would after undo. `changes` is false where it was decided again
    since; `seen`: there is a face to be shown."""

    face_id: UUID | None
    asset_id: UUID
    now: dict[str, Any]
    then: dict[str, Any]
    changes: bool
    seen: bool = True


class PreviewOut(Out):
    """What undo would change."""

    changes: list[ChangeOut]


class UndoIn(Body):
    """Which action; without it one's own latest."""

    action_id: UUID | None = None


class UndoneOut(Out):
    """The undo is an action itself, and can be undone."""

    action_id: UUID


@router.post("/decisions")
async def decide(body: DecisionsIn, scope: InScope) -> OutcomesOut:
    """Carry out a batch. One that fails does not take the others along."""
    wanted = [
        decisions.Wanted(one.id, one.verb, tuple(one.face_ids), one.cluster_id, one.person_id, one.name) for one in body.decisions
    ]
    return OutcomesOut(outcomes=[OutcomeOut.model_validate(done) for done in await decisions.carry_out(scope, wanted)])


@router.get("/progress")
async def progress(scope: InScope) -> ProgressOut:
    """How much is left."""
    return ProgressOut.model_validate(await groups.progress(scope))


@router.get("/empty")
async def empty(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[UUID]:
    """Photos without faces that wait for somebody to say that nobody is on them (`POST /assets/no-people`)."""
    page = await empty_photos.page(scope, cursor, limit)
    return Listed(items=list(page.items), next_cursor=page.next_cursor)


@router.delete("/claim", status_code=204)
async def leave(scope: InScope) -> None:
    """Leave the cluster one is at."""
    await claims.leave(scope)


@router.get("/actions")
async def actions(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[ActionOut]:
    """What one did, newest first."""
    page = await history.page(scope, cursor, limit)
    return Listed(items=[ActionOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/actions/{action_id}")
async def preview(action_id: UUID, scope: InScope) -> PreviewOut:
    """What taking an action back would change now."""
    return PreviewOut(changes=[ChangeOut.model_validate(one) for one in await history.preview(scope, action_id)])


@router.post("/undo")
async def undo(body: UndoIn, scope: InScope) -> UndoneOut:
    """Put back what an action changed."""
    return UndoneOut(action_id=await history.undo(scope, body.action_id))

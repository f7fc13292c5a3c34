"""Near-copies: pairs to decide about, and the clean-up. A pair is in sight when both its photos are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.asset_answers import AssetOut, listed
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.duplicates import decisions, pairs, report
from photobank.duplicates.pairs import PairRow, Which
from photobank.models.duplicates import Answer
from photobank.scope import Scope

router = APIRouter(prefix="/duplicates", tags=["duplicates"], responses=RESPONSES)

Region = tuple[float, float, float, float]


class PairOut(Out):
    """Two photos of one picture. Regions are x, y, width, height in 0–1: where the other photo lies in this one."""

    id: UUID
    older: AssetOut
    newer: AssetOut
    better: Literal["older", "newer"]
    differences: list[str]
    region_in_older: Region
    region_in_newer: Region
    found_at: datetime
    answer: Answer | None
    answered_at: datetime | None
    may_decide: bool


class SummaryOut(Out):
    """What waits, and what a clean-up would give back: `bytes` of `photos` copies that the caller may edit."""

    open: int
    mine: int
    photos: int
    bytes: int


class AnswerIn(Body):
    """What the two are: `skip` puts the newer one into the trash, `apart` says that they are no duplicates."""

    answer: Answer


class PairsIn(Body):
    """Pairs that a clean-up is about."""

    pair_ids: list[UUID] = Field(min_length=1, max_length=report.MOST)


class StepOut(Out):
    """One copy: it goes and `keep_id` takes over faces and texts, or `obstacle` says why it stays."""

    pair_id: UUID
    drop_id: UUID
    keep_id: UUID
    bytes: int
    faces: int
    texts: list[str]
    obstacle: str | None


class PlanOut(Out):
    """What a clean-up would do."""

    photos: int
    bytes: int
    steps: list[StepOut]


class CleanedUp(Out):
    """The pairs whose copy went into the trash; undo them one by one."""

    pair_ids: list[UUID]


@router.get("")
async def list_pairs(
    scope: InScope,
    cursor: Cursor = None,
    limit: Limit = 50,
    which: Which = Which.open,
    mine: bool = False,
    asset_id: UUID | None = None,
) -> Listed[PairOut]:
    """Pairs in sight, last found first; `mine` only those whose newer photo the caller sent."""
    page = await pairs.page(scope, which=which, mine=mine, asset_id=asset_id, cursor=cursor, limit=limit)
    return Listed(items=await _out(scope, page.items), next_cursor=page.next_cursor)


@router.get("/summary")
async def summary(scope: InScope) -> SummaryOut:
    """How many wait, and what a clean-up would give back."""
    return SummaryOut.model_validate(await pairs.summary(scope))


@router.post("/plan")
async def plan(body: PairsIn, scope: InScope) -> PlanOut:
    """What a clean-up of these pairs would do. Changes nothing."""
    made = await report.plan(scope, body.pair_ids)
    steps = [
        StepOut(
            pair_id=step.pair_id,
            drop_id=step.drop.id,
            keep_id=step.keep.id,
            bytes=step.drop.size,
            faces=step.faces,
            texts=list(step.texts),
            obstacle=step.obstacle,
        )
        for step in made.steps
    ]
    return PlanOut(photos=made.photos, bytes=made.bytes, steps=steps)


@router.post("/clean-up")
async def clean_up(body: PairsIn, scope: InScope) -> CleanedUp:
    """Put the lesser copy of each pair into the trash, where nothing is lost with it."""
    return CleanedUp(pair_ids=await report.clean_up(scope, body.pair_ids))


@router.get("/{pair_id}")
async def get_pair(pair_id: UUID, scope: InScope) -> PairOut:
    """One pair."""
    return (await _out(scope, [await pairs.get(scope, pair_id)]))[0]


@router.post("/{pair_id}/decide")
async def decide(pair_id: UUID, body: AnswerIn, scope: InScope) -> PairOut:
    """Answer a pair; kept for ever, also for when the same pictures come again."""
    await decisions.decide(scope, pair_id, body.answer)
    await scope.db.flush()
    return (await _out(scope, [await pairs.get(scope, pair_id)]))[0]


@router.post("/{pair_id}/undo")
async def undo(pair_id: UUID, scope: InScope) -> PairOut:
    """Take an answer back."""
    await decisions.undo(scope, pair_id)
    await scope.db.flush()
    return (await _out(scope, [await pairs.get(scope, pair_id)]))[0]


async def _out(scope: Scope, rows: Sequence[PairRow]) -> list[PairOut]:
    assets = {asset.id: asset for row in rows for asset in (row.older, row.newer)}
    shown = {one.id: one for one in await listed(scope, list(assets.values()))}
    names = ("id", "better", "region_in_older", "region_in_newer", "found_at", "answer", "answered_at", "may_decide")
    return [
        PairOut(
            **{name: getattr(row, name) for name in names},
            older=shown[row.older.id],
            newer=shown[row.newer.id],
            differences=list(row.differences),
        )
        for row in rows
    ]

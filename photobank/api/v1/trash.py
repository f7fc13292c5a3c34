"""The trash as a whole. Its photos: GET /api/v1/assets?trashed=true."""

from __future__ import annotations

from fastapi import APIRouter

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Out
from photobank.library import trash

router = APIRouter(prefix="/trash", tags=["assets"], responses=RESPONSES)


class TrashOut(Out):
    """What lies in the trash in sight: all, what the caller may delete for good, what a legal hold keeps. Kept for `days`."""

    photos: int
    purgeable: int
    held: int
    days: int


class Emptied(Out):
    """How many photos were deleted for good, and how many the caller may still delete."""

    purged: int
    left: int


@router.get("")
async def counts(scope: InScope) -> TrashOut:
    """The numbers."""
    return TrashOut.model_validate(await trash.counts(scope))


@router.post("/empty")
async def empty(scope: InScope) -> Emptied:
    """Delete for good what the caller may, some hundreds at a time: call again while `left` is not 0. There is no way back."""
    purged = await trash.empty(scope)
    await scope.db.flush()
    return Emptied(purged=purged, left=(await trash.counts(scope)).purgeable)

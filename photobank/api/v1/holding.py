"""Keeping a photo in: a lock by who manages its folder, a legal hold by the privacy officer."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body
from photobank.library import holding
from photobank.library.holding import Bolt

router = APIRouter(prefix="/assets/{asset_id}", tags=["assets"], responses=RESPONSES)


class WhyIn(Body):
    """Why it is kept in. Sealed, and shown only to who may change the photo."""

    reason: str = Field(min_length=1, max_length=holding.LONGEST_REASON)


@router.put("/lock", status_code=204)
async def lock(asset_id: UUID, body: WhyIn, scope: InScope) -> None:
    """Cleared for nothing until somebody who manages the folder unlocks it."""
    await holding.put_on(scope, asset_id, Bolt.lock, body.reason)


@router.delete("/lock", status_code=204)
async def unlock(asset_id: UUID, scope: InScope) -> None:
    """Unlock it."""
    await holding.take_off(scope, asset_id, Bolt.lock)


@router.put("/hold", status_code=204)
async def hold(asset_id: UUID, body: WhyIn, scope: InScope) -> None:
    """A legal hold: cleared for nothing, and not to be deleted by anybody until it is lifted."""
    await holding.put_on(scope, asset_id, Bolt.hold, body.reason)


@router.delete("/hold", status_code=204)
async def lift(asset_id: UUID, scope: InScope) -> None:
    """Lift the hold."""
    await holding.take_off(scope, asset_id, Bolt.hold)

"""What stands beside a photo in the list that it was opened from."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.assets import Narrowed, Sort
from photobank.api.v1.common import Out
from photobank.library import neighbours

router = APIRouter(prefix="/assets/{asset_id}", tags=["assets"], responses=RESPONSES)


class NeighboursOut(Out):
    """Those before and after it, null at the ends; it is the `at`th of `count`. `at` is 0 when the list no longer holds it."""

    previous: UUID | None
    next: UUID | None
    at: int
    count: int


@router.get("/neighbours")
async def beside(
    asset_id: UUID, scope: InScope, filters: Narrowed, sort: Sort = "newest", collection: UUID | None = None
) -> NeighboursOut:
    """In the list of photos with these filters, or with `collection` in a collection in the order made by hand."""
    if collection is not None:
        return NeighboursOut.model_validate(await neighbours.in_collection(scope, asset_id, collection))
    return NeighboursOut.model_validate(await neighbours.in_list(scope, asset_id, filters, oldest_first=sort == "oldest"))

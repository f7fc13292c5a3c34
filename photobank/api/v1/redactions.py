"""Photos with people made unrecognisable, seen before one takes them. Taking one is a download with `redacted`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from photobank.api import media
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Listed, Out
from photobank.clearance import uses
from photobank.delivery import redacted_view, redaction
from photobank.library import assets

router = APIRouter(prefix="/assets", tags=["downloads"], responses=RESPONSES)

Use = Annotated[str, Query(min_length=1, max_length=50, description="What the photo is for")]
Territory = Annotated[str | None, Query(max_length=5, description="Country, EU, EEA or WORLD; the organisation's own if left out")]


class RedactionOut(Out):
    """A use for which the photo is refused as it is, and cleared once so many people are made unrecognisable."""

    use: str
    people: int


@router.get("/{asset_id}/redactions")
async def list_redactions(asset_id: UUID, scope: InScope) -> Listed[RedactionOut]:
    """For which uses hiding people would clear this photo; empty for who may not download it."""
    asset = await assets.find(scope, asset_id)
    found = await redaction.offers(scope, asset, {use.key for use in await uses.facts(scope)})
    return Listed(items=[RedactionOut(use=use, people=one.people) for use, one in found.items()])


@router.get("/{asset_id}/redacted", response_class=Response, responses=media.answers("image/webp"))
async def preview(asset_id: UUID, use: Use, scope: InScope, territory: Territory = None) -> Response:
    """What a redacted download for this use would show, at most 1,440 pixels on a side; how many it hides is in `Photobank-Hidden`.
    Decided as the download is: 403 `clearance_refused` with what no hiding helps against."""
    return media.shown(await redacted_view.show(scope, asset_id, use, territory))

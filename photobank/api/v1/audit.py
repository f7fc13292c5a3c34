"""The audit log, for those who may read it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Limit, Listed
from photobank.audit import feed
from photobank.audit.tags import Tag

router = APIRouter(prefix="/audit", tags=["audit"], responses=RESPONSES)


@router.get("/events")
async def events(
    scope: InScope,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
    limit: Limit = 50,
    actor_id: UUID | None = None,
    asset_id: UUID | None = None,
    person_id: UUID | None = None,
    folder_id: UUID | None = None,
    tag: Tag | None = None,
    refused: bool = False,
    since: AwareDatetime | None = None,
) -> Listed[feed.EventRow]:
    """Events, newest first, with today's names beside the ids."""
    narrow = feed.Narrow(actor_id, asset_id, person_id, folder_id, tag, refused, since)
    page = await feed.page(scope, narrow, cursor, limit)
    return Listed(items=page.items, next_cursor=page.next_cursor)

"""The audit log, for those who may read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Limit, Listed, Out
from photobank.audit import feed
from photobank.audit.tags import Tag

router = APIRouter(prefix="/audit", tags=["audit"], responses=RESPONSES)


class EventOut(Out):
    """One event, with today's names beside the ids."""

    id: int
    at: datetime
    tag: Tag
    outcome: str
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    via: str
    asset_id: UUID | None
    asset_name: str
    person_id: UUID | None
    person_name: str
    folder_id: UUID | None
    folder_name: str
    consent_id: UUID | None
    user_id: UUID | None
    user_name: str
    download_id: UUID | None
    address: str
    payload: dict[str, Any]


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
) -> Listed[EventOut]:
    """Events, newest first."""
    narrow = feed.Narrow(actor_id, asset_id, person_id, folder_id, tag, refused, since)
    page = await feed.page(scope, narrow, cursor, limit)
    return Listed(items=[EventOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)

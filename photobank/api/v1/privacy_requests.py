"""What people ask about their own data: the list with the days on which answers are due, what came by letter, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.models.privacy import PrivacyKind
from photobank.privacy import desk
from photobank.privacy.desk import Outcome

router = APIRouter(prefix="/privacy-requests", tags=["privacy"], responses=RESPONSES)


class PrivacyRequestIn(Body):
    """A request that came by letter, by phone or at the desk. `asked_at`: when it came, if not just now."""

    person_id: UUID
    kind: PrivacyKind
    asked_at: AwareDatetime | None = None


class AnswerIn(Body):
    """The answer. A refusal needs its reason, which the person reads on their own page."""

    outcome: Outcome
    answer: str = Field("", max_length=desk.LONGEST_ANSWER)


class PrivacyRequestOut(Out):
    """A request. `own_page`: the person asked on their own page, and reads the answer there."""

    id: UUID
    person_id: UUID
    person_name: str
    kind: PrivacyKind
    asked_at: datetime
    due_at: datetime
    late: bool
    own_page: bool
    outcome: Outcome | None
    answer: str
    closed_at: datetime | None


@router.get("")
async def list_privacy_requests(
    scope: InScope,
    waiting: Annotated[bool, Query(description="Those that wait, the most urgent first; or those that were answered")] = True,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[PrivacyRequestOut]:
    """Requests of people about their own data."""
    page = await desk.page(scope, waiting=waiting, cursor=cursor, limit=limit)
    return Listed(items=[PrivacyRequestOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def enter(body: PrivacyRequestIn, scope: InScope) -> PrivacyRequestOut:
    """Enter a request. It is due a month after it came."""
    return PrivacyRequestOut.model_validate(await desk.enter(scope, body.person_id, body.kind, body.asked_at))


@router.post("/{privacy_request_id}/answer")
async def answer(privacy_request_id: UUID, body: AnswerIn, scope: InScope) -> PrivacyRequestOut:
    """Answer a request, once."""
    return PrivacyRequestOut.model_validate(await desk.close(scope, privacy_request_id, body.outcome, body.answer))

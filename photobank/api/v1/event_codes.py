"""Codes that hang at events: made, shown, ended."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.consents import event_codes

router = APIRouter(prefix="/event-codes", tags=["consents"], responses=RESPONSES)


class EventCodeIn(Body):
    """A code for an event: on which form people sign, in which folder the photos are, what the event is called, its last day."""

    template_id: UUID
    folder_id: UUID
    title: str = Field(min_length=1, max_length=event_codes.LONGEST_TITLE)
    last_day: date


class EventCodeOut(Out):
    """A code, and how many who scanned it were asked and signed."""

    id: UUID
    title: str
    template_id: UUID
    folder_id: UUID
    folder: str
    ends_at: datetime
    open: bool
    asked: int
    signed: int


class AddressOut(Out):
    """What the code says."""

    url: str


@router.get("")
async def list_event_codes(scope: InScope) -> Listed[EventCodeOut]:
    """Codes for folders where one may ask, those that still work first."""
    return Listed(items=[EventCodeOut.model_validate(row) for row in await event_codes.listed(scope)], next_cursor=None)


@router.post("", status_code=201)
async def make(body: EventCodeIn, scope: InScope) -> EventCodeOut:
    """Make one. It works up to the end of its last day."""
    made = await event_codes.make(scope, body.template_id, body.folder_id, body.title, body.last_day)
    return EventCodeOut.model_validate(made)


@router.get("/{event_code_id}/address")
async def address(event_code_id: UUID, scope: InScope) -> AddressOut:
    """What it says, to be shown or printed as a QR code."""
    return AddressOut(url=await event_codes.address_of(scope, event_code_id))


@router.post("/{event_code_id}/close")
async def close(event_code_id: UUID, scope: InScope) -> EventCodeOut:
    """End it. Who was asked may still sign."""
    return EventCodeOut.model_validate(await event_codes.close(scope, event_code_id))

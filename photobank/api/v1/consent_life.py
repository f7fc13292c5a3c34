"""The life of consents: the organisation's rule, one's own alerts and calendar, and everybody's consents over time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.api.v1.consents import BarOut, TickOut
from photobank.clearance import retiring
from photobank.consents import alerts, calendar, rules, timeline
from photobank.consents.rules import Rule

router = APIRouter(tags=["consents"], responses=RESPONSES)

Days = Annotated[int, Field(ge=1, le=rules.LONGEST)]


class RuleIn(Body):
    """Days before an end at which it is told; days after the last permission ended until a photo goes to the archive (null: never by
    itself), and after that until it is deleted (null: never)."""

    alert_days: Annotated[int, Field(ge=1, le=365)]
    archive_days: Annotated[int, Field(ge=0, le=rules.LONGEST)] | None
    delete_days: Days | None


class RuleOut(Out):
    """The rule in force."""

    alert_days: int
    archive_days: int | None
    delete_days: int | None


class WaitingOut(Out):
    """Photos that the house put into the archive, how many of them a hold keeps, and when the next is deleted."""

    archived: int
    held: int
    next_deletion: datetime | None


class RuleAndWaitingOut(Out):
    """The rule, and what it has done."""

    rule: RuleOut
    waiting: WaitingOut


class AlertOut(Out):
    """An end one was told of. `why`: oversight, or used (one took or shared photos of the person)."""

    consent_id: UUID
    number: int
    person_id: UUID
    person_name: str
    uses: list[str]
    ends_at: datetime
    why: str
    created_at: datetime
    seen_at: datetime | None


class CalendarOut(Out):
    """When one's own address was made; null when there is none."""

    since: datetime | None


class NewCalendarOut(Out):
    """The address, shown this once."""

    url: str


class LineOut(Out):
    """One person's consents over time."""

    person_id: UUID
    name: str
    bars: list[BarOut]
    ticks: list[TickOut]


@router.get("/consent-rule")
async def get_rule(scope: InScope) -> RuleAndWaitingOut:
    """When ends are told of, and what becomes of photos that nothing allows any more."""
    rule, waiting = await rules.get(scope), await retiring.waiting(scope)
    return RuleAndWaitingOut(rule=RuleOut.model_validate(rule), waiting=WaitingOut.model_validate(waiting))


@router.put("/consent-rule")
async def set_rule(body: RuleIn, scope: InScope) -> RuleOut:
    """Decide anew. Nothing is put away or deleted before the night."""
    return RuleOut.model_validate(await rules.decide(scope, Rule(**body.model_dump())))


@router.get("/consent-alerts")
async def list_alerts(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[AlertOut]:
    """One's own alerts about ends still to come, the first end first."""
    page = await alerts.mine(scope, cursor=cursor, limit=limit)
    return Listed(items=[AlertOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/consent-alerts/seen", status_code=204)
async def look(scope: InScope) -> None:
    """One has looked at all of them."""
    await alerts.look(scope)


@router.get("/consent-timeline")
async def everybody(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[LineOut]:
    """The consents of everybody in sight over time, by name."""
    page = await timeline.everybody(scope, cursor=cursor, limit=limit)
    items = [
        LineOut(
            person_id=one.person_id,
            name=one.name,
            bars=[BarOut.model_validate(bar) for bar in one.timeline.bars],
            ticks=[TickOut.model_validate(tick) for tick in one.timeline.ticks],
        )
        for one in page.items
    ]
    return Listed(items=items, next_cursor=page.next_cursor)


@router.get("/me/calendar")
async def get_calendar(scope: InScope) -> CalendarOut:
    """Whether one has a calendar address; the address itself is shown once only."""
    return CalendarOut(since=await calendar.since(scope))


@router.post("/me/calendar", status_code=201)
async def make_calendar(scope: InScope) -> NewCalendarOut:
    """A new secret address for a calendar program; an earlier one works no more."""
    return NewCalendarOut(url=await calendar.make(scope))


@router.delete("/me/calendar", status_code=204)
async def end_calendar(scope: InScope) -> None:
    """End it."""
    await calendar.end(scope)

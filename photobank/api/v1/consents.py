"""Consents and releases: recorded by staff, listed, withdrawn, renewed; the timeline of a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.consents import days, recording, records, withdrawal
from photobank.consents.recording import NewConsent
from photobank.consents.records import ConsentRow, Extent
from photobank.consents.status import ConsentStatus
from photobank.consents.timeline import timeline
from photobank.models.consents import Regime

router = APIRouter(tags=["consents"], responses=RESPONSES)

Uses = Annotated[list[Annotated[str, Field(min_length=1, max_length=50)]], Field(min_length=1, max_length=100)]
When = Annotated[AwareDatetime | date, Field(description="A moment with its time zone, or a day; until a day means to its end")]


class ConsentIn(Body):
    """What was signed. Minimal: who, which uses, until when."""

    person_id: UUID
    uses: Uses
    valid_until: When | None = None
    valid_from: When | None = None
    signed_at: When | None = None
    scope: Extent = Extent.all
    scope_ids: list[UUID] = Field(default_factory=list, max_length=10_000, description="Folders or photos it is limited to")
    regime: Regime = Regime.consent
    territories: list[str] = Field(default_factory=list, max_length=60, description="Countries, EU or EEA; none means everywhere")
    guardians_signed: int = Field(0, ge=0, le=2)
    biometric: bool = False
    reason: str = Field("", max_length=5000)


class RenewIn(Body):
    """What was signed anew."""

    valid_until: When | None = None
    valid_from: When | None = None
    signed_at: When | None = None
    guardians_signed: int = Field(0, ge=0, le=2)
    uses: Uses | None = None


class WithdrawIn(Body):
    """Only these uses; left out: all of it."""

    uses: Uses | None = None


class GrantedUseOut(Out):
    """A use on a record."""

    use: str
    valid_until: datetime | None
    withdrawn_at: datetime | None


class ConsentOut(Out):
    """A record. `scope_ids` holds the folders or photos in the caller's sight."""

    id: UUID
    number: int
    person_id: UUID
    person_name: str
    regime: Regime
    status: ConsentStatus
    uses: list[GrantedUseOut]
    valid_from: datetime
    valid_until: datetime | None
    signed_at: datetime | None
    withdrawn_at: datetime | None
    superseded_at: datetime | None
    superseded_by: UUID | None
    scope: Extent = Field(validation_alias="extent")
    scope_ids: list[UUID] = Field(validation_alias="extent_ids")
    territories: list[str]
    guardians_signed: int
    biometric: bool
    reason: str
    way_in: str
    recorded_by: UUID | None
    created_at: datetime


class BarOut(Out):
    """A record granted a use from `start` to `end` (null: no end in sight)."""

    consent_id: UUID
    number: int
    regime: Regime
    use: str
    start: datetime
    end: datetime | None
    ended_by: str
    partial: bool


class TickOut(Out):
    """Something that happened to a record."""

    consent_id: UUID
    kind: str
    at: datetime
    uses: list[str]


class TimelineOut(Out):
    """A person's consents over time."""

    bars: list[BarOut]
    ticks: list[TickOut]


@router.get("/consents")
async def list_consents(
    scope: InScope,
    person_id: UUID | None = None,
    status: Annotated[ConsentStatus | None, Query(description="Only records that stand so")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[ConsentOut]:
    """Records of people in sight, newest first."""
    page = await records.page(scope, person_id=person_id, status=status, cursor=cursor, limit=limit)
    return Listed(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/consents", status_code=201)
async def record(body: ConsentIn, scope: InScope) -> ConsentOut:
    """Enter what was signed. Older records of the same kind that this one covers wholly are replaced by it."""
    new = NewConsent(
        person_id=body.person_id,
        uses=tuple(body.uses),
        valid_from=_start(body.valid_from),
        valid_until=_end(body.valid_until),
        extent=body.scope,
        extent_ids=tuple(body.scope_ids),
        regime=body.regime,
        territories=tuple(body.territories),
        guardians_signed=body.guardians_signed,
        signed_at=_start(body.signed_at),
        biometric=body.biometric,
        reason=body.reason,
    )
    return _out(await recording.record(scope, new))


@router.get("/consents/{consent_id}")
async def get_consent(consent_id: UUID, scope: InScope) -> ConsentOut:
    """One record."""
    return _out(await records.get(scope, consent_id))


@router.post("/consents/{consent_id}/withdraw")
async def withdraw(consent_id: UUID, scope: InScope, body: WithdrawIn | None = None) -> ConsentOut:
    """Withdraw a consent, or some of its uses. From the answer on, nothing leaves on it. 409 for a release, which ends by its terms."""
    return _out(await withdrawal.withdraw(scope, consent_id, body.uses if body else None))


@router.post("/consents/{consent_id}/renew", status_code=201)
async def renew(consent_id: UUID, body: RenewIn, scope: InScope) -> ConsentOut:
    """Enter a record signed anew in the place of this one."""
    row = await recording.renew(
        scope,
        consent_id,
        valid_until=_end(body.valid_until),
        valid_from=_start(body.valid_from),
        signed_at=_start(body.signed_at),
        guardians_signed=body.guardians_signed,
        uses=body.uses,
    )
    return _out(row)


@router.get("/people/{person_id}/timeline")
async def person_timeline(person_id: UUID, scope: InScope) -> TimelineOut:
    """A bar per record and use, and what happened."""
    return TimelineOut.model_validate(await timeline(scope, person_id))


def _out(row: ConsentRow) -> ConsentOut:
    return ConsentOut.model_validate(row)


def _start(when: datetime | date | None) -> datetime | None:
    return when if when is None or isinstance(when, datetime) else days.start_of(when)


def _end(when: datetime | date | None) -> datetime | None:
    return when if when is None or isinstance(when, datetime) else days.end_of(when)

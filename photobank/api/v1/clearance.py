"""Verdicts: may these photos be used for this, now or at another moment, here or elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.clearance import judgement
from photobank.clearance.verdicts import PersonVerdict, Verdict
from photobank.consents import uses

router = APIRouter(tags=["clearance"], responses=RESPONSES)


class UseOut(Out):
    """A use, with its name in both languages."""

    id: str
    label_nl: str
    label_en: str
    outside: bool


class Question(Body):
    """Which photos, for what, when and where. Photos out of sight are left out of the answer."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=200)
    use: str | None = Field(None, min_length=1, max_length=50)
    at: AwareDatetime | None = None
    territory: str | None = Field(None, max_length=5, description="Country, EU, EEA or WORLD; the organisation's own if left out")
    redacted: bool = Field(False, description="As it stands once those in the way are made unrecognisable")


class ReasonOut(Out):
    """One thing in the way, or a coming end, with the next step. Without person when the caller may not see who it is."""

    code: str
    state: str
    next_step: str
    person_id: UUID | None
    person_name: str | None
    face_id: UUID | None
    since: str | None
    until: str | None
    params: dict[str, Any]


class VerdictOut(Out):
    """The answer for one use. `valid_until` is set while it is allowed and will end."""

    use: str
    state: str
    allowed: bool
    valid_until: str | None
    reasons: list[ReasonOut]


class AnswerOut(Out):
    """The answers for one photo, by use."""

    asset_id: UUID
    clearance: dict[str, VerdictOut]


class CellOut(Out):
    """Where one person stands for one use."""

    state: str
    allowed: bool
    valid_until: str | None
    reason: ReasonOut | None
    partial: bool


class LineOut(Out):
    """One person on the photo, per use."""

    person_id: UUID | None
    name: str
    uses: dict[str, CellOut]


class PermissionsOut(Out):
    """The permissions of one photo: its verdict per use, and where each person on it stands."""

    asset_id: UUID
    uses: list[UseOut]
    clearance: dict[str, VerdictOut]
    people: list[LineOut]


@router.get("/uses")
async def list_uses(scope: InScope) -> Listed[UseOut]:
    """What a photo may be used for here."""
    return Listed(items=[UseOut.model_validate(row) for row in await uses.list_all(scope)])


@router.post("/clearance")
async def ask(body: Question, scope: InScope) -> Listed[AnswerOut]:
    """Verdicts in bulk, worked out at this moment."""
    decided = await judgement.verdicts(
        scope, body.asset_ids, body.use, at=body.at, territory=body.territory, redacted=body.redacted
    )
    names = await judgement.names_for(scope, (verdict for mine in decided.values() for verdict in mine.values()))
    answers = [
        AnswerOut(asset_id=id_, clearance={use: _verdict(verdict, names) for use, verdict in decided[id_].items()})
        for id_ in dict.fromkeys(body.asset_ids)
        if id_ in decided
    ]
    return Listed(items=answers)


@router.get("/assets/{asset_id}/permissions")
async def permissions(asset_id: UUID, scope: InScope) -> PermissionsOut:
    """Who is on a photo and what each of them allowed."""
    found = await judgement.matrix(scope, asset_id)
    return PermissionsOut(
        asset_id=asset_id,
        uses=[UseOut.model_validate(row) for row in found.uses],
        clearance={use: _verdict(verdict, found.names) for use, verdict in found.verdicts.items()},
        people=[
            LineOut(
                person_id=line.person_id, name=line.name, uses={use: _cell(cell, found.names) for use, cell in line.cells.items()}
            )
            for line in found.people
        ],
    )


@router.get("/people/{person_id}/clearance")
async def of_person(person_id: UUID, scope: InScope) -> dict[str, CellOut]:
    """Where a person stands per use, apart from any photo; `partial` where that holds for some of their photos only."""
    states = await judgement.person_states(scope, person_id)
    names = {person_id: (await judgement.name_of(scope, person_id))}
    return {use: _cell(cell, names) for use, cell in states.items()}


def _verdict(verdict: Verdict, names: judgement.Names) -> VerdictOut:
    return VerdictOut.model_validate(judgement.verdict_json(verdict, names))


def _cell(cell: PersonVerdict, names: judgement.Names) -> CellOut:
    reason = judgement.reason_json(cell.reason, names) if cell.reason else None
    return CellOut.model_validate(cell.to_json() | {"reason": reason})

"""Face templates: the organisation's rule, how many there are, why and until when, and the switch of each person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Out
from photobank.models.recognition import Basis
from photobank.people import templates, unattended

router = APIRouter(tags=["biometrics"], responses=RESPONSES)


class RuleOut(Out):
    """What holds. `set_at` is empty while nobody has decided and the default holds."""

    basis: Basis
    reason: str
    days: int
    set_by: UUID | None
    set_at: datetime | None


class RuleIn(Body):
    """`documented` needs the reason, as it stands in the organisation's own records. `days`: how long faces nobody named are kept."""

    basis: Basis
    reason: str = Field(default="", max_length=2000)
    days: Annotated[int, Field(ge=1, le=365)] = templates.DAYS


class CountOut(Out):
    """Templates of one model that exist for one reason: unsettled, opt_in, documented or selfie."""

    model: str
    why: str
    templates: int
    people: int
    first_end: datetime | None
    last_end: datetime | None


class BiometricsOut(Out):
    """The rule and what exists under it."""

    rule: RuleOut
    templates: list[CountOut]


class PersonBiometricsOut(Out):
    """Whether templates of a person may exist, why (opt_in, documented, off, none), until when, and how many there are, with selfies, on
    photos in sight."""

    allowed: bool
    why: str
    until: datetime | None
    templates: int
    switched_off_at: datetime | None


class SwitchIn(Body):
    """Off: none of this person, whatever the rule. On: what the rule says."""

    on: bool


class LevelOut(Out):
    """Confirming from this probability (and score) on: the organisation's own decisions that pass it, those of them that were wrong, and
    the part that may be wrong at most."""

    probability: float
    score: float
    passed: int
    wrong: int
    bound: float


class ChoiceOut(Out):
    """One wrong in so many. `level`: from where on decisions support that; else `needed` more of them would, if all are right."""

    one_in: int
    level: LevelOut | None
    needed: int


class UnattendedOut(Out):
    """The switch (0 is off), from where on faces are confirmed without a person at this moment, and what decisions support."""

    one_in: int
    set_by: UUID | None
    set_at: datetime | None
    level: LevelOut | None
    counted_at: datetime | None
    choices: list[ChoiceOut]
    confirmed: int


class UnattendedIn(Body):
    """At most one wrong in so many: 100, 200, 500 or 1000. 0 switches it off."""

    one_in: Annotated[int, Field(ge=0, le=1000)]


@router.get("/biometrics")
async def overview(scope: InScope) -> BiometricsOut:
    """What is kept, why and until when."""
    counts = await templates.report(scope)
    return BiometricsOut(
        rule=RuleOut.model_validate(await templates.get_rule(scope)), templates=[CountOut.model_validate(row) for row in counts]
    )


@router.put("/biometrics/rule")
async def set_rule(body: RuleIn, scope: InScope) -> RuleOut:
    """Decide on what ground templates of named people may exist. What is not allowed any more is deleted at once."""
    return RuleOut.model_validate(await templates.set_rule(scope, body.basis, body.reason, body.days))


@router.get("/biometrics/unattended")
async def standing(scope: InScope) -> UnattendedOut:
    """Whether faces are confirmed without a person, and what the organisation's own decisions support."""
    return UnattendedOut.model_validate(await unattended.standing(scope))


@router.put("/biometrics/unattended")
async def switch_unattended(body: UnattendedIn, scope: InScope) -> UnattendedOut:
    """Switch it on with an error, which needs decisions that support it, or off."""
    return UnattendedOut.model_validate(await unattended.switch(scope, body.one_in))


@router.get("/people/{person_id}/biometrics")
async def of_person(person_id: UUID, scope: InScope) -> PersonBiometricsOut:
    """What is kept of one person."""
    return PersonBiometricsOut.model_validate(await templates.of_person(scope, person_id))


@router.put("/people/{person_id}/biometrics")
async def switch(person_id: UUID, body: SwitchIn, scope: InScope) -> PersonBiometricsOut:
    """Switch recognition off for one person, or on again."""
    return PersonBiometricsOut.model_validate(await templates.switch(scope, person_id, on=body.on))

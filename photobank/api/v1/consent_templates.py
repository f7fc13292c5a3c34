"""Forms to sign: versions, the sector sets we bring along, the preview; and the uses of the organisation's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.consents import starters, templates, uses
from photobank.models.consents import Regime

router = APIRouter(tags=["consents"], responses=RESPONSES)

Version = Annotated[int | None, Query(ge=1, le=1_000_000, description="Its number; left out: the newest")]
Words = Annotated[str, Field(max_length=12_000)]
Key = Annotated[str, Field(min_length=1, max_length=50)]


class TextsIn(Body):
    """The words of a form in one language. `{organisation}` and `{person}` are filled in; a blank line begins a paragraph."""

    name: Words
    title: Words
    intro: Words
    terms: Words
    declaration: Words
    biometric: Words = ""
    uses: dict[Key, Words] = Field(max_length=30, description="What each use means")


class ContentIn(Body):
    """A form: its uses, the periods offered (none: it has no end), whether recognition is asked apart, and the words."""

    uses: list[Key] = Field(min_length=1, max_length=30)
    months: list[Annotated[int, Field(ge=1, le=240)]] = Field(default_factory=list, max_length=6)
    biometric: bool = False
    nl: TextsIn
    en: TextsIn


class TemplateIn(Body):
    """A form of the organisation's own."""

    sector: Literal["general", "healthcare", "government", "tourism", "education"] = "general"
    regime: Literal["consent", "release"] = "consent"
    content: ContentIn


class RetireIn(Body):
    """Out of use, or back into it."""

    retired: bool


class UseIn(Body):
    """A use of the organisation's own."""

    label_nl: str = Field(min_length=1, max_length=60)
    label_en: str = Field(min_length=1, max_length=60)
    outside: bool = True


class TemplateOut(Out):
    """A form in its newest version."""

    id: UUID
    sector: str
    regime: Regime
    name_nl: str
    name_en: str
    version: int
    uses: list[str]
    months: list[int]
    biometric: bool
    retired: bool
    changed_at: datetime


class VersionOut(Out):
    """One version, and how many requests were made on it."""

    number: int
    created_at: datetime
    created_by: UUID | None
    digest: str
    requests: int


class TemplateDetailOut(Out):
    """A form with the words of one of its versions."""

    template: TemplateOut = Field(validation_alias="row")
    number: int
    content: dict[str, Any]
    versions: list[VersionOut]


class StarterOut(Out):
    """A form that we bring along."""

    key: str
    sector: str
    regime: Regime
    name_nl: str
    name_en: str


class UseMade(Out):
    """A use."""

    id: str
    label_nl: str
    label_en: str
    outside: bool


@router.get("/consent-templates")
async def list_templates(
    scope: InScope, retired: Annotated[bool, Query(description="Also those out of use")] = False
) -> Listed[TemplateOut]:
    """The forms. At the first look those of the organisation's sector are put in."""
    return Listed(items=[TemplateOut.model_validate(row) for row in await templates.list_all(scope, retired=retired)])


@router.post("/consent-templates", status_code=201)
async def create_template(body: TemplateIn, scope: InScope) -> TemplateDetailOut:
    """A form of the organisation's own."""
    made = await templates.create(scope, body.sector, body.regime, body.content.model_dump())
    return TemplateDetailOut.model_validate(made)


@router.get("/consent-templates/starters")
async def list_starters(scope: InScope) -> Listed[StarterOut]:
    """The sector sets."""
    await templates.list_all(scope)
    found = [
        StarterOut(
            key=one.key,
            sector=one.sector,
            regime=Regime(one.regime),
            name_nl=one.content["nl"]["name"],
            name_en=one.content["en"]["name"],
        )
        for one in starters.all_of_them().values()
    ]
    return Listed(items=found)


@router.post("/consent-templates/starters/{key}")
async def adopt_starter(key: str, scope: InScope) -> TemplateDetailOut:
    """Take one of them over; from then on it is the organisation's own."""
    return TemplateDetailOut.model_validate(await templates.adopt(scope, key))


@router.get("/consent-templates/{template_id}")
async def get_template(template_id: UUID, scope: InScope, version: Version = None) -> TemplateDetailOut:
    """One form, in its newest version or in another."""
    return TemplateDetailOut.model_validate(await templates.get(scope, template_id, version))


@router.put("/consent-templates/{template_id}")
async def change_template(template_id: UUID, body: ContentIn, scope: InScope) -> TemplateDetailOut:
    """New words make a new version. What was asked or signed on an earlier one stays as it is."""
    return TemplateDetailOut.model_validate(await templates.change(scope, template_id, body.model_dump()))


@router.post("/consent-templates/{template_id}/retire")
async def retire_template(template_id: UUID, body: RetireIn, scope: InScope) -> TemplateDetailOut:
    """Take a form out of use, or back."""
    return TemplateDetailOut.model_validate(await templates.retire(scope, template_id, body.retired))


@router.get("/consent-templates/{template_id}/preview")
async def preview_template(
    template_id: UUID, scope: InScope, language: Literal["nl", "en"] = "nl", version: Version = None
) -> dict[str, Any]:
    """What the signer is shown, as it goes into the evidence."""
    return (await templates.preview(scope, template_id, language, version)).as_json()


@router.post("/uses", status_code=201)
async def define_use(body: UseIn, scope: InScope) -> UseMade:
    """A use of the organisation's own. Nothing allows it until somebody signs for it."""
    return UseMade.model_validate(await uses.define(scope, body.label_nl, body.label_en, outside=body.outside))

"""Custom fields of the organisation, and the tags on photos."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.library import fields, tags
from photobank.library.fields import FieldChange
from photobank.models.descriptions import FieldKind

router = APIRouter(tags=["assets"], responses=RESPONSES)


class FieldOut(Out):
    """A custom field. Values of a private one are stored encrypted, and shown only to those who may edit the photo."""

    id: UUID
    label_nl: str
    label_en: str
    kind: FieldKind
    choices: list[str]
    private: bool
    position: int
    retired: bool


class FieldIn(Body):
    """A new field. `choices` are for a field of kind `choice`."""

    label_nl: str = Field(min_length=1, max_length=fields.LONGEST_LABEL)
    label_en: str = Field(min_length=1, max_length=fields.LONGEST_LABEL)
    kind: FieldKind
    choices: list[str] = Field(default_factory=list, max_length=fields.MOST_CHOICES)
    private: bool = False


class FieldPatch(Body):
    """What changes; kind and privacy do not. Retiring a field hides it and keeps its values."""

    label_nl: str | None = Field(None, min_length=1, max_length=fields.LONGEST_LABEL)
    label_en: str | None = Field(None, min_length=1, max_length=fields.LONGEST_LABEL)
    choices: list[str] | None = Field(None, max_length=fields.MOST_CHOICES)
    position: int | None = Field(None, ge=0, le=10_000)
    retired: bool | None = None


class TagOut(Out):
    """A tag, and on how many photos in sight it is."""

    id: UUID
    name: str
    photos: int


@router.get("/fields")
async def list_fields(scope: InScope, retired: bool = False) -> Listed[FieldOut]:
    """The custom fields in their order."""
    return Listed(items=[FieldOut.model_validate(row) for row in await fields.definitions(scope, retired=retired)])


@router.post("/fields", status_code=201)
async def define_field(body: FieldIn, scope: InScope) -> FieldOut:
    """Make a custom field."""
    made = await fields.define(scope, body.label_nl, body.label_en, body.kind, choices=body.choices, private=body.private)
    return FieldOut.model_validate(made)


@router.patch("/fields/{field_id}")
async def change_field(field_id: UUID, body: FieldPatch, scope: InScope) -> FieldOut:
    """Rename a field, change its choices or place, retire it or take it back into use."""
    choices = None if body.choices is None else tuple(body.choices)
    change = FieldChange(**body.model_dump(exclude={"choices"}), choices=choices)
    return FieldOut.model_validate(await fields.change(scope, field_id, change))


@router.get("/tags")
async def list_tags(
    scope: InScope,
    search: Annotated[str, Query(max_length=tags.LONGEST, description="How the tag begins")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[TagOut]:
    """Tags on photos in sight, by name."""
    page = await tags.page(scope, search, cursor, limit)
    return Listed(items=[TagOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)

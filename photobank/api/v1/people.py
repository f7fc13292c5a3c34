"""People."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.people import merging, persons

router = APIRouter(prefix="/people", tags=["people"], responses=RESPONSES)


class PersonOut(Out):
    """A person in sight. `photos` counts what the caller may see; `cover` is a face on one of those."""

    id: UUID
    name: str
    photos: int = 0
    cover: UUID | None = None
    is_minor: bool = False


class PersonDetailOut(PersonOut):
    """A person with everything known of them."""

    note: str
    email: str
    external_ref: str
    birth_date: date | None
    guardians_needed: int
    created_at: datetime


class PersonIn(Body):
    """A new person."""

    name: str = Field(min_length=1, max_length=200)


class PersonPatch(Body):
    """What changes. An empty e-mail or reference removes it."""

    name: str | None = Field(None, min_length=1, max_length=200)
    note: str | None = Field(None, max_length=5000)
    email: str | None = Field(None, max_length=320)
    external_ref: str | None = Field(None, max_length=320)
    birth_date: date | None = None
    is_minor: bool | None = None
    guardians_needed: int | None = Field(None, ge=1, le=2)
    hidden: bool | None = None


class MergeIn(Body):
    """Into whom."""

    into: UUID


@router.get("")
async def list_people(
    scope: InScope, search: Annotated[str, Query(max_length=200)] = "", cursor: Cursor = None, limit: Limit = 50
) -> Listed[PersonOut]:
    """People in sight, by name."""
    page = await persons.page(scope, search, cursor, limit)
    return Listed(items=[PersonOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_person(body: PersonIn, scope: InScope) -> PersonOut:
    """Make a person."""
    return PersonOut.model_validate(await persons.create(scope, body.name))


@router.get("/{person_id}")
async def get_person(person_id: UUID, scope: InScope) -> PersonDetailOut:
    """One person."""
    return PersonDetailOut.model_validate(await persons.detail(scope, person_id))


@router.patch("/{person_id}")
async def change_person(person_id: UUID, body: PersonPatch, scope: InScope) -> PersonDetailOut:
    """Change what is known of a person."""
    await persons.change(scope, person_id, **body.model_dump())
    await scope.db.flush()
    return PersonDetailOut.model_validate(await persons.detail(scope, person_id))


@router.post("/{person_id}/merge")
async def merge(person_id: UUID, body: MergeIn, scope: InScope) -> PersonOut:
    """Two entries were one person: this one goes into the other."""
    kept = await merging.merge(scope, person_id, body.into)
    await scope.db.flush()
    return PersonOut.model_validate(await persons.detail(scope, kept.id))

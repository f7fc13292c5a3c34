"""People."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from photobank.api.deps import Caller, InScope, TheHouse
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.people import by_picture, doubles, merging, persons, together

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
    hidden: bool


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


class MergePreviewOut(Out):
    """What a merge would do. `together`: photos that both are on, which forbids it. `becomes_minor`, `recognition_off`: protection that
    the other gets along."""

    gone: PersonOut
    kept: PersonOut
    faces: int
    consents: int
    together: int
    becomes_minor: bool
    recognition_off: bool


class MergeOut(Out):
    """An entry that went into this one; `faces` and `consents` would go back to it."""

    id: UUID
    name: str
    at: datetime
    by: UUID | None
    faces: int
    consents: int


class DoubleOut(Out):
    """Two entries that may be of one person. `same_address`: both have it; `alike`: how surely, by a selfie and a confirmed face."""

    later: PersonOut
    earlier: PersonOut
    same_address: bool
    alike: float | None


class ApartIn(Body):
    """From whom."""

    other: UUID


class BesideOut(Out):
    """Somebody who is on so many of the other's photos."""

    person: PersonOut
    photos: int


class MatchOut(Out):
    """Somebody whom a picture may show."""

    person: PersonOut
    probability: float


class FoundOut(Out):
    """`faces` on the picture, of which the largest was looked for; `photos` with a face like it, the most alike first."""

    faces: int
    people: list[MatchOut]
    photos: list[UUID]


PICTURE: dict[str, Any] = {"requestBody": {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get("")
async def list_people(
    scope: InScope,
    search: Annotated[str, Query(max_length=200)] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
    hidden: Annotated[bool, Query(description="Only those who were hidden")] = False,
) -> Listed[PersonOut]:
    """People in sight, by name."""
    page = await persons.page(scope, search, cursor, limit, hidden=hidden)
    return Listed(items=[PersonOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_person(body: PersonIn, scope: InScope) -> PersonOut:
    """Make a person."""
    return PersonOut.model_validate(await persons.create(scope, body.name))


@router.post("/find-by-picture", openapi_extra=PICTURE)
async def find_by_picture(request: Request, caller: Caller, house: TheHouse) -> FoundOut:
    """Who is on the picture in the body, and on which photos. The picture is looked at in memory and kept nowhere."""
    return FoundOut.model_validate(await by_picture.find(house.container, caller, request.stream()))


@router.get("/doubles")
async def list_doubles(
    scope: InScope, person_id: Annotated[UUID | None, Query(description="Only pairs with this person")] = None
) -> list[DoubleOut]:
    """Entries that may be of one person, the latest first. Whether they are is for people to say: merge them, or tell them apart."""
    return [DoubleOut.model_validate(row) for row in await doubles.listed(scope, person_id)]


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


@router.get("/{person_id}/together")
async def together_with(person_id: UUID, scope: InScope) -> list[BesideOut]:
    """With whom this person is often on one photo, most often first."""
    return [BesideOut.model_validate(row) for row in await together.of_person(scope, person_id)]


@router.get("/{person_id}/merge")
async def preview_merge(person_id: UUID, into: UUID, scope: InScope) -> MergePreviewOut:
    """What merging this person into the other would do."""
    return MergePreviewOut.model_validate(await merging.preview(scope, person_id, into))


@router.post("/{person_id}/merge")
async def merge(person_id: UUID, body: MergeIn, scope: InScope) -> PersonOut:
    """Two entries were one person: this one goes into the other."""
    kept = await merging.merge(scope, person_id, body.into)
    await scope.db.flush()
    return PersonOut.model_validate(await persons.detail(scope, kept.id))


@router.post("/{person_id}/apart", status_code=204)
async def tell_apart(person_id: UUID, body: ApartIn, scope: InScope) -> None:
    """This person and the other are two people, whatever their entries have in common."""
    await doubles.tell_apart(scope, person_id, body.other)


@router.get("/{person_id}/merges")
async def merges(person_id: UUID, scope: InScope) -> list[MergeOut]:
    """Entries that went into this person and can come apart again, the latest first."""
    return [MergeOut.model_validate(row) for row in await merging.merged_in(scope, person_id)]


@router.post("/{person_id}/merges/{merge_id}/undo")
async def unmerge(person_id: UUID, merge_id: UUID, scope: InScope) -> PersonOut:
    """Two people after all: what moved goes back, save what was decided about anew since. Gives who came back."""
    back = await merging.unmerge(scope, person_id, merge_id)
    await scope.db.flush()
    return PersonOut.model_validate(await persons.detail(scope, back.id))

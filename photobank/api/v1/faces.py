"""Faces and their review, one at a time."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from photobank.api import media
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.delivery import showing
from photobank.models.people import FaceState
from photobank.people import faces, looking, review, tagged

router = APIRouter(tags=["review"], responses=RESPONSES)

Part = Annotated[float, Field(ge=0, le=1)]


class SuggestedOut(Out):
    """Who a face may be."""

    person_id: UUID
    name: str
    probability: float


class FaceOut(Out):
    """A face. `box` is x, y, width, height in 0–1 of the upright picture; null: somebody on it without a visible face."""

    id: UUID
    asset_id: UUID
    box: tuple[float, float, float, float] | None
    state: FaceState
    source: str
    quality: float
    person_id: UUID | None
    person_name: str
    cluster_id: UUID | None
    suggestions: list[SuggestedOut]
    disowned_by: str = Field("", description="Somebody who says of an open face, on their own page, that it is not theirs")
    by_itself: float | None = Field(None, description="With which probability it was confirmed without a person")


class PersonRef(Body):
    """Who."""

    person_id: UUID


class BoxIn(Body):
    """A face that detection missed, and who it is where that is known."""

    box: Annotated[list[Part], Field(min_length=4, max_length=4)]
    person_id: UUID | None = None


class TagIn(Body):
    """Who is on a photo without a visible face: somebody known, or somebody new by `name`."""

    person_id: UUID | None = None
    name: str = Field("", max_length=200)


class Decided(Out):
    """What was done. `action_id` undoes it."""

    action_id: UUID
    face: FaceOut | None = None


@router.get("/faces")
async def list_faces(
    scope: InScope,
    state: FaceState | None = None,
    asset_id: UUID | None = None,
    person_id: UUID | None = None,
    cluster_id: UUID | None = None,
    by_itself: Annotated[bool | None, Query(description="Only those confirmed without a person, or only the others")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[FaceOut]:
    """Faces on photos in sight, newest first."""
    page = await faces.page(
        scope,
        state=state,
        asset_id=asset_id,
        person_id=person_id,
        cluster_id=cluster_id,
        by_itself=by_itself,
        cursor=cursor,
        limit=limit,
    )
    return Listed(items=[FaceOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/faces/{face_id}/crop", response_class=Response, responses=media.answers("image/webp"))
async def crop(face_id: UUID, scope: InScope) -> Response:
    """The face, cut from its photo: for whoever may be shown the photo."""
    return media.shown(await showing.show_face(scope, face_id))


@router.post("/faces/{face_id}/confirm")
async def confirm(face_id: UUID, body: PersonRef, scope: InScope) -> Decided:
    """This face is this person."""
    return await _decided(scope, face_id, await review.confirm(scope, [face_id], body.person_id))


@router.post("/faces/{face_id}/reject")
async def reject(face_id: UUID, body: PersonRef, scope: InScope) -> Decided:
    """This face is not that person; it is never suggested again."""
    return await _decided(scope, face_id, await review.reject(scope, face_id, body.person_id))


@router.post("/faces/{face_id}/ignore")
async def ignore(face_id: UUID, scope: InScope) -> Decided:
    """Not a recognisable person."""
    return await _decided(scope, face_id, await review.ignore(scope, [face_id]))


@router.post("/faces/{face_id}/unassign")
async def unassign(face_id: UUID, scope: InScope) -> Decided:
    """Open a settled face again."""
    return await _decided(scope, face_id, await review.unassign(scope, face_id))


@router.post("/assets/{asset_id}/faces", status_code=201)
async def draw(asset_id: UUID, body: BoxIn, scope: InScope) -> FaceOut:
    """A face that detection missed."""
    face = await review.draw(scope, asset_id, body.box, body.person_id)
    return FaceOut.model_validate((await faces.rows_of(scope, [face]))[0])


@router.post("/assets/{asset_id}/people", status_code=201)
async def tag(asset_id: UUID, body: TagIn, scope: InScope) -> Decided:
    """Somebody is on this photo though no face of theirs can be seen: from behind, masked, far away."""
    done = await tagged.tag(scope, asset_id, person_id=body.person_id, name=body.name)
    return Decided(action_id=done.action_id, face=FaceOut.model_validate((await faces.rows_of(scope, [done.face]))[0]))


@router.delete("/assets/{asset_id}/people/{person_id}")
async def untag(asset_id: UUID, person_id: UUID, scope: InScope) -> Decided:
    """Somebody who was put on this photo without a visible face is not on it after all."""
    return Decided(action_id=await tagged.untag(scope, asset_id, person_id))


@router.post("/assets/{asset_id}/faces/look-again", status_code=202)
async def look_again(asset_id: UUID, scope: InScope) -> None:
    """Look for faces on this photo once more. What people decided stays with its faces."""
    await looking.again(scope, asset_id)


async def _decided(scope: InScope, face_id: UUID, action_id: UUID) -> Decided:
    face, _ = await faces.find_for_review(scope, face_id)
    return Decided(action_id=action_id, face=FaceOut.model_validate((await faces.rows_of(scope, [face]))[0]))

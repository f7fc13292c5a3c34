"""Changing photos: what describes one, many at once with the way back, and what the caller thinks of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool, StrictFloat, StrictInt

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.library import bulk, marks, undoing
from photobank.library.bulk import Change, Done, Kind
from photobank.library.describing import Description
from photobank.library.tags import MOST as MOST_TAGS
from photobank.scope import Scope

router = APIRouter(prefix="/assets", tags=["assets"], responses=RESPONSES)
operations = APIRouter(prefix="/bulk-operations", tags=["assets"], responses=RESPONSES)

Value = StrictBool | StrictInt | StrictFloat | str | None
KindName = Literal["describe", "move", "archive", "unarchive", "trash", "restore", "rate", "favour", "collect"]


class DescriptionIn(Body):
    """What changes. `tags` are then exactly these; `fields` go by a custom field's id, and null empties one."""

    title: str | None = Field(None, max_length=300)
    caption: str | None = Field(None, max_length=5000)
    credit: str | None = Field(None, max_length=300)
    event: str | None = Field(None, max_length=300)
    photographer: str | None = Field(None, max_length=300)
    tags: list[str] | None = Field(None, max_length=MOST_TAGS)
    add_tags: list[str] = Field(default_factory=list, max_length=MOST_TAGS)
    remove_tags: list[str] = Field(default_factory=list, max_length=MOST_TAGS)
    fields: dict[UUID, Value] = Field(default_factory=dict, max_length=100)

    def description(self) -> Description:
        """As services take it."""
        given = {name: getattr(self, name) for name in ("title", "caption", "credit", "event", "photographer", "fields")}
        return Description(
            **given,
            tags=None if self.tags is None else tuple(self.tags),
            add_tags=tuple(self.add_tags),
            remove_tags=tuple(self.remove_tags),
        )


class ChangeIn(DescriptionIn):
    """What is done. `title_pattern` may hold {n}, {title}, {event}, {photographer}, {date} and {filename}; `stars` null takes
    one's own back; `on` false takes a heart back, or photos out of a collection."""

    kind: KindName = "describe"
    title_pattern: str = Field("", max_length=300)
    folder_id: UUID | None = None
    collection_id: UUID | None = None
    stars: int | None = Field(None, ge=1, le=5)
    on: bool = True

    def change(self) -> Change:
        """As services take it."""
        given = {name: getattr(self, name) for name in ("title_pattern", "folder_id", "collection_id", "stars", "on")}
        return Change(kind=Kind(self.kind), description=self.description(), **given)


class BulkIn(Body):
    """One change for many photos."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=bulk.MOST)
    change: ChangeIn


class PlanIn(Body):
    """Photos, and what might be done to them."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=bulk.MOST)
    kind: KindName = "describe"


class PlanOut(Out):
    """How many would be touched, and how many left alone: `gone`, `not_allowed`, `archived`, `held`, `other_state`."""

    touched: int
    left: dict[str, int]


class BulkOut(PlanOut):
    """The same after the fact, with how many came out different. `operation_id` takes it back, for a day."""

    changed: int
    operation_id: UUID | None


class OperationOut(Out):
    """A bulk change of the caller's that can still be taken back."""

    id: UUID
    kind: KindName
    changed: int
    created_at: datetime


class MarksOut(Out):
    """What the caller thinks of a photo, and what everybody thinks together."""

    favourite: bool
    stars: int | None
    average: float | None
    ratings: int


class RatingIn(Body):
    """One to five stars."""

    stars: int = Field(ge=1, le=5)


@router.post("/bulk")
async def change_many(body: BulkIn, scope: InScope) -> BulkOut:
    """Change many photos at once. What the caller may see but not change is counted and left alone."""
    return _done(await bulk.apply(scope, body.asset_ids, body.change.change()))


@router.post("/bulk/plan")
async def plan_many(body: PlanIn, scope: InScope) -> PlanOut:
    """What a change to these photos would touch; nothing is changed."""
    found = await bulk.plan(scope, body.asset_ids, Kind(body.kind))
    return PlanOut(touched=len(found.touched), left={str(why): count for why, count in found.left.items()})


@operations.get("")
async def list_operations(scope: InScope) -> Listed[OperationOut]:
    """The caller's bulk changes of the last day, newest first."""
    return Listed(items=[OperationOut.model_validate(row) for row in await undoing.list_own(scope)])


@operations.post("/{operation_id}/undo")
async def undo(operation_id: UUID, scope: InScope) -> BulkOut:
    """Take a bulk change back. What was changed since stays, and is counted as `changed_since`."""
    return _done(await undoing.undo(scope, operation_id))


@router.put("/{asset_id}/favourite")
async def favour(asset_id: UUID, scope: InScope) -> MarksOut:
    """Make it one of one's favourites."""
    await marks.favour(scope, [asset_id])
    return await _marks(scope, asset_id)


@router.delete("/{asset_id}/favourite")
async def unfavour(asset_id: UUID, scope: InScope) -> MarksOut:
    """No favourite any more."""
    await marks.favour(scope, [asset_id], on=False)
    return await _marks(scope, asset_id)


@router.put("/{asset_id}/rating")
async def rate(asset_id: UUID, body: RatingIn, scope: InScope) -> MarksOut:
    """Give stars."""
    await marks.rate(scope, [asset_id], body.stars)
    return await _marks(scope, asset_id)


@router.delete("/{asset_id}/rating")
async def unrate(asset_id: UUID, scope: InScope) -> MarksOut:
    """Take one's own stars back."""
    await marks.rate(scope, [asset_id], None)
    return await _marks(scope, asset_id)


async def _marks(scope: Scope, asset_id: UUID) -> MarksOut:
    return MarksOut.model_validate((await marks.of_assets(scope, [asset_id]))[asset_id])


def _done(done: Done) -> BulkOut:
    left = {str(why): count for why, count in done.left.items()}
    return BulkOut(touched=done.touched, left=left, changed=done.changed, operation_id=done.operation_id)

"""Describing photos: one, many at once, and what the caller thinks of them."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool, StrictFloat, StrictInt

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Out
from photobank.library import bulk, marks
from photobank.library.describing import Description
from photobank.library.tags import MOST as MOST_TAGS
from photobank.scope import Scope

router = APIRouter(prefix="/assets", tags=["assets"], responses=RESPONSES)

Value = StrictBool | StrictInt | StrictFloat | str | None


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


class BulkIn(Body):
    """One change for many photos."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=bulk.MOST)
    change: DescriptionIn


class BulkOut(Out):
    """What was touched, what of it came out different, and what was left alone: `gone`, `not_allowed`, `archived`."""

    touched: int
    changed: int
    left: dict[str, int]


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
    """Change many photos at once. What the caller may see but not edit, or is archived, is counted and left alone."""
    done = await bulk.apply(scope, body.asset_ids, body.change.description())
    return BulkOut(touched=done.touched, changed=done.changed, left={str(why): count for why, count in done.left.items()})


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

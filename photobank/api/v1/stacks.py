"""Stacks: photos that belong together, of one burst say, with a cover."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.duplicates import stacks

router = APIRouter(prefix="/stacks", tags=["stacks"], responses=RESPONSES)


class StackOut(Out):
    """A stack with its photos in sight, the cover first."""

    id: UUID
    folder_id: UUID
    cover_id: UUID
    asset_ids: list[UUID]
    created_at: datetime


class StackIn(Body):
    """Photos of one folder to put together."""

    asset_ids: list[UUID] = Field(min_length=2, max_length=stacks.MOST)
    cover_id: UUID | None = None


class StackPatch(Body):
    """Another cover."""

    cover_id: UUID


class Suggestion(Out):
    """A burst that might become a stack."""

    asset_ids: list[UUID]


class Freed(Out):
    """Photos that stand by themselves again."""

    asset_ids: list[UUID]


@router.get("")
async def list_stacks(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[StackOut]:
    """Stacks in sight, last made first."""
    page = await stacks.page(scope, cursor, limit)
    return Listed(items=[StackOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def make_stack(body: StackIn, scope: InScope) -> StackOut:
    """Put photos into a stack; they leave others that they were in."""
    return StackOut.model_validate(await stacks.make(scope, body.asset_ids, body.cover_id))


@router.get("/suggestions")
async def suggestions(scope: InScope) -> Listed[Suggestion]:
    """Bursts that nobody has stacked."""
    return Listed(items=[Suggestion(asset_ids=list(group)) for group in await stacks.suggestions(scope)])


@router.get("/{stack_id}")
async def get_stack(stack_id: UUID, scope: InScope) -> StackOut:
    """One stack."""
    return StackOut.model_validate(await stacks.get(scope, stack_id))


@router.patch("/{stack_id}")
async def choose_cover(stack_id: UUID, body: StackPatch, scope: InScope) -> StackOut:
    """Another photo stands for the stack."""
    return StackOut.model_validate(await stacks.choose_cover(scope, stack_id, body.cover_id))


@router.delete("/{stack_id}")
async def dissolve(stack_id: UUID, scope: InScope) -> Freed:
    """Take a stack apart; no photo goes."""
    return Freed(asset_ids=await stacks.dissolve(scope, stack_id))


@router.delete("/{stack_id}/assets/{asset_id}", status_code=204)
async def take_out(stack_id: UUID, asset_id: UUID, scope: InScope) -> None:
    """One photo leaves the stack."""
    await stacks.take_out(scope, stack_id, asset_id)

"""Collections: hand-made choices of photos."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.asset_answers import AssetOut, listed
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.library import collections
from photobank.models.collections import CollectionKind

router = APIRouter(prefix="/collections", tags=["collections"], responses=RESPONSES)


class CollectionOut(Out):
    """A collection. `photos` and `cover_id` are of what the caller may see; `mine`: may rename and delete it."""

    id: UUID
    name: str
    kind: CollectionKind
    owner_name: str
    mine: bool
    may_add: bool
    photos: int
    cover_id: UUID | None
    changed_at: datetime


class CollectionIn(Body):
    """A new collection."""

    name: str = Field(min_length=1, max_length=collections.LONGEST)
    kind: CollectionKind = CollectionKind.personal


class CollectionPatch(Body):
    """What changes."""

    name: str | None = Field(None, min_length=1, max_length=collections.LONGEST)
    kind: CollectionKind | None = None
    cover_id: UUID | None = None


class Members(Body):
    """Photos."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=5000)


class OrderIn(Members):
    """Photos, and the one they are put before; null: at the end."""

    before: UUID | None = None


class Moved(Out):
    """How many photos came in or went out."""

    changed: int


@router.get("")
async def list_collections(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[CollectionOut]:
    """One's own collections and those of the team, by name."""
    page = await collections.page(scope, cursor, limit)
    return Listed(items=[CollectionOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_collection(body: CollectionIn, scope: InScope) -> CollectionOut:
    """Make a collection."""
    return CollectionOut.model_validate(await collections.create(scope, body.name, body.kind))


@router.get("/{collection_id}")
async def get_collection(collection_id: UUID, scope: InScope) -> CollectionOut:
    """One collection."""
    return CollectionOut.model_validate(await collections.get(scope, collection_id))


@router.patch("/{collection_id}")
async def change_collection(collection_id: UUID, body: CollectionPatch, scope: InScope) -> CollectionOut:
    """Rename it, make it the team's or one's own, choose its cover."""
    return CollectionOut.model_validate(await collections.change(scope, collection_id, **body.model_dump()))


@router.delete("/{collection_id}", status_code=204)
async def remove_collection(collection_id: UUID, scope: InScope) -> None:
    """Delete it; its photos stay where they are."""
    await collections.remove(scope, collection_id)


@router.get("/{collection_id}/assets")
async def list_members(collection_id: UUID, scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[AssetOut]:
    """Its photos in sight, in the order made by hand."""
    page = await collections.assets(scope, collection_id, cursor, limit)
    return Listed(items=await listed(scope, page.items), next_cursor=page.next_cursor)


@router.post("/{collection_id}/assets")
async def add_members(collection_id: UUID, body: Members, scope: InScope) -> Moved:
    """Put photos in it, at the end."""
    return Moved(changed=len(await collections.add(scope, collection_id, body.asset_ids)))


@router.post("/{collection_id}/assets/remove")
async def drop_members(collection_id: UUID, body: Members, scope: InScope) -> Moved:
    """Take photos out of it."""
    return Moved(changed=len(await collections.drop(scope, collection_id, body.asset_ids)))


@router.post("/{collection_id}/order", status_code=204)
async def arrange(collection_id: UUID, body: OrderIn, scope: InScope) -> None:
    """Change the order made by hand."""
    await collections.arrange(scope, collection_id, body.asset_ids, body.before)

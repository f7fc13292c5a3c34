"""What stands before and after a photo in the list it was opened from, and where it is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, func, literal, tuple_
from sqlmodel import col

from photobank.kernel.paging import MAX_LIMIT, TimeCursor
from photobank.library import assets, collections
from photobank.library.assets import Filters
from photobank.models.assets import Asset
from photobank.models.collections import CollectionAsset
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Those beside a photo, None at the ends; it is the `at`th of `count`. `at` is 0 when the list no longer holds it."""

    previous: UUID | None
    next: UUID | None
    at: int
    count: int


async def in_list(scope: Scope, asset_id: UUID, filters: Filters, *, oldest_first: bool = False) -> Neighbours:
    """In the library, narrowed. A photo that left the list keeps its neighbours, so that one goes on from where one is."""
    asset = await assets.find(scope, asset_id)
    here = TimeCursor(asset.sort_at, asset.id).encode()
    after = await assets.page(scope, filters, here, 1, oldest_first=oldest_first)
    before = await assets.page(scope, filters, here, 1, oldest_first=not oldest_first)
    months = await assets.months(scope, filters)
    its = asset.sort_at.astimezone(UTC).date().replace(day=1)
    at = sum(n for month, n in months if (month < its if oldest_first else month > its))
    within = await assets.blocks(scope, replace(filters, month=its), MAX_LIMIT, oldest_first=oldest_first, until=here)
    holds = bool(within) and within[-1].end == here and filters.month in (None, its)
    return Neighbours(
        before.items[0].id if before.items else None,
        after.items[0].id if after.items else None,
        at + sum(block.count for block in within) if holds else 0,
        sum(n for _, n in months),
    )


async def in_collection(scope: Scope, asset_id: UUID, collection_id: UUID) -> Neighbours:
    """In a collection, in the order made by hand."""
    await assets.find(scope, asset_id)
    await collections.get(scope, collection_id)
    inside = await collections.inside(scope, collection_id)
    count = await scope.db.scalar(inside.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    held = await scope.db.get(CollectionAsset, (collection_id, asset_id))
    if held is None:
        return Neighbours(None, None, 0, count)
    order = (col(CollectionAsset.position), col(CollectionAsset.asset_id))
    ids = inside.with_only_columns(col(Asset.id), maintain_column_froms=True)
    here = tuple_(literal(held.position, BigInteger), literal(held.asset_id, Uuid))
    up = ids.where(tuple_(*order) < here)
    previous = await scope.db.scalar(up.order_by(*(one.desc() for one in order)).limit(1))
    following = await scope.db.scalar(ids.where(tuple_(*order) > here).order_by(*order).limit(1))
    at = await scope.db.scalar(up.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    return Neighbours(previous, following, at + 1, count)

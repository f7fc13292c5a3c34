"""What a list of photos is narrowed to by what people made of them: hearts, stars, collections, tags, events."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from photobank.library import collections, tags
from photobank.models.assets import Asset
from photobank.models.descriptions import AssetTag, Favourite, PhotoTag, Rating
from photobank.scope import Scope


async def marked(
    scope: Scope, favourite: bool, rating: int | None, collection_id: UUID | None, tag: str | None, event: str | None
) -> list[ColumnElement[bool]]:
    """Conditions on assets, for those that are set."""
    conditions: list[ColumnElement[bool]] = []
    if favourite:
        mine = select(col(Favourite.asset_id)).where(col(Favourite.user_id) == scope.actor.user_id)
        conditions.append(col(Asset.id).in_(mine))
    if rating is not None:
        rated = select(col(Rating.asset_id)).group_by(col(Rating.asset_id)).having(func.avg(col(Rating.stars)) >= rating)
        conditions.append(col(Asset.id).in_(rated))
    if collection_id is not None:
        conditions.append(await collections.within(scope, collection_id))
    if tag is not None:
        here = select(col(AssetTag.asset_id)).join(PhotoTag, col(PhotoTag.id) == col(AssetTag.tag_id))
        conditions.append(col(Asset.id).in_(here.where(col(PhotoTag.normal) == tags.normal(tag))))
    if event is not None:
        conditions.append(col(Asset.event) == event)
    return conditions

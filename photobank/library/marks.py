"""What each user thinks of a photo: a heart, and one to five stars. A heart is one's own; of stars others see the average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import Told, record_each
from photobank.audit.tags import Tag
from photobank.db.among import among
from photobank.kernel.errors import Invalid, NotAuthenticated, NotFound
from photobank.messaging.events import AssetsDescribed
from photobank.models.assets import Asset
from photobank.models.descriptions import Favourite, Rating
from photobank.scope import Scope

STARS = range(1, 6)
LATEST = 100


@dataclass(frozen=True, slots=True)
class Marks:
    """What the actor thinks of an asset, and what everybody thinks together. `average` is None while nobody rated."""

    favourite: bool = False
    stars: int | None = None
    average: float | None = None
    ratings: int = 0


async def of_assets(scope: Scope, asset_ids: Sequence[UUID]) -> dict[UUID, Marks]:
    """The marks of these assets, in two queries. The caller has made sure that the assets are in sight."""
    mine = scope.actor.user_id
    hearts = select(col(Favourite.asset_id)).where(col(Favourite.user_id) == mine, among(col(Favourite.asset_id), asset_ids))
    favourites = set((await scope.db.scalars(hearts)).all())
    own = func.max(col(Rating.stars)).filter(col(Rating.user_id) == mine)
    stars = select(col(Rating.asset_id), own, func.avg(col(Rating.stars)), func.count())
    rated = {
        asset_id: (own, float(average), count)
        for asset_id, own, average, count in await scope.db.execute(
            stars.where(among(col(Rating.asset_id), asset_ids)).group_by(col(Rating.asset_id))
        )
    }
    return {id_: Marks(id_ in favourites, *rated.get(id_, (None, None, 0))) for id_ in asset_ids}


async def hearts(scope: Scope, limit: int = LATEST) -> tuple[list[tuple[UUID, datetime]], int]:
    """One's own latest hearts on photos in sight, newest first, and how many there are in all; for lists that are open."""
    mine = col(Favourite.user_id) == scope.actor.user_id
    seen = (await visibility.assets(scope)).join(Favourite, (col(Favourite.asset_id) == col(Asset.id)) & mine)
    latest = seen.with_only_columns(col(Asset.id), col(Favourite.at)).order_by(col(Favourite.at).desc(), col(Asset.id)).limit(limit)
    count = await scope.db.scalar(seen.with_only_columns(func.count()))
    return [(id_, at) for id_, at in await scope.db.execute(latest)], int(count or 0)


async def favour(scope: Scope, asset_ids: Sequence[UUID], *, on: bool = True) -> set[UUID]:
    """Give hearts, or take them back; gives the assets that changed. Raises NotFound when one is out of sight."""
    user_id, found = await _mine(scope, asset_ids)
    if on:
        rows = select(literal(user_id, Uuid), col(Asset.id), literal(scope.now())).where(among(col(Asset.id), found))
        put = insert(Favourite).from_select(["user_id", "asset_id", "at"], rows).on_conflict_do_nothing()
        changed = set((await scope.db.execute(put.returning(col(Favourite.asset_id)))).scalars())
    else:
        here = delete(Favourite).where(col(Favourite.user_id) == user_id, among(col(Favourite.asset_id), found))
        changed = set((await scope.db.execute(here.returning(col(Favourite.asset_id)))).scalars())
    await record_each(scope, Tag.asset_favoured, [Told({"on": on}, {"asset_id": id_}) for id_ in sorted(changed)])
    if changed:
        scope.announce(AssetsDescribed(asset_ids=tuple(sorted(changed))))
    return changed


async def rate(scope: Scope, asset_ids: Sequence[UUID], stars: int | None) -> set[UUID]:
    """Give stars, or take one's own back (None); gives the assets that changed. Raises NotFound when one is out of sight."""
    if stars is not None and stars not in STARS:
        raise Invalid("stars", fields={"stars": "errors.stars"})
    user_id, found = await _mine(scope, asset_ids)
    if stars is None:
        here = delete(Rating).where(col(Rating.user_id) == user_id, among(col(Rating.asset_id), found))
        changed = set((await scope.db.execute(here.returning(col(Rating.asset_id)))).scalars())
    else:
        mine = literal(user_id, Uuid), col(Asset.id), literal(stars), literal(scope.now())
        put = insert(Rating).from_select(["user_id", "asset_id", "stars", "at"], select(*mine).where(among(col(Asset.id), found)))
        put = put.on_conflict_do_update(
            index_elements=["asset_id", "user_id"],
            set_={"stars": put.excluded.stars, "at": put.excluded.at},
            where=col(Rating.stars) != put.excluded.stars,
        )
        changed = set((await scope.db.execute(put.returning(col(Rating.asset_id)))).scalars())
    await record_each(scope, Tag.asset_rated, [Told({"stars": stars}, {"asset_id": id_}) for id_ in sorted(changed)])
    if changed:
        scope.announce(AssetsDescribed(asset_ids=tuple(sorted(changed))))
    return changed


async def _mine(scope: Scope, asset_ids: Sequence[UUID]) -> tuple[UUID, list[UUID]]:
    """Whose marks these are, and the assets, each once."""
    require(scope, Action.own_marks)
    if scope.actor.user_id is None:
        raise NotAuthenticated("marks are somebody's own")
    wanted = list(dict.fromkeys(asset_ids))
    query = (await visibility.assets(scope)).where(among(col(Asset.id), wanted)).with_only_columns(col(Asset.id))
    found = set((await scope.db.scalars(query)).all())
    if not wanted or found != set(wanted):
        raise NotFound("no such photo")
    return scope.actor.user_id, wanted

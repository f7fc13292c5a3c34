"""Tags: words that photos are found by. One word is one tag, whatever its case and spacing."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.db.among import among
from photobank.kernel.errors import Invalid
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, clamp
from photobank.models.assets import Asset, AssetState
from photobank.models.descriptions import AssetTag, PhotoTag
from photobank.scope import Scope

LONGEST = 80
MOST = 100
"""On one photo."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag, and on how many photos in sight it is."""

    id: UUID
    name: str
    photos: int


def clean(name: str) -> str:
    """A tag as it is kept; raises Invalid."""
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy or len(tidy) > LONGEST or not tidy.isprintable():
        raise Invalid("tag", fields={"tags": "errors.tag"})
    return tidy


def normal(name: str) -> str:
    """What makes two spellings one tag."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", " ".join(name.split())).casefold())


async def page(scope: Scope, search: str = "", cursor: str | None = None, limit: int | None = None) -> Page[TagRow]:
    """Tags on photos in sight, by name; `search` is how the word begins."""
    require(scope, Action.library_view)
    size = clamp(limit)
    here = (
        col(AssetTag.tag_id) == col(PhotoTag.id),
        col(Asset.id) == col(AssetTag.asset_id),
        col(Asset.state).not_in([AssetState.trashed, AssetState.uploading]),
        await visibility.in_sight(scope),
    )
    photos = select(func.count()).select_from(AssetTag).join(Asset, col(Asset.id) == col(AssetTag.asset_id)).where(*here)
    query = select(PhotoTag, photos.correlate(PhotoTag).scalar_subquery()).where(exists().where(*here))
    if search.strip():
        query = query.where(col(PhotoTag.normal).startswith(normal(search), autoescape=True))
    if cursor:
        query = query.where(col(PhotoTag.normal) > cursor)
    rows = (await scope.db.execute(query.order_by(col(PhotoTag.normal)).limit(size + 1))).all()
    items = [TagRow(tag.id, tag.name, count) for tag, count in rows[:size]]
    return Page(items, rows[size - 1][0].normal if len(rows) > size else None)


async def of_assets(scope: Scope, asset_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The tags of these assets, by name, in one query. The caller has made sure that the assets are in sight."""
    query = (
        select(col(AssetTag.asset_id), col(PhotoTag.name))
        .join(PhotoTag, col(PhotoTag.id) == col(AssetTag.tag_id))
        .where(among(col(AssetTag.asset_id), asset_ids))
        .order_by(col(PhotoTag.normal))
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for asset_id, name in await scope.db.execute(query):
        found[asset_id].append(name)
    return found


async def put_on(scope: Scope, asset_ids: Sequence[UUID], names: Iterable[str]) -> set[UUID]:
    """Add tags to assets; gives those that did not have them all. The caller has authorised the change."""
    ids = await _made(scope, names)
    if not ids:
        return set()
    pairs = (
        select(col(Asset.id), col(PhotoTag.id), literal(scope.now()))
        .join(PhotoTag, col(PhotoTag.id).in_(ids))
        .where(among(col(Asset.id), asset_ids))
    )
    added = insert(AssetTag).from_select(["asset_id", "tag_id", "added_at"], pairs).on_conflict_do_nothing()
    changed = set((await scope.db.execute(added.returning(col(AssetTag.asset_id)))).scalars())
    full = select(col(AssetTag.asset_id)).where(among(col(AssetTag.asset_id), changed)).group_by(col(AssetTag.asset_id))
    if changed and (await scope.db.execute(full.having(func.count() > MOST).limit(1))).first():
        raise Invalid("too many tags", fields={"tags": "errors.too_many_tags"})
    return changed


async def take_off(scope: Scope, asset_ids: Sequence[UUID], names: Iterable[str]) -> set[UUID]:
    """Remove tags from assets; gives those that had one of them. The caller has authorised the change."""
    words = {normal(name) for name in names}
    gone = select(col(PhotoTag.id)).where(col(PhotoTag.normal).in_(words))
    query = delete(AssetTag).where(among(col(AssetTag.asset_id), asset_ids), col(AssetTag.tag_id).in_(gone))
    return set((await scope.db.execute(query.returning(col(AssetTag.asset_id)))).scalars()) if words else set()


async def set_on(scope: Scope, asset_ids: Sequence[UUID], names: Sequence[str]) -> set[UUID]:
    """Give assets exactly these tags; gives those that changed. The caller has authorised the change."""
    words = {normal(name) for name in names}
    stays = select(col(PhotoTag.id)).where(col(PhotoTag.normal).in_(words))
    query = delete(AssetTag).where(among(col(AssetTag.asset_id), asset_ids), col(AssetTag.tag_id).not_in(stays))
    dropped = set((await scope.db.execute(query.returning(col(AssetTag.asset_id)))).scalars())
    return dropped | await put_on(scope, asset_ids, names)


async def _made(scope: Scope, names: Iterable[str]) -> list[UUID]:
    """The ids of these tags, made where they are new."""
    words = {normal(tidy): tidy for tidy in map(clean, names)}
    if not words:
        return []
    if len(words) > MOST:
        raise Invalid("too many tags", fields={"tags": "errors.too_many_tags"})
    now = scope.now()
    # Sorted, so that two who add the same new tags wait for one another in the same order.
    rows = [{"id": new_id(), "name": words[word], "normal": word, "created_at": now} for word in sorted(words)]
    await scope.db.execute(insert(PhotoTag).values(rows).on_conflict_do_nothing())
    return list((await scope.db.scalars(select(col(PhotoTag.id)).where(col(PhotoTag.normal).in_(words)))).all())

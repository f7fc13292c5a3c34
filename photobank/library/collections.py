"""Collections: hand-made choices of photos, one's own or the team's. They grant nothing: who opens one sees what they may see anyway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Uuid,
    and_,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotAuthenticated, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, clamp
from photobank.messaging.events import CollectionChanged
from photobank.models.accounts import Role, User
from photobank.models.assets import Asset, AssetState
from photobank.models.collections import Collection, CollectionAsset, CollectionKind
from photobank.scope import Scope

LONGEST = 200
MOST = 10_000
"""Photos in one collection."""
COUNTED = col(Asset.state).not_in([AssetState.trashed, AssetState.uploading])


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection as the actor sees it: count and cover are of photos in sight. `mine`: may rename, delete and share it out."""

    id: UUID
    name: str
    kind: CollectionKind
    owner_name: str
    mine: bool
    may_add: bool
    photos: int
    cover_id: UUID | None
    changed_at: datetime


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[CollectionRow]:
    """One's own collections and those of the team, by name."""
    size = clamp(limit)
    order = tuple_(func.lower(col(Collection.name)), col(Collection.id))
    query = select(Collection).where(_reach(scope))
    if cursor:
        after = await scope.db.scalar(select(Collection).where(col(Collection.id) == _id(cursor), _reach(scope)))
        if after is None:
            raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"})
        query = query.where(order > tuple_(func.lower(after.name), after.id))
    query = query.order_by(func.lower(col(Collection.name)), col(Collection.id)).limit(size + 1)
    rows = list((await scope.db.execute(query)).scalars())
    return Page(await _rows(scope, rows[:size]), str(rows[size - 1].id) if len(rows) > size else None)


async def get(scope: Scope, collection_id: UUID) -> CollectionRow:
    """One collection; NotFound for somebody else's own."""
    return (await _rows(scope, [await _find(scope, collection_id)]))[0]


async def create(scope: Scope, name: str, kind: CollectionKind = CollectionKind.personal) -> CollectionRow:
    """Make a collection. One of the team takes the right to edit photos."""
    owner = _keeper(scope)
    if kind is CollectionKind.team:
        require(scope, Action.asset_edit)
    now = scope.now()
    made = Collection(id=new_id(), owner_id=owner, kind=kind, name=_name(name), created_at=now, changed_at=now)
    scope.db.add(made)
    await scope.db.flush()
    record(scope, Tag.collection_created, payload={"collection": str(made.id), "kind": kind})
    scope.announce(CollectionChanged(collection_id=made.id))
    return (await _rows(scope, [made]))[0]


async def change(
    scope: Scope, collection_id: UUID, *, name: str | None = None, kind: CollectionKind | None = None, cover_id: UUID | None = None
) -> CollectionRow:
    """Rename it, make it the team's or one's own, choose its cover among its photos in sight."""
    found = await _find(scope, collection_id)
    _require_mine(scope, found)
    if name is not None:
        found.name = _name(name)
    if kind is not None and kind != found.kind:
        require(scope, Action.asset_edit)
        found.kind = kind
    if cover_id is not None:
        query = (await inside(scope, collection_id)).where(col(Asset.id) == cover_id)
        if await scope.db.scalar(query.with_only_columns(col(Asset.id))) is None:
            raise NotFound("no such photo")
        found.cover_id = cover_id
    found.changed_at = scope.now()
    record(scope, Tag.collection_changed, payload={"collection": str(collection_id), "kind": found.kind})
    scope.announce(CollectionChanged(collection_id=collection_id))
    await scope.db.flush()
    return (await _rows(scope, [found]))[0]


async def remove(scope: Scope, collection_id: UUID) -> None:
    """Delete a collection; its photos stay where they are."""
    found = await _find(scope, collection_id)
    _require_mine(scope, found)
    await scope.db.delete(found)
    record(scope, Tag.collection_deleted, payload={"collection": str(collection_id)})
    scope.announce(CollectionChanged(collection_id=collection_id))


async def add(scope: Scope, collection_id: UUID, asset_ids: Sequence[UUID]) -> set[UUID]:
    """Put photos in sight at the end; gives those that were not in it. Raises NotFound when one is out of sight."""
    found = await _find(scope, collection_id)
    _require_may_add(scope, found)
    wanted = list(dict.fromkeys(asset_ids))
    query = (await visibility.assets(scope)).where(col(Asset.id).in_(wanted)).with_only_columns(col(Asset.id))
    if set((await scope.db.scalars(query)).all()) != set(wanted):
        raise NotFound("no such photo")
    added = await put_in(scope, collection_id, wanted)
    if added:
        record(scope, Tag.collection_changed, payload={"collection": str(collection_id), "added": len(added)})
    return added


async def drop(scope: Scope, collection_id: UUID, asset_ids: Sequence[UUID]) -> set[UUID]:
    """Take photos in sight out of it; gives those that were in it."""
    _require_may_add(scope, await _find(scope, collection_id))
    query = (await inside(scope, collection_id)).where(col(Asset.id).in_(asset_ids)).with_only_columns(col(Asset.id))
    gone = await take_out(scope, collection_id, list((await scope.db.scalars(query)).all()))
    if gone:
        record(scope, Tag.collection_changed, payload={"collection": str(collection_id), "dropped": len(gone)})
    return gone


async def put_in(scope: Scope, collection_id: UUID, asset_ids: Sequence[UUID]) -> set[UUID]:
    """Add them at the end, in this order. The caller has authorised it."""
    if not asset_ids:
        return set()
    # One at a time: two who add at once would otherwise share places.
    await scope.db.execute(select(col(Collection.id)).where(col(Collection.id) == collection_id).with_for_update())
    here = col(CollectionAsset.collection_id) == collection_id
    last, held = (await scope.db.execute(select(func.max(col(CollectionAsset.position)), func.count()).where(here))).one()
    if held + len(asset_ids) > MOST:
        raise Invalid("too many photos", fields={"asset_ids": "errors.collection_full"})
    rows = [
        {"collection_id": collection_id, "asset_id": id_, "position": (last or 0) + n, "added_by": scope.actor.user_id, "added_at": scope.now()}
        for n, id_ in enumerate(asset_ids, start=1)
    ]  # fmt: skip
    put = insert(CollectionAsset).values(rows).on_conflict_do_nothing().returning(col(CollectionAsset.asset_id))
    added = set((await scope.db.execute(put)).scalars())
    await _touch(scope, collection_id)
    return added


async def take_out(scope: Scope, collection_id: UUID, asset_ids: Sequence[UUID]) -> set[UUID]:
    """Remove them. The caller has authorised it."""
    here = delete(CollectionAsset).where(
        col(CollectionAsset.collection_id) == collection_id, col(CollectionAsset.asset_id).in_(asset_ids)
    )
    gone = set((await scope.db.execute(here.returning(col(CollectionAsset.asset_id)))).scalars())
    await scope.db.execute(
        update(Collection).where(col(Collection.id) == collection_id, col(Collection.cover_id).in_(gone)).values(cover_id=None)
    )
    await _touch(scope, collection_id)
    return gone


async def arrange(scope: Scope, collection_id: UUID, asset_ids: Sequence[UUID], before: UUID | None) -> None:
    """Put these photos, in this order, before another one; at the end when `before` is None. What one does not see keeps its place."""
    _require_may_add(scope, await _find(scope, collection_id))
    await scope.db.execute(select(col(Collection.id)).where(col(Collection.id) == collection_id).with_for_update())
    here = col(CollectionAsset.collection_id) == collection_id
    query = select(col(CollectionAsset.asset_id)).where(here).order_by(col(CollectionAsset.position), col(CollectionAsset.asset_id))
    order = list((await scope.db.scalars(query)).all())
    seen = set((await scope.db.scalars((await inside(scope, collection_id)).with_only_columns(col(Asset.id)))).all())
    moving = list(dict.fromkeys(asset_ids))
    if not set(moving) <= seen or (before is not None and (before not in seen or before in moving)):
        raise NotFound("no such photo")
    rest = [id_ for id_ in order if id_ not in set(moving)]
    at = rest.index(before) if before is not None else len(rest)
    fresh = [*rest[:at], *moving, *rest[at:]]
    given = values(column("asset_id", Uuid), column("position", BigInteger), name="given").data(
        [(id_, n) for n, id_ in enumerate(fresh, start=1)]
    )
    place = update(CollectionAsset).where(here, col(CollectionAsset.asset_id) == given.c.asset_id)
    await scope.db.execute(place.values(position=given.c.position).execution_options(synchronize_session=False))
    record(scope, Tag.collection_changed, payload={"collection": str(collection_id), "arranged": len(moving)})
    await _touch(scope, collection_id)


async def assets(scope: Scope, collection_id: UUID, cursor: str | None = None, limit: int | None = None) -> Page[Asset]:
    """The photos in sight of a collection, in the order made by hand."""
    await _find(scope, collection_id)
    size = clamp(limit)
    query = await inside(scope, collection_id)
    if cursor:
        # The cursor is a photo, not a place: places count what one does not see. One out of sight is none: it would tell of its place.
        lying = select(CollectionAsset).join(Asset, col(Asset.id) == col(CollectionAsset.asset_id))
        here = (col(CollectionAsset.collection_id) == collection_id, col(CollectionAsset.asset_id) == _id(cursor))
        after = await scope.db.scalar(lying.where(*here, await visibility.in_sight(scope)))
        if after is None:
            raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"})
        place = tuple_(col(CollectionAsset.position), col(CollectionAsset.asset_id))
        query = query.where(place > tuple_(literal(after.position, BigInteger), literal(after.asset_id, Uuid)))
    query = query.order_by(col(CollectionAsset.position), col(CollectionAsset.asset_id)).limit(size + 1)
    rows = list((await scope.db.execute(query)).scalars())
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


async def holding(scope: Scope, asset_id: UUID) -> list[UUID]:
    """Which collections within reach hold this photo; the caller has made sure that it is in sight."""
    query = (
        select(col(CollectionAsset.collection_id))
        .join(Collection, col(Collection.id) == col(CollectionAsset.collection_id))
        .where(col(CollectionAsset.asset_id) == asset_id, _reach(scope))
    )
    return list((await scope.db.scalars(query)).all())


async def within(scope: Scope, collection_id: UUID) -> ColumnElement[bool]:
    """Condition on assets: they are in this collection. NotFound when it is out of reach."""
    await _find(scope, collection_id)
    return col(Asset.id).in_(select(col(CollectionAsset.asset_id)).where(col(CollectionAsset.collection_id) == collection_id))


async def inside(scope: Scope, collection_id: UUID) -> Select[Asset]:
    """The assets in sight of a collection that is within reach."""
    query = (await visibility.assets(scope)).where(COUNTED)
    return query.join(CollectionAsset, col(CollectionAsset.asset_id) == col(Asset.id)).where(
        col(CollectionAsset.collection_id) == collection_id
    )


def _keeper(scope: Scope) -> UUID:
    """Who keeps things of their own here."""
    require(scope, Action.own_marks)
    if scope.actor.user_id is None:
        raise NotAuthenticated("collections are somebody's own")
    return scope.actor.user_id


def _reach(scope: Scope) -> ColumnElement[bool]:
    require(scope, Action.library_view)
    return or_(
        and_(col(Collection.owner_id) == scope.actor.user_id, col(Collection.owner_id).is_not(None)),
        col(Collection.kind) == CollectionKind.team,
    )


async def _find(scope: Scope, collection_id: UUID) -> Collection:
    found = await scope.db.scalar(select(Collection).where(col(Collection.id) == collection_id, _reach(scope)))
    if found is None:
        raise NotFound("no such collection")
    return found


def _is_mine(scope: Scope, found: Collection) -> bool:
    return found.owner_id == scope.actor.user_id or (found.kind == CollectionKind.team and scope.actor.role is Role.admin)


def _may_add(scope: Scope, found: Collection) -> bool:
    if not may(scope.actor, Action.own_marks):
        return False
    return _is_mine(scope, found) or may(scope.actor, Action.asset_edit)


def _require_mine(scope: Scope, found: Collection) -> None:
    require(scope, Action.own_marks)
    if not _is_mine(scope, found):
        raise Refused("only its owner may do this", action=Tag.collection_changed)


def _require_may_add(scope: Scope, found: Collection) -> None:
    require(scope, Action.own_marks)
    if not _may_add(scope, found):
        raise Refused("only those who edit photos may change a collection of the team", action=Tag.collection_changed)


async def _rows(scope: Scope, rows: Sequence[Collection]) -> list[CollectionRow]:
    """With counts, covers and owners, in three queries however many."""
    ids = [row.id for row in rows]
    member = col(CollectionAsset.collection_id)
    seen = (await visibility.assets(scope)).where(COUNTED).join(CollectionAsset, col(CollectionAsset.asset_id) == col(Asset.id))
    seen = seen.where(member.in_(ids))
    counts = dict((await scope.db.execute(seen.with_only_columns(member, func.count()).group_by(member))).all())
    wanted = [row.cover_id for row in rows if row.cover_id]
    chosen = set((await scope.db.scalars(seen.where(col(Asset.id).in_(wanted)).with_only_columns(col(Asset.id)))).all())
    first = seen.with_only_columns(member, col(Asset.id)).ext(distinct_on(member))
    firsts = dict((await scope.db.execute(first.order_by(member, col(CollectionAsset.position), col(Asset.id)))).all())
    owners = {row.owner_id for row in rows if row.owner_id}
    names = dict((await scope.db.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(owners)))).all())
    return [
        CollectionRow(
            row.id,
            row.name,
            CollectionKind(row.kind),
            names.get(row.owner_id, "") if row.owner_id else "",
            _is_mine(scope, row),
            _may_add(scope, row),
            counts.get(row.id, 0),
            row.cover_id if row.cover_id in chosen else firsts.get(row.id),
            row.changed_at,
        )
        for row in rows
    ]


async def _touch(scope: Scope, collection_id: UUID) -> None:
    await scope.db.execute(update(Collection).where(col(Collection.id) == collection_id).values(changed_at=scope.now()))
    scope.announce(CollectionChanged(collection_id=collection_id))


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST or not clean.isprintable():
        raise Invalid("name", fields={"name": "errors.name"})
    return clean


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

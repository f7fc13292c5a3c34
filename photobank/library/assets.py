"""Assets: listed, read, edited. Every query starts from visibility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, exists, func, or_, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, may, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import counting, fields, marks, moving, narrowing, tags
from photobank.library.describing import Description, describe
from photobank.library.fields import Filled
from photobank.library.marks import Marks
from photobank.messaging.events import AssetsChanged, AssetsDescribed
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.people import Face, FaceState, Person
from photobank.scope import Scope

# As components/photo/rows.js draws them: a panorama may not own the page, and what has no size yet is taken for a usual photo.
USUAL_RATIO, NARROWEST, WIDEST = 4 / 3, 0.45, 3.2


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. Only what is set counts."""

    folder_id: UUID | None = None
    person_id: UUID | None = None
    state: AssetState | None = None
    ids: tuple[UUID, ...] | None = None
    mine: bool = False
    trashed: bool = False
    month: date | None = None
    """A month in UTC, by its first day."""
    favourite: bool = False
    rating: int | None = None
    """The average is at least this many stars."""
    collection_id: UUID | None = None
    tag: str | None = None
    event: str | None = None

    @property
    def few(self) -> bool:
        """Does a filter leave so few that they are looked up one by one."""
        looked_up = (self.ids, self.person_id, self.rating, self.collection_id, self.tag, self.event)
        return self.favourite or any(one is not None for one in looked_up)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of a list: the cursor of its last photo, how many they are, and the sum of their ratios, from which its height follows."""

    end: str
    count: int
    ratios: float


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """One asset with what its page shows beside faces and clearance."""

    asset: Asset
    renditions: Sequence[Rendition]
    folder_permission: Permission
    tags: Sequence[str]
    fields: Sequence[Filled]
    marks: Marks


async def page(
    scope: Scope,
    filters: Filters,
    cursor: str | None = None,
    limit: int | None = None,
    *,
    oldest_first: bool = False,
    until: str | None = None,
) -> Page[Asset]:
    """Assets in sight, newest first unless asked otherwise: those after `cursor`, up to and with the one at `until`."""
    size = clamp(limit)
    if filters.few:
        query = (await _narrowed(scope, filters)).where(*_between(cursor, until, oldest_first=oldest_first))
        order = visibility.in_order(col(Asset.sort_at), col(Asset.id), oldest_first=oldest_first)
        query = query.order_by(*order).limit(size + 1)
    else:
        conditions = [*_conditions(scope, filters), *_between(cursor, until, oldest_first=oldest_first)]
        query = await visibility.first_assets(
            scope, conditions, size + 1, folder_id=filters.folder_id, trashed=filters.trashed, oldest_first=oldest_first
        )
    rows = list((await scope.db.execute(query)).scalars())
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, TimeCursor(rows[-1].sort_at, rows[-1].id).encode() if more else None)


async def count(scope: Scope, filters: Filters) -> int:
    """How many assets in sight match."""
    return sum(n for _, n in await months(scope, filters))


async def months(scope: Scope, filters: Filters) -> list[tuple[date, int]]:
    """Assets in sight per month (UTC), newest first."""
    if not filters.few and not filters.mine:
        found = await counting.per_month(scope, folder_id=filters.folder_id, state=filters.state, trashed=filters.trashed)
        return found if filters.month is None else [one for one in found if one[0] == filters.month]
    month = counting.month_of(col(Asset.sort_at))
    query = (await _narrowed(scope, filters)).with_only_columns(month, func.count(), maintain_column_froms=True)
    return [(at, n) for at, n in (await scope.db.execute(query.group_by(month).order_by(month.desc())))]


async def blocks(
    scope: Scope, filters: Filters, size: int, cursor: str | None = None, *, oldest_first: bool = False, until: str | None = None
) -> list[Block]:
    """A month, or a stretch of it, cut into blocks of `size`: where each ends, so that any can be read by itself."""
    order = visibility.in_order(col(Asset.sort_at), col(Asset.id), oldest_first=oldest_first)
    ratio = case(
        (and_(col(Asset.width) > 0, col(Asset.height) > 0), cast(col(Asset.width), Float) / col(Asset.height)), else_=USUAL_RATIO
    )
    numbered = (
        (await _narrowed(scope, filters))
        .where(*_between(cursor, until, oldest_first=oldest_first))
        .with_only_columns(
            col(Asset.sort_at),
            col(Asset.id),
            func.row_number().over(order_by=order).label("nth"),
            func.sum(func.least(func.greatest(ratio, NARROWEST), WIDEST)).over(order_by=order, rows=(None, 0)).label("ratios"),
            func.lead(col(Asset.id)).over(order_by=order).label("next"),
            maintain_column_froms=True,
        )
        .subquery()
    )
    ends = select(numbered.c.sort_at, numbered.c.id, numbered.c.nth, numbered.c.ratios).where(
        or_(numbered.c.nth % size == 0, numbered.c.next.is_(None))
    )
    found: list[Block] = []
    before, summed = 0, 0.0
    for at, id_, nth, ratios in await scope.db.execute(ends.order_by(numbered.c.nth)):
        found.append(Block(TimeCursor(at, id_).encode(), nth - before, round(ratios - summed, 3)))
        before, summed = nth, ratios
    return found


async def find(scope: Scope, asset_id: UUID, *, at_least: Permission = Permission.view, trashed: bool = False) -> Asset:
    """One asset in sight; raises NotFound for any other."""
    query = (await visibility.assets(scope, trashed=trashed)).where(col(Asset.id) == asset_id)
    asset = await scope.db.scalar(query)
    if asset is None:
        raise NotFound("no such photo")
    if at_least is not Permission.view:
        await require_on_folder(scope, Action.library_view, at_least, asset.folder_id, asset_id=asset_id)
    return asset


async def detail(scope: Scope, asset_id: UUID) -> AssetDetail:
    """One asset with its renditions, tags, custom fields and marks."""
    asset = await find(scope, asset_id)
    permission = (await folder_rights(scope))[asset.folder_id]
    query = select(Rendition).where(col(Rendition.asset_id) == asset_id).order_by(col(Rendition.width))
    editable = {asset_id} if permission >= Permission.edit and may(scope.actor, Action.asset_edit) else set()
    return AssetDetail(
        asset,
        list((await scope.db.execute(query)).scalars()),
        permission,
        (await tags.of_assets(scope, [asset_id]))[asset_id],
        (await fields.of_assets(scope, [asset_id], editable=editable))[asset_id],
        (await marks.of_assets(scope, [asset_id]))[asset_id],
    )


async def edit(scope: Scope, asset_id: UUID, description: Description | None = None, *, folder_id: UUID | None = None) -> Asset:
    """Change what people wrote about an asset, or move it. Moving needs `edit` on both folders and rewraps its key."""
    asset = await find(scope, asset_id)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.state == AssetState.archived:
        raise Conflict("this photo is in the archive, which is read-only")
    changed = (await describe(scope, [asset_id], description or Description())).get(asset_id, [])
    moved = folder_id is not None and folder_id != asset.folder_id
    if moved and folder_id is not None:
        await require_on_folder(scope, Action.asset_edit, Permission.edit, folder_id, asset_id=asset_id)
        await moving.move(scope, [asset_id], folder_id)
    if changed or moved:
        await scope.db.flush()
        await scope.db.refresh(asset)
        names = [*changed, *(["folder"] if moved else [])]
        record(scope, Tag.asset_changed, asset_id=asset_id, folder_id=asset.folder_id, payload={"fields": names})
        # Where a photo lies counts for consents given for a folder; what it is called does not.
        scope.announce(AssetsChanged(asset_ids=(asset_id,)) if moved else AssetsDescribed(asset_ids=(asset_id,)))
    return asset


async def say_no_people(scope: Scope, asset_ids: Sequence[UUID]) -> list[UUID]:
    """A human looked: nobody on these photos is recognisable. Skips photos with settled or open faces; gives those that took it."""
    done: list[UUID] = []
    for asset_id in asset_ids:
        asset = await find(scope, asset_id)
        await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
        open_faces = await scope.db.scalar(
            select(func.count()).where(col(Face.asset_id) == asset_id, col(Face.state) != FaceState.ignored)
        )
        if open_faces or asset.state != AssetState.ready:
            continue
        asset.no_people_by = scope.actor.user_id
        asset.no_people_at = asset.changed_at = scope.now()
        record(scope, Tag.no_people_confirmed, asset_id=asset_id, folder_id=asset.folder_id)
        done.append(asset_id)
    if done:
        scope.announce(AssetsChanged(asset_ids=tuple(done)))
    return done


async def unsay_no_people(scope: Scope, asset_ids: Sequence[UUID]) -> list[UUID]:
    """Take that back: somebody has to look again. Skips photos of which it was not said; gives the others."""
    done: list[UUID] = []
    for asset_id in asset_ids:
        asset = await find(scope, asset_id)
        await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
        if asset.no_people_at is None or asset.state != AssetState.ready:
            continue
        asset.no_people_at = asset.no_people_by = None
        asset.changed_at = scope.now()
        record(scope, Tag.review_undone, asset_id=asset_id, folder_id=asset.folder_id)
        done.append(asset_id)
    if done:
        scope.announce(AssetsChanged(asset_ids=tuple(done)))
    return done


async def _narrowed(scope: Scope, filters: Filters) -> Select[Asset]:
    query = await visibility.assets(scope, trashed=filters.trashed)
    if filters.folder_id is not None:
        query = query.where(col(Asset.folder_id) == filters.folder_id)
    return query.where(*_conditions(scope, filters), *await _narrow(scope, filters))


def _conditions(scope: Scope, filters: Filters) -> list[ColumnElement[bool]]:
    """What an index that holds the whole list answers by itself."""
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not None:
        conditions.append(col(Asset.state) == filters.state)
    if filters.mine:
        conditions.append(col(Asset.uploaded_by) == scope.actor.user_id)
    if filters.month is not None:
        first = datetime(filters.month.year, filters.month.month, 1, tzinfo=UTC)
        conditions += [col(Asset.sort_at) >= first, col(Asset.sort_at) < (first + timedelta(days=31)).replace(day=1)]
    return conditions


async def _narrow(scope: Scope, filters: Filters) -> list[ColumnElement[bool]]:
    """What leaves few, which are better looked up than sought in the list."""
    conditions = await narrowing.marked(scope, filters.favourite, filters.rating, filters.collection_id, filters.tag, filters.event)
    if filters.ids is not None:
        conditions.append(col(Asset.id).in_(filters.ids))
    if filters.person_id is not None:
        confirmed = col(Face.state) == FaceState.confirmed
        known = (await visibility.people(scope, hidden=True)).with_only_columns(col(Person.id), maintain_column_froms=True)
        conditions.append(exists(known.where(col(Person.id) == filters.person_id)))
        conditions.append(exists().where(col(Face.asset_id) == col(Asset.id), col(Face.person_id) == filters.person_id, confirmed))
    return conditions


def _between(cursor: str | None, until: str | None, *, oldest_first: bool) -> list[ColumnElement[bool]]:
    place = tuple_(col(Asset.sort_at), col(Asset.id))
    found: list[ColumnElement[bool]] = []
    if cursor:
        after = TimeCursor.decode(cursor)
        there = tuple_(after.at, after.id)
        found.append(place > there if oldest_first else place < there)
    if until:
        last = TimeCursor.decode(until)
        there = tuple_(last.at, last.id)
        found.append(place <= there if oldest_first else place >= there)
    return found

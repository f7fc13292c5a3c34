"""Counts that the database keeps: after whatever happened they are what counting the photos in sight gives."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from photobank.access import visibility
from photobank.access.actor import system
from photobank.kernel.ids import new_id
from photobank.library import assets, counting, folders
from photobank.library.assets import Filters
from photobank.models.assets import Asset, AssetCount, AssetState
from tests.factories import add_photo
from tests.house import Cast

START = datetime(2025, 1, 31, 22, 30, tzinfo=UTC)


def changes(cast: Cast, some: UUID) -> tuple[dict[str, object], ...]:
    return (
        {"folder_id": cast.closed},
        {"state": AssetState.trashed},
        {"sort_at": START},
        {"version_of": some},
        {"version_of": None},
        {"title": "no matter"},
    )


def photo(cast: Cast, rnd: random.Random) -> Asset:
    at = START + timedelta(hours=rnd.randrange(24 * 120))
    owner = rnd.choice([cast.bob, cast.alice]).user_id
    return Asset(
        id=new_id(),
        folder_id=rnd.choice([cast.shared, cast.closed]),
        uploaded_by=owner,
        state=rnd.choice(list(AssetState)),
        filename="a.jpg",
        stage_at=at,
        sort_at=at,
        created_at=at,
        changed_at=at,
    )


async def naive(scope, *, trashed=False):
    month = func.date_trunc("month", col(Asset.sort_at))
    query = (await visibility.assets(scope, trashed=trashed)).with_only_columns(month, func.count(), maintain_column_froms=True)
    rows = await scope.db.execute(query.group_by(month).order_by(month.desc()))
    return [(at.date(), n) for at, n in rows]


async def naive_per_folder(scope):
    settled = col(Asset.state) != AssetState.uploading
    query = (await visibility.assets(scope)).with_only_columns(col(Asset.folder_id), func.count(), maintain_column_froms=True)
    rows = await scope.db.execute(query.where(settled).group_by(col(Asset.folder_id)))
    return {row[0]: row[1] for row in rows}


async def agree(cast: Cast) -> None:
    for actor in (cast.alice, cast.bob, cast.charlie):
        async with cast.scope(actor) as scope:
            expected = await naive(scope)
            assert await assets.months(scope, Filters()) == expected
            assert await assets.count(scope, Filters()) == sum(n for _, n in expected)
            assert await assets.months(scope, Filters(trashed=True)) == await naive(scope, trashed=True)
            per_folder = {row.id: row.photos for row in await folders.list_all(scope) if row.photos}
            assert per_folder == await naive_per_folder(scope)


async def test_counts_are_exact_after_any_change(cast):
    rnd = random.Random(7)
    async with cast.container.scope(system()) as scope:
        scope.db.add_all([photo(cast, rnd) for _ in range(160)])
    await agree(cast)
    for _ in range(4):
        async with cast.container.scope(system()) as scope:
            ids = list((await scope.db.scalars(select(col(Asset.id)).order_by(col(Asset.id)))).all())
            some = rnd.sample(ids, 30)
            for change in changes(cast, ids[0]):
                chosen = rnd.sample(some, 8)
                await scope.db.execute(update(Asset).where(col(Asset.id).in_(chosen)).values(**change))
            await scope.db.execute(delete(Asset).where(col(Asset.id).in_(rnd.sample(some, 5))))
            await scope.db.flush()
        await agree(cast)
    async with cast.container.scope(system()) as scope:
        before = await scope.db.scalar(select(func.count()).select_from(AssetCount))
        await counting.fold(scope)
        lines = await scope.db.scalar(select(func.count()).select_from(AssetCount))
        groups = select(col(AssetCount.folder_id), col(AssetCount.month), col(AssetCount.state)).distinct().subquery()
        assert lines == await scope.db.scalar(select(func.count()).select_from(groups)) < before
    await agree(cast)


async def test_what_rolls_back_was_never_counted(cast):
    await add_photo(cast.container, cast.shared, with_bytes=False)
    async with cast.container.sessions() as db:
        await db.execute(update(Asset).values(state=AssetState.trashed))
        await db.rollback()
    async with cast.scope(cast.bob) as scope:
        assert await assets.count(scope, Filters()) == 1


async def test_a_month_is_cut_into_blocks_that_can_be_read_by_themselves(cast):
    at = datetime(2026, 5, 20, tzinfo=UTC)
    made = [
        await add_photo(
            cast.container, cast.shared if n % 3 else cast.closed, seed=n, with_bytes=False, sort_at=at + timedelta(minutes=n // 2)
        )
        for n in range(33)
    ]
    await add_photo(cast.container, cast.shared, seed=90, with_bytes=False, sort_at=datetime(2026, 6, 1, tzinfo=UTC))
    for oldest_first in (False, True):
        for actor, seen in ((cast.alice, 33), (cast.bob, 22), (cast.charlie, 0)):
            async with cast.scope(actor) as scope:
                month = Filters(month=date(2026, 5, 1))
                blocks = await assets.blocks(scope, month, 10, oldest_first=oldest_first)
                assert [one.count for one in blocks] == [10] * (seen // 10) + ([seen % 10] if seen % 10 else [])
                read, start = [], None
                for one in blocks:
                    page = await assets.page(scope, month, start, 50, oldest_first=oldest_first, until=one.end)
                    assert page.next_cursor is None
                    assert one.ratios == round(len(page.items) * 480 / 360, 3)
                    read += [asset.id for asset in page.items]
                    start = one.end
                whole = await assets.page(scope, month, None, 200, oldest_first=oldest_first)
                assert read == [asset.id for asset in whole.items]
                assert set(read) <= set(made)
                assert len(read) == seen

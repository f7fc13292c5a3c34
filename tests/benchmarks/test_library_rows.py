"""The library that benchmarks look at: real rows, exact counts, and every photo found by reading block after block."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select
from sqlmodel import col

from benchmarks import library_rows
from photobank.access import visibility
from photobank.library import assets
from photobank.library.assets import Filters
from photobank.models.assets import Asset
from photobank.models.consents import StoredVerdict

PHOTOS = 3000


async def test_a_small_one_is_read_block_after_block(cast, servers, fresh_database_url):
    filled = await asyncio.to_thread(library_rows.fill, servers.as_owner(fresh_database_url), PHOTOS)
    assert filled.photos == PHOTOS
    for folder_id in filled.events[::40]:
        await cast.grant(cast.charlie, folder_id, "view")
    for actor in (cast.alice, cast.charlie):
        async with cast.scope(actor) as scope:
            query = (await visibility.assets(scope)).with_only_columns(col(Asset.id))
            seen = list((await scope.db.scalars(query.order_by(col(Asset.sort_at).desc(), col(Asset.id).desc()))).all())
            read = []
            for month, count in await assets.months(scope, Filters()):
                blocks = await assets.blocks(scope, Filters(month=month), 20)
                assert sum(block.count for block in blocks) == count
                start = None
                for block in blocks:
                    page = await assets.page(scope, Filters(month=month), start, 50, until=block.end)
                    read += [asset.id for asset in page.items]
                    start = block.end
            assert read == seen
            assert 0 < len(seen) <= PHOTOS
    async with cast.scope(cast.alice) as scope:
        uses = await scope.db.scalar(select(func.count(col(StoredVerdict.use_id).distinct())))
        assert await scope.db.scalar(select(func.count()).select_from(StoredVerdict)) == PHOTOS * uses

"""How many photos there are, per month and per folder, without reading them: from lines that the database keeps.

Triggers add a line for every photo that comes, goes or moves (migration 20261126_10), so a sum is exact in every snapshot and never
makes one writer wait for another. `fold` keeps the lines few. Only lines of folders in sight are summed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, select, text
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.models.assets import Asset, AssetCount, AssetState
from photobank.scope import Scope

_FOLD = text("""
WITH many AS (
    SELECT folder_id, month, state FROM asset_counts GROUP BY 1, 2, 3 HAVING count(*) > 1 OR sum(n) = 0
), gone AS (
    DELETE FROM asset_counts c USING many m
    WHERE c.folder_id = m.folder_id AND c.month = m.month AND c.state = m.state
    RETURNING c.folder_id, c.month, c.state, c.n
)
INSERT INTO asset_counts (folder_id, month, state, n)
SELECT folder_id, month, state, sum(n) FROM gone GROUP BY 1, 2, 3 HAVING sum(n) <> 0
""")


async def per_month(
    scope: Scope, *, folder_id: UUID | None = None, state: AssetState | None = None, trashed: bool = False
) -> list[tuple[date, int]]:
    """Photos in sight per month (UTC), newest first; months without any are absent."""
    lines = select(col(AssetCount.month), func.sum(col(AssetCount.n))).group_by(col(AssetCount.month))
    narrowed = lines.where(await visibility.counts_in_sight(scope), _states(state, trashed=trashed))
    found: dict[date, int] = defaultdict(int)
    if folder_id is not None:
        narrowed = narrowed.where(col(AssetCount.folder_id) == folder_id)
    for month, n in await scope.db.execute(narrowed):
        found[month] += int(n)
    if not trashed and state in (None, AssetState.uploading):
        for month, n in await scope.db.execute(_per_month(await _being_sent(scope, folder_id))):
            found[month] += n
    return [(month, found[month]) for month in sorted(found, reverse=True) if found[month]]


async def per_folder(scope: Scope) -> dict[UUID, int]:
    """Photos in each folder in sight; uploads under way are nobody's yet."""
    lines = select(col(AssetCount.folder_id), func.sum(col(AssetCount.n))).where(
        await visibility.counts_in_sight(scope), _states(None, trashed=False)
    )
    return {folder: int(n) for folder, n in await scope.db.execute(lines.group_by(col(AssetCount.folder_id)))}


async def fold(scope: Scope) -> None:
    """Make one line of the lines that say something of the same folder, month and state. Sums stay what they are."""
    require(scope, Action.asset_purge)
    await scope.db.execute(text("SELECT pg_advisory_xact_lock(hashtext('asset_counts'))"))
    await scope.db.execute(_FOLD)


def month_of(at: Any) -> ColumnElement[date]:
    """The first day of a moment's month, in UTC, as the triggers write it."""
    return cast(func.date_trunc("month", func.timezone("UTC", at)), Date)


def _states(state: AssetState | None, *, trashed: bool) -> ColumnElement[bool]:
    if trashed:
        return col(AssetCount.state) == AssetState.trashed
    if state is not None and state not in (AssetState.uploading, AssetState.trashed):
        return col(AssetCount.state) == state
    counted = [] if state is not None else [AssetState.processing, AssetState.ready, AssetState.rejected, AssetState.archived]
    return col(AssetCount.state).in_(counted)


async def _being_sent(scope: Scope, folder_id: UUID | None) -> Select[Asset]:
    query = (await visibility.assets(scope)).where(col(Asset.state) == AssetState.uploading)
    return query if folder_id is None else query.where(col(Asset.folder_id) == folder_id)


def _per_month(query: Select[Asset]) -> Select[date, int]:
    month = month_of(col(Asset.sort_at))
    return query.with_only_columns(month, func.count(), maintain_column_froms=True).group_by(month)

"""Titles from a pattern: {n} counts, the rest is what is known of the photo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.db.among import among
from photobank.kernel.errors import Invalid
from photobank.library.describing import TEXTS
from photobank.library.snapshots import write_texts
from photobank.models.assets import Asset
from photobank.scope import Scope

SLOT = re.compile(r"\{(\w*)\}")
SLOTS = ("n", "title", "event", "photographer", "date", "filename")


async def number(scope: Scope, asset_ids: Sequence[UUID], pattern: str) -> None:
    """Give each photo its title, in this order. The caller has authorised the change."""
    unknown = [name for name in SLOT.findall(pattern) if name not in SLOTS]
    if unknown or not pattern.strip() or len(pattern) > TEXTS["title"] or "\0" in pattern:
        raise Invalid("pattern", fields={"title_pattern": "errors.title_pattern"})
    query = select(Asset.id, Asset.title, Asset.event, Asset.photographer, Asset.filename, Asset.sort_at)  # type: ignore[call-overload]
    rows = {row.id: row for row in await scope.db.execute(query.where(among(col(Asset.id), asset_ids)))}
    digits = len(str(len(asset_ids)))
    made: dict[UUID, str] = {}
    for n, asset_id in enumerate(asset_ids, start=1):
        row = rows[asset_id]
        known = {
            "n": str(n).zfill(digits),
            "title": row.title,
            "event": row.event,
            "photographer": row.photographer,
            "date": row.sort_at.date().isoformat(),
            "filename": row.filename.rpartition(".")[0] or row.filename,
        }
        made[asset_id] = " ".join(SLOT.sub(lambda found: known[found[1]], pattern).split())[: TEXTS["title"]]  # noqa: B023
    await write_texts(scope, "title", made)

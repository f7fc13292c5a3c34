"""What changed lately on photos, for lists that are open: they read again what is new to them, and nothing else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.models.assets import Asset
from photobank.models.consents import StoredVerdict
from photobank.scope import Scope

MOST = 100


async def latest(scope: Scope, limit: int = MOST) -> list[tuple[UUID, str]]:
    """Photos with the moment of their latest change, newest first: their own, or that of their clearance.

    Those in the trash are among them, since a list must drop them.
    """
    require(scope, Action.library_view)
    sight = await visibility.in_sight(scope)
    own = select(col(Asset.id), col(Asset.changed_at)).where(sight).order_by(col(Asset.changed_at).desc()).limit(limit)
    derived = (
        select(col(StoredVerdict.asset_id), func.max(col(StoredVerdict.derived_at)))
        .where(col(StoredVerdict.derived_at) >= _since(limit))
        .group_by(col(StoredVerdict.asset_id))
        .order_by(func.max(col(StoredVerdict.derived_at)).desc())
        .limit(limit)
    )
    found: dict[UUID, datetime] = dict((await scope.db.execute(own)).all())
    cleared = dict((await scope.db.execute(derived)).all())
    if cleared:
        seen = set((await scope.db.scalars(select(col(Asset.id)).where(sight, col(Asset.id).in_(cleared)))).all())
        for id_ in seen:
            found[id_] = max(cleared[id_], found.get(id_, cleared[id_]))
    newest = sorted(found.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)[:limit]
    return [(id_, at.isoformat()) for id_, at in newest]


def _since(limit: int) -> object:
    """The moment of one of the newest verdicts: a photo has a handful, so this many rows hold the newest photos."""
    rows = select(col(StoredVerdict.derived_at)).order_by(col(StoredVerdict.derived_at).desc()).limit(limit * 10).subquery()
    return select(func.min(rows.c.derived_at)).scalar_subquery()

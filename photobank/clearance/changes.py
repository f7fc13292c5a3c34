"""What changed lately on photos, for lists that are open: they read again what is new to them, and nothing else."""

from __future__ import annotations

from uuid import UUID

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.scope import Scope

MOST = 100


async def latest(scope: Scope, limit: int = MOST) -> list[tuple[UUID, str]]:
    """Photos with the moment of their latest change, newest first: their own, or that of their clearance (clearance/index.py).

    Those in the trash are among them, since a list must drop them.
    """
    require(scope, Action.library_view)
    query = await visibility.latest_assets(scope, limit)
    return [(id_, at.isoformat()) for id_, at in await scope.db.execute(query)]

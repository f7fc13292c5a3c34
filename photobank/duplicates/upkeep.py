"""Photos that were never looked at for near-copies: those from before, those whose job was lost, those whose file changed."""

from __future__ import annotations

from uuid import UUID

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.duplicates import repository
from photobank.scope import Scope

AT_ONCE = 2000


async def waiting(scope: Scope, limit: int = AT_ONCE) -> list[UUID]:
    """A few of them, newest first; for the schedule, which queues them behind what people wait for."""
    require(scope, Action.asset_edit)
    return await repository.unread(scope, limit)

"""Jobs that look for near-copies, for the IO worker. No photo waits for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.duplicates import match, upkeep
from photobank.library.processing import WORKER
from photobank.messaging.jobs import Job, name_of
from photobank.scope import Container


async def find_duplicates(ctx: dict[str, Any], asset_id: str) -> None:
    """The near-copies of one photo."""
    await match.look(ctx["container"], UUID(asset_id))


async def look_again(ctx: dict[str, Any]) -> None:
    """Queue photos that were never looked at, or not in the way it is done now; by the clock."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        waiting = await upkeep.waiting(scope)
    for asset_id in waiting:
        await container.queue.put(Job.find_duplicates, str(asset_id), unique=name_of(Job.find_duplicates, str(asset_id)))

"""Jobs that make stored verdicts catch up, for the IO worker's light queue. Nothing is let out because one of them is late."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from photobank.access.actor import system
from photobank.clearance import index
from photobank.scope import Container

WORKER = system("worker")


async def refresh_verdicts(ctx: dict[str, Any], asset_ids: str) -> None:
    """The verdicts of one asset, or after a bulk change of many: ids with commas."""
    async with ctx["container"].scope(WORKER) as scope:
        await index.refresh(scope, [UUID(asset_id) for asset_id in asset_ids.split(",")])


async def refresh_person(ctx: dict[str, Any], person_id: str) -> None:
    """The verdicts of every asset a person is on, a batch per transaction and two at a time."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        found = await index.of_person(scope, UUID(person_id))
    side_by_side = asyncio.Semaphore(2)

    async def refresh(some: list[UUID]) -> None:
        async with side_by_side, container.scope(WORKER) as scope:
            await index.refresh(scope, some)

    async with asyncio.TaskGroup() as batches:
        for start in range(0, len(found), index.BATCH):
            batches.create_task(refresh(found[start : start + index.BATCH]))


async def refresh_due(ctx: dict[str, Any]) -> None:
    """Whatever time alone has changed; by the clock."""
    container: Container = ctx["container"]
    while True:
        async with container.scope(WORKER) as scope:
            if await index.refresh_due(scope) < index.BATCH:
                return

"""Jobs about shares: letters with an address go out. They also run by the clock, for what a lost queue forgot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.library.processing import WORKER
from photobank.messaging.jobs import Job
from photobank.scope import Container
from photobank.sharing import letters


async def send_share_letter(ctx: dict[str, Any], letter_id: str) -> None:
    """Write and send one letter."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await letters.send(scope, UUID(letter_id))


async def catch_up(ctx: dict[str, Any]) -> None:
    """Queue letters whose time has come."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        waiting = await letters.due(scope)
    for letter_id in waiting:
        await container.queue.put(Job.send_share_letter, str(letter_id))

"""By the clock: coming ends are told and mailed; what nothing allows any more is put away. Each may run twice and is done once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.clearance import retiring
from photobank.consents import ages, alerts, digests
from photobank.library.processing import WORKER
from photobank.messaging.jobs import Job
from photobank.scope import Container


async def tell(ctx: dict[str, Any]) -> None:
    """Tell of ends that came near, also those by age, and put down the digests of the day."""
    container: Container = ctx["container"]
    after: UUID | None = None
    while True:
        async with container.scope(WORKER) as scope:
            after = await ages.put_ends(scope, after)
        if after is None:
            break
    while True:
        async with container.scope(WORKER) as scope:
            if await alerts.tell_due(scope) < alerts.AT_ONCE:
                break
    if container.mailer.ready:
        async with container.scope(WORKER) as scope:
            await digests.put_down_due(scope)


async def send_digest(ctx: dict[str, Any], digest_id: str) -> None:
    """Write and send one digest."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await digests.send(scope, UUID(digest_id))


async def catch_up(ctx: dict[str, Any]) -> None:
    """Queue digests whose time has come."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        waiting = await digests.due(scope)
    for digest_id in waiting:
        await container.queue.put(Job.send_digest, str(digest_id))


async def put_away(ctx: dict[str, Any]) -> None:
    """In the night: photos that nothing allows any more go to the archive, and are deleted where the organisation decided so."""
    container: Container = ctx["container"]
    after: UUID | None = None
    while True:
        async with container.scope(WORKER) as scope:
            after = await retiring.archive_due(scope, after)
        if after is None:
            break
    while True:
        async with container.scope(WORKER) as scope:
            if await retiring.delete_due(scope) < retiring.AT_ONCE:
                return

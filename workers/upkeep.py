"""What runs by the clock, on the IO worker: hand on what a crash left behind, put unfinished work back, empty the trash."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from photobank.access import remembered
from photobank.consents import event_codes
from photobank.delivery import zips
from photobank.library import counting, trash, undoing, upkeep
from photobank.library.processing import WORKER
from photobank.messaging import outbox
from photobank.messaging.jobs import name_of
from photobank.scope import Container
from photobank.sharing import listing

LEFT_BEHIND = timedelta(seconds=10)


async def reconcile(ctx: dict[str, Any]) -> None:
    """The database is the truth: whatever a lost queue or a killed worker left half done is queued again."""
    container: Container = ctx["container"]

    async def hand_on(events: Any) -> None:
        await container.react(container, events)

    await outbox.hand_on_leftovers(container.sessions, hand_on, container.clock.now() - LEFT_BEHIND)
    async with container.scope(WORKER) as scope:
        waiting = await upkeep.unfinished(scope)
    for job, asset_id, minutes in waiting:
        await container.queue.put(job, str(asset_id), unique=name_of(job, str(asset_id), minutes))


async def tidy(ctx: dict[str, Any]) -> None:
    """Empty the trash of what has waited long enough; give up dead uploads and what they left."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await trash.purge_due(scope)
        await undoing.forget_old(scope)
        await zips.forget_old(scope)
        await upkeep.forget_dead_uploads(scope)
        await upkeep.forget_orphans(scope)
        await listing.forget_old_visits(scope)
        await event_codes.forget_unsigned(scope)


async def fold_counts(ctx: dict[str, Any]) -> None:
    """Keep the lines few that say how many photos there are, and the marks that say when rights last changed."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await counting.fold(scope)
        await remembered.fold(scope.db)

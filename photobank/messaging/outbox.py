"""The outbox: events saved with the transaction, handed on after the commit, removed once handed on.

A crash between commit and hand-over leaves the row; `workers/reconcile.py` hands it on later. Reactions are therefore safe to
run twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlmodel import col

from photobank.kernel.ids import new_id
from photobank.messaging.events import Event
from photobank.models.base import table_of
from photobank.models.outbox import OutboxMessage

_SAVE = insert(table_of(OutboxMessage))
_WITHOUT_WAITING = func.set_config("synchronous_commit", "off", True).is_not(None)
HandOn = Callable[[Sequence[Event]], Awaitable[None]]


async def save(db: AsyncSession, events: Sequence[Event], at: datetime) -> list[UUID]:
    """Add the events to the transaction; returns the ids of their rows."""
    ids = [new_id() for _ in events]
    rows = [
        {"id": id_, "kind": type(event).__name__, "payload": event.payload(), "attempts": 0, "created_at": at}
        for id_, event in zip(ids, events, strict=True)
    ]
    if rows:
        await db.execute(_SAVE, rows)
    return ids


async def remove(at_once: AsyncEngine, ids: Sequence[UUID]) -> None:
    """Forget rows whose events were handed on, in a transaction of one statement. Not waiting for the disk: forgotten in a crash, they
    are handed on once more.
    """
    async with at_once.connect() as connection:
        await connection.execute(delete(OutboxMessage).where(col(OutboxMessage.id).in_(ids), _WITHOUT_WAITING))


async def hand_on_leftovers(sessions: async_sessionmaker[AsyncSession], hand_on: HandOn, before: datetime, limit: int = 200) -> int:
    """Hand on events that were saved before `before` and are still there; returns how many."""
    async with sessions.begin() as db:
        query = select(OutboxMessage).where(col(OutboxMessage.created_at) < before)
        rows = (
            (await db.execute(query.order_by(col(OutboxMessage.id)).limit(limit).with_for_update(skip_locked=True))).scalars().all()
        )
        if not rows:
            return 0
        await hand_on([Event.read(row.kind, row.payload) for row in rows])
        await db.execute(delete(OutboxMessage).where(col(OutboxMessage.id).in_([row.id for row in rows])))
    return len(rows)

"""A Scope is one actor, one transaction, one outbox. Each request, UI event, command and job opens one; closing it commits once.

    async with container.scope(actor) as scope:
        await withdrawal.withdraw(scope, consent_id)

Nothing inside calls commit. After the commit the events go out; before it nobody hears of them. A refusal that leaves the
scope is written to the audit log in a transaction of its own, because the work's own transaction rolls back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from photobank.access.actor import Actor
from photobank.access.grants import Rights
from photobank.access.limits import Rates
from photobank.access.remembered import Remembered
from photobank.blobs.encrypted import EncryptedBlobs
from photobank.db import engine
from photobank.imaging.results import Base
from photobank.imaging.sandbox import Decoder
from photobank.kernel.clock import Clock
from photobank.kernel.errors import Refused
from photobank.kernel.lately import Lately
from photobank.mail.sender import Sender
from photobank.messaging import outbox
from photobank.messaging.events import Event
from photobank.messaging.queue import JobQueue
from photobank.settings import Settings
from photobank.vault import Vault

log = structlog.get_logger(__name__)


class React(Protocol):
    """What follows committed events (`wiring.react`)."""

    async def __call__(self, container: Container, events: Sequence[Event], topics: Iterable[str] = ()) -> None:
        """Wake pages, those of `topics` too, and queue jobs."""
        ...


OnRefusal = Callable[["Container", Actor, Refused], Awaitable[None]]


@dataclass(slots=True)
class Container:
    """What one process holds: opened once by bootstrap, shared by all scopes."""

    settings: Settings
    clock: Clock
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    redis: ArqRedis
    vault: Vault
    rates: Rates
    blobs: EncryptedBlobs
    decoder: Decoder
    queue: JobQueue
    mailer: Sender
    react: React
    on_refusal: OnRefusal
    remembered: Remembered = field(default_factory=Remembered)
    made: Lately[bytes] = field(default_factory=lambda: Lately(32 * 2**20, timedelta(minutes=5)))
    """Pictures for other sites, so that a busy page does not have each made for every reader."""
    bases: Lately[Base] = field(default_factory=lambda: Lately(96 * 2**20, timedelta(minutes=5)))
    """Pixels of pictures handed over a moment ago, before they were marked: the next hand-over of the same begins there."""
    at_once: AsyncEngine = field(init=False)
    lookups: async_sessionmaker[AsyncSession] = field(init=False)

    def __post_init__(self) -> None:
        self.at_once = engine.at_once(self.engine)
        self.lookups = engine.reading_sessions(self.at_once)

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[Scope]:
        """A scope that only reads, statement by statement: two trips to the database less. What writes in it fails."""
        try:
            async with self.lookups() as db:
                yield Scope(container=self, actor=actor, db=db)
        except Refused as refused:
            await self.on_refusal(self, actor, refused)
            raise

    @asynccontextmanager
    async def scope(self, actor: Actor) -> AsyncIterator[Scope]:
        """A fresh scope; commits when left without an error."""
        try:
            async with self.sessions() as db:
                scope = Scope(container=self, actor=actor, db=db)
                yield scope
                saved = await outbox.save(db, scope.events, scope.now())
                await db.commit()
        except Refused as refused:
            await self.on_refusal(self, actor, refused)
            raise
        await self._tell(scope, saved)

    async def _tell(self, scope: Scope, saved: list[UUID]) -> None:
        # The work is committed: when Redis or the database is away the outbox keeps the events, and whoever asked is not told of a failure.
        try:
            if scope.events or scope.topics:
                await self.react(self, scope.events, sorted(scope.topics))
            if saved:
                await outbox.remove(self.at_once, saved)
        except (RedisError, OSError, SQLAlchemyError) as error:
            log.warning("events wait in the outbox", events=len(scope.events), reason=type(error).__name__)


@dataclass(slots=True)
class Scope:
    """One unit of work. Services take it as their first argument."""

    container: Container
    actor: Actor
    db: AsyncSession
    folder_rights: Rights | None = None
    house: object = None
    """What consents/house.py has read."""
    events: list[Event] = field(default_factory=list)
    topics: set[str] = field(default_factory=set)

    @property
    def settings(self) -> Settings:
        """The settings of this installation."""
        return self.container.settings

    @property
    def remembered(self) -> Remembered:
        """Rights that this process has worked out before."""
        return self.container.remembered

    @property
    def blobs(self) -> EncryptedBlobs:
        """Where encrypted bytes lie."""
        return self.container.blobs

    @property
    def vault(self) -> Vault:
        """Keys, and what they open."""
        return self.container.vault

    def now(self) -> datetime:
        """The present moment by the container's clock."""
        return self.container.clock.now()

    def announce(self, event: Event) -> None:
        """Tell others after the commit. The same event twice is told once."""
        if event not in self.events:
            self.events.append(event)

    def wake(self, topic: str) -> None:
        """Wake open pages on a topic after the commit. Only for what may be missed by a crash; else announce an event."""
        self.topics.add(topic)

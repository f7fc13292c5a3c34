"""An open house for service tests: real PostgreSQL and Redis, a clock to turn, a queue to look into, and the fixed cast.

Alice is admin and may everything. Bob, contributor, may edit in the shared folder. Charlie, viewer, was granted nothing. Rita
reviews in the shared folder. Petra is privacy officer. `tests/conftest.py` brings these fixtures to every test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import api_keys, users
from photobank.accounts.sessions import hash_token
from photobank.api.app import create_api
from photobank.bootstrap import open_container
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.kernel.ids import new_id
from photobank.library import folders
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.accounts import Organisation, Role, UserSession
from photobank.models.audit import AuditEvent
from photobank.scope import Container, Scope
from photobank.settings import Settings
from photobank.web.house import House, opened
from photobank.web.opening import AccountsIdentity
from photobank.web.secrets import WebSecrets
from tests.servers import Kept, TestServers

TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> TurnableClock:
    """Stands still at nine in the morning, UTC, until the test turns it."""
    return TurnableClock(TODAY)


@pytest.fixture
def house_settings(fresh_database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """A house in a folder of its own."""
    return Settings(
        data_dir=tmp_path / "data",
        database_url=SecretStr(fresh_database_url),
        redis_url=SecretStr(redis_url),
        database_pool=4,
        face_pack="fake",
    )


@pytest.fixture
async def _opened(
    house_settings: Settings, clock: TurnableClock, servers: TestServers, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Container, Cast | None]]:
    """The open house, and the cast where the test asks for them: then they have moved in before it opens."""
    lived_in = None
    if "cast" in request.fixturenames and clock.now() == TODAY:
        lived_in = await _lived_in(house_settings, clock, servers)
    async with open_container(house_settings, clock=clock) as container:
        container.queue = queue = MemoryQueue()
        if lived_in is None:
            await found(container)
        else:
            queue.jobs += lived_in.jobs
        yield container, lived_in and replace(lived_in.cast, container=container)


async def found(container: Container) -> None:
    """Write down whose house it is."""
    async with container.scope(system()) as scope:
        scope.db.add(Organisation(id=1, name="Ziekenhuis De Lelie", created_at=scope.now()))


async def _lived_in(settings: Settings, clock: TurnableClock, servers: TestServers) -> LivedIn:
    """A house that the cast has moved into: the first time in a process they do, afterwards its database and its keys are put there."""
    assert settings.database_url is not None
    url, keys = settings.database_url.get_secret_value(), settings.data_dir / "keys"
    if LIVED_IN and servers.put(url, LIVED_IN[0].kept):
        keys.mkdir(mode=0o700, parents=True)
        for name, content in LIVED_IN[0].keys.items():
            (keys / name).touch(mode=0o600)
            (keys / name).write_bytes(content)
        return LIVED_IN[0]
    async with open_container(settings, clock=clock) as container:
        container.queue = queue = MemoryQueue()
        await found(container)
        people = await move_in(container)
    made = LivedIn(people, queue.jobs, servers.keep(url), {file.name: file.read_bytes() for file in keys.iterdir()})
    LIVED_IN[:] = [made]
    return made


@pytest.fixture
def container(_opened: tuple[Container, Cast | None]) -> Container:
    """The open house. Jobs are kept in a list, `jobs`, and not run."""
    return _opened[0]


@pytest.fixture
def jobs(container: Container) -> MemoryQueue:
    """What was queued."""
    assert isinstance(container.queue, MemoryQueue)
    return container.queue


@dataclass(frozen=True)
class Cast:
    """Who is in the house, and its folders. `shared`: Bob and Rita hold edit. `closed`: nobody was granted anything."""

    container: Container
    alice: Actor
    bob: Actor
    charlie: Actor
    rita: Actor
    petra: Actor
    shared: UUID
    closed: UUID

    def scope(self, actor: Actor) -> AbstractAsyncContextManager[Scope]:
        """One unit of work for one of them."""
        return self.container.scope(actor)

    async def grant(self, actor: Actor, folder_id: UUID, permission: str) -> None:
        """Grant one of them something on a folder."""
        async with self.container.scope(self.alice) as scope:
            await folders.give(scope, folder_id, "user", str(actor.user_id), permission)


@dataclass(frozen=True)
class LivedIn:
    """A house as it was when the cast had just moved in: them, the jobs that came of it, the database, and the keys that it is read with."""

    cast: Cast
    jobs: list[tuple[Job, tuple[str, ...]]]
    kept: Kept
    keys: dict[str, bytes]


LIVED_IN: list[LivedIn] = []
"""The one of this process, once there is one."""


async def add_user(container: Container, name: str, role: Role) -> Actor:
    """Somebody with an account, as the actor of a signed-in session."""
    async with container.scope(system()) as scope:
        row = await users.create(scope, f"{name.lower()}@lelie.example", name, role)
        session, now = new_id(), scope.now()
        ticket = UserSession(id=session, user_id=row.id, token_hash=hash_token(str(session)), created_at=now, seen_at=now)
        ticket.ends_at = now + timedelta(days=3650)
        scope.db.add(ticket)
    return Actor(kind=ActorKind.user, user_id=row.id, name=name, role=role, language="nl", session_id=session, address="192.0.2.7")


def with_key(actor: Actor, *scopes: str) -> Actor:
    """The same person through an API key, narrowed to `scopes` when any are named."""
    narrowed = frozenset(scopes) or None
    return replace(actor, kind=ActorKind.api_key, session_id=None, api_key_id=new_id(), key_scopes=narrowed)


@pytest.fixture
async def cast(_opened: tuple[Container, Cast | None]) -> Cast:
    """The five of them, and two folders."""
    container, cast = _opened
    return cast or await move_in(container)


async def move_in(container: Container) -> Cast:
    """All of them get their accounts and folders."""
    alice = await add_user(container, "Alice", Role.admin)
    bob = await add_user(container, "Bob", Role.contributor)
    charlie = await add_user(container, "Charlie", Role.viewer)
    rita = await add_user(container, "Rita", Role.reviewer)
    petra = await add_user(container, "Petra", Role.privacy_officer)
    async with container.scope(alice) as scope:
        shared = (await folders.create(scope, "Open dag")).id
        closed = (await folders.create(scope, "Directie")).id
        for actor in (bob, rita):
            await folders.give(scope, shared, "user", str(actor.user_id), "edit")
    return Cast(container, alice, bob, charlie, rita, petra, shared, closed)


async def audit_of(container: Container, tag: str, outcome: str | None = None) -> list[AuditEvent]:
    """What the audit log holds under a tag, oldest first."""
    async with container.sessions() as db:
        query = select(AuditEvent).where(col(AuditEvent.tag) == tag).order_by(col(AuditEvent.id))
        if outcome is not None:
            query = query.where(col(AuditEvent.outcome) == outcome)
        return list((await db.execute(query)).scalars())


@cache
def the_api() -> FastAPI:
    """The REST API, which opens nothing and belongs to no house: made once in a process, since that takes longer than most tests of it."""
    return create_api()


class Door:
    """The REST API of the open house, without a socket. Everybody comes with an API key of their own."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._api = the_api()

    async def key(self, actor: Actor, *scopes: str) -> str:
        """A new API key of one of them, narrowed to `scopes` when any are named."""
        async with self._container.scope(actor) as scope:
            return (await api_keys.create(scope, "test", scopes=scopes)).key

    async def client(self, actor: Actor | None = None, *scopes: str) -> httpx.AsyncClient:
        """A client of somebody, or of nobody."""
        headers = {"Authorization": f"Bearer {await self.key(actor, *scopes)}"} if actor else {}
        transport = httpx.ASGITransport(self._api, raise_app_exceptions=False, client=("203.0.113.9", 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)


@pytest.fixture
async def door(container: Container) -> AsyncIterator[Door]:
    """The front door of the house that the test stands in."""

    @asynccontextmanager
    async def opener(settings: Settings) -> AsyncIterator[House]:
        async def readiness() -> dict[str, str]:
            return {}

        async def on_refusal(actor: Actor, refused: Refused) -> None:
            await container.on_refusal(container, actor, refused)

        yield House(
            settings=settings,
            redis=container.redis,
            identity=AccountsIdentity(container),
            secrets=WebSecrets(container.vault.secret("web"), container.vault.state),
            scope=container.scope,
            readiness=readiness,
            on_refusal=on_refusal,
            container=container,
        )

    async with opened(opener, container.settings):
        yield Door(container)

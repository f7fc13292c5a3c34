"""The database and Redis that a command works with: given by URL, already running here, or started for a moment.

    async with ensure_servers(settings) -> (database_url, redis_url)

Who runs the embedded servers holds `run/lock` and writes `run/servers.json`. A command that finds the lock taken joins them and
holds a shared lock on `run/users` meanwhile, so that a short-lived owner waits for its guests before it stops the servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass
from typing import cast

import psycopg
import redis.asyncio
import redis.exceptions
import structlog

from photobank.db import migrate
from photobank.kernel.errors import ConfigurationError, Unavailable
from photobank.runtime.locks import FileLock
from photobank.runtime.places import Places
from photobank.runtime.postgres import EmbeddedPostgres
from photobank.runtime.redis import EmbeddedRedis
from photobank.settings import Settings

log = structlog.get_logger(__name__)

GUESTS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the embedded servers answer, and which process owns them. An external one has no entry here."""

    pid: int
    supervisor: bool
    database_url: str | None
    redis_url: str | None
    owner_url: str | None = None


def write_addresses(places: Places, addresses: Addresses) -> None:
    """Publish them to other commands of this user; moved into place whole."""
    new = places.servers.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(addresses), file)
    new.replace(places.servers)


def read_addresses(places: Places) -> Addresses | None:
    """What the present owner published; None before that."""
    try:
        return Addresses(**json.loads(places.servers.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


async def database_answers(url: str) -> bool:
    """Whether the database takes a connection now."""
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            await connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


async def redis_answers(url: str) -> bool:
    """Whether Redis answers now."""
    client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
    try:
        return await cast(Awaitable[bool], client.ping())
    except (redis.exceptions.RedisError, OSError):
        return False
    finally:
        await client.aclose()


def given(settings: Settings) -> tuple[str | None, str | None]:
    """The URLs that the settings name, None where the embedded server is meant."""
    database = settings.database_url.get_secret_value() if settings.database_url else None
    cache = settings.redis_url.get_secret_value() if settings.redis_url else None
    return database, cache


async def bring_up_to_date(settings: Settings, database_url: str) -> None:
    """Run the migrations that the database lacks."""
    await migrate.upgrade(owner_url(settings, database_url), database_url)


def owner_url(settings: Settings, database_url: str) -> str:
    """How migrations connect to `database_url`: as the role that owns the tables, where that is another one."""
    if settings.database_owner_url is not None:
        return settings.database_owner_url.get_secret_value()
    found = None if settings.database_url else read_addresses(Places(settings.data_dir))
    return (found and found.owner_url) or database_url


@contextlib.asynccontextmanager
async def ensure_servers(settings: Settings, *, wait: float = 60) -> AsyncIterator[tuple[str, str]]:
    """The URLs to use, with everything behind them answering, for as long as the block lasts."""
    database, cache = given(settings)
    if database and cache:
        yield database, cache
        return
    places = Places(settings.data_dir)
    places.prepare()
    end = time.monotonic() + wait
    while time.monotonic() < end:
        with FileLock(places.lock) as lock:
            if lock.try_acquire():
                async with _own(places, settings) as (own_database, own_cache):
                    yield own_database, own_cache
                return
        with FileLock(places.users) as guest:
            if await guest.acquire(5, shared=True):
                found = await _join(places, settings)
                if found is not None:
                    yield found
                    return
        await asyncio.sleep(0.1)
    raise Unavailable(f"The servers of {settings.data_dir} are held by another process and do not answer. See `photobank doctor`.")


async def _join(places: Places, settings: Settings) -> tuple[str, str] | None:
    """The running servers, once they answer."""
    addresses = read_addresses(places)
    if addresses is None:
        return None
    database, cache = given(settings)
    database = database or addresses.database_url
    cache = cache or addresses.redis_url
    if database is None or cache is None:
        raise ConfigurationError(
            "The running Photobank uses an external database or Redis. "
            "Set the same PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL here."
        )
    if await database_answers(database) and await redis_answers(cache):
        return database, cache
    return None


@contextlib.asynccontextmanager
async def _own(places: Places, settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """Start what is not given by URL, and stop it at the end, when nobody else uses it any more."""
    database, cache = given(settings)
    postgres = None if database else EmbeddedPostgres(places)
    store = None if cache else EmbeddedRedis(places)
    servers: list[EmbeddedPostgres | EmbeddedRedis] = [server for server in (postgres, store) if server is not None]
    readers: list[asyncio.Task[None]] = []
    try:
        readers.extend(await asyncio.gather(*[start_quietly(server) for server in servers]))
        addresses = Addresses(
            pid=os.getpid(),
            supervisor=False,
            database_url=postgres.url() if postgres else None,
            redis_url=store.url() if store else None,
            owner_url=postgres.owner_url() if postgres else None,
        )
        write_addresses(places, addresses)
        yield database or str(addresses.database_url), cache or str(addresses.redis_url)
    finally:
        with FileLock(places.users) as guests:
            if not await guests.acquire(GUESTS_SECONDS):
                log.warning("servers.guests_stay", seconds=GUESTS_SECONDS)
            places.servers.unlink(missing_ok=True)
            for server in reversed(servers):
                await server.stop()
        for reader in readers:
            reader.cancel()


async def start_quietly(server: EmbeddedPostgres | EmbeddedRedis) -> asyncio.Task[None]:
    """Start it, wait for it, and read what it says so that its pipe never fills; start-up problems are raised."""
    process = await server.start()

    async def read() -> None:
        while process.stdout is not None and await process.stdout.readline():
            pass

    reader = asyncio.create_task(read())
    await server.wait_ready()
    return reader

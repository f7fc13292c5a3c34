"""From an audit event to 200 open screens: our broadcaster against the framework's own way (`modify_state` per screen), in one run.

Prints one JSON line. The time runs from before the transaction that records the event until a screen has the new rows, each screen
with a session of its own, against real PostgreSQL and Redis. Server and screens share this machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

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
EVENTS = int(os.environ.get("BENCH_EVENTS", "15"))
PAUSE = 0.5
ROOT = Path(__file__).parents[1]
BASE = "reflex___state____state.state___base____photobank_state.benchmarks___live_server____"
PEER_CHANNEL = "bench:peer"


class Screen:
    """One open page: speaks just enough of the socket protocol to stay open, and notes when rows arrive."""

    def __init__(self, state: str) -> None:
        self.state = f"{BASE}{state}"
        self.arrived: list[tuple[float, str]] = []
        self.ready = asyncio.Event()

    async def run(self, http: aiohttp.ClientSession, origin: str, cookie: str) -> None:
        """Stay open until cancelled."""
        url = f"{origin}/_event/?EIO=4&transport=websocket&token={uuid4()}"
        async with http.ws_connect(url, headers={"Origin": origin, "Cookie": f"pb_session={cookie}"}, max_msg_size=0) as ws:
            async for message in ws:
                text = message.data
                if text.startswith("0"):
                    boot = {"name": "reflex___state____state.hydrate_and_load", "payload": {}, "router_data": {"pathname": "/x/"}}
                    await ws.send_str("40/_event," + json.dumps({"event": boot}))
                elif '"is_hydrated_rx_state_":true' in text and not self.ready.is_set():
                    await ws.send_str("42/_event," + json.dumps(["event", {"name": f"{self.state}.join", "payload": {}}]))
                elif text == "2":
                    await ws.send_str("3")
                elif "rows_rx_state_" in text and '"rows_rx_state_":[]' not in text.replace(" ", ""):
                    self.arrived.append((time.perf_counter(), text))
                    self.ready.set()


async def main() -> None:
    """Start everything, measure both, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data", port=_free_port(), database_pool=10)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                cookies = await _sign_in(container, 2 * SCREENS)
                async with _server(settings, folder) as pid:
                    ours, cpu = await _measure(container, settings, pid, "ours_state", cookies[:SCREENS], "audit")
                    peer, peer_cpu = await _measure(container, settings, pid, "peer_state", cookies[SCREENS:], PEER_CHANNEL)
    _print("live_p95_ms", ours, peer, cpu, peer_cpu)


async def _measure(
    container: Container, settings: Settings, pid: int, state: str, cookies: list[str], channel: str
) -> tuple[list[float], float]:
    """Milliseconds from event to screen, for every screen and event, and the server's processor time per event."""
    screens = [Screen(state) for _ in cookies]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tasks = []
        for screen, cookie in zip(screens, cookies, strict=True):
            tasks.append(asyncio.create_task(screen.run(http, settings.origin, cookie)))
            await asyncio.sleep(0.02)
        await asyncio.wait_for(asyncio.gather(*(screen.ready.wait() for screen in screens)), 90)
        await asyncio.sleep(1)
        found: list[float] = []
        spent = 0.0
        for number in range(EVENTS + 2):
            before, mark = _cpu(pid), str(uuid4())
            start = time.perf_counter()
            async with container.scope(system()) as scope:
                record(scope, Tag.user_changed, payload={"n": number})
                uid = str(next(iter(scope.db.new)).uid)
                if channel != "audit":
                    scope.topics.clear()
            if channel != "audit":
                await container.redis.publish(channel, mark)
            took = await _all_have(screens, uid, start)
            if number >= 2:  # the first ones warm up
                found += took
                spent += _cpu(pid) - before
            await asyncio.sleep(PAUSE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found, spent / EVENTS


async def _all_have(screens: list[Screen], uid: str, start: float) -> list[float]:
    end = time.perf_counter() + 15
    while time.perf_counter() < end:
        took = [next((at for at, text in screen.arrived if uid in text), None) for screen in screens]
        if all(at is not None for at in took):
            for screen in screens:
                screen.arrived.clear()
            return [(at - start) * 1000 for at in took if at is not None]
        await asyncio.sleep(0.05)
    raise SystemExit(f"only {sum(at is not None for at in took)} of {len(screens)} screens were told")


async def _sign_in(container: Container, count: int) -> list[str]:
    tokens = []
    async with container.scope(system()) as scope:
        for number in range(count):
            row = await users.create(scope, f"p{number}@bench.example", f"Person {number}", Role.admin)
            user = await scope.db.get(User, row.id)
            assert user is not None
            tokens.append(await sessions.create(scope, user))
    return tokens


@asynccontextmanager
async def _server(settings: Settings, folder: str) -> Any:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    env = {
        **os.environ,
        "PHOTOBANK_DATA_DIR": str(settings.data_dir),
        "PHOTOBANK_PORT": str(settings.port),
        "PHOTOBANK_DATABASE_URL": settings.database_url.get_secret_value(),
        "PHOTOBANK_REDIS_URL": settings.redis_url.get_secret_value(),
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "REFLEX_WEB_WORKDIR": f"{folder}/web",
        "PYTHONPATH": str(ROOT),
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--factory",
        "--interface",
        "asgi",
        "--loop",
        "uvloop",
        "--port",
        str(settings.port),
    ]
    process = subprocess.Popen([*command, "benchmarks.live_server:create"], cwd=ROOT, env=env, stdout=sys.stderr)
    try:
        async with aiohttp.ClientSession() as http:
            for _ in range(300):
                try:
                    async with http.get(settings.origin + "/healthz") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.2)
        yield _worker_of(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _worker_of(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max((int(child) for child in children), key=_cpu, default=parent)


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(name: str, ours: list[float], peer: list[float], cpu: float, peer_cpu: float) -> None:
    def at(values: list[float], share: float) -> float:
        return sorted(values)[min(len(values) - 1, int(len(values) * share))]

    line = {
        "name": name,
        "ours": round(at(ours, 0.95), 1),
        "peer": round(at(peer, 0.95), 1),
        "peer_name": "reflex modify_state per screen",
        "ratio": round(at(peer, 0.95) / at(ours, 0.95), 2),
        "unit": "ms",
        "screens": SCREENS,
        "events": EVENTS,
        "ours_p50": round(statistics.median(ours), 1),
        "peer_p50": round(statistics.median(peer), 1),
        "ours_cpu_ms_per_event": round(cpu * 1000, 1),
        "peer_cpu_ms_per_event": round(peer_cpu * 1000, 1),
        "load_before": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main())

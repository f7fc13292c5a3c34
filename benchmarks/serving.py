"""The web server of the house as a process of its own, for benchmarks that measure it from outside."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from photobank.settings import Settings

ROOT = Path(__file__).parents[1]


@asynccontextmanager
async def served(settings: Settings, folder: str, factory: str, **more: str) -> AsyncIterator[int]:
    """Serve an ASGI factory as the house is served; gives the process whose time and memory count."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    env = {
        **os.environ,
        "PHOTOBANK_DATA_DIR": str(settings.data_dir),
        "PHOTOBANK_PORT": str(settings.port),
        "PHOTOBANK_DATABASE_URL": settings.database_url.get_secret_value(),
        "PHOTOBANK_REDIS_URL": settings.redis_url.get_secret_value(),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_REDIS_LOCK_WARNING_THRESHOLD": "9999",  # the peer holds its locks for seconds
        "__REFLEX_SKIP_COMPILE": "1",
        "REFLEX_WEB_WORKDIR": f"{folder}/web",
        "PYTHONPATH": str(ROOT),
        **more,
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
    process = subprocess.Popen([*command, factory], cwd=ROOT, env=env, stdout=sys.stderr)
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
    return max((int(child) for child in children), key=cpu, default=parent)


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident(pid: int) -> float:
    """MB of memory that a process has resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

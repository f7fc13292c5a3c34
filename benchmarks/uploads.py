"""An evening's shoot over loopback: tus into the encrypting writer against a plain streaming PUT of the same server, in the same run.

Photos of 10 MB, four transfers at a time, pieces as large as our uploader's (BENCH_PIECE_MIB): BENCH_UPLOADS of them to each side, in
turns, so that a busy moment of the machine strikes both, or as many as BENCH_SECONDS allow. Memory is the web server's during our
turns, from before the first to after the last photo. Nothing processes what arrives: there are no workers.

What makes it fair: both sides end with the bytes synced to disk and kept there. A file that is deleted as soon as it was stored is
written into memory and blocks that are still warm, which here takes a third of the time; until 27 November the peer had that. Ours
has also encrypted the bytes, hashed them, synced their folder, looked for duplicates, written database and audit log (two commits, synced
too), and checked rights in both requests. The loader shares the machine, so it does as little as it can: each transfer has its photo in
memory, and changes a few bytes to make the next.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID

import aiohttp
from pydantic import SecretStr

from benchmarks.serving import cpu, free_port, resident, served
from benchmarks.upload_server import PLACE, PREFIX
from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import api_keys, users
from photobank.bootstrap import open_container
from photobank.library import folders
from photobank.models.accounts import Role
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load

PHOTOS = int(os.environ.get("BENCH_UPLOADS", "500"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "180"))
PIECE = int(os.environ.get("BENCH_PIECE_MIB", "32")) * 2**20
SIZE, AT_ONCE = 10_000_000, 4
TURNS = 5
WARM_UP = 8
HEAD = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")  # a JPEG begins

Send = Callable[[aiohttp.ClientSession, int, bytearray], Awaitable[None]]


@dataclass(frozen=True)
class Measured:
    """What came in, and what it took of the server."""

    photos: int
    seconds: float
    cpu: float
    before: float
    peak: float
    after: float

    @property
    def speed(self) -> float:
        """MB per second."""
        return self.photos * SIZE / 1e6 / self.seconds


async def main() -> None:
    """Start everything, measure both, print."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "plain")
        plain.mkdir()
        settings = load(data_dir=Path(folder) / "data", port=free_port(), database_pool=10)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                key, shoot = await _key(container)
            async with (
                served(settings, folder, "benchmarks.upload_server:create", **{PLACE: str(plain)}) as pid,
                aiohttp.ClientSession(settings.origin, connector=aiohttp.TCPConnector(limit=AT_ONCE)) as http,
            ):
                put, tus = _put(), _tus(key, shoot)
                theirs, ours = [], []
                await _measure(pid, http, put, WARM_UP)
                await _measure(pid, http, tus, WARM_UP)
                for _ in range(TURNS):
                    theirs.append(await _measure(pid, http, put, PHOTOS // TURNS))
                    ours.append(await _measure(pid, http, tus, PHOTOS // TURNS))
    _print(_together(ours), _together(theirs))


async def _key(container: Container) -> tuple[str, UUID]:
    async with container.scope(system()) as scope:
        eva = await users.create(scope, "eva@bench.example", "Eva", Role.admin)
        folder = await folders.create(scope, "Shoot")
    actor = Actor(kind=ActorKind.user, user_id=eva.id, name="Eva", role=Role.admin)
    async with container.scope(actor) as scope:
        return (await api_keys.create(scope, "bench")).key, folder.id


def _put() -> Send:
    names = count()

    async def send(http: aiohttp.ClientSession, number: int, photo: bytearray) -> None:
        async with http.put(f"{PREFIX}{next(names)}.jpg", data=photo) as answer:
            answer.raise_for_status()

    return send


def _tus(key: str, folder: UUID) -> Send:
    into = b64encode(str(folder).encode()).decode()
    common = {"Authorization": f"Bearer {key}", "Tus-Resumable": "1.0.0"}

    async def send(http: aiohttp.ClientSession, number: int, photo: bytearray) -> None:
        name = b64encode(f"{number}.jpg".encode()).decode()
        headers = {**common, "Upload-Length": str(len(photo)), "Upload-Metadata": f"filename {name},folder_id {into}"}
        async with http.post("/api/v1/uploads", headers=headers) as answer:
            answer.raise_for_status()
            place = answer.headers["Location"]
        for at in range(0, len(photo), PIECE):
            headers = {**common, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
            async with http.patch(place, headers=headers, data=memoryview(photo)[at : at + PIECE]) as answer:
                answer.raise_for_status()

    return send


async def _measure(pid: int, http: aiohttp.ClientSession, send: Send, wanted: int) -> Measured:
    photos = [bytearray(HEAD + os.urandom(SIZE - len(HEAD))) for _ in range(AT_ONCE)]
    numbers = iter(range(wanted))
    sent = 0
    memory = [resident(pid)]
    start, before = time.perf_counter(), cpu(pid)

    async def transfer(photo: bytearray) -> None:
        nonlocal sent
        for number in numbers:
            if time.perf_counter() - start > SECONDS / TURNS / 2:
                return
            photo[len(HEAD) : len(HEAD) + 64] = os.urandom(64)  # or it would be a duplicate
            await send(http, number, photo)
            sent += 1
            memory.append(resident(pid))

    await asyncio.gather(*(transfer(photo) for photo in photos))
    return Measured(sent, time.perf_counter() - start, cpu(pid) - before, memory[0], max(memory), memory[-1])


def _together(turns: list[Measured]) -> Measured:
    return Measured(
        sum(one.photos for one in turns),
        sum(one.seconds for one in turns),
        sum(one.cpu for one in turns),
        turns[0].before,
        max(one.peak for one in turns),
        turns[-1].after,
    )


def _print(ours: Measured, theirs: Measured) -> None:
    line = {
        "name": "upload_throughput",
        "ours": round(ours.speed, 1),
        "peer": round(theirs.speed, 1),
        "peer_name": "plain streaming PUT, same server, synced and kept",
        "ratio": round(ours.speed / theirs.speed, 2),
        "unit": "MB/s",
        "photos": ours.photos,
        "at_once": AT_ONCE,
        "cpu_ms_per_photo": round(ours.cpu / ours.photos * 1000),
        "peer_cpu_ms_per_photo": round(theirs.cpu / theirs.photos * 1000),
        "memory_mb_before": round(ours.before),
        "memory_mb_peak": round(ours.peak),
        "memory_mb_after": round(ours.after),
        "load_before": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main())

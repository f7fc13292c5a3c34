"""24-megapixel JPEGs handed over at web size, from request to first byte, and how many a second: this house against thumbor, in the same run.

Ours decides twice, decrypts, decodes in a confined process, makes smaller, sharpens, marks invisibly, labels and logs each time, and begins at
the working copy that was made when the photo came. thumbor reads plain files by Pillow, its usual engine, at the same size and quality, with
as many processes as we have and without progressive JPEG, which we do not make either and which would cost it time. Three ways:
- as it is used on photos that it has not seen: it reads the original, keeps nothing;
- beginning at our working copies, as if somebody had put them beside the originals for it;
- with its result storage: from the second time on it sends the file that it made, the same bytes to everybody. That is no hand-over as ours,
  which is decided, marked and logged for who takes it; the figure says what these cost.

First bytes one request at a time, in turns, so that a busy moment strikes all; `again` is the same photo once more, as another hand-over with
its own mark. Throughput with CLIENTS at once on the same photos in the same order, in turns: `fresh` asks for each once, `each taken four
times` also thrice more. Last the processor time of all processes that take part, which a busy machine changes least. thumbor is fetched by
uv into its cache when the benchmark runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psutil
from pydantic import SecretStr

from benchmarks.renditions import photos
from benchmarks.serving import free_port, served
from benchmarks.upload_server import PLACE
from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import api_keys, users
from photobank.blobs.names import ORIGINAL, context_for, key_for
from photobank.bootstrap import open_container
from photobank.imaging.renditions import begin_at
from photobank.kernel.ids import new_id
from photobank.library import folders
from photobank.models.accounts import Role
from photobank.models.assets import Asset, AssetState, Stage
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load

ROUNDS, WARM_UP = 25, 3
CLIENTS, BLOCKS, EACH, TIMES = 4, 3, 8, 4
"""Blocks of so many photos, each taken so many times by so many at once."""
PHOTOS = ROUNDS + WARM_UP + BLOCKS * EACH
"""All different ones: of what was taken a moment ago, pixels are kept."""
BY_NOW = 0.6
"""Seconds between rounds: below the rate at which one person may have pictures made."""
PROCESSES = 2
THUMBOR = ["uv", "run", "--no-project", "--quiet", "--python", "3.11", "--with", "thumbor==7.8.0", "thumbor"]
PEER = f"thumbor 7.8 (Pillow, {PROCESSES} processes)"
COPIES, STORED = f"{PEER}, from working copies", f"{PEER}, result storage"
ORDER = {"preset": "web", "use": "website"}
SIZE = "unsafe/fit-in/1920x1920/filters:quality(85)"


async def main() -> None:
    """Start both, measure, print."""
    photo = photos()["camera_24mp"]
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "photo.jpg"
        plain.write_bytes(photo)
        for number in range(PHOTOS):
            os.link(plain, Path(folder) / f"{number}.jpg")
        settings = load(data_dir=Path(folder) / "data", port=free_port(), database_pool=10, decode_processes=PROCESSES)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                keys, ids = await _fill(container, photo, Path(folder))
            ports = free_port(), free_port()
            peers = [_thumbor(folder, port, stored=port == ports[1]) for port in ports]
            plain, stored = (f"http://127.0.0.1:{port}/{SIZE}" for port in ports)
            ways = {PEER: (plain, ""), COPIES: (plain, "copy-"), STORED: (stored, "")}
            theirs = {name: [f"{at}/{kind}{number}.jpg" for number in range(len(ids))] for name, (at, kind) in ways.items()}
            ours = [f"{settings.origin}/api/v1/assets/{one}/downloads" for one in ids]
            try:
                async with (
                    served(
                        settings,
                        folder,
                        "benchmarks.upload_server:create",
                        **{PLACE: folder, "PHOTOBANK_DECODE_PROCESSES": str(PROCESSES)},
                    ) as web,
                    aiohttp.ClientSession() as http,
                ):
                    for one in (plain, stored):
                        await _until_up(http, f"{one}/copy-0.jpg")
                    await _latency(http, keys.pop(), ours, theirs)
                    late = {name: urls[ROUNDS + WARM_UP :] for name, urls in theirs.items()}
                    work = {"": [web, *_servers(folder)], PEER: [peers[0].pid], COPIES: [peers[0].pid], STORED: [peers[1].pid]}
                    await _throughput(http, keys, ours[ROUNDS + WARM_UP :], late, work)
            finally:
                for peer in peers:
                    os.killpg(peer.pid, signal.SIGTERM)  # uv started it, and does not pass this on
                    with suppress(subprocess.TimeoutExpired):
                        peer.wait(10)


async def _latency(http: aiohttp.ClientSession, key: str, ours: list[str], theirs: dict[str, list[str]]) -> None:
    fresh: list[float] = []
    again: list[float] = []
    peer: dict[str, list[float]] = {name: [] for name in theirs}
    for number in range(ROUNDS + WARM_UP):
        for kept in (fresh, again):
            kept.append(await _first_byte(http, ours[number], key))
        for name, urls in theirs.items():
            if name == STORED:
                await _first_byte(http, urls[number])
            peer[name].append(await _first_byte(http, urls[number]))
        await asyncio.sleep(BY_NOW)
    for name, mine, ways in (("fresh", fresh, (PEER, COPIES)), ("again", again, (PEER, STORED))):
        for way in ways:
            _print(f"web-size download of 24 Mpx, first byte, {name}", mine[WARM_UP:], peer[way][WARM_UP:], way)


async def _throughput(
    http: aiohttp.ClientSession, keys: list[str], ours: list[str], theirs: dict[str, list[str]], work: dict[str, list[int]]
) -> None:
    spent = {name: [0.0, 0.0] for name in ("", *theirs)}
    computed = {name: [0.0, 0.0] for name in spent}
    for block, key in enumerate(keys):
        part = slice(block * EACH, (block + 1) * EACH)
        for later in range(TIMES):
            for name, urls in {"": ours, **theirs}.items():
                before = _computed(work[name])
                spent[name][min(later, 1)] += await _all(http, urls[part], "" if name else key)
                computed[name][min(later, 1)] += _computed(work[name]) - before
    for name, count, ways in (
        ("fresh", BLOCKS * EACH, (PEER, COPIES)),
        (f"each taken {TIMES} times", BLOCKS * EACH * TIMES, (PEER, STORED)),
    ):
        rates = {who: count / (one[0] if name == "fresh" else sum(one)) for who, one in spent.items()}
        for way in ways:
            row = {"name": f"web-size downloads of 24 Mpx, {CLIENTS} at once, {name}", "ours": round(rates[""], 2)}
            told = {"peer": round(rates[way], 2), "peer_name": way, "ratio": round(rates[""] / rates[way], 2)}
            print(json.dumps(row | told | {"unit": "downloads a second; higher is better"}), flush=True)
    for name, at, count, ways in (
        ("fresh", 0, BLOCKS * EACH, (PEER, COPIES)),
        ("again", 1, BLOCKS * EACH * (TIMES - 1), (PEER, STORED)),
    ):
        each = {who: one[at] * 1000 / count for who, one in computed.items()}
        for way in ways:
            row = {"name": f"web-size downloads of 24 Mpx, processor time of each, {name}", "ours": round(each[""])}
            told = {"peer": round(each[way]), "peer_name": way, "ratio": round(each[way] / each[""], 2)}
            print(json.dumps(row | told | {"unit": "ms, all processes together; higher ratio is better"}), flush=True)


def _servers(folder: str) -> list[int]:
    """The database and Redis of this run."""
    found = [one for one in psutil.process_iter(["name", "cmdline"]) if one.info["name"] in ("postgres", "redis-server")]
    return [one.pid for one in found if folder in " ".join(one.info["cmdline"] or ())]


def _computed(pids: list[int]) -> float:
    """Seconds of processor time of these processes and all that they started."""
    each = [psutil.Process(pid) for pid in pids]
    times = [one.cpu_times() for one in {*each, *(child for one in each for child in one.children(recursive=True))}]
    return float(sum(one.user + one.system for one in times))


async def _all(http: aiohttp.ClientSession, urls: list[str], key: str) -> float:
    """Seconds until all are there, CLIENTS at a time."""
    room = asyncio.Semaphore(CLIENTS)

    async def one(url: str) -> None:
        async with room:
            await _first_byte(http, url, key)

    began = time.perf_counter()
    await asyncio.gather(*[one(url) for url in urls])
    return time.perf_counter() - began


async def _first_byte(http: aiohttp.ClientSession, url: str, key: str = "") -> float:
    """Milliseconds until the first byte of the picture; the rest is read, too. With a key it is ours."""
    more: dict[str, Any] = {"json": ORDER, "headers": {"Authorization": f"Bearer {key}"}} if key else {}
    began = time.perf_counter()
    async with http.request("POST" if key else "GET", url, **more) as answer:
        if answer.status != 200:
            raise SystemExit(f"{url}: {answer.status} {(await answer.text())[:300]}")
        await answer.content.readany()
        took = time.perf_counter() - began
        await answer.read()
    return took * 1000


async def _until_up(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(240):
        with suppress(aiohttp.ClientError):
            async with http.get(url) as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.5)
    raise SystemExit("thumbor does not start")


async def _fill(container: Container, photo: bytes, folder: Path) -> tuple[list[str], list[UUID]]:
    """The photos, and a key for each of those who take them: one person may have only so many made in a minute."""
    working = (await container.decoder.process(photo)).working
    (folder / "copy.jpg").write_bytes(working[begin_at(1920)[0]])
    for number in range(PHOTOS):
        os.link(folder / "copy.jpg", folder / f"copy-{number}.jpg")
    async with container.scope(system()) as scope:
        people = [(await users.create(scope, f"eva{n}@bench.example", f"Eva {n}", Role.admin)).id for n in range(BLOCKS + 1)]
        bench = (await folders.create(scope, "Bench")).id
        now, ids = scope.now(), [new_id() for _ in range(PHOTOS)]
        for id_ in ids:
            made: dict[str, Any] = {"stage_at": now, "sort_at": now, "created_at": now, "changed_at": now, "no_people_at": now}
            size: dict[str, Any] = {"width": 6000, "height": 4000, "size": len(photo), "media_type": "image/jpeg"}
            state: dict[str, Any] = {"state": AssetState.ready, "stage": Stage.done, "faces_done": True}
            scope.db.add(Asset(id=id_, folder_id=bench, filename="photo.jpg", **made, **size, **state))
            await scope.db.flush()
            key = await scope.vault.new_asset_key(scope.db, id_, bench, now)
            for name, data in {ORIGINAL: photo, **working}.items():
                await container.blobs.write(key_for(id_, name), key, context_for(id_, name), data)
    keys = []
    for person in people:
        async with container.scope(Actor(kind=ActorKind.user, user_id=person, name="Eva", role=Role.admin)) as scope:
            keys.append((await api_keys.create(scope, "bench")).key)
    return keys, ids


def _thumbor(folder: str, port: int, *, stored: bool) -> subprocess.Popen[bytes]:
    config = Path(folder) / f"thumbor-{port}.conf"
    kept = "'thumbor.result_storages.file_storage'" if stored else None
    config.write_text(
        f"LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = {folder!r}\n"
        f"STORAGE = 'thumbor.storages.no_storage'\nRESULT_STORAGE = {kept}\nRESULT_STORAGE_STORES_UNSAFE = True\n"
        f"RESULT_STORAGE_FILE_STORAGE_ROOT_PATH = {folder + '/results'!r}\n"
        "PROGRESSIVE_JPEG = False\nALLOW_UNSAFE_URL = True\nMAX_AGE = 0\n"
    )
    command = [str(Path(sys.executable).parent / THUMBOR[0]), *THUMBOR[1:]]
    return subprocess.Popen(
        [*command, "--processes", str(PROCESSES), "--port", str(port), "--conf", str(config)],
        stdout=sys.stderr,
        stderr=sys.stderr,
        start_new_session=True,
    )


def _print(name: str, ours: list[float], peer: list[float], way: str) -> None:
    mine, theirs = statistics.median(ours), statistics.median(peer)
    p95 = statistics.quantiles(ours, n=20)[-1]
    line = {
        "name": name,
        "ours": round(mine),
        "peer": round(theirs),
        "peer_name": way,
        "ratio": round(theirs / mine, 2),
    }
    print(json.dumps(line | {"unit": "ms, median; higher ratio is better", "p95": round(p95)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

"""A 24-megapixel JPEG handed over at web size, from request to first byte: this house against thumbor, in the same run.

Ours decides twice, decrypts, decodes in a confined process, makes smaller, sharpens, marks invisibly, labels and logs each time; thumbor
(Pillow engine, the same size and quality, no storage) reads a plain file. One request at a time, in turns, so that a busy moment strikes both.
`again` is the same photo once more, as another hand-over with its own mark. thumbor is fetched by uv into its cache when the benchmark runs.
"""

from __future__ import annotations

import asyncio
import json
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
from pydantic import SecretStr

from benchmarks.renditions import photos
from benchmarks.serving import free_port, served
from benchmarks.upload_server import PLACE
from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import api_keys, users
from photobank.blobs.names import ORIGINAL, context_for, key_for
from photobank.bootstrap import open_container
from photobank.kernel.ids import new_id
from photobank.library import folders
from photobank.models.accounts import Role
from photobank.models.assets import Asset, AssetState, Stage
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load

ROUNDS, WARM_UP = 25, 3
DIFFERENT = 8
THUMBOR = ["uv", "run", "--no-project", "--quiet", "--python", "3.11", "--with", "thumbor==7.8.0", "thumbor"]


async def main() -> None:
    """Start both, measure, print."""
    photo = photos()["camera_24mp"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "photo.jpg").write_bytes(photo)
        settings = load(data_dir=Path(folder) / "data", port=free_port(), database_pool=10)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                key, ids = await _fill(container, photo)
            port = free_port()
            peer = _thumbor(folder, port)
            try:
                async with (
                    served(settings, folder, "benchmarks.upload_server:create", **{PLACE: folder}),
                    aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http,
                ):
                    await _measure(
                        http, settings.origin, f"http://127.0.0.1:{port}/unsafe/fit-in/1920x1920/filters:quality(85)/photo.jpg", ids
                    )
            finally:
                peer.terminate()
                with suppress(subprocess.TimeoutExpired):
                    peer.wait(10)


async def _measure(http: aiohttp.ClientSession, origin: str, theirs: str, ids: list[UUID]) -> None:
    await _until_up(http, theirs)
    fresh: list[float] = []
    again: list[float] = []
    peer: list[float] = []
    for number in range(ROUNDS + WARM_UP):
        asset = ids[number % len(ids)]
        for kept in (fresh, again):
            kept.append(
                await _first_byte(http, "POST", f"{origin}/api/v1/assets/{asset}/downloads", {"preset": "web", "use": "website"})
            )
        peer.append(await _first_byte(http, "GET", theirs))
        await asyncio.sleep(0.6)  # below the rate at which one person may have pictures made
    for name, ours in (("fresh", fresh), ("again", again)):
        _print(f"web-size download of 24 Mpx, first byte, {name}", ours[WARM_UP:], peer[WARM_UP:])


async def _first_byte(http: aiohttp.ClientSession, method: str, url: str, body: Any = None) -> float:
    """Milliseconds until the first byte of the picture; the rest is read, too."""
    began = time.perf_counter()
    async with http.request(method, url, json=body) as answer:
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


async def _fill(container: Container, photo: bytes) -> tuple[str, list[UUID]]:
    async with container.scope(system()) as scope:
        eva = await users.create(scope, "eva@bench.example", "Eva", Role.admin)
        folder = (await folders.create(scope, "Bench")).id
        now, ids = scope.now(), [new_id() for _ in range(DIFFERENT)]
        for id_ in ids:
            made: dict[str, Any] = {"stage_at": now, "sort_at": now, "created_at": now, "changed_at": now, "no_people_at": now}
            size: dict[str, Any] = {"width": 6000, "height": 4000, "size": len(photo), "media_type": "image/jpeg"}
            state: dict[str, Any] = {"state": AssetState.ready, "stage": Stage.done, "faces_done": True}
            scope.db.add(Asset(id=id_, folder_id=folder, filename="photo.jpg", **made, **size, **state))
            await scope.db.flush()
            key = await scope.vault.new_asset_key(scope.db, id_, folder, now)
            await container.blobs.write(key_for(id_, ORIGINAL), key, context_for(id_, ORIGINAL), photo)
    actor = Actor(kind=ActorKind.user, user_id=eva.id, name="Eva", role=Role.admin)
    async with container.scope(actor) as scope:
        return (await api_keys.create(scope, "bench")).key, ids


def _thumbor(folder: str, port: int) -> subprocess.Popen[bytes]:
    config = Path(folder) / "thumbor.conf"
    config.write_text(
        f"LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = {folder!r}\n"
        "STORAGE = 'thumbor.storages.no_storage'\nRESULT_STORAGE = None\nALLOW_UNSAFE_URL = True\nMAX_AGE = 0\n"
    )
    command = [str(Path(sys.executable).parent / THUMBOR[0]), *THUMBOR[1:]]
    return subprocess.Popen([*command, "--port", str(port), "--conf", str(config)], stdout=sys.stderr, stderr=sys.stderr)


def _print(name: str, ours: list[float], peer: list[float]) -> None:
    mine, theirs = statistics.median(ours), statistics.median(peer)
    p95 = statistics.quantiles(ours, n=20)[-1]
    line = {
        "name": name,
        "ours": round(mine),
        "peer": round(theirs),
        "peer_name": "thumbor 7.8 (Pillow)",
        "ratio": round(theirs / mine, 2),
    }
    print(json.dumps(line | {"unit": "ms, median; higher ratio is better", "p95": round(p95)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

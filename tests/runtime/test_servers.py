"""Commands find the servers: given, running, or started for a moment."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from photobank.runtime.locks import FileLock
from photobank.runtime.places import Places
from photobank.runtime.servers import database_answers, ensure_servers, read_addresses, redis_answers
from photobank.settings import load


async def test_they_are_started_for_a_moment_and_gone_afterwards(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    async with ensure_servers(settings) as (database, cache):
        assert await database_answers(database)
        assert await redis_answers(cache)
        assert (tmp_path / "run" / "servers.json").stat().st_mode & 0o777 == 0o600
    assert not await database_answers(database)
    assert not await redis_answers(cache)
    assert read_addresses(Places(tmp_path)) is None


async def test_a_second_command_joins_and_the_first_waits_for_it(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    joined, leave = asyncio.Event(), asyncio.Event()

    async def guest() -> str:
        async with ensure_servers(settings) as (database, _):
            joined.set()
            await leave.wait()
            assert await database_answers(database), "the owner stopped the servers under its guest"
            return database

    async with ensure_servers(settings) as (database, _):
        task = asyncio.create_task(guest())
        await asyncio.wait_for(joined.wait(), 10)
        asyncio.get_running_loop().call_later(0.5, leave.set)
    assert await task == database


async def test_external_urls_start_nothing(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, database_url="postgresql://db/x", redis_url="redis://cache/0")
    async with ensure_servers(settings) as urls:
        assert urls == ("postgresql://db/x", "redis://cache/0")
    assert not (tmp_path / "run").exists()


async def test_only_what_is_missing_is_started(tmp_path: Path) -> None:
    async with ensure_servers(load(data_dir=tmp_path, database_url="postgresql://db/x")) as (database, cache):
        assert database == "postgresql://db/x"
        assert await redis_answers(cache)
    assert not (tmp_path / "postgres").exists()


async def test_addresses_left_by_a_killed_owner_are_not_believed(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.prepare()
    places.servers.write_text(
        json.dumps({"pid": 1, "supervisor": True, "database_url": "postgresql://gone/x", "redis_url": "redis://gone"})
    )
    async with ensure_servers(load(data_dir=tmp_path)) as (database, _):
        assert "gone" not in database


def test_a_lock_is_exclusive_and_shared_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path) as first, FileLock(path) as second, FileLock(path) as third:
        assert first.try_acquire(shared=True)
        assert second.try_acquire(shared=True)
        assert not third.try_acquire()
        first.release()
        second.release()
        assert third.try_acquire()


async def test_a_url_that_nobody_answers_is_said_to_be_dead() -> None:
    assert not await database_answers("postgresql://nobody@127.0.0.1:9/none")
    assert not await redis_answers("redis://127.0.0.1:9/0")


@pytest.mark.parametrize("count", [3])
async def test_many_commands_at_once_share_one_server(tmp_path: Path, count: int) -> None:
    settings = load(data_dir=tmp_path)

    async def command() -> bool:
        async with ensure_servers(settings) as (database, cache):
            return await database_answers(database) and await redis_answers(cache)

    assert all(await asyncio.gather(*[command() for _ in range(count)]))

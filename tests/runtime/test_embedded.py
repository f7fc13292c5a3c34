"""The embedded servers: real, durable, back after the worst, in any folder."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest
import redis.asyncio

from photobank.db import migrate
from photobank.kernel.errors import ConfigurationError
from photobank.runtime.places import SOCKET_PATH_MAX, Places
from photobank.runtime.postgres import EmbeddedPostgres
from photobank.runtime.redis import EmbeddedRedis
from photobank.runtime.servers import start_quietly

FORBIDDEN = (
    "DROP TRIGGER audit_append_only ON audit_events",
    "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    "DROP TABLE audit_events",
    "TRUNCATE audit_events",
    "DELETE FROM audit_events",
    "UPDATE audit_events SET outcome = 'done'",
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    "UPDATE alembic_version SET version_num = 'x'",
    "CREATE TABLE mine (word text)",
    "SET session_replication_role = replica",
    "SET ROLE photobank_owner",
)

S = TypeVar("S", EmbeddedPostgres, EmbeddedRedis)


@asynccontextmanager
async def running(server: S) -> AsyncIterator[S]:
    reader = await start_quietly(server)
    try:
        yield server
    finally:
        await server.stop()
        reader.cancel()


async def value(url: str, query: str) -> object:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute(query)).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


async def test_committed_rows_survive_kill_9_of_postgres(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(Places(tmp_path / "data"))
    async with running(postgres):
        async with await psycopg.AsyncConnection.connect(postgres.owner_url()) as connection:
            await connection.execute("CREATE TABLE kept (word text)")
            await connection.execute("INSERT INTO kept VALUES ('ja')")
        assert postgres.process is not None
        postgres.process.kill()
        await postgres.process.wait()
    async with running(EmbeddedPostgres(Places(tmp_path / "data"))) as again:
        assert await value(again.owner_url(), "SELECT word FROM kept") == "ja"


async def test_the_application_is_no_superuser_and_the_server_is_durable_and_closed(servers: object, tmp_path: Path) -> None:
    async with running(EmbeddedPostgres(Places(tmp_path))) as postgres:
        url = postgres.url()
        assert (
            await value(url, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user") is False
        )
        assert await value(url, "SHOW fsync") == "on"
        assert await value(url, "SHOW listen_addresses") == ""
        assert await value(url, "SHOW data_checksums") == "on"
        assert await value(url, "SELECT lower('ÀÉÎ')") == "àéî"
        assert await value(url, "SELECT to_tsvector('dutch', 'toestemmingen')::text") == "'toestemm':1"
        wrong = url.replace("photobank:", "photobank:x", 1)
        as_superuser = url.replace("photobank:", "postgres:", 1)
        as_owner = url.replace("photobank:", "photobank_owner:", 1)
        for closed in (wrong, as_superuser, as_owner):
            with pytest.raises(psycopg.OperationalError):
                await value(closed, "SELECT 1")


async def test_a_cluster_in_which_both_roles_had_one_password_gets_two(servers: object, tmp_path: Path) -> None:
    async with (
        running(EmbeddedPostgres(Places(tmp_path))) as postgres,
        await psycopg.AsyncConnection.connect(postgres.admin_url(), autocommit=True) as admin,
    ):
        await admin.execute("ALTER ROLE photobank PASSWORD 'as it was'")
    async with running(EmbeddedPostgres(Places(tmp_path))) as postgres:
        assert await value(postgres.url(), "SELECT 1") == 1


async def test_the_tables_of_a_cluster_that_the_application_owned_get_another_owner(servers: object, tmp_path: Path) -> None:
    async with (
        running(EmbeddedPostgres(Places(tmp_path))) as postgres,
        await psycopg.AsyncConnection.connect(postgres.admin_url(), autocommit=True) as admin,
    ):
        await admin.execute("ALTER DATABASE photobank OWNER TO photobank")
        await asyncio.to_thread(migrate.upgrade_now, postgres.url())
    async with running(EmbeddedPostgres(Places(tmp_path))) as postgres:
        await asyncio.to_thread(migrate.upgrade_now, postgres.owner_url(), postgres.url())
        assert await value(postgres.url(), "SELECT count(*) > 0 FROM uses") is True
        owners = "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'public'"
        assert await value(postgres.url(), owners) == "photobank_owner"
        for forbidden in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await value(postgres.url(), forbidden)


async def test_a_stale_process_number_of_another_program_does_not_stop_the_start(tmp_path: Path) -> None:
    async with running(EmbeddedPostgres(Places(tmp_path))):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    async with running(EmbeddedPostgres(Places(tmp_path))) as postgres:
        assert await value(postgres.url(), "SELECT 1") == 1


async def test_a_server_of_an_earlier_life_is_ended_first(tmp_path: Path) -> None:
    first = EmbeddedRedis(Places(tmp_path))
    reader = await start_quietly(first)
    assert first.process is not None
    async with running(EmbeddedRedis(Places(tmp_path))) as second:
        await asyncio.wait_for(first.process.wait(), 10)
        client = redis.asyncio.Redis.from_url(second.url())
        assert await client.set("a", "b")
        await client.aclose()
    reader.cancel()


async def test_what_redis_answered_survives_kill_9(tmp_path: Path) -> None:
    store = EmbeddedRedis(Places(tmp_path))
    async with running(store):
        client = redis.asyncio.Redis.from_url(store.url())
        await client.rpush("queue", *[str(number) for number in range(500)])  # type: ignore[misc]
        settings = await client.config_get("notify-keyspace-events")
        assert set("K$sgxe") <= set(settings["notify-keyspace-events"].replace("A", "g$lshzxet"))
        await client.aclose()
        assert store.process is not None
        store.process.kill()
        await store.process.wait()
    async with running(EmbeddedRedis(Places(tmp_path))) as again:
        client = redis.asyncio.Redis.from_url(again.url())
        assert await client.llen("queue") == 500  # type: ignore[misc]
        await client.aclose()


async def test_a_data_folder_with_a_long_name_behind_a_closed_door(tmp_path: Path) -> None:
    """A socket path is limited to 107 bytes, and root's folders are closed to the user that PostgreSQL runs as."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    places = Places(closed / ("long" * 30) / "data")
    postgres, store = EmbeddedPostgres(places), EmbeddedRedis(places)
    async with running(postgres), running(store):
        assert await value(postgres.url(), "SELECT 1") == 1
        assert len(os.fsencode(store.socket)) <= SOCKET_PATH_MAX
        assert len(os.fsencode(postgres.socket_dir / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_MAX
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="left out: needs root")
async def test_as_root_the_database_runs_as_somebody_else_and_dies_with_us(tmp_path: Path) -> None:
    async with running(EmbeddedPostgres(Places(tmp_path))) as postgres:
        assert postgres.process is not None
        assert psutil.Process(postgres.process.pid).uids().effective != 0
        assert (tmp_path / "postgres").stat().st_uid != 0


async def test_a_folder_of_another_major_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigurationError, match="made by PostgreSQL 16"):
        await EmbeddedPostgres(Places(tmp_path)).start()


async def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="PHOTOBANK_DATA_DIR"):
        Places(tmp_path / "file" / "data").prepare()


async def test_a_foreign_folder_in_the_temporary_folder_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    places = Places(tmp_path / secrets.token_hex(60))
    places.socket_dir("pg", "s").rmdir()
    next(tmp_path.glob("photobank-*")).chmod(0o777)
    with pytest.raises(ConfigurationError, match="belongs to somebody else"):
        places.socket_dir("pg", "s")


async def test_a_clean_stop_is_quick(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(Places(tmp_path))
    reader = await start_quietly(postgres)
    process = postgres.process
    await asyncio.wait_for(postgres.stop(), 5)
    assert process is not None
    assert process.returncode == 0
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    reader.cancel()

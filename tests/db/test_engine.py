"""Connections."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from photobank.db import engine as engines
from photobank.db.engine import open_engine
from photobank.models.assets import Asset
from tests.house import Cast


async def test_an_error_does_not_quote_the_values_of_a_row(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url, pool=1)
    try:
        with pytest.raises(DBAPIError) as error:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT :name FROM nowhere"), {"name": "Anna de Vries"})
    finally:
        await engine.dispose()
    assert "Anna" not in str(error.value)


@pytest.mark.parametrize("rest", [0.0, 60.0])
async def test_a_connection_that_died_at_rest_is_not_handed_out(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch, rest: float
) -> None:
    monkeypatch.setattr(engines, "REST", rest)
    engine, other = open_engine(fresh_database_url, pool=1), open_engine(fresh_database_url, pool=1)
    try:
        async with engine.connect() as connection:
            mine = await connection.scalar(text("SELECT pg_backend_pid()"))
        async with other.connect() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": mine})
        # At rest for a shorter time than it takes to be asked: the first statement fails, and only the first.
        with pytest.raises(DBAPIError) if rest else nullcontext():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) != mine
    finally:
        await engine.dispose()
        await other.dispose()


async def test_the_connection_used_last_is_used_first(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url, pool=3)
    who = text("SELECT pg_backend_pid()")
    try:
        async with engine.connect() as one, engine.connect() as two, engine.connect() as three:
            all_three = {await one.scalar(who), await two.scalar(who), await three.scalar(who)}
        assert len(all_three) == 3
        used = []
        for _ in range(4):
            async with engine.connect() as connection:
                used.append(await connection.scalar(who))
        assert len(set(used)) == 1
    finally:
        await engine.dispose()


async def test_a_look_writes_nothing(cast: Cast) -> None:
    async with cast.container.look(cast.alice) as scope:
        asset = Asset(folder_id=cast.shared, filename="x.jpg", sort_at=scope.now(), created_at=scope.now(), changed_at=scope.now())
        scope.db.add(asset)
        with pytest.raises(RuntimeError):
            await scope.db.flush()
        scope.db.expunge_all()
        for statement in (delete(Asset), update(Asset).values(size=1)):
            with pytest.raises(RuntimeError):
                await scope.db.execute(statement)
    async with cast.container.scope(cast.alice) as scope:
        assert await scope.db.scalar(select(func.count()).select_from(Asset)) == 0

"""Locks that end with the process that holds them: PostgreSQL advisory locks on a connection of their own."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession


def number(name: str) -> int:
    """A signed 64-bit number for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@asynccontextmanager
async def try_lock(engine: AsyncEngine, name: str) -> AsyncIterator[bool]:
    """Hold the lock for the length of the block, or be told False. A killed process lets go at once."""
    async with engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        got = bool(await free.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number(name)}))
        try:
            yield got
        finally:
            if got:
                await free.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number(name)})


async def is_locked(db: AsyncSession, name: str) -> bool:
    """Whether somebody holds the lock."""
    free = await db.scalar(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number(name)})
    return not free


async def one_at_a_time(db: AsyncSession, name: str) -> None:
    """Wait for the lock and hold it to the end of the transaction."""
    await db.execute(select(only_one(name)))


def only_one(name: str) -> ColumnElement[None]:
    """The same as a column of a query, for who asks for a row as well."""
    return func.pg_advisory_xact_lock(number(name))

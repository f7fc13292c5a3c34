"""Connections to PostgreSQL: one engine per process."""

from __future__ import annotations

import math
import time

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

from photobank.kernel.errors import ConfigurationError

REST = 1.0  # seconds
_SINCE = "idle_since"


def driver_url(url: str) -> URL:
    """The URL for SQLAlchemy's psycopg 3 driver; raises ConfigurationError when it is no PostgreSQL URL."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigurationError("PHOTOBANK_DATABASE_URL is not a database URL") from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigurationError("PHOTOBANK_DATABASE_URL must start with postgresql://")
    return parsed.set(drivername="postgresql+psycopg")


def open_engine(url: str, *, pool: int = 10) -> AsyncEngine:
    """An engine with `pool` kept connections and as many again under load. Statements end after 60 s."""
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=pool,
        # The one used last is still warm: it need not be asked whether it lives, and the server knows its statements by heart.
        pool_use_lifo=True,
        hide_parameters=True,  # an error names the statement, never the values of a row: it may end up in a log
        pool_recycle=1800,
        connect_args={"options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000 -c timezone=UTC"},
    )
    _ask_after_rest(engine)
    return engine


def at_once(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for statements that stand alone: each is its own transaction, without the two trips that a BEGIN and a
    COMMIT cost.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def reading_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions on an engine made by `at_once`; what would write in one is a mistake of ours, and fails."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False, sync_session_class=_Reading)


class _Reading(Session):
    """See `reading_sessions`."""


@event.listens_for(_Reading, "before_flush")
def _nothing_to_write(*_: object) -> None:
    raise RuntimeError("nothing is written while looking something up")


@event.listens_for(_Reading, "do_orm_execute")
def _only_selects(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise RuntimeError("nothing is written while looking something up")


def _ask_after_rest(engine: AsyncEngine) -> None:
    """Before a connection is used that has lain idle for a while, see whether it still lives; a server that was started anew meanwhile
    is no failure then. SQLAlchemy's own ping asks each time, which for an upload came to a tenth of its processor time.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def rests(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def wakes(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get(_SINCE, math.inf) < REST:
            return
        try:
            engine.sync_engine.dialect.do_ping(connection)
        except engine.sync_engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def session_maker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that keep loaded rows readable after commit; nothing is written back by accident."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=True)

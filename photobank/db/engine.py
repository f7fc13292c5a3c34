"""Connections to PostgreSQL: one engine per process."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from photobank.kernel.errors import ConfigurationError


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
    return create_async_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        hide_parameters=True,  # an error names the statement, never the values of a row: it may end up in a log
        pool_recycle=1800,
        connect_args={"options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000 -c timezone=UTC"},
    )


def session_maker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that keep loaded rows readable after commit; nothing is written back by accident."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=True)

"""Migrations: run at start, one process at a time (advisory lock), and a check that the database is at head."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from photobank.db.engine import driver_url
from photobank.models.audit import APPEND_ONLY

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x70686F746F  # "photo"


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def head() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(config()).get_current_head()


def upgrade_now(url: str, user: str | None = None) -> None:
    """Bring the database to head as the role in `url`, and let the role in `user` work with the rows. Safe from many processes at once."""
    engine = create_engine(driver_url(url))
    role = driver_url(user or url).username
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.commit()
            try:
                before = revision_of(connection)
                command.upgrade(config(connection), "head")
                if role and role != driver_url(url).username and (before != head() or not _may_read(connection, role)):
                    _grant(connection, role)
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
                connection.commit()
    finally:
        engine.dispose()


def _may_read(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(text("SELECT has_table_privilege(:role, 'alembic_version', 'SELECT')"), {"role": role}))


def _grant(connection: Connection, role: str) -> None:
    """What the application may: read and write rows. Of what is only added to it may change nothing."""
    name = connection.dialect.identifier_preparer.quote(role)
    every = f"IN SCHEMA public TO {name}"
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES {every}"))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES {every}"))
    connection.execute(text(f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM {name}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}"))


def revision_of(connection: Connection) -> str | None:
    """The revision the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


async def upgrade(url: str, user: str | None = None) -> None:
    """`upgrade_now` without holding up the event loop."""
    await asyncio.to_thread(upgrade_now, url, user)

"""One PostgreSQL and one Redis per test process, and migrated databases that are lent to one test after the other.

Copying a database costs a third of a second of a processor, emptying one a hundredth. So a database that a test gives back is
emptied and lent again, unless the test changed more than rows: then it is dropped. What most tests begin with is made once, kept,
and put into the database of each.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from photobank.db import migrate

# What is left of a database when its rows do not count.
SHAPE = """
    SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
           (SELECT count(*) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
             WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped),
           (SELECT coalesce(sum(hashtext(tgname || tgenabled::text)), 0) FROM pg_trigger WHERE NOT tgisinternal),
           (SELECT coalesce(sum(hashtext(conname || coalesce(pg_get_constraintdef(oid), ''))), 0) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace)
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
SEQUENCES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname"
OTHERS_OUT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass
class Pristine:
    """What a database holds after its migrations."""

    name: str
    shape: tuple[Any, ...]
    tables: list[str]
    sequences: list[str]
    rows: dict[str, bytes]


@dataclass(frozen=True)
class Kept:
    """All rows of a database at some moment, and where its sequences stood."""

    rows: dict[str, bytes]
    sequences: dict[str, tuple[int, bool]]


@dataclass
class TestServers:
    """Where they answer. `admin_url` belongs to a role that may make databases; the others are the same where none is given."""

    __test__ = False

    admin_url: str
    redis_url: str
    owner: str | None = None
    owner_url: str | None = None
    app_url: str | None = None
    _pristine: Pristine | None = None
    _made: list[str] = field(default_factory=list)
    _free: list[str] = field(default_factory=list)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statement)

    def _create(self, template: str = "template1") -> str:
        name = f"photobank_test_{secrets.token_hex(6)}"
        query = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        if self.owner:
            query += sql.SQL(" OWNER {}").format(sql.Identifier(self.owner))
        self._execute(query)
        self._made.append(name)
        return name

    def url(self, database: str) -> str:
        """The URL of one of these databases, as the application connects."""
        return _at(self.app_url or self.admin_url, database)

    def as_owner(self, url: str) -> str:
        """One of these databases, as migrations connect."""
        return _at(self.owner_url or self.admin_url, urlsplit(url).path.strip("/"))

    def empty_database(self) -> str:
        """A database without tables."""
        return self.url(self._create())

    def fresh_database(self) -> str:
        """A migrated database without rows: one that was given back, or a copy of the one that was migrated."""
        if self._free:
            return self.url(self._free.pop())
        if self._pristine is None:
            name = self._create()
            migrate.upgrade_now(self.as_owner(self.url(name)), self.url(name))
            self._pristine = self._read(name)
        return self.url(self._create(self._pristine.name))

    def give_back(self, url: str) -> None:
        """Take back one that `fresh_database` gave, whoever is still connected."""
        name = urlsplit(url).path.strip("/")
        if self._pristine is not None and self._emptied(name, self._pristine):
            self._free.append(name)
        else:
            self.drop(url)

    def keep(self, url: str) -> Kept:
        """What a database that `fresh_database` gave holds now."""
        assert self._pristine is not None
        with psycopg.connect(self._at(url)) as connection:
            sequences = {}
            for name in self._pristine.sequences:
                at = connection.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))).fetchone()
                assert at is not None
                sequences[name] = (int(at[0]), bool(at[1]))
            return Kept(_rows(connection, self._pristine.tables), sequences)

    def put(self, url: str, kept: Kept) -> bool:
        """Have one that was just given hold that; False where this role may not, and nothing was done."""
        assert self._pristine is not None
        with psycopg.connect(self._at(url)) as connection:
            if not _without_triggers(connection):
                return False
            for table in self._pristine.rows:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            _fill(connection, kept.rows)
            for name, at in kept.sequences.items():
                connection.execute("SELECT setval(%s, %s, %s)", (name, *at))
        return True

    def _at(self, url: str) -> str:
        return _at(self.admin_url, urlsplit(url).path.strip("/"))

    def drop(self, url: str) -> None:
        """Remove one, whoever is still connected."""
        name = urlsplit(url).path.strip("/")
        self._made.remove(name)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Leave an external server as it was."""
        for name in list(self._made):
            self.drop(self.url(name))

    def _read(self, name: str) -> Pristine:
        with psycopg.connect(_at(self.admin_url, name)) as connection:
            shape = connection.execute(SHAPE).fetchone()
            assert shape is not None
            tables = [row[0] for row in connection.execute(TABLES)]
            sequences = [row[0] for row in connection.execute(SEQUENCES)]
            return Pristine(name, shape, tables, sequences, _rows(connection, tables))

    def _emptied(self, name: str, pristine: Pristine) -> bool:
        """Bring a database back to what it was after its migrations; False when more than its rows has changed."""
        with psycopg.connect(_at(self.admin_url, name)) as connection:
            connection.execute(OTHERS_OUT)
            if connection.execute(SHAPE).fetchone() != pristine.shape:
                return False
            if not _without_triggers(connection):
                return False
            for table in _with_rows(connection, pristine.tables):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            _fill(connection, pristine.rows)
            for sequence in pristine.sequences:
                connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
        return True


def _without_triggers(connection: psycopg.Connection) -> bool:
    """For this transaction: the log forbids deleting."""
    try:
        connection.execute("SET LOCAL session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:  # an external server whose role may make databases, and no more
        connection.rollback()
        return False
    return True


def _rows(connection: psycopg.Connection, tables: list[str]) -> dict[str, bytes]:
    rows = {}
    for table in _with_rows(connection, tables):
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
            rows[table] = b"".join(bytes(piece) for piece in copy)
    return rows


def _fill(connection: psycopg.Connection, tables: dict[str, bytes]) -> None:
    for table, rows in tables.items():
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
            copy.write(rows)


def _with_rows(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    """The tables that hold anything, asked in one query."""
    each = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table)) for table in tables
    ]
    return [row[0] for row in connection.execute(sql.SQL(" UNION ALL ").join(each))]


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}")).replace("postgresql:/photobank", "postgresql:///photobank")

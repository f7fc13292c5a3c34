"""One PostgreSQL and one Redis per test run, and quick copies of a migrated database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from photobank.db import migrate


@dataclass
class TestServers:
    """Where they answer. `admin_url` belongs to a role that may make databases."""

    __test__ = False

    admin_url: str
    redis_url: str
    owner: str | None = None
    url_of_owner: str | None = None
    _template: str | None = None
    _made: list[str] = field(default_factory=list)

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
        parts = urlsplit(self.url_of_owner or self.admin_url)
        return urlunsplit(parts._replace(path=f"/{database}")).replace("postgresql:/photobank", "postgresql:///photobank")

    def empty_database(self) -> str:
        """A database without tables."""
        return self.url(self._create())

    def fresh_database(self) -> str:
        """A migrated, empty database: migrations run once, then it is copied (about a tenth of a second)."""
        if self._template is None:
            name = self._create()
            migrate.upgrade_now(self.url(name))
            self._template = name
        return self.url(self._create(self._template))

    def drop(self, url: str) -> None:
        """Remove one, whoever is still connected."""
        name = urlsplit(url).path.strip("/")
        self._made.remove(name)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Leave an external server as it was."""
        for name in list(self._made):
            self.drop(self.url(name))

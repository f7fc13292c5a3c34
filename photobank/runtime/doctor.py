"""Checks of each part, with what to do about what is wrong. The parts that know keys, faces and blobs add their own."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from photobank.kernel.errors import PhotobankError
from photobank.runtime import frontend, health
from photobank.runtime.servers import ensure_servers
from photobank.settings import Settings

LEAST_FREE = 2 * 2**30
CLOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Checked:
    """One finding; `advice` is empty when all is well."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may look at; the URLs answer."""

    settings: Settings
    database_url: str
    redis_url: str


Check = Callable[[Surroundings], Awaitable[Checked]]


async def examine(settings: Settings, checks: Sequence[Check] = ()) -> list[Checked]:
    """Every check, also after one failed: first what needs no server, then the servers, then `checks`."""
    found = [_python(), _front_end(), _folder(settings.data_dir)]
    try:
        async with ensure_servers(settings) as (database_url, redis_url):
            around = Surroundings(settings, database_url, redis_url)
            found += await _servers(around)
            for check in checks:
                found.append(await _guarded(check, around))
    except (PhotobankError, OSError) as error:
        found.append(Checked("servers", False, str(error), "See the lines above; with external servers check their URLs."))
    return found


async def _guarded(check: Check, around: Surroundings) -> Checked:
    """A check that breaks is itself a finding."""
    name = getattr(check, "__name__", "check").strip("_").replace("_", " ")
    try:
        async with asyncio.timeout(60):
            return await check(around)
    except TimeoutError:
        return Checked(name, False, "no answer within 60 s", "Look at the log of this part.")
    except Exception as error:  # the doctor reports whatever it meets
        return Checked(name, False, f"{type(error).__name__}: {error}", "Look at the log of this part.")


def _python() -> Checked:
    here = ".".join(str(part) for part in sys.version_info[:3])
    ok = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Checked("python", ok, here, "" if ok else "Install Python 3.11 or 3.12, remove .venv and run `make run`.")


def _front_end() -> Checked:
    if not frontend.is_built():
        return Checked("front end", False, "not built", "Run `make run`, which builds it.")
    if frontend.has_sources() and not frontend.is_current():
        return Checked("front end", False, "older than its sources", "Run `make run`, which builds it again.")
    return Checked("front end", True, "built")


def _folder(folder: Path) -> Checked:
    finding = health.disk(folder, LEAST_FREE)
    if not finding.ok:
        return Checked("data folder", False, finding.detail, "Free some space, or set PHOTOBANK_DATA_DIR to a folder with room.")
    if folder.stat().st_mode & stat.S_IWOTH:
        return Checked("data folder", False, f"{folder} can be written by everybody", f"chmod o-w {folder}")
    return Checked("data folder", True, finding.detail)


async def _servers(around: Surroundings) -> list[Checked]:
    found = []
    for finding in [*await health.database(around.database_url), await health.cache(around.redis_url)]:
        advice = "" if finding.ok else "Run `photobank migrate`." if finding.name == "migrations" else "Is the server running?"
        found.append(Checked(finding.name, finding.ok, finding.detail, advice))
    found += [await _clock(around.database_url), await _log_owner(around.database_url)]
    return found


async def _log_owner(url: str) -> Checked:
    """Who owns the audit log could empty it. It works all the same, so it is told and not failed."""
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            query = "SELECT pg_has_role(tableowner, 'MEMBER') FROM pg_tables WHERE tablename = 'audit_events'"
            row = await (await connection.execute(query)).fetchone()
    except psycopg.Error as error:
        return Checked("audit log", False, f"unknown ({type(error).__name__})", "Is the database running?")
    owned = bool(row and row[0])
    detail = "belongs to the application's own role; see PHOTOBANK_DATABASE_OWNER_URL" if owned else "can only be added to"
    return Checked("audit log", True, detail)


async def _clock(url: str) -> Checked:
    """Consents end at a moment: web, workers and database must agree on what time it is."""
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            before = time.time()
            row = await (await connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8")).fetchone()
            after = time.time()
    except psycopg.Error as error:
        return Checked("clock", False, f"unknown ({type(error).__name__})", "Is the database running?")
    theirs = float(row[0]) if row else 0.0
    off = max(before - theirs, theirs - after, 0.0)
    ok = off < CLOCK_SECONDS and before > 1_760_000_000
    return Checked(
        "clock", ok, f"{off:.2f} s off the database", "" if ok else "Turn on time synchronisation (NTP) on both machines."
    )


def private_file(path: Path) -> str:
    """What is wrong with the permissions of a file that holds a secret; empty when nothing is."""
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077:
        return f"chmod 600 {path}"
    if found.st_uid not in (os.geteuid(), 0):
        return f"chown {os.geteuid()} {path}"
    return ""

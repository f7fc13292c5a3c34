"""The library at a million photos: what an admin and a user with 200 folder grants wait for, beside the naive way (OFFSET, GROUP BY).

Server time over REST, authentication and JSON included, in this process against real PostgreSQL. BENCH_PHOTOS changes the size, and
BENCH_PLANS names a file to which the plans of all statements are written (docs/query-plans.md).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlalchemy import event, func, select, text
from sqlmodel import col

from benchmarks import library_rows
from photobank.access import visibility
from photobank.access.actor import Actor, ActorKind, system
from photobank.accounts import api_keys, users
from photobank.api.app import create_api
from photobank.bootstrap import open_container
from photobank.kernel.errors import Refused
from photobank.library import folders
from photobank.models.accounts import Organisation, Role
from photobank.models.assets import Asset
from photobank.runtime.servers import bring_up_to_date, ensure_servers, owner_url
from photobank.scope import Container
from photobank.settings import load
from photobank.web.house import House, opened
from photobank.web.opening import AccountsIdentity
from photobank.web.secrets import WebSecrets
from state.library import read_folders, read_library

PHOTOS = int(os.environ.get("BENCH_PHOTOS", "1000000"))
TIMES, PEER_TIMES = 40, 5
GRANTS = 200
V1 = "/api/v1/assets"

Work = Callable[[], Awaitable[Any]]


async def main() -> None:
    """Fill, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data", database_pool=4)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            owner = owner_url(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                admin, user = await _people(container)
                began = time.perf_counter()
                filled = await asyncio.to_thread(library_rows.fill, owner, PHOTOS)
                sys.stderr.write(f"{filled.photos} photos in {len(filled.folders)} folders: {time.perf_counter() - began:.0f} s\n")
                await _grant(container, user, filled.events)
                async with _door(container):
                    for name, actor in (("admin", admin), ("user", user)):
                        await _measure(container, name, actor)


async def _measure(container: Container, name: str, actor: Actor) -> None:
    async with await _client(container, actor) as client:

        async def get(path: str, **params: Any) -> Any:
            answer = await client.get(path, params={key: value for key, value in params.items() if value is not None})
            answer.raise_for_status()
            return answer.json()

        months = [one["month"][:7] for one in (await get(f"{V1}/months"))["items"]]
        rnd = random.Random(5)

        async def first_screen() -> None:
            await get(V1, limit=100, use="website")
            await get(f"{V1}/months")

        async def jump() -> None:
            month = rnd.choice(months)
            blocks = (await get(f"{V1}/blocks", month=month))["items"]
            nth = rnd.randrange(len(blocks))
            start = blocks[nth - 1]["end"] if nth else None
            await get(V1, month=month, cursor=start, until=blocks[nth]["end"], limit=200, use="website")

        async def scroll() -> None:
            month = rnd.choice(months)
            await get(V1, month=month, limit=100, use="website")

        async def pushed() -> None:
            async with container.scope(actor) as scope:
                await read_library.read(scope)

        async def tree() -> None:
            async with container.scope(actor) as scope:
                await read_folders.read(scope)

        peers = _Peers(container, actor, rnd)
        for what, ours, peer, peer_name in (
            ("first screen", first_screen, peers.first_screen, "first page and GROUP BY month"),
            ("jump to any month", jump, peers.offset, "OFFSET"),
            ("next page in any month", scroll, peers.offset, "OFFSET"),
            ("months for the scrubber", lambda: get(f"{V1}/months"), peers.months, "GROUP BY month"),
            ("page read again at a push", pushed, peers.count, "count(*)"),
            ("counts of the folder tree", tree, peers.tree, "GROUP BY folder"),
        ):
            with _plans(container, f"{name}: {what}"):
                await ours()
            mine, other = await _p95(ours, TIMES), await _p95(peer, PEER_TIMES)
            line = {"name": f"library {PHOTOS:,} photos, {name}: {what}, p95", "ours": round(mine, 1), "peer": round(other, 1)}
            print(json.dumps(line | {"peer_name": peer_name, "ratio": round(mine / other, 3), "unit": "ms"}), flush=True)
    await _write_plans(container)


class _Peers:
    """The naive way, in the database alone: no authentication, shields or JSON, which is to its advantage."""

    def __init__(self, container: Container, actor: Actor, rnd: random.Random) -> None:
        self._container, self._actor, self._rnd = container, actor, rnd

    async def _run(self, make: Callable[[Any], Any]) -> None:
        async with self._container.scope(self._actor) as scope:
            query = await visibility.assets(scope)
            (await scope.db.execute(make(query))).all()

    async def first_screen(self) -> None:
        """One page in order, and the months counted."""
        await self._run(lambda query: query.order_by(col(Asset.sort_at).desc(), col(Asset.id).desc()).limit(100))
        await self.months()

    async def offset(self) -> None:
        """A page somewhere, by its number."""
        far = self._rnd.randrange(PHOTOS // 10)
        await self._run(lambda query: query.order_by(col(Asset.sort_at).desc(), col(Asset.id).desc()).limit(100).offset(far))

    async def months(self) -> None:
        """Every photo looked at."""
        month = func.date_trunc("month", col(Asset.sort_at))
        await self._run(lambda query: query.with_only_columns(month, func.count(), maintain_column_froms=True).group_by(month))

    async def count(self) -> None:
        """Every photo counted."""
        await self._run(lambda query: query.with_only_columns(func.count(), maintain_column_froms=True))

    async def tree(self) -> None:
        """Every photo counted, by folder."""
        folder = col(Asset.folder_id)
        await self._run(lambda query: query.with_only_columns(folder, func.count(), maintain_column_froms=True).group_by(folder))


async def _p95(work: Work, times: int) -> float:
    await work()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[-1] if times >= 20 else max(took)


async def _people(container: Container) -> tuple[Actor, Actor]:
    async with container.scope(system()) as scope:
        scope.db.add(Organisation(id=1, name="Ziekenhuis De Lelie", created_at=scope.now()))
        made = [await users.create(scope, f"{role}@lelie.example", role, role) for role in (Role.admin, Role.viewer)]
    admin, user = (Actor(kind=ActorKind.user, user_id=row.id, name=row.name, role=Role(row.role)) for row in made)
    return admin, user


async def _grant(container: Container, user: Actor, events: list[UUID]) -> None:
    chosen = random.Random(3).sample(events, min(GRANTS, len(events)))
    async with container.scope(system()) as scope:
        for folder_id in chosen:
            await folders.give(scope, folder_id, "user", str(user.user_id), "view")


@asynccontextmanager
async def _door(container: Container) -> Any:
    @asynccontextmanager
    async def opener(_: Any) -> Any:
        async def readiness() -> dict[str, str]:
            return {}

        async def on_refusal(actor: Actor, refused: Refused) -> None:
            await container.on_refusal(container, actor, refused)

        yield House(
            settings=container.settings,
            redis=container.redis,
            identity=AccountsIdentity(container),
            secrets=WebSecrets(container.vault.secret("web"), container.vault.state),
            scope=container.scope,
            readiness=readiness,
            on_refusal=on_refusal,
            container=container,
        )

    async with opened(opener, container.settings):
        yield


async def _client(container: Container, actor: Actor) -> httpx.AsyncClient:
    async with container.scope(actor) as scope:
        key = (await api_keys.create(scope, "bench", scopes=())).key
    transport = httpx.ASGITransport(create_api(), client=("203.0.113.9", 4711))
    return httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}, timeout=60
    )


# ── plans ──
READ = ("assets", "asset_counts", "verdicts", "faces")
_kept: list[tuple[str, str, Any]] = []


@contextmanager
def _plans(container: Container, title: str) -> Iterator[None]:
    """Keep the statements on photos that run inside."""

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, _ctx: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith("SELECT") and any(table in statement for table in READ):
            _kept.append((title, statement, parameters))

    engine = container.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", keep)


async def _write_plans(container: Container) -> None:
    target, found = os.environ.get("BENCH_PLANS"), list(_kept)
    _kept.clear()
    if not target:
        return
    parts = []
    async with container.sessions() as db:
        total = await db.scalar(select(func.count()).select_from(Asset))
        version = await db.scalar(text("SHOW server_version"))
        for title, statement, parameters in found:
            connection = await db.connection()
            plan = (
                (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", parameters)).scalars().all()
            )
            lines = [line if len(line) < 160 else f"{line[:156]} …" for line in plan]
            parts.append(f"## {title}\n\n```\n" + "\n".join(lines) + "\n```\n")
    with Path(target).open("a") as out:
        if out.tell() == 0:
            out.write(
                f"# Query plans at {total:,} photos\n\nPostgreSQL {version}; written by `BENCH_PLANS=docs/query-plans.md python -m "
            )
            out.write(
                "benchmarks million`.\nLong conditions are cut. Why they are as they are: [decision 14](adr/0014-a-million-photos.md).\n\n"
            )
        out.write("\n".join(parts) + "\n")


if __name__ == "__main__":
    asyncio.run(main())

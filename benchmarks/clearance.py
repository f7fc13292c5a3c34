"""One consent changes, and 100,000 photos of that person get new verdicts: beside one UPDATE statement that knows the answer already.

Also the verdict of one photo for one use, from the facts as they are. BENCH_PHOTOS changes the size. Real PostgreSQL; nothing queued.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import text

from photobank.access.actor import system
from photobank.bootstrap import open_container
from photobank.clearance import facts, uses
from photobank.clearance.policy import Judge
from photobank.kernel.ids import new_id
from photobank.library import folders
from photobank.models.accounts import Organisation
from photobank.models.consents import Consent, ConsentUse, Regime
from photobank.models.people import Person
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load
from workers import clearance as jobs

PHOTOS = int(os.environ.get("BENCH_PHOTOS", "100000"))
OTHERS = 20
_ASSETS = """
INSERT INTO assets (id, folder_id, state, stage, filename, title, caption, credit, event, photographer, media_type, size, width, height,
                    sort_at, created_at, changed_at, stage_at, faces_done, attempts, version, versions, pictures)
SELECT gen_random_uuid(), (CAST(:folders AS uuid[]))[1 + n % 5], 'ready', 'done', n || '.jpg', '', '', '', '', '', 'image/jpeg', 1, 3, 2,
       :now - n * interval '1 minute', :now, :now, :now, true, 0, 1, 1, '[]'
FROM generate_series(1, :photos) n
"""
_FACES = """
INSERT INTO faces (id, asset_id, box, landmarks, score, state, source, quality, person_id, created_at, changed_at)
SELECT gen_random_uuid(), a.id, '{0.1,0.1,0.2,0.2}', '{}', 1, 'confirmed', 'manual', 1, who, :now, :now
FROM (SELECT id, row_number() OVER (ORDER BY sort_at) AS n FROM assets) a
CROSS JOIN LATERAL unnest(CASE WHEN a.n % 10 = 0 THEN ARRAY[CAST(:anna AS uuid), (CAST(:others AS uuid[]))[1 + (a.n / 10) % :many]]
                               ELSE ARRAY[CAST(:anna AS uuid)] END) who
"""
_PEER = "UPDATE verdicts SET state = 'revoked', allowed = false, valid_until = NULL, derived_at = now() WHERE use_id = 'social'"


async def main() -> None:
    """Fill, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data", database_pool=4)
        async with ensure_servers(settings) as (database, cache):
            await bring_up_to_date(settings, database)
            settings = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
            async with open_container(settings) as container:
                anna, consent = await _fill(container)
                gc.freeze()  # as workers do
                await _refresh(container, anna)
                async with container.scope(system()) as scope:
                    (await scope.db.get_one(ConsentUse, (consent, "social"))).withdrawn_at = scope.now()
                ours = await _refresh(container, anna)
                peer = await _peer(container)
                _say(f"one use withdrawn, {PHOTOS:,} photos: new verdicts", ours, peer, "one UPDATE that knows the answer", "s")
                mine, bare = await _one(container)
                _say("verdict of one photo and use, p95", mine, bare, "the policy alone", "ms")


async def _fill(container: Container) -> tuple[UUID, UUID]:
    async with container.scope(system()) as scope:
        now = scope.now()
        scope.db.add(Organisation(id=1, name="De Lelie", created_at=now))
        await scope.db.flush()
        places = [(await folders.create(scope, f"Map {n}")).id for n in range(5)]
        people = [Person(id=new_id(), name=f"Mens {n}", created_at=now, changed_at=now) for n in range(OTHERS + 1)]
        scope.db.add_all(people)
        await scope.db.flush()
        first = None
        for person in people:
            consent = Consent(
                id=new_id(), person_id=person.id, regime=Regime.consent, signed_at=now, valid_from=now,
                valid_until=now + timedelta(days=400), way_in="staff", language="nl", created_at=now,
            )  # fmt: skip
            scope.db.add(consent)
            await scope.db.flush()
            scope.db.add_all(ConsentUse(consent_id=consent.id, use_id=use) for use in ("internal", "website", "social"))
            first = first or consent.id
        await scope.db.flush()
        await scope.db.execute(text(_ASSETS), {"folders": places, "now": now, "photos": PHOTOS})
        ids = [person.id for person in people]
        await scope.db.execute(text(_FACES), {"anna": ids[0], "others": ids[1:], "many": OTHERS, "now": now})
        assert first is not None
    async with container.scope(system()) as scope:
        await scope.db.execute(text("ANALYZE assets, faces, consents, consent_uses"))
    return ids[0], first


async def _refresh(container: Container, person: UUID) -> float:
    """Seconds until every photo of the person has its new verdicts."""
    began = time.perf_counter()
    await jobs.refresh_person({"container": container}, str(person))
    return time.perf_counter() - began


async def _peer(container: Container) -> float:
    began = time.perf_counter()
    async with container.sessions() as db:
        await db.execute(text(_PEER))
        await db.commit()
    return time.perf_counter() - began


async def _one(container: Container) -> tuple[float, float]:
    """Milliseconds, p95: facts and policy, and the policy alone."""
    whole, bare = [], []
    async with container.scope(system()) as scope:
        ids = list((await scope.db.scalars(text("SELECT id FROM assets LIMIT 200"))).all())
        use, rules = await uses.one(scope, "website"), await facts.rules(scope)
        for id_ in ids:
            began = time.perf_counter()
            known = (await facts.load(scope, [id_]))[id_]
            loaded = time.perf_counter()
            Judge(scope.now(), None, rules).decide(known, use)
            done = time.perf_counter()
            whole.append((done - began) * 1000)
            bare.append((done - loaded) * 1000)
    return statistics.quantiles(whole, n=20)[-1], statistics.quantiles(bare, n=20)[-1]


def _say(name: str, ours: float, peer: float, peer_name: str, unit: str) -> None:
    line = {"name": name, "ours": round(ours, 2), "peer": round(peer, 2), "peer_name": peer_name}
    print(json.dumps(line | {"ratio": round(ours / peer, 2), "unit": unit}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

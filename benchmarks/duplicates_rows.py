"""A table of picture words as large as a library, in a database of its own: for the figures of benchmarks/duplicates.py.

A look-up reads every row that shares a word with it: of photos of people about one in a hundred (benchmarks/duplicates.py measures it).
So each row gets COMMON words of real photos, and look-ups ask with words of these; the other words are any.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import psycopg

from photobank.duplicates.repository import FEWEST_SHARED
from photobank.imaging.keypoints import STORED
from photobank.runtime.places import Places
from photobank.runtime.postgres import EmbeddedPostgres
from photobank.runtime.servers import start_quietly

# The statement of duplicates/repository.py, word for word but for its parameters' names.
CANDIDATES = f"""
SELECT asset_id FROM picture_words JOIN unnest(words) AS one(word) ON one.word IN (SELECT * FROM unnest(%(asked)s::integer[]))
WHERE words && %(asked)s::integer[] AND version = 1
GROUP BY asset_id HAVING count(*) >= {FEWEST_SHARED} ORDER BY count(*) DESC, asset_id LIMIT 14
"""
SCAN = "SELECT asset_id FROM hashes WHERE bit_count((phash # %(phash)s)::bit(64)) <= 10"
MASK = 0x9E3779B97F4A7C15
COMMON = 2
BATCH = 10_000


def keyed(word: int) -> int:
    """Some 32 bits per word, as the house's key would give."""
    mixed = ((word * MASK) & 0xFFFFFFFFFFFFFFFF) >> 32
    return mixed - (1 << 32) if mixed >= 1 << 31 else mixed


@dataclass
class Rows:
    """An open table."""

    db: psycopg.Connection

    async def candidates(self, asked: Sequence[int]) -> float:
        """Milliseconds for one look-up."""
        return self._timed(CANDIDATES, {"asked": [keyed(word) for word in asked]})

    async def scan(self, phash: int) -> float:
        """Milliseconds for reading every perceptual hash."""
        return self._timed(SCAN, {"phash": phash})

    async def plan(self, asked: Sequence[int]) -> str:
        """How the look-up is carried out."""
        rows = self.db.execute(f"EXPLAIN (ANALYZE, BUFFERS) {CANDIDATES}", {"asked": [keyed(word) for word in asked]}).fetchall()
        return "\n".join(str(row[0])[:200] for row in rows)

    def _timed(self, query: str, params: dict[str, object]) -> float:
        began = time.perf_counter()
        self.db.execute(query, params).fetchall()
        return (time.perf_counter() - began) * 1000


@asynccontextmanager
async def opened_with_rows(count: int, real: Sequence[Sequence[int]]) -> AsyncIterator[Rows]:
    """Fill and index the table; everything is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Places(Path(folder)))
        reader = await start_quietly(server)
        try:
            with psycopg.connect(server.admin_url(), autocommit=True) as db:
                _fill(db, count, [keyed(word) for words in real for word in words])
                yield Rows(db)
        finally:
            reader.cancel()
            await server.stop()


def _fill(db: psycopg.Connection, count: int, pool: Sequence[int]) -> None:
    chance = np.random.default_rng(20261126)
    db.execute("CREATE TABLE picture_words (asset_id uuid PRIMARY KEY, version smallint NOT NULL, words integer[] NOT NULL)")
    db.execute("CREATE TABLE hashes (asset_id uuid PRIMARY KEY, phash bigint NOT NULL)")
    with db.cursor() as cursor:
        with cursor.copy("COPY picture_words (asset_id, version, words) FROM STDIN") as copy:
            for start in range(0, count, BATCH):
                size = min(BATCH, count - start)
                words = chance.integers(-(1 << 31), 1 << 31, (size, STORED))
                words[:, :COMMON] = chance.choice(np.array(pool), (size, COMMON))
                for row in words.tolist():
                    copy.write_row((uuid4(), 1, "{" + ",".join(map(str, row)) + "}"))
        with cursor.copy("COPY hashes (asset_id, phash) FROM STDIN") as copy:
            for phash in chance.integers(-(1 << 63), 1 << 63, count, dtype=np.int64).tolist():
                copy.write_row((uuid4(), phash))
    db.execute("SET maintenance_work_mem = '512MB'")
    db.execute("CREATE INDEX ON picture_words USING gin (words) WITH (fastupdate = off)")
    db.execute("ANALYZE")
    db.execute("SET enable_indexscan = off")
    db.execute("SET enable_seqscan = off")  # as the house does for this look-up; the scan beside it has no index to prefer

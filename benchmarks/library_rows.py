"""Fills a database with the library of a large organisation: departments, years and events, twelve years of photos in bursts, faces,
people, and a verdict per photo and use. Rows only: no bytes, and no keys, since lists need neither.

`fill(url, photos=1_000_000)` takes about a minute; tests call it with a few thousand. The same seed gives the same library.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import psycopg
from PIL import Image

from photobank.db.engine import driver_url
from photobank.imaging.fingerprint import thumbhash
from photobank.models.assets import Asset
from photobank.models.base import metadata

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YEARS = range(2015, 2027)
DEPARTMENTS = (
    "Communicatie", "Opleiding", "Kinderafdeling", "Bouw", "Onderzoek", "Vrijwilligers", "Raad", "Sport",
    "Cultuur", "Welzijn", "Techniek", "Archief",
)  # fmt: skip
EVENTS = ("Open dag", "Symposium", "Opening", "Nieuwjaarsborrel", "Zomerfeest", "Portretten", "Rondleiding", "Uitreiking")
SIZES = ((6000, 4000), (4000, 6000), (4032, 3024), (3024, 4032), (5472, 3648), (4000, 4000), (7360, 4912), (6000, 3376))
BUSY_UNTIL = NOW + timedelta(days=3650)
"""Since when a photo in processing is in its stage: rows have no bytes, and workers that run beside must not take them up."""
MANY = 100_000
MARKED = 0x7000_8000_0000_0000_0000  # version and variant of a UUIDv7

_FACES = (0, 0, 0, 0, 1, 1, 1, 2, 2, 4)
_STATES = (
    ("ready", 0.975),
    ("archived", 0.012),
    ("trashed", 0.006),
    ("rejected", 0.004),
    ("processing", 0.002),
    ("uploading", 0.001),
)
_VERDICTS = """
INSERT INTO verdicts (asset_id, use_id, state, allowed, valid_until, changes_at, derived_at)
SELECT a.id, u.id, v.state, v.state IN ('approved', 'expiring', 'no_people'),
       CASE WHEN v.state IN ('approved', 'expiring') THEN %(now)s + make_interval(days => 5 + a.size::int %% 900) END,
       CASE WHEN v.state IN ('approved', 'expiring') THEN %(now)s + make_interval(days => 5 + a.size::int %% 900) END, a.changed_at
FROM assets a
CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM uses) u
CROSS JOIN LATERAL (SELECT CASE
    WHEN a.state <> 'ready' THEN 'blocked'
    WHEN a.no_people_at IS NOT NULL THEN 'no_people'
    ELSE (ARRAY['approved', 'approved', 'approved', 'approved', 'approved', 'expiring', 'expired', 'revoked', 'missing', 'missing',
                'needs_review', 'needs_review'])[1 + (a.size::int / 7 + u.nth * (a.size::int %% 3)) %% 12]
END AS state) v
"""
_REFERENCES = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
"""
_INDEXES = """
SELECT format('DROP INDEX %%I', indexname), indexdef FROM pg_indexes
WHERE tablename = ANY(%s) AND indexdef NOT LIKE 'CREATE UNIQUE%%'
"""
_FILLED = ["assets", "faces", "verdicts"]


@dataclass
class Filled:
    """What a benchmark needs to know of the library it asked for."""

    folders: list[UUID] = field(default_factory=list)
    events: list[UUID] = field(default_factory=list)
    """The folders at the ends of the tree."""
    photos: int = 0


@dataclass
class _Event:
    folder: str
    at: datetime
    photos: int


class _Ids:
    """UUIDs of version 7, as hexadecimal text."""

    def __init__(self, rnd: random.Random) -> None:
        self._rnd = rnd

    def at(self, moment: datetime) -> str:
        """A fresh one, sorted by its moment."""
        millis = int(moment.timestamp() * 1000)
        return f"{millis << 80 | MARKED | self._rnd.getrandbits(58):032x}"


def fill(url: str, photos: int = 1_000_000, *, seed: int = 1) -> Filled:
    """Fill a migrated database that holds no photos; they belong to its first user, if any. Many are filled in as the tables' owner."""
    rnd = random.Random(seed)
    ids = _Ids(rnd)
    with psycopg.connect(driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        owner = db.execute("SELECT id::text FROM users ORDER BY id LIMIT 1").fetchone()
        filled = Filled()
        events = list(_tree(db, ids, rnd, filled, photos))
        people = _people(db, ids, max(20, photos // 250))
        with _bare(db) if photos >= MANY else nullcontext():
            _photos(db, ids, rnd, events, people, owner[0] if owner else None, filled)
            db.execute(_VERDICTS, {"now": NOW})
        db.commit()
        if photos < MANY:
            return filled
        db.autocommit = True
        for table in ("assets", "faces", "verdicts", "people", "folders", "asset_counts"):
            db.execute(f"VACUUM (ANALYZE) {table}")
    return filled


@contextmanager
def _bare(db: psycopg.Connection) -> Iterator[None]:
    """The large tables without indexes and references while they are filled; all of them are built, and checked, afterwards."""
    taken = [*db.execute(_REFERENCES, [_FILLED]).fetchall(), *db.execute(_INDEXES, [_FILLED]).fetchall()]
    for drop, _ in taken:
        db.execute(drop)
    yield
    for _, build in reversed(taken):
        db.execute(build)


def _tree(db: psycopg.Connection, ids: _Ids, rnd: random.Random, filled: Filled, photos: int) -> Iterator[_Event]:
    """Department → year → event. Three photos in four are of an event, the others of a department's daily work."""
    weights = {year: 1.18 ** (year - YEARS[0]) for year in YEARS}
    rows: list[tuple[str, str | None, str]] = []
    events: list[_Event] = []
    begin = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    for department in DEPARTMENTS:
        top = ids.at(begin)
        rows.append((top, None, department))
        for year in YEARS:
            folder = ids.at(datetime(year, 1, 1, tzinfo=UTC))
            rows.append((folder, top, str(year)))
            days = 365 if year < NOW.year else (NOW - datetime(year, 1, 1, tzinfo=UTC)).days
            share = photos * weights[year] / sum(weights.values()) / len(DEPARTMENTS)
            many = rnd.randint(6, 14) if photos >= MANY else 2
            sizes = [rnd.paretovariate(1.2) for _ in range(many)]
            for size in sizes:
                at = datetime(year, 1, 1, 8 + rnd.randint(0, 10), tzinfo=UTC) + timedelta(days=rnd.randrange(days))
                event = ids.at(at)
                rows.append((event, folder, f"{rnd.choice(EVENTS)} {at:%d-%m} {event[-4:]}"))
                events.append(_Event(event, at, int(share * 0.75 * size / sum(sizes))))
                filled.events.append(UUID(event))
            for _ in range(40 if photos >= MANY else 6):
                at = datetime(year, 1, 1, 9, tzinfo=UTC) + timedelta(days=rnd.randrange(days), minutes=rnd.randrange(480))
                events.append(_Event(folder, at, int(share * 0.25 / (40 if photos >= MANY else 6))))
    events[-1].photos += photos - sum(event.photos for event in events)
    with db.cursor().copy("COPY folders (id, parent_id, name, inherits, locked, created_at) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, True, False, begin))
    filled.folders = [UUID(id_) for id_, *_ in rows]
    yield from events


def _people(db: psycopg.Connection, ids: _Ids, many: int) -> list[str]:
    found = [ids.at(NOW - timedelta(days=4000) + timedelta(minutes=n)) for n in range(many)]
    columns = "id, name, note, is_minor, guardians_needed, created_at, changed_at"
    with db.cursor().copy(f"COPY people ({columns}) FROM STDIN") as copy:
        for n, id_ in enumerate(found):
            copy.write_row((id_, f"Persoon {n:05}", "", False, 1, NOW, NOW))
    return found


def _photos(
    db: psycopg.Connection,
    ids: _Ids,
    rnd: random.Random,
    events: list[_Event],
    people: list[str],
    owner: str | None,
    filled: Filled,
) -> None:
    hashes = [f"\\\\x{_placeholder(n).hex()}" for n in range(40)]
    states, odds = zip(*_STATES, strict=True)
    by = owner or "\\N"
    faces: list[tuple[str, datetime]] = []
    columns = (
        "id, folder_id, uploaded_by, state, stage, stage_at, attempts, filename, title, caption, credit, media_type, size, width, height, "
        "placeholder, taken_at, sort_at, created_at, changed_at, faces_done, no_people_at"
    )
    others, values = _defaults(columns)
    number = 0
    with db.cursor() as cursor, cursor.copy(f"COPY assets ({columns}{others}) FROM STDIN") as copy:
        for event in events:
            at = event.at
            drawn = rnd.choices(states, odds, k=event.photos)
            for state in drawn:
                number += 1
                at += timedelta(milliseconds=rnd.choice((180, 350, 900, 4000, 45_000)) + rnd.randrange(1000))  # bursts
                width, height = SIZES[rnd.randrange(8)]
                many = _FACES[rnd.randrange(10)]
                came = at + timedelta(hours=20)
                id_ = ids.at(came)
                taken = "\\N" if number % 25 == 0 else at.isoformat()
                nobody = at.isoformat() if not many and number % 3 else "\\N"
                stage, since = ("faces", BUSY_UNTIL) if state == "processing" else ("done", came)
                copy.write(
                    f"{id_}\t{event.folder}\t{by}\t{state}\t{stage}\t{since.isoformat()}\t0\t"
                    f"DSC_{number:07}.jpg\t\t\t\timage/jpeg\t{2_000_000 + number * 7919 % 9_000_000}\t{width}\t{height}\t"
                    f"{hashes[number % 40]}\t{taken}\t{at.isoformat()}\t{came.isoformat()}\t{came.isoformat()}\tt\t{nobody}{values}\n"
                )
                faces += [(id_, came)] * many
    filled.photos = number
    columns = "id, asset_id, box, landmarks, score, quality, source, state, person_id, created_at, changed_at"
    with db.cursor() as cursor, cursor.copy(f"COPY faces ({columns}) FROM STDIN") as copy:
        for asset, came in faces:
            known = rnd.random() < 0.8
            person = people[min(int(rnd.paretovariate(0.9)) - 1, len(people) - 1)] if known else "\\N"
            copy.write(
                f"{ids.at(came)}\t{asset}\t{{0.4,0.3,0.2,0.3}}\t{{}}\t0.9\t0.8\tdetected\t{'confirmed' if known else 'unknown'}\t{person}\t"
                f"{came.isoformat()}\t{came.isoformat()}\n"
            )


def _defaults(given: str) -> tuple[str, str]:
    """The columns of a photo that must not be empty and are not given, and their defaults, as COPY takes them."""
    named = given.split(", ")
    others = {}
    for column in metadata.tables["assets"].columns:
        if column.name not in named and not column.nullable:
            default = Asset.model_fields[column.name].get_default(call_default_factory=True)
            others[column.name] = default if isinstance(default, str) else json.dumps(default)
    return "".join(f", {name}" for name in others), "".join(f"\t{value}" for value in others.values())


def _placeholder(nth: int) -> bytes:
    """The ThumbHash of a picture in one of forty colours."""
    side = np.linspace(0.25, 1, 32)
    hue = np.array(Image.new("HSV", (1, 1), (nth * 6, 120, 220)).convert("RGB"))[0, 0]
    return bytes(thumbhash((np.outer(side, side)[..., None] * hue).astype(np.uint8)))

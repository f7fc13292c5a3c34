"""A person's consents over time: one bar per record and use, and what happened as ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.consents import records
from photobank.consents.records import ConsentRow, Extent
from photobank.consents.withdrawal import ENDS_AT_A_NO
from photobank.models.consents import ConsentEvent, Regime
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Bar:
    """A record granted a use from `start` to `end` (None: no end in sight). `ended_by` says what ends it."""

    consent_id: UUID
    number: int
    regime: Regime
    use: str
    start: datetime
    end: datetime | None
    ended_by: str
    partial: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that happened to a record."""

    consent_id: UUID
    kind: str
    at: datetime
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars by start, ticks by time."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


async def timeline(scope: Scope, person_id: UUID) -> Timeline:
    """The timeline of somebody in sight; raises NotFound."""
    rows = await records.of_person(scope, person_id)
    bars = [bar for row in rows for bar in _bars(row, rows)]
    query = select(ConsentEvent).where(col(ConsentEvent.consent_id).in_([row.id for row in rows]))
    events = (await scope.db.execute(query.order_by(col(ConsentEvent.at), col(ConsentEvent.id)))).scalars()
    ticks = [
        Tick(event.consent_id, event.kind, event.at, tuple(part for part in event.details.get("uses", "").split(",") if part))
        for event in events
    ]
    return Timeline(tuple(sorted(bars, key=lambda bar: (bar.start, bar.number, bar.use))), tuple(ticks))


def _bars(row: ConsentRow, all_rows: Sequence[ConsentRow]) -> list[Bar]:
    if row.signed_at is None:
        return []
    start = max(row.signed_at, row.valid_from)
    bars = []
    for granted in row.uses:
        ends = [
            (at, why)
            for at, why in (
                (row.valid_until, "expired"),
                (granted.valid_until, "expired"),
                (row.superseded_at, "superseded"),
                (_no(row, granted.use, all_rows), "withdrawn"),
            )
            if at is not None
        ]
        end, why = min(ends, default=(None, ""))
        if end is None or end > start:
            bars.append(Bar(row.id, row.number, row.regime, granted.use, start, end, why, row.extent is not Extent.all))
    return bars


def _no(row: ConsentRow, use: str, all_rows: Sequence[ConsentRow]) -> datetime | None:
    """When the person said no to the use after this record was signed, on it or on another paper about the same photos."""
    if row.regime not in ENDS_AT_A_NO or row.signed_at is None:
        return None
    said = [
        at
        for other in all_rows
        if other.regime in ENDS_AT_A_NO
        and (other.id == row.id or other.extent is Extent.all or (other.extent, other.extent_ids) == (row.extent, row.extent_ids))
        for granted in other.uses
        if granted.use == use
        for at in (granted.withdrawn_at, other.withdrawn_at)
        if at is not None and at >= row.signed_at
    ]
    return min(said, default=None)

"""Consents over time, of a person or of everybody: one bar per record and use, and what happened as ticks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import asking, records
from photobank.consents.records import ConsentRow, Extent
from photobank.consents.withdrawal import ENDS_AT_A_NO
from photobank.kernel.errors import Invalid
from photobank.kernel.paging import Page, clamp
from photobank.models.consents import Consent, ConsentEvent, Regime
from photobank.models.people import Person
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


@dataclass(frozen=True, slots=True)
class Line:
    """One person's, in the organisation's."""

    person_id: UUID
    name: str
    rows: tuple[ConsentRow, ...]
    timeline: Timeline


async def timeline(scope: Scope, person_id: UUID) -> Timeline:
    """The timeline of somebody in sight; raises NotFound."""
    return await of_rows(scope, await records.of_person(scope, person_id))


async def of_rows(scope: Scope, rows: Sequence[ConsentRow]) -> Timeline:
    """That of records of one person, which the caller has read."""
    return _timeline(rows, await _ticks(scope, rows), await _of_age(scope, rows))


async def everybody(scope: Scope, *, cursor: str | None = None, limit: int | None = None) -> Page[Line]:
    """The timelines of everybody in sight who has a record, by name. The cursor is the last person's id, as in the list of people."""
    require(scope, Action.consent_view)
    size, name = clamp(limit), func.lower(col(Person.name))
    anybody = aliased(Person)
    signed = select(func.coalesce(col(anybody.merged_into), col(anybody.id))).join(
        Consent, col(Consent.person_id) == col(anybody.id)
    )
    papers = col(Person.id).in_(signed.where(col(Consent.signed_at).is_not(None)))
    query = await visibility.people(scope)
    if cursor:
        place = query.with_only_columns(name).where(col(Person.id) == _id(cursor))
        start = await scope.db.scalar(place)
        if start is None:
            raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"})
        query = query.where((name > start) | ((name == start) & (col(Person.id) > _id(cursor))))
    found = list((await scope.db.scalars(query.where(papers).order_by(name, col(Person.id)).limit(size + 1))).all())
    more, found = len(found) > size, found[:size]
    rows = await records.of_people(scope, [one.id for one in found])
    ticks = await _ticks(scope, [row for mine in rows.values() for row in mine])
    of_age = await _of_age(scope, [row for mine in rows.values() for row in mine])
    lines = [Line(one.id, one.name, tuple(rows[one.id]), _timeline(rows[one.id], ticks, of_age)) for one in found]
    return Page(lines, str(found[-1].id) if more else None)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from error


def _timeline(rows: Sequence[ConsentRow], ticks: Mapping[UUID, Sequence[Tick]], of_age: Mapping[UUID, datetime]) -> Timeline:
    bars = sorted(
        (bar for row in rows for bar in _bars(row, rows, of_age.get(row.person_id))),
        key=lambda bar: (bar.start, bar.number, bar.use),
    )
    mine = sorted((tick for row in rows for tick in ticks.get(row.id, ())), key=lambda tick: tick.at)
    return Timeline(tuple(bars), tuple(mine))


async def _of_age(scope: Scope, rows: Sequence[ConsentRow]) -> dict[UUID, datetime]:
    """When those come of age for whom guardians signed, as far as is known."""
    children = {row.person_id for row in rows if row.guardians_signed}
    people = (await scope.db.scalars(select(Person).where(col(Person.id).in_(children)))).all() if children else []
    found = {person.id: asking.comes_of_age(scope, person) for person in people}
    return {id_: at for id_, at in found.items() if at is not None}


async def _ticks(scope: Scope, rows: Sequence[ConsentRow]) -> dict[UUID, list[Tick]]:
    """What happened to each record, in order."""
    query = select(ConsentEvent).where(col(ConsentEvent.consent_id).in_([row.id for row in rows]))
    found: dict[UUID, list[Tick]] = defaultdict(list)
    for event in (await scope.db.execute(query.order_by(col(ConsentEvent.at), col(ConsentEvent.id)))).scalars():
        uses = tuple(part for part in event.details.get("uses", "").split(",") if part)
        found[event.consent_id].append(Tick(event.consent_id, event.kind, event.at, uses))
    return found


def _bars(row: ConsentRow, all_rows: Sequence[ConsentRow], of_age: datetime | None) -> list[Bar]:
    if row.signed_at is None:
        return []
    by_guardians = row.guardians_signed and of_age is not None and row.signed_at < of_age
    start = max(row.signed_at, row.valid_from)
    bars = []
    for granted in row.uses:
        ends = [
            (at, why)
            for at, why in (
                (row.valid_until, "expired"),
                (granted.valid_until, "expired"),
                (of_age if by_guardians else None, "expired"),
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

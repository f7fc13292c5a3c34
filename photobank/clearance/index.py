"""Stored verdicts: what lists and filters read. They serve looking only; the way out decides afresh (delivery/release.py).

A stored verdict carries the moment at which it ends, so that time alone flips it: lists read `effective_state` and
`effective_allowed`, never the columns themselves, and a late job makes nothing greener than it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Select, and_, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.clearance import facts, uses
from photobank.clearance.facts_types import AssetFacts, UseFacts
from photobank.clearance.lapses import Lookout
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import ClearanceState
from photobank.consents.records import alert_period
from photobank.db.among import among
from photobank.messaging.events import VerdictsChanged
from photobank.models.assets import Asset
from photobank.models.base import metadata
from photobank.models.consents import StoredVerdict
from photobank.models.people import Face, Person
from photobank.scope import Scope

BATCH = 250


@dataclass(frozen=True, slots=True)
class Shield:
    """What a list shows of one asset and use."""

    state: ClearanceState
    allowed: bool
    valid_until: datetime | None


class _Row(NamedTuple):
    asset_id: UUID
    use_id: str
    state: str
    allowed: bool
    valid_until: datetime | None
    changes_at: datetime | None

    def looks_like(self, other: _Row | None) -> bool:
        """Does a screen show the same."""
        return other is not None and self[:5] == other[:5]


async def refresh(scope: Scope, asset_ids: Collection[UUID]) -> list[UUID]:
    """Derive the verdicts of these assets again; gives those that came out different, and wakes the pages that show them."""
    # The lock orders refreshers of one asset, and is taken before the facts are read: whoever writes last has read last.
    locked = select(col(Asset.id)).where(col(Asset.id).in_(asset_ids)).order_by(col(Asset.id)).with_for_update(key_share=True)
    present = list((await scope.db.scalars(locked)).all())
    if not present:
        return []
    now, rules, all_uses = scope.now(), await facts.rules(scope), await uses.facts(scope)
    judge = Judge(now, None, rules)
    lookout = Lookout(judge, now, None, rules)
    known = await facts.load(scope, present)
    rows = [row for id_ in present for row in _rows(known[id_], judge, lookout, all_uses)]
    changed = await _store(scope, rows, [use.key for use in all_uses])
    if changed:
        # Open lists read again what changed, and look at the photo's own row for it.
        await scope.db.execute(update(Asset).where(col(Asset.id).in_(changed)).values(changed_at=now))
        scope.announce(VerdictsChanged(asset_ids=tuple(changed)))
    return changed


async def refresh_person(scope: Scope, person_id: UUID, after: UUID | None = None) -> UUID | None:
    """Derive one batch of the assets that a person is on; gives where to go on, or None at the end."""
    survivor = select(func.coalesce(col(Person.merged_into), col(Person.id))).where(col(Person.id) == person_id).scalar_subquery()
    entries = select(col(Person.id)).where(or_(col(Person.id) == survivor, col(Person.merged_into) == survivor))
    query = select(col(Face.asset_id)).where(or_(col(Face.person_id) == person_id, col(Face.person_id).in_(entries))).distinct()
    if after is not None:
        query = query.where(col(Face.asset_id) > after)
    batch = list((await scope.db.scalars(query.order_by(col(Face.asset_id)).limit(BATCH))).all())
    await refresh(scope, batch)
    return batch[-1] if len(batch) == BATCH else None


async def refresh_due(scope: Scope, limit: int = BATCH) -> int:
    """Derive what time alone has changed since; gives how many assets were due."""
    due = select(col(StoredVerdict.asset_id)).where(col(StoredVerdict.changes_at) <= scope.now()).distinct().limit(limit)
    found = list((await scope.db.scalars(due)).all())
    await refresh(scope, found)
    return len(found)


def derived_since(moment: datetime) -> Select[UUID]:
    """Assets whose stored verdicts came out after that moment, for an IN beside conditions that start from `visibility`."""
    return select(col(StoredVerdict.asset_id)).where(col(StoredVerdict.derived_at) >= moment)


async def shields(scope: Scope, asset_ids: Collection[UUID]) -> dict[UUID, dict[str, Shield]]:
    """What a list shows per use, for assets that the caller has found through `visibility`."""
    now = scope.now()
    state = effective_state(now, alert_period(scope))
    query = select(
        col(StoredVerdict.asset_id), col(StoredVerdict.use_id), state, effective_allowed(now), col(StoredVerdict.valid_until)
    ).where(among(col(StoredVerdict.asset_id), asset_ids))
    found: dict[UUID, dict[str, Shield]] = {id_: {} for id_ in asset_ids}
    for asset_id, use_id, shown, allowed, until in await scope.db.execute(query):
        found[asset_id][use_id] = Shield(ClearanceState(shown), allowed, until if allowed else None)
    in_force = await uses.facts(scope)
    unknown = Shield(ClearanceState.BLOCKED, False, None)
    return {id_: {use.key: mine.get(use.key, unknown) for use in in_force} for id_, mine in found.items()}


def effective_allowed(now: datetime) -> ColumnElement[bool]:
    """Whether a stored verdict still allows at `now`. Use it with a join; no row means no."""
    until = col(StoredVerdict.valid_until)
    return and_(func.coalesce(col(StoredVerdict.allowed), literal(False)), or_(until.is_(None), until > now))


def effective_state(now: datetime, alert: timedelta) -> ColumnElement[str]:
    """The state of a stored verdict at `now`: what has ended since is expired, what ends within the alert period is expiring."""
    state, until = col(StoredVerdict.state), col(StoredVerdict.valid_until)
    allowed = col(StoredVerdict.allowed)
    return case(
        (state.is_(None), literal(ClearanceState.BLOCKED.value)),
        (and_(allowed, until <= now), literal(ClearanceState.EXPIRED.value)),
        (and_(state == ClearanceState.APPROVED, until <= now + alert), literal(ClearanceState.EXPIRING.value)),
        else_=state,
    )


def _rows(known: AssetFacts, judge: Judge, lookout: Lookout, all_uses: tuple[UseFacts, ...]) -> Iterator[_Row]:
    changes_at = lookout.next_change(known, all_uses)
    for verdict in judge.decide_all(known, all_uses).values():
        yield _Row(known.id, verdict.use, verdict.state.value, verdict.allowed, verdict.valid_until, changes_at)


async def _store(scope: Scope, rows: Sequence[_Row], in_force: Collection[str]) -> list[UUID]:
    """Write what differs from before; gives the assets for which a screen shows something else now."""
    ids = {row.asset_id for row in rows}
    stored = await scope.db.execute(select(*(col(getattr(StoredVerdict, name)) for name in _Row._fields)).where(_of(ids)))
    before = {(row.asset_id, row.use_id): row for row in (_Row(*found) for found in stored)}
    fresh = [row for row in rows if before.get((row.asset_id, row.use_id)) != row]
    if fresh:
        await _write(scope, fresh)
    await scope.db.execute(delete(StoredVerdict).where(_of(ids), col(StoredVerdict.use_id).not_in(in_force)))
    return sorted({row.asset_id for row in fresh if not row.looks_like(before.get((row.asset_id, row.use_id)))})


async def _write(scope: Scope, rows: Sequence[_Row]) -> None:
    """All rows in one statement, a column per parameter: ten times as fast as a parameter set per row."""
    table = metadata.tables[StoredVerdict.__tablename__]
    columns = [
        bindparam(None, list(values), type_=ARRAY(table.c[name].type))
        for name, values in zip(_Row._fields, zip(*rows, strict=True), strict=True)
    ]
    rows_of = func.unnest(*columns).table_valued(*_Row._fields, name="fresh").render_derived()
    source = select(*rows_of.c, literal(scope.now(), DateTime(timezone=True)))
    written = insert(StoredVerdict).from_select([*_Row._fields, "derived_at"], source)
    replaced = {name: written.excluded[name] for name in (*_Row._fields[2:], "derived_at")}
    await scope.db.execute(written.on_conflict_do_update(index_elements=["asset_id", "use_id"], set_=replaced))


def _of(asset_ids: Collection[UUID]) -> ColumnElement[bool]:
    return col(StoredVerdict.asset_id).in_(asset_ids)

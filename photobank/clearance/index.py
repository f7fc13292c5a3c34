"""Stored verdicts: what lists and filters read. They serve looking only; the way out decides afresh (delivery/deciding.py).

A stored verdict carries the moment at which it ends, so that time alone flips it: lists read `effective_state` and
`effective_allowed`, never the columns themselves, and a late job makes nothing greener than it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlmodel import col

from photobank.clearance import alike, facts, uses
from photobank.clearance.facts_types import AssetFacts, UseFacts
from photobank.clearance.lapses import Lookout
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import ClearanceState
from photobank.consents.records import alert_period
from photobank.db.among import among
from photobank.messaging.events import VerdictsChanged
from photobank.models.assets import Asset
from photobank.models.consents import StoredVerdict
from photobank.models.people import Face, Person
from photobank.scope import Scope

BATCH = 2000
"""Assets per transaction: long enough to be quick, short enough that nobody waits for its locks."""

FEW = 100  # of so many the planner makes good plans by itself
_BY_NUMBER = attrgetter("int")  # the order of UUIDs, without a comparison in Python for each pair
_BY_KEY = text("SET LOCAL enable_seqscan = off")


@dataclass(frozen=True, slots=True)
class Shield:
    """What a list shows of one asset and use."""

    state: ClearanceState
    allowed: bool
    valid_until: datetime | None


class _Line(NamedTuple):
    """The verdict of one kind of asset for one use."""

    use: str
    state: str
    allowed: bool
    valid_until: datetime | None
    changes_at: datetime | None


async def refresh(scope: Scope, asset_ids: Collection[UUID]) -> list[UUID]:
    """Derive the verdicts of these assets again; gives those that came out different, and wakes the pages that show them."""
    if len(asset_ids) > FEW:
        # For some thousand keys the planner reads the whole of every table, once per batch: by the keys it is a third of that work.
        await scope.db.execute(_BY_KEY)
    # The lock orders refreshers of one asset, and is taken before the facts are read: whoever writes last has read last.
    locked = select(col(Asset.id)).where(among(col(Asset.id), asset_ids)).order_by(col(Asset.id)).with_for_update(key_share=True)
    present = list((await scope.db.scalars(locked)).all())
    if not present:
        return []
    now, rules, all_uses = scope.now(), await facts.rules(scope), await uses.facts(scope)
    judge = Judge(now, None, rules)
    lookout = Lookout(judge, now, None, rules)
    kinds = await alike.kinds(scope, present)
    known = await facts.load(scope, [ids[0] for ids in kinds])
    decided = [(ids, list(_lines(known[ids[0]], judge, lookout, all_uses))) for ids in kinds]
    changed = await _store(scope, decided)
    if changed:
        scope.announce(VerdictsChanged(asset_ids=tuple(changed)))
    return changed


async def of_person(scope: Scope, person_id: UUID) -> list[UUID]:
    """The assets that a person is on, under whatever entry was merged with theirs, in the order of their ids."""
    survivor = select(func.coalesce(col(Person.merged_into), col(Person.id))).where(col(Person.id) == person_id).scalar_subquery()
    merged = select(col(Person.id)).where(or_(col(Person.id) == survivor, col(Person.merged_into) == survivor))
    entries = {person_id, *(await scope.db.scalars(merged)).all()}
    query = select(col(Face.asset_id)).where(among(col(Face.person_id), entries)).distinct().order_by(col(Face.asset_id))
    return list((await scope.db.scalars(query)).all())


async def refresh_due(scope: Scope, limit: int = BATCH) -> int:
    """Derive what time alone has changed since; gives how many assets were due. What was kept for a use that is gone goes too."""
    lapsed = delete(StoredVerdict).where(col(StoredVerdict.changes_at) <= scope.now())
    in_force = [use.key for use in await uses.facts(scope)]
    await scope.db.execute(lapsed.where(col(StoredVerdict.use_id).not_in(in_force)).execution_options(synchronize_session=False))
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
    state = effective_state(now, await alert_period(scope))
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


def _lines(known: AssetFacts, judge: Judge, lookout: Lookout, all_uses: tuple[UseFacts, ...]) -> Iterator[_Line]:
    changes_at = lookout.next_change(known, all_uses)
    for verdict in judge.decide_all(known, all_uses).values():
        yield _Line(verdict.use, verdict.state.value, verdict.allowed, verdict.valid_until, changes_at)


async def _store(scope: Scope, decided: Sequence[tuple[list[UUID], list[_Line]]]) -> list[UUID]:
    """Write what differs from before, in one statement; gives the assets for which a screen shows something else now.

    Open lists read again what changed, and look at the photo's own row for it.
    """
    members = [(id_, kind) for kind, (ids, _) in enumerate(decided) for id_ in ids]
    lines = [(kind, *line) for kind, (_, mine) in enumerate(decided) for line in mine]
    assets, kinds = zip(*members, strict=True)
    columns = zip(*lines, strict=True)
    sent = dict(zip(("of_kind", "use", "state", "allowed", "until", "changes"), map(list, columns), strict=True))
    found = await scope.db.scalars(_WRITE, {"assets": list(assets), "kinds": list(kinds), **sent, "now": scope.now()})
    return sorted(found.all(), key=_BY_NUMBER)


_WRITE = text("""
WITH fresh AS (
    SELECT a.asset_id, v.use_id, v.state, v.allowed, v.valid_until, v.changes_at
    FROM unnest(:assets, :kinds) AS a (asset_id, kind)
    JOIN unnest(:of_kind, :use, :state, :allowed, :until, :changes)
      AS v (kind, use_id, state, allowed, valid_until, changes_at) ON v.kind = a.kind
), before AS MATERIALIZED (
    SELECT * FROM verdicts WHERE asset_id = ANY (:assets)
), differing AS (
    SELECT fresh.*, before.asset_id IS NULL
        OR (before.state, before.allowed, before.valid_until) IS DISTINCT FROM (fresh.state, fresh.allowed, fresh.valid_until) AS shows
    FROM fresh LEFT JOIN before USING (asset_id, use_id)
    WHERE before.asset_id IS NULL OR (before.state, before.allowed, before.valid_until, before.changes_at)
        IS DISTINCT FROM (fresh.state, fresh.allowed, fresh.valid_until, fresh.changes_at)
), written AS (
    INSERT INTO verdicts (asset_id, use_id, state, allowed, valid_until, changes_at, derived_at)
    SELECT asset_id, use_id, state, allowed, valid_until, changes_at, :now FROM differing
    ON CONFLICT (asset_id, use_id) DO UPDATE SET state = excluded.state, allowed = excluded.allowed,
        valid_until = excluded.valid_until, changes_at = excluded.changes_at, derived_at = excluded.derived_at
)
UPDATE assets SET changed_at = :now WHERE id = ANY (ARRAY(SELECT asset_id FROM differing WHERE shows)) RETURNING id
""").bindparams(
    bindparam("assets", type_=ARRAY(Uuid)),
    bindparam("kinds", type_=ARRAY(Integer)),
    bindparam("of_kind", type_=ARRAY(Integer)),
    bindparam("use", type_=ARRAY(Text)),
    bindparam("state", type_=ARRAY(Text)),
    bindparam("allowed", type_=ARRAY(Boolean)),
    bindparam("until", type_=ARRAY(DateTime(timezone=True))),
    bindparam("changes", type_=ARRAY(DateTime(timezone=True))),
    bindparam("now", type_=DateTime(timezone=True)),
)

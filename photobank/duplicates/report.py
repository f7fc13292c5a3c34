"""The clean-up: which copies could go, what comes along to the photo that stays, what has to stay and why; and doing it, with undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.duplicates import decisions, inheriting, policy, repository
from photobank.duplicates.inheriting import Going, Obstacle
from photobank.kernel.errors import Invalid, NotFound
from photobank.models.assets import Asset
from photobank.models.duplicates import Answer, DuplicatePair
from photobank.scope import Scope

MOST = 200
"""Pairs in one clean-up: one transaction, and a list that somebody still reads."""


@dataclass(frozen=True, slots=True)
class Step:
    """One copy of the plan: it goes and `keep` stays, taking over so many decisions about faces and those texts; or it stays."""

    pair_id: UUID
    drop: Asset
    keep: Asset
    faces: int
    texts: tuple[str, ...]
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clean-up would do."""

    steps: tuple[Step, ...]

    @property
    def bytes(self) -> int:
        """What it would give back once the trash is emptied."""
        return sum(step.drop.size for step in self.steps if step.obstacle is None)

    @property
    def photos(self) -> int:
        """How many copies would go."""
        return sum(step.obstacle is None for step in self.steps)


async def plan(scope: Scope, pair_ids: Sequence[UUID] | None = None) -> Plan:
    """The plan for these pairs, or for the latest open ones in sight. Changes nothing."""
    require(scope, Action.asset_edit)
    found = await _open(scope, pair_ids)
    estates = await inheriting.estates(scope, [going for _, going in await _goings(scope, found)])
    by_drop = {going.drop.id: pair for pair, going in await _goings(scope, found)}
    return Plan(
        tuple(
            Step(
                by_drop[estate.going.drop.id].id,
                estate.going.drop,
                estate.going.keep,
                estate.faces,
                tuple(sorted(estate.texts)),
                estate.obstacle,
            )
            for estate in estates
        )
    )


async def clean_up(scope: Scope, pair_ids: Sequence[UUID]) -> list[UUID]:
    """Carry the plan for these pairs out; gives the pairs whose copy went, for undo. What has to stay is left alone."""
    require(scope, Action.asset_edit)
    if not pair_ids:
        raise Invalid("pair_ids", fields={"pair_ids": "errors.required"})
    found = await _open(scope, pair_ids)
    done: list[UUID] = []
    for pair, going in await _goings(scope, found):
        # One by one: what one copy hands over, the next may find settled.
        (estate,) = await inheriting.estates(scope, [going])
        if estate.obstacle is not None:
            continue
        await decisions.drop(scope, estate)
        newer_goes = pair.newer_id == going.drop.id
        older, newer = (going.keep, going.drop) if newer_goes else (going.drop, going.keep)
        await decisions.say(scope, pair, older, newer, Answer.skip)
        done.append(pair.id)
    if done:
        record(scope, Tag.duplicates_cleaned_up, payload={"photos": len(done)})
    return done


async def _open(scope: Scope, pair_ids: Sequence[UUID] | None) -> list[DuplicatePair]:
    query = (await repository.in_sight(scope)).where(col(DuplicatePair.answer).is_(None))
    if pair_ids is not None:
        wanted = set(pair_ids)
        if len(wanted) > MOST:
            raise Invalid("pair_ids", fields={"pair_ids": "errors.too_long"})
        rows = list((await scope.db.execute(query.where(col(DuplicatePair.id).in_(wanted)))).scalars())
        if len(rows) != len(wanted):
            raise NotFound("no such pair")
        return rows
    query = query.order_by(col(DuplicatePair.found_at).desc(), col(DuplicatePair.id).desc()).limit(MOST)
    return list((await scope.db.execute(query)).scalars())


async def _goings(scope: Scope, found: Sequence[DuplicatePair]) -> list[tuple[DuplicatePair, Going]]:
    """Which copy goes for which photo, best first. A copy goes once, and never for one that goes itself."""
    known = await repository.assets_of(scope, found)
    goings: list[tuple[DuplicatePair, Going]] = []
    gone: set[UUID] = set()

    def worse(pair: DuplicatePair) -> Asset:
        return known[pair.newer_id if pair.better == "older" else pair.older_id]

    for pair in sorted(found, key=lambda pair: (-worse(pair).width * worse(pair).height, -worse(pair).size, worse(pair).id)):
        drop = worse(pair)
        keep = known[pair.older_id if drop.id == pair.newer_id else pair.newer_id]
        if drop.id in gone or keep.id in gone:
            continue
        matrix = pair.matrix if drop.id == pair.newer_id else policy.inverse(pair.matrix)
        goings.append((pair, Going(drop, keep, tuple(matrix))))
        gone.add(drop.id)
    return goings

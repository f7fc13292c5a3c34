"""Pairs read for a screen: both photos with their clearance, what differs, and where one lies in the other. A page takes a handful of
queries however long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, may, require
from photobank.access.permissions import Action, Permission
from photobank.duplicates import policy, repository
from photobank.duplicates.match import picture_of
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.assets import Asset
from photobank.models.duplicates import DuplicatePair, PairKind
from photobank.scope import Scope

JUST = timedelta(days=1)
WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)


class Which(StrEnum):
    """Which pairs a list holds."""

    open = "open"
    answered = "answered"


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in sight. Regions are x, y, width, height in 0–1: where the other photo lies in this one. `may_decide`: the actor may."""

    id: UUID
    kind: PairKind
    older: Asset
    newer: Asset
    better: str
    differences: tuple[str, ...]
    region_in_older: tuple[float, float, float, float]
    region_in_newer: tuple[float, float, float, float]
    found_at: datetime
    answer: str | None
    answered_at: datetime | None
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """How many pairs wait, how many of them came with photos the actor sent, and what a clean-up would give back."""

    open: int
    mine: int
    photos: int
    bytes: int


async def page(
    scope: Scope,
    *,
    which: Which = Which.open,
    mine: bool = False,
    asset_id: UUID | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[PairRow]:
    """Pairs in sight, last found first; `mine` only those whose newer photo the actor sent."""
    require(scope, Action.library_view)
    size = clamp(limit)
    query = await _narrowed(scope, which, mine=mine, asset_id=asset_id)
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(DuplicatePair.found_at), col(DuplicatePair.id)) < tuple_(after.at, after.id))
    query = query.order_by(col(DuplicatePair.found_at).desc(), col(DuplicatePair.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    rows = await rows_of(scope, found[:size])
    more = len(found) > size
    return Page(rows, TimeCursor(found[size - 1].found_at, found[size - 1].id).encode() if more else None)


async def get(scope: Scope, pair_id: UUID) -> PairRow:
    """One pair in sight, also one of which a photo lies in the trash."""
    require(scope, Action.library_view)
    return (await rows_of(scope, [await repository.find(scope, pair_id, trashed=True)]))[0]


async def rows_of(scope: Scope, pairs: Sequence[DuplicatePair]) -> list[PairRow]:
    """Pairs in sight, as rows."""
    if not pairs:
        return []
    known = await repository.assets_of(scope, pairs)
    rights = await folder_rights(scope)

    def edits(asset: Asset) -> bool:
        return may(scope.actor, Action.asset_edit) and rights.get(asset.folder_id, Permission.view) >= Permission.edit

    return [_row(pair, known[pair.older_id], known[pair.newer_id], edits(known[pair.newer_id])) for pair in pairs]


async def summary(scope: Scope) -> Summary:
    """Counts over what is in sight, in two queries."""
    require(scope, Action.library_view)
    waiting = (await _narrowed(scope, Which.open)).subquery()
    sent = select(col(Asset.id)).where(col(Asset.uploaded_by) == scope.actor.user_id)
    counts = select(func.count(), func.count().filter(waiting.c.newer_id.in_(sent)))
    total, own = (await scope.db.execute(counts.select_from(waiting))).one()
    worse = select(case((waiting.c.better == "older", waiting.c.newer_id), else_=waiting.c.older_id)).distinct()
    editable = (await visibility.assets(scope, at_least=Permission.edit)).where(
        col(Asset.id).in_(worse), col(Asset.hold_at).is_(None)
    )
    sums = editable.with_only_columns(func.count(), func.coalesce(func.sum(col(Asset.size)), 0), maintain_column_froms=True)
    photos, size = (await scope.db.execute(sums)).one() if may(scope.actor, Action.asset_edit) else (0, 0)
    return Summary(total, own, photos, int(size))


async def just_sent(scope: Scope) -> int:
    """How many photos that the actor sent within a day look like others in sight, and wait for an answer."""
    require(scope, Action.library_view)
    sent = select(col(Asset.id)).where(col(Asset.uploaded_by) == scope.actor.user_id, col(Asset.created_at) > scope.now() - JUST)
    waiting = (await _narrowed(scope, Which.open)).where(col(DuplicatePair.newer_id).in_(sent)).subquery()
    return int(await scope.db.scalar(select(func.count(waiting.c.newer_id.distinct()))) or 0)


async def _narrowed(scope: Scope, which: Which, *, mine: bool = False, asset_id: UUID | None = None) -> Any:
    query = await repository.in_sight(scope, trashed=which is Which.answered)
    answered = col(DuplicatePair.answer)
    query = query.where(answered.is_(None) if which is Which.open else answered.is_not(None))
    if mine:
        query = query.where(
            col(DuplicatePair.newer_id).in_(select(col(Asset.id)).where(col(Asset.uploaded_by) == scope.actor.user_id))
        )
    if asset_id is not None:
        query = query.where((col(DuplicatePair.older_id) == asset_id) | (col(DuplicatePair.newer_id) == asset_id))
    return query


def _row(pair: DuplicatePair, older: Asset, newer: Asset, may_decide: bool) -> PairRow:
    before = picture_of(older, pair.chroma_older, pair.covers_older)
    after = picture_of(newer, pair.chroma_newer, pair.covers_newer)
    identical = older.content_index is not None and older.content_index == newer.content_index
    return PairRow(
        id=pair.id,
        kind=PairKind(pair.kind),
        older=older,
        newer=newer,
        better=pair.better,
        differences=tuple(policy.differences(before, after, pair.matrix, identical=identical)),
        region_in_older=_within(policy.place_of(WHOLE_FRAME, pair.matrix)),
        region_in_newer=_within(policy.place_of(WHOLE_FRAME, policy.inverse(pair.matrix))),
        found_at=pair.found_at,
        answer=pair.answer,
        answered_at=pair.answered_at,
        may_decide=may_decide,
    )


def _within(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The part of a box inside the picture."""
    left, top = min(1.0, max(0.0, box[0])), min(1.0, max(0.0, box[1]))
    right, bottom = min(1.0, max(0.0, box[0] + box[2])), min(1.0, max(0.0, box[1] + box[3]))
    return left, top, max(0.0, right - left), max(0.0, bottom - top)

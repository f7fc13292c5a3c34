"""The files of a batch: which photo each became, and how far that is. What the sender may no longer see reads as gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, delete, func, literal, or_, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.assets import Asset, AssetState, Stage
from photobank.models.batches import BatchFile, Outcome
from photobank.scope import Scope

# Transactions that were open while a list was read may commit after it: the next list looks this far back.
OVERLAP = timedelta(seconds=10)


class Standing(StrEnum):
    """Where a file is on its way to being a photo."""

    sending = "sending"
    received = "received"
    decoding = "decoding"
    faces = "faces"
    ready = "ready"
    rejected = "rejected"
    here = "here"
    gone = "gone"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a batch. `asset_id` only while its photo is in sight."""

    id: UUID
    filename: str
    size: int
    standing: Standing
    asset_id: UUID | None
    rejection: str | None
    title: str


def add(scope: Scope, batch_id: UUID, filename: str, size: int, asset_id: UUID | None, outcome: Outcome = Outcome.sent) -> None:
    """Note that a file belongs to a batch."""
    file = BatchFile(id=new_id(), batch_id=batch_id, asset_id=asset_id, filename=filename, size=size, created_at=scope.now())
    file.outcome = outcome
    scope.db.add(file)


async def leave(scope: Scope, asset_id: UUID) -> BatchFile | None:
    """An upload came to nothing: its file is taken out of its batch, and given to the caller."""
    file = await scope.db.scalar(
        select(BatchFile).where(col(BatchFile.asset_id) == asset_id, col(BatchFile.outcome) == Outcome.sent)
    )
    if file is not None:
        await scope.db.delete(file)
        await scope.db.flush()
    return file


async def retract_here(scope: Scope, batch_id: UUID, filename: str, size: int) -> None:
    """The sender wants this file after all: it no longer counts as left because it was here."""
    await scope.db.execute(
        delete(BatchFile).where(
            col(BatchFile.batch_id) == batch_id,
            col(BatchFile.outcome) == Outcome.here,
            col(BatchFile.filename) == filename,
            col(BatchFile.size) == size,
        )
    )


def asset_ids(batch_id: UUID) -> Select[UUID | None]:
    """The photos that came with a batch, for an IN: not those that were here before."""
    return select(col(BatchFile.asset_id)).where(
        col(BatchFile.batch_id) == batch_id, col(BatchFile.outcome) == Outcome.sent, col(BatchFile.asset_id).is_not(None)
    )


async def counts(scope: Scope, batch_ids: Sequence[UUID]) -> Mapping[UUID, tuple[dict[str, int], int]]:
    """Per batch: files per standing, and the bytes that have come in whole. One query however many batches."""
    found: dict[UUID, tuple[dict[str, int], int]] = {id_: ({}, 0) for id_ in batch_ids}
    if not found:
        return found
    photos = await _in_sight(scope)
    standing = _standing(photos).label("standing")
    query = (
        select(col(BatchFile.batch_id), standing, func.count(), func.sum(col(BatchFile.size)))
        .outerjoin(photos, photos.c.id == BatchFile.asset_id)
        .where(col(BatchFile.batch_id).in_(found))
        .group_by(col(BatchFile.batch_id), standing)
    )
    for batch_id, name, n, size in await scope.db.execute(query):
        numbers, received = found[batch_id]
        numbers[name] = n
        found[batch_id] = (numbers, received + (0 if name in (Standing.sending, Standing.here) else int(size)))
    return found


async def page(
    scope: Scope,
    batch_id: UUID,
    cursor: str | None = None,
    limit: int | None = None,
    since: datetime | None = None,
    moved: Select[UUID] | None = None,
) -> Page[FileRow]:
    """Files of a batch in the order they came; with `since` only those that moved after that moment, and those whose photo is among
    `moved`. The caller owns the batch.
    """
    size = clamp(limit)
    photos = await _in_sight(scope)
    query = (
        select(BatchFile, _standing(photos), photos.c.id, photos.c.rejection, photos.c.title)
        .outerjoin(photos, photos.c.id == BatchFile.asset_id)
        .where(col(BatchFile.batch_id) == batch_id)
    )
    if since is not None:
        after = since - OVERLAP
        lately = [col(BatchFile.created_at) >= after, photos.c.changed_at >= after]
        query = query.where(or_(*lately, *([] if moved is None else [photos.c.id.in_(moved)])))
    if cursor:
        seen = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(BatchFile.created_at), col(BatchFile.id)) > tuple_(seen.at, seen.id))
    query = query.order_by(col(BatchFile.created_at), col(BatchFile.id)).limit(size + 1)
    rows = (await scope.db.execute(query)).all()
    shown = [
        FileRow(file.id, file.filename, file.size, Standing(standing), asset_id, rejection, title or "")
        for file, standing, asset_id, rejection, title in rows[:size]
    ]
    last = rows[size - 1][0] if len(rows) > size else None
    return Page(shown, TimeCursor(last.created_at, last.id).encode() if last else None)


async def _in_sight(scope: Scope) -> Subquery:
    columns = (Asset.id, Asset.state, Asset.stage, Asset.attempts, Asset.rejection, Asset.title, Asset.changed_at)
    return (await visibility.assets(scope)).with_only_columns(*(col(column) for column in columns)).subquery()


def _standing(photos: Subquery) -> ColumnElement[str]:
    processing = photos.c.state == AssetState.processing
    waiting = and_(processing, photos.c.stage == Stage.decode)
    return case(
        (col(BatchFile.outcome) == Outcome.here, literal(Standing.here.value)),
        (photos.c.id.is_(None), literal(Standing.gone.value)),
        (photos.c.state == AssetState.uploading, literal(Standing.sending.value)),
        (and_(waiting, photos.c.attempts == 0), literal(Standing.received.value)),
        (waiting, literal(Standing.decoding.value)),
        (processing, literal(Standing.faces.value)),
        (photos.c.state == AssetState.rejected, literal(Standing.rejected.value)),
        else_=literal(Standing.ready.value),
    )

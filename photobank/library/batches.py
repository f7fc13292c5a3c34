"""Batches: an evening's shoot as one thing. Begun, described, listed, closed; each is its sender's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.access.permits import to_rewrap
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import batch_files, folders
from photobank.messaging.events import AssetsChanged, UploadMoved
from photobank.models.assets import Asset
from photobank.models.batches import Batch
from photobank.scope import Scope

LONGEST = 200
MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with how many of its files stand where (the words of `batch_files.Standing`)."""

    batch: Batch
    counts: Mapping[str, int]
    received: int
    """Bytes of photos that have come in whole."""


async def create(
    scope: Scope,
    *,
    folder_id: UUID | None = None,
    event: str = "",
    photographer: str = "",
    tags: Sequence[str] = (),
    files: int = 0,
    size: int = 0,
    source: str = "upload",
) -> Batch:
    """Begin a batch. Refused at once where the actor may not add photos to the folder."""
    target = await folders.upload_target(scope, folder_id)
    now = scope.now()
    batch = Batch(
        id=new_id(),
        owner_id=scope.actor.user_id,
        folder_id=target,
        event=_line("event", event),
        photographer=_line("photographer", photographer),
        tags=_tags(tags),
        source=source,
        files=files,
        size=size,
        created_at=now,
        changed_at=now,
    )
    scope.db.add(batch)
    await scope.db.flush()
    _tell(scope)
    return batch


async def get(scope: Scope, batch_id: UUID) -> Batch:
    """One's own batch; raises NotFound for any other."""
    require(scope, Action.asset_upload)
    batch = await scope.db.get(Batch, batch_id)
    if batch is None or batch.owner_id != scope.actor.user_id:
        raise NotFound("no such batch")
    return batch


async def row(scope: Scope, batch_id: UUID) -> BatchRow:
    """One's own batch with its counts."""
    return (await _with_counts(scope, [await get(scope, batch_id)]))[0]


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[BatchRow]:
    """One's own batches, newest first."""
    require(scope, Action.asset_upload)
    size = clamp(limit)
    query = select(Batch).where(col(Batch.owner_id) == scope.actor.user_id)
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(Batch.created_at), col(Batch.id)) < tuple_(after.at, after.id))
    query = query.order_by(col(Batch.created_at).desc(), col(Batch.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    more, found = len(found) > size, found[:size]
    return Page(await _with_counts(scope, found), TimeCursor(found[-1].created_at, found[-1].id).encode() if more else None)


async def change(
    scope: Scope,
    batch_id: UUID,
    *,
    folder_id: UUID | None = None,
    event: str | None = None,
    photographer: str | None = None,
    tags: Sequence[str] | None = None,
    files: int | None = None,
    size: int | None = None,
    closed: bool | None = None,
) -> Batch:
    """Say something else of the whole batch, while it comes in or later. What somebody wrote on a single photo since is kept."""
    batch = await get(scope, batch_id)
    if folder_id is not None and folder_id != batch.folder_id:
        await _move(scope, batch, folder_id)
    if photographer is not None and photographer != batch.photographer:
        await _credit(scope, batch, _line("photographer", photographer))
    if event is not None:
        batch.event = _line("event", event)
    if tags is not None:
        batch.tags = _tags(tags)
    batch.files = batch.files if files is None else files
    batch.size = batch.size if size is None else size
    if closed is not None:
        batch.closed_at = (batch.closed_at or scope.now()) if closed else None
    batch.changed_at = scope.now()
    _tell(scope)
    return batch


async def browser_key(scope: Scope, batch_id: UUID) -> bytes:
    """What a browser seals its copies of unsent files with: of this batch, for its sender, as long as it is open.

    Derived, never stored. Once it is no longer handed out, what a browser still holds cannot be read (docs/adr).
    """
    batch = await get(scope, batch_id)
    if batch.closed_at is not None:
        raise NotFound("this batch is closed")
    return scope.vault.secret(f"browser-copies/{batch.id}")


def said_of(batch: Batch) -> dict[str, Any]:
    """What a photo that joins the batch takes over from it."""
    return {"credit": batch.photographer}


async def _move(scope: Scope, batch: Batch, folder_id: UUID) -> None:
    """The batch's photos go along, those still coming in included: their keys are wrapped anew, their bytes stay as they are."""
    await require_on_folder(scope, Action.asset_upload, Permission.edit, folder_id)
    mine = (await visibility.assets(scope, at_least=Permission.edit)).where(
        col(Asset.id).in_(batch_files.asset_ids(batch.id)), col(Asset.folder_id) == batch.folder_id
    )
    moved = list((await scope.db.execute(mine.with_for_update(of=Asset))).scalars())
    for asset in moved:
        await scope.vault.move_asset(scope.db, to_rewrap(scope, asset.id, scope.container.clock), folder_id, scope.now())
        asset.folder_id = folder_id
        asset.changed_at = scope.now()
        record(scope, Tag.asset_changed, asset_id=asset.id, folder_id=folder_id, payload={"fields": ["folder"]})
    batch.folder_id = folder_id
    if moved:
        scope.announce(AssetsChanged(asset_ids=tuple(asset.id for asset in moved)))


async def _credit(scope: Scope, batch: Batch, photographer: str) -> None:
    written = (await visibility.assets(scope, at_least=Permission.edit)).where(
        col(Asset.id).in_(batch_files.asset_ids(batch.id)), col(Asset.credit).in_({"", batch.photographer})
    )
    ids = list(await scope.db.scalars(written.with_only_columns(col(Asset.id))))
    batch.photographer = photographer
    if ids:
        await scope.db.execute(update(Asset).where(col(Asset.id).in_(ids)).values(credit=photographer, changed_at=scope.now()))
        for id_ in ids:
            record(scope, Tag.asset_changed, asset_id=id_, payload={"fields": ["credit"]})
        scope.announce(AssetsChanged(asset_ids=tuple(ids)))


async def _with_counts(scope: Scope, found: Sequence[Batch]) -> list[BatchRow]:
    counted = await batch_files.counts(scope, [batch.id for batch in found])
    return [BatchRow(batch, *counted[batch.id]) for batch in found]


def _tell(scope: Scope) -> None:
    if scope.actor.user_id:
        scope.announce(UploadMoved(user_id=scope.actor.user_id))


def _line(name: str, text: str) -> str:
    clean = " ".join(text.split())
    if len(clean) > LONGEST or "\0" in clean:
        raise Invalid(name, fields={name: "errors.too_long"})
    return clean


def _tags(tags: Sequence[str]) -> list[str]:
    clean = list(dict.fromkeys(filter(None, (_line("tags", tag) for tag in tags))))
    if len(clean) > MOST_TAGS:
        raise Invalid("tags", fields={"tags": "errors.too_many"})
    return clean

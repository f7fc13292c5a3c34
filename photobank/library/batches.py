"""Batches: an evening's shoot as one thing. Begun, described, listed, closed; each is its sender's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import batch_files, folders, moving, tags
from photobank.library.describing import Description, describe
from photobank.messaging.events import AssetsChanged, AssetsDescribed, UploadMoved
from photobank.models.assets import Asset, AssetState
from photobank.models.batches import Batch
from photobank.scope import Scope

LONGEST = 300
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
    words: Sequence[str] = (),
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
        tags=_tags(words),
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
    words: Sequence[str] | None = None,
    files: int | None = None,
    size: int | None = None,
    closed: bool | None = None,
) -> Batch:
    """Say something else of the whole batch, while it comes in or later. What somebody wrote on a single photo since is kept."""
    batch = await get(scope, batch_id)
    if folder_id is not None and folder_id != batch.folder_id:
        await _move(scope, batch, folder_id)
    said: dict[str, Any] = {} if event is None else {"event": _line("event", event)}
    said |= {} if photographer is None else {"photographer": _line("photographer", photographer)}
    said |= {} if words is None else {"tags": _tags(words)}
    await _say(scope, batch, said)
    batch.files = batch.files if files is None else files
    batch.size = batch.size if size is None else size
    if closed is not None:
        batch.closed_at = (batch.closed_at or scope.now()) if closed else None
    batch.changed_at = scope.now()
    _tell(scope)
    return batch


async def end(scope: Scope, batch_id: UUID) -> None:
    """Nothing more will come. A batch in which nothing came is no batch."""
    found = await row(scope, batch_id)
    if found.counts:
        await change(scope, batch_id, closed=True)
    else:
        await scope.db.delete(found.batch)


async def browser_key(scope: Scope, batch_id: UUID) -> bytes:
    """What a browser seals its copies of unsent files with: of this batch, for its sender, as long as it is open.

    Derived, never stored. Once it is no longer handed out, what a browser still holds cannot be read (docs/adr).
    """
    batch = await get(scope, batch_id)
    if batch.closed_at is not None:
        raise NotFound("this batch is closed")
    return scope.vault.secret(f"browser-copies/{batch.id}")


async def join(scope: Scope, batch: Batch, asset: Asset) -> None:
    """A photo that begins to come in takes over what was said of its batch."""
    asset.event, asset.photographer = batch.event, batch.photographer
    await tags.put_on(scope, [asset.id], batch.tags)


async def _move(scope: Scope, batch: Batch, folder_id: UUID) -> None:
    """The batch's photos go along, those still coming in included; the archive is read-only. Keys are wrapped anew, bytes stay."""
    await require_on_folder(scope, Action.asset_upload, Permission.edit, folder_id)
    mine = (await visibility.assets(scope, at_least=Permission.edit)).where(
        col(Asset.id).in_(batch_files.asset_ids(batch.id)),
        col(Asset.folder_id) == batch.folder_id,
        col(Asset.state) != AssetState.archived,
    )
    moved = list((await scope.db.scalars(mine.with_only_columns(col(Asset.id)).with_for_update(of=Asset))).all())
    await moving.move(scope, moved, folder_id)
    for asset_id in moved:
        record(scope, Tag.asset_changed, asset_id=asset_id, folder_id=folder_id, payload={"fields": ["folder"]})
    batch.folder_id = folder_id
    if moved:
        scope.announce(AssetsChanged(asset_ids=tuple(moved)))


async def _say(scope: Scope, batch: Batch, now: Mapping[str, Any]) -> None:
    """Describe the batch's photos anew; one that somebody has meanwhile described otherwise is left as it is."""
    mine = (await visibility.assets(scope, at_least=Permission.edit)).where(
        col(Asset.id).in_(batch_files.asset_ids(batch.id)), col(Asset.state) != AssetState.archived
    )
    changed: dict[UUID, list[str]] = {}
    for name in ("event", "photographer"):
        before, after = getattr(batch, name), now.get(name, getattr(batch, name))
        if after != before:
            same = mine.where(col(getattr(Asset, name)).in_({"", before})).with_only_columns(col(Asset.id))
            _merge(changed, await describe(scope, list(await scope.db.scalars(same)), Description(**{name: after})))
            setattr(batch, name, after)
    wanted = now.get("tags", batch.tags)
    if wanted != batch.tags:
        gone = tuple(set(batch.tags) - set(wanted))
        ids = list(await scope.db.scalars(mine.with_only_columns(col(Asset.id))))
        _merge(changed, await describe(scope, ids, Description(add_tags=tuple(wanted), remove_tags=gone)))
        batch.tags = wanted
    for asset_id, names in changed.items():
        record(scope, Tag.asset_changed, asset_id=asset_id, payload={"fields": names})
    if changed:
        scope.announce(AssetsDescribed(asset_ids=tuple(sorted(changed))))


def _merge(into: dict[UUID, list[str]], more: Mapping[UUID, Sequence[str]]) -> None:
    for asset_id, names in more.items():
        into.setdefault(asset_id, []).extend(names)


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


def _tags(names: Sequence[str]) -> list[str]:
    found = {tags.normal(name): tags.clean(name) for name in names if name.strip()}
    if len(found) > MOST_TAGS:
        raise Invalid("tags", fields={"tags": "errors.too_many_tags"})
    return list(found.values())

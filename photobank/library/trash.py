"""Trash and purge: a photo waits in the trash, then its key is shredded, then its bytes go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, false, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.library.assets import find
from photobank.messaging.events import AssetPurged, AssetsChanged
from photobank.models.assets import Asset, AssetState
from photobank.scope import Scope


async def trash(scope: Scope, asset_id: UUID) -> None:
    """Put an asset into the trash; it is cleared for nothing from then on."""
    asset = await find(scope, asset_id)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.hold_at is not None:
        raise Conflict("a legal hold is on this photo")
    if asset.state == AssetState.archived:
        raise Conflict("this photo is in the archive, which is read-only")
    if asset.state == AssetState.uploading:
        raise Conflict("this photo is still being sent")
    asset.state_before_trash = asset.state
    asset.state = AssetState.trashed
    asset.trashed_at = asset.changed_at = scope.now()
    record(scope, Tag.asset_trashed, asset_id=asset_id, folder_id=asset.folder_id)
    scope.announce(AssetsChanged(asset_ids=(asset_id,)))


async def restore(scope: Scope, asset_id: UUID) -> Asset:
    """Take an asset out of the trash, as it was."""
    asset = await find(scope, asset_id, trashed=True)
    await require_on_folder(scope, Action.asset_edit, Permission.edit, asset.folder_id, asset_id=asset_id)
    asset.state = AssetState(asset.state_before_trash or AssetState.ready)
    asset.state_before_trash = None
    asset.trashed_at = None
    asset.stage_at = asset.changed_at = scope.now()
    record(scope, Tag.asset_restored, asset_id=asset_id, folder_id=asset.folder_id)
    scope.announce(AssetsChanged(asset_ids=(asset_id,)))
    return asset


async def purge(scope: Scope, asset_id: UUID) -> None:
    """Delete an asset in the trash for good: first its key, with this transaction, then the bytes, by a job."""
    require(scope, Action.asset_purge, asset_id=asset_id)
    asset = await find(scope, asset_id, trashed=True)
    await require_on_folder(scope, Action.asset_purge, Permission.edit, asset.folder_id, asset_id=asset_id)
    await _purge(scope, [asset])


@dataclass(frozen=True, slots=True)
class TrashCounts:
    """What lies in the trash in sight: all of it, what the actor may delete for good, and what a legal hold keeps."""

    photos: int
    purgeable: int
    held: int
    days: int


async def counts(scope: Scope) -> TrashCounts:
    """The numbers that the dialog names."""
    edit = await visibility.in_sight(scope, Permission.edit) if may(scope.actor, Action.asset_purge) else false()
    held = col(Asset.hold_at).is_not(None)
    query = (await visibility.assets(scope, trashed=True)).with_only_columns(
        func.count(), func.count().filter(edit, ~held), func.count().filter(held), maintain_column_froms=True
    )
    photos, purgeable, on_hold = (await scope.db.execute(query)).one()
    return TrashCounts(photos, purgeable, on_hold, scope.settings.trash_days)


async def empty(scope: Scope, limit: int = 250) -> int:
    """Delete for good some of what the actor may; gives how many went. Call again until none goes, each time in a new scope."""
    require(scope, Action.asset_purge)
    query = (await visibility.assets(scope, at_least=Permission.edit, trashed=True)).where(col(Asset.hold_at).is_(None))
    rows = list((await scope.db.execute(query.limit(limit).with_for_update(skip_locked=True))).scalars())
    await _purge(scope, rows)
    return len(rows)


async def purge_due(scope: Scope, limit: int = 100) -> int:
    """Purge what has been in the trash for longer than the settings say; for the schedule. Gives how many."""
    require(scope, Action.asset_purge)
    before = scope.now() - timedelta(days=scope.settings.trash_days)
    query = (
        select(Asset)
        .where(col(Asset.state) == AssetState.trashed, col(Asset.trashed_at) < before, col(Asset.hold_at).is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list((await scope.db.execute(query)).scalars())
    await _purge(scope, rows)
    return len(rows)


async def discard_rejected(scope: Scope, asset_id: UUID) -> None:
    """Throw away a photo that could not be decoded: for who sent it, at once."""
    asset = await find(scope, asset_id)
    if asset.state != AssetState.rejected or asset.uploaded_by != scope.actor.user_id:
        raise NotFound("no such rejected photo")
    require(scope, Action.asset_upload, asset_id=asset_id)
    await _purge(scope, [asset])


async def erase(scope: Scope, assets: Sequence[Asset], reason: str) -> None:
    """Delete photos that the house put away, wherever they lie: first their keys, then their bytes, by a job. For the schedule."""
    require(scope, Action.asset_purge)
    await _purge(scope, assets, reason)


async def _purge(scope: Scope, assets: Sequence[Asset], reason: str = "purged") -> None:
    if any(asset.hold_at is not None for asset in assets):
        raise Conflict("a legal hold is on this photo")
    ids = [asset.id for asset in assets]
    await scope.vault.shred_assets(scope.db, {asset.id: asset.versions + 1 for asset in assets}, reason, scope.now())
    for asset in assets:
        record(scope, Tag.asset_purged, asset_id=asset.id, folder_id=asset.folder_id, payload={"reason": reason})
        scope.announce(AssetPurged(asset_id=asset.id))
    await scope.db.execute(delete(Asset).where(col(Asset.id).in_(ids)))

"""The archive: photos that are kept as they are. Read-only; who may see or take them is decided as before."""

from __future__ import annotations

from uuid import UUID

from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict
from photobank.library.assets import find
from photobank.library.states import set_state
from photobank.messaging.events import AssetsChanged
from photobank.models.assets import Asset, AssetState
from photobank.scope import Scope


async def archive(scope: Scope, asset_id: UUID) -> Asset:
    """Put a photo into the archive."""
    return await _change(scope, asset_id, Permission.edit, AssetState.ready, AssetState.archived, Tag.asset_archived)


async def unarchive(scope: Scope, asset_id: UUID) -> Asset:
    """Take it out again: for who manages the folder, since others rely on what lies there."""
    return await _change(scope, asset_id, Permission.manage, AssetState.archived, AssetState.ready, Tag.asset_unarchived)


async def _change(scope: Scope, asset_id: UUID, needed: Permission, was: AssetState, becomes: AssetState, tag: Tag) -> Asset:
    asset = await find(scope, asset_id)
    await require_on_folder(scope, Action.asset_edit, needed, asset.folder_id, asset_id=asset_id)
    if asset.state != was:
        raise Conflict(f"the photo is {asset.state}, not {was}")
    await set_state(scope, [asset_id], becomes)
    await scope.db.refresh(asset)
    record(scope, tag, asset_id=asset_id, folder_id=asset.folder_id)
    scope.announce(AssetsChanged(asset_ids=(asset_id,)))
    return asset

"""Moving photos to another folder, one or thousands: their keys go under the new folder's key. The bytes stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from photobank.access.permits import to_rewrap
from photobank.library import stack_members
from photobank.models.assets import Asset
from photobank.scope import Scope


async def move(scope: Scope, asset_ids: Sequence[UUID], folder_id: UUID) -> None:
    """Put them there. The caller has authorised it on both sides."""
    if not asset_ids:
        return
    permits = [to_rewrap(scope, asset_id, scope.container.clock) for asset_id in asset_ids]
    await scope.vault.move_assets(scope.db, permits, folder_id, scope.now())
    change = update(Asset).where(col(Asset.id).in_(asset_ids)).values(folder_id=folder_id, changed_at=scope.now())
    await scope.db.execute(change.execution_options(synchronize_session=False))
    await stack_members.moved(scope, asset_ids, folder_id)

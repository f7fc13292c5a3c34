"""Which photos a record is about: what a question before a withdrawal counts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.consents import records
from photobank.consents.records import Extent
from photobank.models.assets import Asset
from photobank.models.consents import ConsentScope
from photobank.models.folders import Folder
from photobank.models.people import Face, FaceState
from photobank.scope import Scope


async def photos(scope: Scope, consent_id: UUID) -> int:
    """How many photos in sight of this person the record covers; raises NotFound for a record out of sight."""
    consent = await records.find(scope, consent_id)
    on_it = exists().where(
        col(Face.asset_id) == col(Asset.id), col(Face.person_id) == consent.person_id, col(Face.state) == FaceState.confirmed
    )
    query = (await visibility.assets(scope)).with_only_columns(func.count(), maintain_column_froms=True)
    found: int | None = await scope.db.scalar(query.where(on_it, *await _within(scope, consent_id, consent.scope)))
    return found or 0


async def _within(scope: Scope, consent_id: UUID, extent: str) -> list[ColumnElement[bool]]:
    if extent == Extent.all:
        return []
    targets = select(col(ConsentScope.target_id)).where(col(ConsentScope.consent_id) == consent_id)
    if extent == Extent.photos:
        return [col(Asset.id).in_(targets)]
    below = select(col(Folder.id)).where(col(Folder.id).in_(targets)).cte("below", recursive=True)
    below = below.union(select(col(Folder.id)).join(below, col(Folder.parent_id) == below.c.id))
    return [col(Asset.folder_id).in_(select(below.c.id))]

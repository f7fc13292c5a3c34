"""Moving photos between the states that people choose: ready, in the archive, in the trash. In a few queries, however many."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col

from photobank.db.among import among
from photobank.models.assets import Asset, AssetState
from photobank.scope import Scope


async def set_state(scope: Scope, asset_ids: Sequence[UUID], state: AssetState) -> None:
    """Put them into a state. The caller has authorised it and knows that it makes sense."""
    now = scope.now()
    change = update(Asset).where(among(col(Asset.id), asset_ids))
    if state is AssetState.trashed:
        change = change.values(state=state, state_before_trash=col(Asset.state), trashed_at=now, changed_at=now)
    else:
        change = change.values(state=state, state_before_trash=None, trashed_at=None, stage_at=now, changed_at=now)
    await scope.db.execute(change.execution_options(synchronize_session=False))


async def restore_state(scope: Scope, asset_ids: Sequence[UUID]) -> None:
    """Take them out of the trash, each as it was. The caller has authorised it."""
    now, before = scope.now(), func.coalesce(col(Asset.state_before_trash), AssetState.ready.value)
    change = update(Asset).where(among(col(Asset.id), asset_ids), col(Asset.state) == AssetState.trashed)
    change = change.values(state=before, state_before_trash=None, trashed_at=None, stage_at=now, changed_at=now)
    await scope.db.execute(change.execution_options(synchronize_session=False))

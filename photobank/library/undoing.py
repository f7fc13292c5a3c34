"""Taking a bulk change back, within a day: what somebody changed since, or may no longer be changed, stays and is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, may, require
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.library import snapshots
from photobank.library.bulk import ANY_STATE, NEEDED, Done, Kind, Left, Plan, reason_against, tell
from photobank.models.assets import Asset, AssetState
from photobank.models.collections import BulkChange, BulkOperation
from photobank.scope import Scope

KEPT = timedelta(days=1)
# What is done when it is taken back: the log calls it that, and what stands against that stands against taking it back.
BACK = {Kind.trash: Kind.restore, Kind.restore: Kind.trash, Kind.archive: Kind.unarchive, Kind.unarchive: Kind.archive}


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A bulk change of one's own that can still be taken back."""

    id: UUID
    kind: Kind
    changed: int
    created_at: datetime


async def list_own(scope: Scope) -> list[OperationRow]:
    """One's own bulk changes that can still be taken back, newest first."""
    require(scope, Action.own_marks)
    query = select(BulkOperation).where(
        col(BulkOperation.user_id) == scope.actor.user_id,
        col(BulkOperation.undone_at).is_(None),
        col(BulkOperation.created_at) > scope.now() - KEPT,
    )
    rows = (await scope.db.execute(query.order_by(col(BulkOperation.created_at).desc()).limit(50))).scalars()
    return [OperationRow(row.id, Kind(row.kind), row.changed, row.created_at) for row in rows]


async def undo(scope: Scope, operation_id: UUID) -> Done:
    """Make the photos as they were before this operation of one's own."""
    require(scope, Action.own_marks)
    operation = await scope.db.get(BulkOperation, operation_id, with_for_update=True)
    if operation is None or operation.user_id != scope.actor.user_id:
        raise NotFound("no such operation")
    if operation.undone_at is not None or operation.created_at <= scope.now() - KEPT:
        raise Conflict("this can no longer be taken back")
    kind = Kind(operation.kind)
    before, after = await _kept(scope, operation_id)
    folders, left = await _allowed(scope, kind, list(before), before)
    parts = {part for one in after.values() for part in one}
    now = await snapshots.read(scope, list(folders), parts)
    back = [id_ for id_ in folders if now[id_] == after[id_]]
    if since := len(folders) - len(back):
        left[Left.changed_since] = since
    await snapshots.put_back(scope, {id_: before[id_] for id_ in back}, {id_: after[id_] for id_ in back})
    operation.undone_at = scope.now()
    record(scope, Tag.bulk_undone, payload={"kind": kind, "operation": str(operation_id), "changed": len(back)})
    if kind not in ANY_STATE:
        tell(scope, BACK.get(kind, kind), back, {id_: sorted(before[id_]) for id_ in back}, Plan(folders, left))
    return Done(None, len(folders), len(back), dict(left))


async def forget_old(scope: Scope, limit: int = 200) -> int:
    """Forget what can no longer be taken back; for the schedule. Gives how many operations."""
    require(scope, Action.asset_purge)
    old = select(col(BulkOperation.id)).where(col(BulkOperation.created_at) <= scope.now() - KEPT).limit(limit)
    gone = await scope.db.execute(delete(BulkOperation).where(col(BulkOperation.id).in_(old)).returning(col(BulkOperation.id)))
    return len(gone.all())


async def _kept(scope: Scope, operation_id: UUID) -> tuple[dict[UUID, Any], dict[UUID, Any]]:
    query = select(col(BulkChange.asset_id), col(BulkChange.change_ct)).where(col(BulkChange.operation_id) == operation_id)
    before: dict[UUID, Any] = {}
    after: dict[UUID, Any] = {}
    for asset_id, sealed in await scope.db.execute(query):
        pair = scope.vault.fields.open_json("bulk_changes", "change_ct", f"{operation_id}/{asset_id}", sealed)
        before[asset_id], after[asset_id] = pair
    return before, after


async def _allowed(
    scope: Scope, kind: Kind, asset_ids: Sequence[UUID], before: dict[UUID, Any]
) -> tuple[dict[UUID, UUID], Counter[Left]]:
    """Which of the photos the actor may still change, with their folders; the others counted."""
    rights = await folder_rights(scope)
    doing = BACK.get(kind, kind)
    # Who put photos into the archive may take this very act back; anybody else's takes `manage`.
    needed = Permission.edit if kind is Kind.archive else NEEDED.get(doing, Permission.edit)
    does = may(scope.actor, Action.own_marks if kind in ANY_STATE else Action.asset_edit)
    query = (await visibility.assets(scope, trashed=kind is Kind.trash)).where(col(Asset.id).in_(asset_ids))
    columns = (col(Asset.id), col(Asset.folder_id), col(Asset.state), col(Asset.hold_at))
    folders: dict[UUID, UUID] = {}
    left: Counter[Left] = Counter()
    # Locked: what is read here, a hold above all, must still be so when it is put back.
    rows = await scope.db.execute(query.with_only_columns(*columns).order_by(col(Asset.id)).with_for_update(of=Asset))
    for asset_id, folder_id, state, held_at in rows:
        into = before[asset_id].get("folder")
        enough = rights[folder_id] >= needed and (into is None or rights.get(UUID(into), 0) >= needed)
        if not enough or not does:
            left[Left.not_allowed] += 1
        elif (reason := reason_against(doing, AssetState(state), held=held_at is not None)) is not None:
            left[reason] += 1
        else:
            folders[asset_id] = folder_id
    if gone := len(asset_ids) - len(folders) - left.total():
        left[Left.gone] = gone
    return folders, left

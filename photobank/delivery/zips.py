"""A selection as one ZIP: ordered here, and made while it is fetched. It is stored nowhere.

Each photo goes through release at the moment it is written, so what was withdrawn since the order, or a second ago, is left out and listed
with the reason. Last in the ZIP is its manifest (docs/formats/manifest.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.clearance import judgement, uses
from photobank.db.among import among
from photobank.delivery import presets
from photobank.kernel.errors import Invalid, NotAuthenticated, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import ZipMoved
from photobank.models.assets import Asset
from photobank.models.handing_over import ZipOrder, ZipState
from photobank.scope import Scope

MOST = 2000
FORGOTTEN_AFTER = timedelta(days=7)
FETCHABLE_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A photo that did not go, and why: an error's code, and for want of clearance the codes of the reasons. Without a name when out of
    sight."""

    asset_id: UUID
    name: str
    code: str
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the order keeps it and the manifest lists it."""
        return {"asset_id": str(self.asset_id), "name": self.name, "code": self.code, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class ZipRow:
    """An order and how far it is."""

    id: UUID
    use: str
    preset: str
    total: int
    looked_at: int
    written: int
    state: ZipState
    left_out: tuple[LeftOut, ...]
    created_at: datetime


async def order(
    scope: Scope, asset_ids: Sequence[UUID], use: str, preset: str, territory: str | None = None, *, redacted: bool = False
) -> ZipRow:
    """Order a ZIP of photos in sight, in this order. What may not go now is no error: it is decided when it is written.

    With `redacted` people who stand in the way are made unrecognisable on those that this clears.
    """
    user_id = _require_taker(scope)
    judgement.require_territory(territory)
    await uses.one(scope, use)
    if (await presets.find(scope, preset)).as_it_came and redacted:
        raise Invalid("an original shows everybody", fields={"preset": "redaction.error_original"})
    wanted = list(dict.fromkeys(asset_ids))
    if not 0 < len(wanted) <= MOST:
        raise Invalid("no or too many photos", fields={"asset_ids": "errors.too_many"})
    query = (await visibility.assets(scope)).with_only_columns(func.count()).where(among(col(Asset.id), wanted)).order_by(None)
    if (await scope.db.scalar(query) or 0) < len(wanted):
        raise NotFound("no such photo")
    row = ZipOrder(
        id=new_id(),
        user_id=user_id,
        api_key_id=scope.actor.api_key_id,
        use_id=use,
        preset=preset,
        territory=territory,
        redacted=redacted,
        language=scope.actor.language,
        asset_ids=[str(id_) for id_ in wanted],
        created_at=scope.now(),
        moved_at=scope.now(),
    )
    scope.db.add(row)
    await scope.db.flush()
    record(
        scope,
        Tag.zip_begun,
        payload={
            "zip": str(row.id),
            "photos": len(wanted),
            "use": use,
            "preset": preset,
            **({"redacted": True} if redacted else {}),
        },
    )
    return _row(row)


async def get(scope: Scope, zip_id: UUID) -> ZipRow:
    """One's own order."""
    return _row(await find(scope, zip_id))


async def find(scope: Scope, zip_id: UUID) -> ZipOrder:
    """One's own order as it is kept; raises NotFound for anybody else's."""
    user_id = _require_taker(scope)
    row = await scope.db.get(ZipOrder, zip_id)
    if row is None or row.user_id != user_id or (scope.actor.api_key_id and row.api_key_id != scope.actor.api_key_id):
        raise NotFound("no such ZIP")
    return row


async def begin(scope: Scope, zip_id: UUID) -> tuple[ZipOrder, UUID]:
    """The order is being fetched, from the start; an earlier fetch that still runs stops. Gives the number of this run."""
    row = await find(scope, zip_id)
    if scope.now() - row.created_at > FETCHABLE_FOR:
        raise NotFound("no such ZIP")
    row.run, row.state = new_id(), ZipState.running
    row.looked_at = row.written = 0
    row.left_out = []
    row.moved_at = scope.now()
    scope.announce(ZipMoved(zip_id=zip_id))
    return row, row.run


async def note(scope: Scope, zip_id: UUID, run: UUID, looked_at: int, written: int, left_out: Sequence[LeftOut]) -> bool:
    """How far this run is; False when another has taken its place, or the order is gone."""
    row = await scope.db.get(ZipOrder, zip_id, with_for_update=True)
    if row is None or row.run != run:
        return False
    row.looked_at, row.written, row.left_out = looked_at, written, [one.to_json() for one in left_out]
    row.moved_at = scope.now()
    scope.announce(ZipMoved(zip_id=zip_id))
    return True


async def end(scope: Scope, zip_id: UUID, run: UUID, state: ZipState) -> None:
    """This run is over."""
    row = await scope.db.get(ZipOrder, zip_id, with_for_update=True)
    if row is None or row.run != run:
        return
    row.state, row.moved_at = state, scope.now()
    payload = {"zip": str(zip_id), "written": row.written, "left_out": len(row.left_out), "whole": state is ZipState.done}
    record(scope, Tag.zip_finished, payload=payload)
    scope.announce(ZipMoved(zip_id=zip_id))


async def forget_old(scope: Scope) -> None:
    """Orders are no archive: what left is in the log."""
    await scope.db.execute(delete(ZipOrder).where(col(ZipOrder.created_at) < scope.now() - FORGOTTEN_AFTER))


async def mine(scope: Scope, limit: int = 20) -> list[ZipRow]:
    """One's own last orders, newest first."""
    user_id = _require_taker(scope)
    query = select(ZipOrder).where(col(ZipOrder.user_id) == user_id).order_by(col(ZipOrder.created_at).desc()).limit(limit)
    return [_row(row) for row in (await scope.db.execute(query)).scalars()]


def _require_taker(scope: Scope) -> UUID:
    require(scope, Action.asset_download)
    if scope.actor.user_id is None:
        raise NotAuthenticated("a ZIP is somebody's")
    return scope.actor.user_id


def _row(row: ZipOrder) -> ZipRow:
    left_out = tuple(LeftOut(UUID(one["asset_id"]), one["name"], one["code"], tuple(one["reasons"])) for one in row.left_out)
    return ZipRow(
        row.id,
        row.use_id,
        row.preset,
        len(row.asset_ids),
        row.looked_at,
        row.written,
        ZipState(row.state),
        left_out,
        row.created_at,
    )

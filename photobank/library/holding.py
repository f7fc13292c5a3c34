"""Keeping a photo in, whoever is on it and whatever they allowed: locked by hand, or under a legal hold.

Whoever manages a folder locks and unlocks its photos. A hold is the privacy officer's: it also keeps the photo from being thrown away,
by people and by the house itself. Both need a reason, which is sealed: it may name people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, Invalid
from photobank.library.assets import find
from photobank.messaging.events import AssetsChanged
from photobank.models.assets import Asset
from photobank.scope import Scope

LONGEST_REASON = 1000


class Bolt(StrEnum):
    """What keeps a photo in."""

    lock = "lock"
    hold = "hold"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a bolt is written down, and who may draw it."""

    since: str
    reason: str
    action: Action
    needed: Permission
    on: Tag
    off: Tag


_KINDS = {
    Bolt.lock: _Kind(
        "locked_at", "lock_reason_ct", Action.asset_edit, Permission.manage, Tag.asset_locked, Tag.asset_unlocked
    ),
    Bolt.hold: _Kind("hold_at", "hold_reason_ct", Action.hold_manage, Permission.view, Tag.asset_held, Tag.asset_released),
}  # fmt: skip


async def put_on(scope: Scope, asset_id: UUID, bolt: Bolt, reason: str) -> None:
    """Keep a photo in from now on. Raises Conflict when it is kept in so already, Invalid without a reason."""
    kind = _KINDS[bolt]
    asset = await _find(scope, asset_id, kind)
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON or "\0" in words:
        raise Invalid("reason", fields={"reason": "errors.too_long" if words else "errors.reason_needed"})
    if getattr(asset, kind.since) is not None:
        raise Conflict(f"there is a {bolt} on this photo already")
    setattr(asset, kind.since, scope.now())
    setattr(asset, kind.reason, scope.vault.fields.seal_text("assets", kind.reason, asset_id, words))
    _changed(scope, asset, kind.on)


async def take_off(scope: Scope, asset_id: UUID, bolt: Bolt) -> None:
    """Let it go again: what may be done with it is for consents to say once more. Nothing happens when it was not kept in."""
    kind = _KINDS[bolt]
    asset = await _find(scope, asset_id, kind)
    if getattr(asset, kind.since) is None:
        return
    setattr(asset, kind.since, None)
    setattr(asset, kind.reason, None)
    _changed(scope, asset, kind.off)


def reasons(scope: Scope, asset: Asset) -> dict[Bolt, str]:
    """What keeps this photo in and why, for somebody who may change the photo; the caller has made sure of that."""
    opened = scope.vault.fields.open_text
    return {
        bolt: opened("assets", kind.reason, asset.id, sealed) if (sealed := getattr(asset, kind.reason)) else ""
        for bolt, kind in _KINDS.items()
        if getattr(asset, kind.since) is not None
    }


async def _find(scope: Scope, asset_id: UUID, kind: _Kind) -> Asset:
    require(scope, kind.action, asset_id=asset_id)
    asset = await find(scope, asset_id)
    await require_on_folder(scope, kind.action, kind.needed, asset.folder_id, asset_id=asset_id)
    await scope.db.refresh(asset, with_for_update=True)
    return asset


def _changed(scope: Scope, asset: Asset, tag: Tag) -> None:
    asset.changed_at = scope.now()
    record(scope, tag, asset_id=asset.id, folder_id=asset.folder_id)
    scope.announce(AssetsChanged(asset_ids=(asset.id,)))

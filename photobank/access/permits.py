"""Permits for the house's own work on assets. Permits for people are issued by delivery/deciding.py, after clearance."""

from __future__ import annotations

from uuid import UUID

from photobank.access.authorise import Asking, require
from photobank.access.permissions import Action
from photobank.crypto.permits import Permit, Purpose, issue
from photobank.kernel.clock import Clock
from photobank.kernel.errors import NotFound, Refused
from photobank.kernel.ids import AssetId
from photobank.models.assets import Asset, AssetState


def to_process(asking: Asking, asset_id: UUID, clock: Clock) -> Permit:
    """For decoding, resizing and looking for faces: jobs only."""
    return _for_system(asking, asset_id, Purpose.PROCESS, clock)


def to_upload(asking: Asking, asset: Asset, clock: Clock) -> Permit:
    """For writing an original that is still coming in: only for who is sending it."""
    require(asking, Action.asset_upload, asset_id=asset.id)
    if asset.state != AssetState.uploading or asset.uploaded_by != asking.actor.user_id:
        raise NotFound("no such upload")
    return issue(AssetId(asset.id), Purpose.PROCESS, str(asking.actor.id), clock.now())


def to_rewrap(asking: Asking, asset_id: UUID, clock: Clock) -> Permit:
    """For moving a key under another folder's key. The caller has authorised the move."""
    require(asking, Action.asset_edit, asset_id=asset_id)
    return issue(AssetId(asset_id), Purpose.REWRAP, str(asking.actor.id), clock.now())


def to_recover(asking: Asking, asset_id: UUID, clock: Clock) -> Permit:
    """For `photobank keys asset`: only on the server itself."""
    return _for_system(asking, asset_id, Purpose.RECOVER, clock)


def _for_system(asking: Asking, asset_id: UUID, purpose: Purpose, clock: Clock) -> Permit:
    if not asking.actor.is_system:
        raise Refused("only the system itself may do this", action=f"asset:{purpose}", targets={"asset_id": asset_id})
    return issue(AssetId(asset_id), purpose, asking.actor.kind, clock.now())

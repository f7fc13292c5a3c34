"""A Permit says that access or clearance has decided; without one no asset key is unwrapped.

Only the modules listed in tests/crypto/test_permit_importers.py may import `issue`; everybody else hands a permit on.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NoReturn

from photobank.kernel.errors import Refused
from photobank.kernel.ids import AssetId

MAX_AGE = timedelta(minutes=5)
_ISSUED_HERE = object()


class Purpose(StrEnum):
    """What the key is wanted for."""

    SHOW = "show"
    DOWNLOAD = "download"
    PROCESS = "process"
    RECOVER = "recover"
    REWRAP = "rewrap"


@dataclass(frozen=True, slots=True)
class Permit:
    """One actor may open one asset for one purpose, now. `actor` is the pseudonymous reference that the audit log uses."""

    asset_id: AssetId
    purpose: Purpose
    actor: str
    issued_at: datetime
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _ISSUED_HERE:
            raise TypeError("permits come from the modules that decide, see photobank/crypto/permits.py")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("a permit has no other kinds")

    def __reduce__(self) -> NoReturn:
        # A stored permit would outlive the decision that it stands for.
        raise TypeError("permits are neither stored nor copied")


def issue(asset_id: AssetId, purpose: Purpose, actor: str, now: datetime) -> Permit:
    """State a decision that has just been taken. Only for the modules that take it."""
    return Permit(asset_id, Purpose(purpose), actor, now, _ISSUED_HERE)


def check(permit: Permit, asset_id: AssetId, now: datetime, *purposes: Purpose) -> None:
    """Raise Refused unless the permit is for this asset, fresh, and for one of the purposes (any, when none is named)."""
    if type(permit) is not Permit or permit.asset_id != asset_id:
        raise Refused("no permit for this asset", action="asset:unwrap", targets={"asset_id": asset_id})
    if purposes and permit.purpose not in purposes:
        raise Refused("the permit is for another purpose", action="asset:unwrap", targets={"asset_id": asset_id})
    if not -MAX_AGE <= now - permit.issued_at <= MAX_AGE:
        raise Refused("the permit is stale", action="asset:unwrap", targets={"asset_id": asset_id})

"""One change to many photos: what one may change is changed in a few queries, what one may not is counted and left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, require
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid
from photobank.library.describing import Description, describe
from photobank.messaging.events import AssetsDescribed
from photobank.models.assets import Asset, AssetState
from photobank.scope import Scope

MOST = 5000


class Left(StrEnum):
    """Why a photo was left alone. `gone` is also said of what one may not see."""

    gone = "gone"
    not_allowed = "not_allowed"
    archived = "archived"


@dataclass(frozen=True, slots=True)
class Plan:
    """The photos that a change would touch, with their folders, and how many it would leave alone and why."""

    touched: dict[UUID, UUID]
    left: Counter[Left]


@dataclass(frozen=True, slots=True)
class Done:
    """What a bulk change did: `changed` of the photos it touched were different afterwards."""

    touched: int
    changed: int
    left: dict[Left, int]


async def plan(scope: Scope, asset_ids: Sequence[UUID]) -> Plan:
    """What a change to these photos would touch."""
    require(scope, Action.asset_edit)
    wanted = set(asset_ids)
    if not 0 < len(wanted) <= MOST:
        raise Invalid("asset_ids", fields={"asset_ids": "errors.bulk_size"})
    rights = await folder_rights(scope)
    query = (await visibility.assets(scope)).where(col(Asset.id).in_(wanted))
    found = await scope.db.execute(query.with_only_columns(col(Asset.id), col(Asset.folder_id), col(Asset.state)))
    touched: dict[UUID, UUID] = {}
    left: Counter[Left] = Counter()
    for asset_id, folder_id, state in found:
        if rights[folder_id] < Permission.edit:
            left[Left.not_allowed] += 1
        elif state == AssetState.archived:
            left[Left.archived] += 1
        else:
            touched[asset_id] = folder_id
    if gone := len(wanted) - len(touched) - left.total():
        left[Left.gone] = gone
    return Plan(touched, left)


async def apply(scope: Scope, asset_ids: Sequence[UUID], description: Description) -> Done:
    """Describe many photos at once."""
    found = await plan(scope, asset_ids)
    changed = await describe(scope, sorted(found.touched), description)
    for asset_id, names in changed.items():
        record(scope, Tag.asset_changed, asset_id=asset_id, folder_id=found.touched[asset_id], payload={"fields": names})
    if changed:
        scope.announce(AssetsDescribed(asset_ids=tuple(sorted(changed))))
    return Done(len(found.touched), len(changed), dict(found.left))

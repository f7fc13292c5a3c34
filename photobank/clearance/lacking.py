"""Who on a selection of photos does not allow a use: the people to ask."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.clearance import facts, uses
from photobank.clearance.policy import Judge
from photobank.kernel.errors import Invalid, NotFound
from photobank.models.assets import Asset
from photobank.people import persons
from photobank.scope import Scope

MOST_PHOTOS = 2000


async def people(scope: Scope, asset_ids: Collection[UUID], use: str) -> dict[UUID, str]:
    """Confirmed people in sight on these photos, with their names, whose own consents do not cover the use on one of them.

    Who withdrew or declined is among them: whether to ask again is for people to decide. Raises NotFound for photos out of sight.
    """
    require(scope, Action.consent_view)
    if not 0 < len(asset_ids) <= MOST_PHOTOS:
        raise Invalid("photos", fields={"asset_ids": "errors.bulk_size"})
    query = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id).in_(asset_ids))
    seen = (await scope.db.scalars(query)).all()
    if len(seen) != len(set(asset_ids)):
        raise NotFound("no such photo")
    wanted = await uses.one(scope, use)
    judge = Judge(scope.now(), None, await facts.rules(scope))
    lacking = {
        id_
        for one in (await facts.load(scope, seen)).values()
        for id_, cells in judge.person_matrix(one, (wanted,)).items()
        if not cells[wanted.key].state.allowed
    }
    return await persons.names(scope, sorted(lacking))

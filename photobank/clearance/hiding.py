"""What would have to be hidden on photos for a use, from the facts as they are: faces can be hidden only where it is known where they are.

Authorises nothing: who calls has seen to it that the photos are in sight.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.clearance import facts
from photobank.clearance.facts_types import UseFacts
from photobank.clearance.policy import Judge
from photobank.clearance.redaction import Redaction, redaction
from photobank.db.among import among
from photobank.imaging.crop import Box
from photobank.kernel.ids import FaceId
from photobank.models.people import Face
from photobank.scope import Scope


async def places(scope: Scope, asset_ids: Collection[UUID]) -> dict[FaceId, Box]:
    """Where the faces of photos are, as far as that can be told."""
    rows = await scope.db.execute(select(col(Face.id), col(Face.box)).where(among(col(Face.asset_id), asset_ids)))
    return {FaceId(id_): box for id_, numbers in rows if numbers and len(numbers) == 4 and _on_it(box := Box(*numbers))}


async def of_photos(
    scope: Scope,
    asset_ids: Collection[UUID],
    wanted: Sequence[UseFacts],
    *,
    known_places: Mapping[FaceId, Box] | None = None,
    at: datetime | None = None,
    territory: str | None = None,
) -> dict[UUID, dict[str, Redaction]]:
    """Per photo and use: whom to hide, and whether that is enough."""
    can_hide = (await places(scope, asset_ids) if known_places is None else known_places).keys()
    known = await facts.load(scope, asset_ids)
    judge = Judge(at or scope.now(), territory, await facts.rules(scope))
    return {id_: {use.key: redaction(judge, one, use, can_hide) for use in wanted} for id_, one in known.items()}


def _on_it(box: Box) -> bool:
    """Is it a place on the photo."""
    across = min(box.left + box.width, 1.0) - max(box.left, 0.0)
    down = min(box.top + box.height, 1.0) - max(box.top, 0.0)
    return across > 0 and down > 0

"""Photos with people made unrecognisable: whom to hide for a use, and whether that clears it. Decided afresh each time.

A redacted picture is made for who takes it and stored nowhere, so a consent that comes or goes leaves no older one behind. In memory it
goes by what it hides: one made before a withdrawal is never found again after it. Decision: docs/adr/0082-redaction.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.clearance import facts, uses
from photobank.clearance.facts_types import UseFacts
from photobank.clearance.policy import Judge
from photobank.clearance.redaction import Redaction, redaction
from photobank.clearance.verdicts import Verdict
from photobank.db.among import among
from photobank.delivery.deciding import require_allowed
from photobank.imaging.crop import Box
from photobank.kernel.ids import FaceId
from photobank.models.assets import Asset
from photobank.models.people import Face
from photobank.scope import Scope

MARK = "redacted"
"""What the names of such files end in: the same photo with everybody on it may lie in the same folder."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A face that has to be hidden, and where it is: one that was drawn anew is another."""

    face_id: UUID
    box: Box


@dataclass(frozen=True, slots=True)
class Cleared:
    """A verdict that allows it, and what has to be hidden for it to hold."""

    verdict: Verdict
    hidden: frozenset[Hidden] = frozenset()
    people: int = 0

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where heads are to be hidden, in a fixed order."""
        return tuple(sorted(one.box for one in self.hidden))


async def require_redacted(scope: Scope, asset: Asset, use: str, territory: str | None, tag: Tag) -> Cleared:
    """What to hide of a photo so that it is cleared, from the facts as they are.

    Raises ClearanceRefused with what no hiding helps against.
    """
    boxes = await _boxes(scope, [asset.id])
    found = (await _decided(scope, [asset.id], [await uses.one(scope, use)], boxes, None, territory))[asset.id][use]
    await require_allowed(scope, asset, use, found.verdict, tag)
    return Cleared(found.verdict, frozenset(Hidden(id_, boxes[id_]) for id_ in found.hidden), found.people)


async def of_photos(
    scope: Scope,
    asset_ids: Collection[UUID],
    wanted: Sequence[UseFacts],
    *,
    at: datetime | None = None,
    territory: str | None = None,
) -> dict[UUID, dict[str, Redaction]]:
    """What would have to be hidden of these photos, and whether that is enough. The caller has seen to it that they are in sight."""
    return await _decided(scope, asset_ids, wanted, await _boxes(scope, asset_ids), at, territory)


async def offers(scope: Scope, asset: Asset, shut: Collection[str]) -> Mapping[str, Redaction]:
    """For which of these uses hiding people would clear the photo, for who may take it; nothing for others."""
    held = (await folder_rights(scope)).get(asset.folder_id, 0)
    if not shut or held < Permission.download or not may(scope.actor, Action.asset_download):
        return {}
    wanted = [use for use in await uses.facts(scope) if use.key in shut]
    found = (await of_photos(scope, [asset.id], wanted))[asset.id]
    return {use: one for use, one in found.items() if one.helps}


async def _decided(
    scope: Scope,
    asset_ids: Collection[UUID],
    wanted: Sequence[UseFacts],
    boxes: Mapping[FaceId, Box],
    at: datetime | None,
    territory: str | None,
) -> dict[UUID, dict[str, Redaction]]:
    known = await facts.load(scope, asset_ids)
    judge = Judge(at or scope.now(), territory, await facts.rules(scope))
    return {id_: {use.key: redaction(judge, one, use, boxes.keys()) for use in wanted} for id_, one in known.items()}


async def _boxes(scope: Scope, asset_ids: Collection[UUID]) -> dict[FaceId, Box]:
    """Where the faces of photos are, as far as that can be told."""
    rows = await scope.db.execute(select(col(Face.id), col(Face.box)).where(among(col(Face.asset_id), asset_ids)))
    return {FaceId(id_): box for id_, numbers in rows if len(numbers) == 4 and _on_it(box := Box(*numbers))}


def _on_it(box: Box) -> bool:
    """Is it a place on the photo."""
    across = min(box.left + box.width, 1.0) - max(box.left, 0.0)
    down = min(box.top + box.height, 1.0) - max(box.top, 0.0)
    return across > 0 and down > 0

"""Photos with people made unrecognisable: whom to hide for a use, decided afresh each time, and what that looks like beforehand.

A redacted picture is made for who takes it and stored nowhere, so a consent that comes or goes leaves no older one behind. In memory it
goes by what it hides: one made before a withdrawal is never found again after it. Decision: docs/adr/0082-redaction.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import folder_rights, may, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.clearance import facts, judgement, uses
from photobank.clearance.policy import Judge
from photobank.clearance.redaction import Redaction, redaction
from photobank.clearance.verdicts import Verdict
from photobank.delivery import streams, views
from photobank.delivery.deciding import Released, read_rendition, require_allowed
from photobank.delivery.outside import one_state
from photobank.imaging.crop import Box
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import MIMES
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.ids import FaceId
from photobank.library import assets
from photobank.models.assets import Asset, Rendition
from photobank.models.people import Face
from photobank.scope import Scope

LARGE, PREVIEW_SIDE, PREVIEW_QUALITY = "large", 1440, 80
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
    wanted = await uses.one(scope, use)
    known = (await facts.load(scope, [asset.id]))[asset.id]
    boxes = await _boxes(scope, asset.id)
    found = redaction(Judge(scope.now(), territory, await facts.rules(scope)), known, wanted, boxes.keys())
    await require_allowed(scope, asset, use, found.verdict, tag)
    return Cleared(found.verdict, frozenset(Hidden(id_, boxes[id_]) for id_ in found.hidden), found.people)


async def offers(scope: Scope, asset: Asset, among: Collection[str]) -> Mapping[str, Redaction]:
    """For which of these uses hiding people would clear the photo, for who may take it; nothing for others."""
    held = (await folder_rights(scope)).get(asset.folder_id, 0)
    if not among or held < Permission.download or not may(scope.actor, Action.asset_download):
        return {}
    known = (await facts.load(scope, [asset.id]))[asset.id]
    boxes = await _boxes(scope, asset.id)
    judge = Judge(scope.now(), None, await facts.rules(scope))
    found = {use.key: redaction(judge, known, use, boxes.keys()) for use in await uses.facts(scope) if use.key in among}
    return {use: one for use, one in found.items() if one.helps}


async def preview(scope: Scope, asset_id: UUID, use: str, territory: str | None = None) -> Released:
    """What would be handed over for this use, as large as a screen shows it: for who may take the photo, and decided as if they did."""
    judgement.require_territory(territory)
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        asset, cleared = await _may_take(looking, asset_id, use, territory)
        row = await db.get(Rendition, (asset.id, LARGE))
        if row is None:
            raise NotFound("no such rendition")
        tag = _tag_of(scope, asset, cleared)
        data = scope.container.made.get(tag, scope.now())
        if data is None:
            await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind))
            large, _ = await read_rendition(looking, asset, row)
    if data is None:
        recipe = Recipe(PREVIEW_SIDE, PREVIEW_SIDE, format="webp", quality=PREVIEW_QUALITY, hidden=cleared.boxes)
        data = (await scope.container.decoder.make(large, recipe)).data
        scope.container.made.put(tag, data, scope.now())
    await one_state(scope)
    again, still = await _may_take(scope, asset_id, use, territory)
    if again.version != asset.version or still.hidden != cleared.hidden:
        raise Conflict("permissions changed while the picture was made")
    await views.note(scope, again)
    return Released(streams.pieces(data), MIMES["webp"], len(data), MARK, hidden=still.people)


async def _may_take(scope: Scope, asset_id: UUID, use: str, territory: str | None) -> tuple[Asset, Cleared]:
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.asset_download, Permission.download, asset.folder_id, asset_id=asset.id)
    return asset, await require_redacted(scope, asset, use, territory, Tag.asset_viewed)


async def _boxes(scope: Scope, asset_id: UUID) -> dict[FaceId, Box]:
    """Where the faces of a photo are, as far as that can be told."""
    rows = await scope.db.execute(select(col(Face.id), col(Face.box)).where(col(Face.asset_id) == asset_id))
    return {FaceId(id_): box for id_, numbers in rows if len(numbers) == 4 and _on_it(box := Box(*numbers))}


def _on_it(box: Box) -> bool:
    """Is it a place on the photo."""
    across = min(box.left + box.width, 1.0) - max(box.left, 0.0)
    down = min(box.top + box.height, 1.0) - max(box.top, 0.0)
    return across > 0 and down > 0


def _tag_of(scope: Scope, asset: Asset, cleared: Cleared) -> str:
    what = f"redacted|{asset.id}|{asset.version}|{PREVIEW_SIDE}|{cleared.boxes}"
    return hmac.digest(scope.vault.secret("embed"), what.encode(), "sha256").hex()[:32]

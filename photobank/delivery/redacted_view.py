"""What a photo would look like with people made unrecognisable, before one takes it: for screens, decided as the download is."""

from __future__ import annotations

import hmac
from uuid import UUID

from photobank.access import limits
from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.clearance import judgement
from photobank.delivery import streams, views
from photobank.delivery.deciding import Released, read_to_hide
from photobank.delivery.outside import one_state
from photobank.delivery.redaction import MARK, Cleared, require_redacted
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import MIMES
from photobank.kernel.errors import Conflict
from photobank.library import assets
from photobank.models.assets import Asset
from photobank.scope import Scope

SIDE, QUALITY = 1440, 80


async def show(scope: Scope, asset_id: UUID, use: str, territory: str | None = None) -> Released:
    """What would be handed over for this use, as large as a screen shows it: for who may take the photo, and decided as if they did."""
    judgement.require_territory(territory)
    async with scope.container.sessions() as db:
        looking = Scope(container=scope.container, actor=scope.actor, db=db)
        await one_state(looking)
        asset, cleared = await _may_take(looking, asset_id, use, territory)
        tag = _tag_of(scope, asset, cleared)
        data = scope.container.made.get(tag, scope.now())
        if data is None:
            await scope.container.rates.hit(limits.DERIVED, str(scope.actor.id or scope.actor.kind))
            original = await read_to_hide(looking, asset)
    if data is None:
        recipe = Recipe(SIDE, SIDE, format="webp", quality=QUALITY, hidden=cleared.boxes)
        data = (await scope.container.decoder.make(original, recipe)).data
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


def _tag_of(scope: Scope, asset: Asset, cleared: Cleared) -> str:
    what = f"redacted|{asset.id}|{asset.version}|{SIDE}|{cleared.boxes}"
    return hmac.digest(scope.vault.secret("embed"), what.encode(), "sha256").hex()[:32]

"""Who sees a photo on a screen: those who work on it while it is being cleared, others once it is cleared for internal use.

Why: docs/adr/0011-what-a-screen-may-show.md. This file only decides; the bytes come from showing.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.clearance import index
from photobank.clearance.index import Shield
from photobank.consents.uses import INTERNAL
from photobank.models.assets import Asset
from photobank.scope import Scope


async def works_on(scope: Scope, asset: Asset) -> bool:
    """Does the actor clear photos or edit this folder, and is the actor's key, if any, good for that."""
    if may(scope.actor, Action.face_review):
        return True
    held = (await folder_rights(scope)).get(asset.folder_id)
    return held is not None and held >= Permission.edit and may(scope.actor, Action.asset_edit)


async def expected(scope: Scope, assets: Sequence[Asset], shields: Mapping[UUID, Mapping[str, Shield]] | None = None) -> set[UUID]:
    """Which of these assets, found through `visibility`, will be shown when asked for. For lists: the others get a placeholder."""
    cleared = await index.shields(scope, [asset.id for asset in assets]) if shields is None else shields
    shown: set[UUID] = set()
    for asset in assets:
        shield = cleared[asset.id].get(INTERNAL)
        if (shield is not None and shield.allowed) or await works_on(scope, asset):
            shown.add(asset.id)
    return shown

"""What every way out asks before a byte of a photo leaves, and the key that only the answer gives.

authorise → facts → verdict → permit → key, in one transaction that sees one committed state of the house. A refusal names its reasons
and the next step, and is kept in the audit log by the Scope that it leaves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from photobank.access import limits
from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.clearance import facts, judgement, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import Verdict
from photobank.crypto.permits import Purpose, issue
from photobank.kernel.errors import ClearanceRefused, NotFound
from photobank.kernel.ids import AssetId
from photobank.library import assets
from photobank.models.assets import Asset, Rendition
from photobank.scope import Scope

LARGEST_RENDITION = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Granted:
    """What a hand-over rests on: until when it is allowed, and the consents by their numbers."""

    until: datetime | None
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Bytes that may go out. `download_id` names a hand-over; a look on a screen has none. `hidden`: how many people a redacted one hides."""

    stream: AsyncIterator[bytes]
    media_type: str
    size: int
    filename: str
    download_id: UUID | None = None
    granted: Granted | None = None
    hidden: int | None = None


async def require_clearance(scope: Scope, asset: Asset, use: str, territory: str | None, tag: Tag) -> Verdict:
    """The verdict that allows it, from the facts as they are; raises ClearanceRefused with every reason and its next step."""
    wanted = await uses.one(scope, use)
    known = await facts.load(scope, [asset.id])
    verdict = Judge(scope.now(), territory, await facts.rules(scope)).decide(known[asset.id], wanted)
    await require_allowed(scope, asset, use, verdict, tag)
    return verdict


async def require_allowed(scope: Scope, asset: Asset, use: str, verdict: Verdict, tag: Tag) -> None:
    """Raise ClearanceRefused unless the verdict allows it."""
    if not verdict.allowed:
        names = await judgement.names_for(scope, [verdict])
        raise ClearanceRefused(
            f"not cleared for {use}: {verdict.state.value}",
            use=use,
            state=verdict.state.value,
            reasons=[judgement.reason_json(reason, names) for reason in verdict.reasons],
            action=tag,
            targets={"asset_id": asset.id, "folder_id": asset.folder_id},
        )


async def find_for_screen(scope: Scope, asset_id: UUID) -> Asset:
    """An asset in sight; one in the trash only for who may take it out again."""
    try:
        return await assets.find(scope, asset_id)
    except NotFound:
        trashed = await assets.find(scope, asset_id, trashed=True)
        held = (await folder_rights(scope))[trashed.folder_id]
        if held < Permission.edit or not may(scope.actor, Action.asset_edit):
            raise
        return trashed


async def photo_key(scope: Scope, asset_id: UUID, purpose: Purpose) -> bytes:
    """The key of a photo. The caller has decided; a test lists who may call."""
    permit = issue(AssetId(asset_id), purpose, str(scope.actor.id or scope.actor.kind), scope.now())
    return await scope.vault.asset_key(scope.db, permit, scope.now())


async def read_rendition(scope: Scope, asset: Asset, row: Rendition) -> tuple[bytes, str]:
    """The bytes of a rendition and their type. The caller has decided."""
    return await read_named(scope, asset.id, asset.version, row.name), row.media_type


async def read_to_hide(scope: Scope, asset: Asset) -> bytes:
    """The original, for a picture on which somebody is to be hidden: making a rendition mixed faces into what is beside them, if by a shade.
    The caller has decided."""
    key = await photo_key(scope, asset.id, Purpose.SHOW)
    where, context = place(asset.id, asset.version, ORIGINAL)
    return await scope.blobs.read_all(where, key, context, limit=scope.settings.max_upload_bytes)


async def read_named(scope: Scope, asset_id: UUID, version: int, rendition: str) -> bytes:
    """The bytes of a rendition of any version. The caller has decided."""
    key = await photo_key(scope, asset_id, Purpose.SHOW)
    where, context = place(asset_id, version, rendition)
    return await scope.blobs.read_all(where, key, context, limit=LARGEST_RENDITION)


def visitor(scope: Scope) -> str:
    """By what a rate tells those apart who ask through one link; empty for accounts."""
    return limits.network_of(scope.actor.address) if scope.actor.share_id else ""

"""Photos with people made unrecognisable: whom to hide for a use, and whether that clears it. Decided afresh each time.

A redacted picture is made for who takes it and stored nowhere, so a consent that comes or goes leaves no older one behind. In memory it
goes by what it hides: one made before a withdrawal is never found again after it. Decision: docs/adr/0086-redaction.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.audit.tags import Tag
from photobank.clearance import hiding, uses
from photobank.clearance.redaction import Redaction
from photobank.clearance.verdicts import Verdict
from photobank.delivery.deciding import require_allowed
from photobank.imaging.crop import Box
from photobank.models.assets import Asset
from photobank.scope import Scope

MARK = "redacted"
"""What the names of such files end in: the same photo with everybody on it may lie in the same folder."""
CAMERAS = re.compile(r"[a-z]{1,4}[-_]?\d[\d_-]*", re.IGNORECASE)
"""Names that cameras give, and that say nothing of who is on the photo."""


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
        """Where heads are to be hidden."""
        return boxes(self.hidden)


def boxes(hidden: Collection[Hidden]) -> tuple[Box, ...]:
    """Where heads are to be hidden, in a fixed order."""
    return tuple(sorted(one.box for one in hidden))


def name_of(filename: str, download_id: UUID) -> str:
    """What a redacted file is called after: its camera's number, else its own. Any other name may be that of who is hidden on it."""
    stem = PurePath(filename).stem
    return stem if CAMERAS.fullmatch(stem) else f"photo-{download_id.hex[-8:]}"


async def require_redacted(scope: Scope, asset: Asset, use: str, territory: str | None, tag: Tag) -> Cleared:
    """What to hide of a photo so that it is cleared, from the facts as they are.

    Raises ClearanceRefused with what no hiding helps against.
    """
    places = await hiding.places(scope, [asset.id])
    wanted = [await uses.one(scope, use)]
    found = (await hiding.of_photos(scope, [asset.id], wanted, known_places=places, territory=territory))[asset.id][use]
    await require_allowed(scope, asset, use, found.verdict, tag)
    return Cleared(found.verdict, frozenset(Hidden(id_, places[id_]) for id_ in found.hidden), found.people)


async def offers(scope: Scope, asset: Asset, shut: Collection[str]) -> Mapping[str, Redaction]:
    """For which of these uses hiding people would clear the photo, for who may take it; nothing for others."""
    held = (await folder_rights(scope)).get(asset.folder_id, 0)
    if not shut or held < Permission.download or not may(scope.actor, Action.asset_download):
        return {}
    wanted = [use for use in await uses.facts(scope) if use.key in shut]
    found = (await hiding.of_photos(scope, [asset.id], wanted))[asset.id]
    return {use: one for use, one in found.items() if one.helps}

"""What happened to the photo shown, for those who may read the audit log. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from photobank.audit import feed
from photobank.scope import Scope
from state.live import reader
from state.photo import PhotoState
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role

MOST = 60


@dataclass
class Happening:
    """One event in short."""

    id: str
    at: str
    what: str
    refused: bool
    who: str
    person: str
    use: str


@reader(lambda: ActivityState, blank={"events": [], "events_status": "empty"})
async def read_activity(scope: Scope, asset_id: UUID) -> dict[str, Any]:
    """The latest events about one photo."""
    page = await feed.page(scope, feed.Narrow(asset_id=asset_id), limit=MOST)
    rows = [
        Happening(
            id=str(row.id),
            at=moment(row.at),
            what=row.tag.value.replace(":", "_").replace("-", "_"),
            refused=row.outcome == "refused",
            who=row.actor_name,
            person=row.person_name,
            use=str(row.payload.get("use") or ""),
        )
        for row in page.items
    ]
    return {"events": rows, "events_status": "full" if rows else "empty"}


class ActivityState(PhotoState):
    """State of the Activity tab."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    events: list[Happening] = []  # noqa: RUF012
    events_status: str = "loading"

    @handler()
    async def open_activity(self) -> None:
        """Show the tab, and keep it fresh."""
        self.tab = "activity"
        await self._follow()

    @handler(SIGNED_IN)
    async def resume(self) -> None:
        """On the next photo, or after a reconnect, the tab that was open goes on."""
        if self.tab == "activity" and self.shown:
            await self._follow()

    async def _follow(self) -> None:
        asset_id = UUID(self.shown)
        await self._watch(read_activity, "audit", f"asset:{asset_id}", asset_id=asset_id)

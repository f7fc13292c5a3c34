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
MOST_PAGES = 20


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


@reader(lambda: ActivityState, blank={"events": [], "events_status": "empty", "more_events": False})
async def read_activity(scope: Scope, asset_id: UUID, pages: int = 1) -> dict[str, Any]:
    """The latest events about one photo, as many pages of them as are open."""
    items: list[feed.EventRow] = []
    cursor: str | None = None
    for _ in range(pages):
        page = await feed.page(scope, feed.Narrow(asset_id=asset_id), cursor, MOST)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
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
        for row in items
    ]
    return {"events": rows, "events_status": "full" if rows else "empty", "more_events": cursor is not None and pages < MOST_PAGES}


class ActivityState(PhotoState):
    """State of the Activity tab."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    events: list[Happening] = []  # noqa: RUF012
    events_status: str = "loading"
    more_events: bool = False

    _pages: int = 1

    @handler()
    async def open_activity(self) -> None:
        """Show the tab, and keep it fresh."""
        self.tab = "activity"
        self._pages = 1
        await self._follow()

    @handler()
    async def earlier(self) -> None:
        """One page further back."""
        self._pages = min(self._pages + 1, MOST_PAGES)
        await self._follow()

    @handler(SIGNED_IN)
    async def resume(self) -> None:
        """On the next photo, or after a reconnect, the tab that was open goes on."""
        if self.tab == "activity" and self.shown:
            self._pages = 1
            await self._follow()

    async def _follow(self) -> None:
        asset_id = UUID(self.shown)
        await self._watch(read_activity, "audit", f"asset:{asset_id}", asset_id=asset_id, pages=self._pages)

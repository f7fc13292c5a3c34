"""The audit feed: the newest events are pushed, older ones are fetched over REST by the feed itself."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from reflex.event import EventSpec

from photobank.audit import feed
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotFound
from photobank.library import choosing
from photobank.people import persons
from photobank.scope import Scope
from state.audit_rows import FILTERS, event_view, narrowed
from state.base import PhotobankState
from state.live import per_role, reader
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import optional_id, show_live, wanted_id

PUSHED = 15
"""Events per push. More than happen between two of them; a feed that missed some asks for the rest."""
SUGGESTED = 8
OVERSIGHT = role("privacy_officer", "admin")
NOTHING: dict[str, Any] = {"status": "refused", "fresh": []}


@reader(lambda: AuditState, blank=NOTHING, same_for=per_role)
async def read_feed(scope: Scope, **chosen: str) -> dict[str, Any]:
    """The newest events of a filter. Depends on the role alone: whoever may read the log reads all of it."""
    rows = await feed.latest(scope, narrowed(chosen), PUSHED)
    return {"status": "full", "fresh": [event_view(row) for row in rows]}


class AuditState(PhotobankState):
    """State of the audit page."""

    access: ClassVar[Rule] = OVERSIGHT

    status: str = "loading"
    fresh: list[dict[str, Any]] = []  # noqa: RUF012
    chosen: dict[str, str] = {}  # noqa: RUF012
    query: str = ""
    """The filter as REST parameters."""
    askers: list[tuple[str, str]] = []  # noqa: RUF012
    person_name: str = ""
    folder_name: str = ""
    asset_name: str = ""
    found_people: list[tuple[str, str]] = []  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page with the filter of its address. Whoever may not read the log is told so by the page."""
        asked = self.router.url.query_parameters
        self.chosen = {name: str(asked[name]) for name in FILTERS if asked.get(name)}
        self.found_people = []
        if self.my_role in OVERSIGHT.roles:
            async with self._scope() as scope:
                self.askers = [(str(id_), name) for id_, name in (await feed.askers(scope)).items()]
                await self._name_chosen(scope)
        return await self._show()

    @handler()
    async def narrow(self, name: str, value: str) -> EventSpec | None:
        """Set or clear one filter."""
        if name not in (*FILTERS, "refused"):
            return None
        chosen = {key: one for key, one in self.chosen.items() if key != name}
        if value:
            chosen[name] = value
        narrowed(chosen)
        self.chosen = chosen
        self.found_people = []
        async with self._scope() as scope:
            await self._name_chosen(scope)
        return await self._show()

    @handler()
    async def clear(self) -> EventSpec | None:
        """All events again."""
        self.chosen = {}
        self.person_name = self.asset_name = self.folder_name = ""
        return await self._show()

    @handler(supersedes=True)
    async def find_people(self, text: str) -> None:
        """Suggest people for the filter."""
        if not text.strip():
            self.found_people = []
            return
        async with self._scope() as scope:
            page = await persons.page(scope, text, None, SUGGESTED)
        self.found_people = [(str(row.id), row.name) for row in page.items]

    async def _name_chosen(self, scope: Scope) -> None:
        """Names beside the ids of the filter; what is gone has none and stays a filter."""
        self.person_name = self.asset_name = self.folder_name = ""
        if folder := self.chosen.get("folder_id"):
            asked = optional_id(folder)
            found = await choosing.one(scope, asked) if asked else None
            self.folder_name = found.path if found else "?"
        if person := self.chosen.get("person_id"):
            try:
                self.person_name = (await persons.find(scope, wanted_id(person))).name
            except NotFound:
                self.person_name = "?"
        if asset := self.chosen.get("asset_id"):
            rows = await feed.latest(scope, narrowed({"asset_id": asset}), 1)
            self.asset_name = rows[0].asset_name if rows else "?"

    async def _show(self) -> EventSpec | None:
        self.query = urlencode(sorted(self.chosen.items()))
        return await show_live(self, read_feed, "audit", **self.chosen)


ACTIONS = tuple(str(tag) for tag in Tag)

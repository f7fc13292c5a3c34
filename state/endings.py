"""One's own alerts: consents that end soon of people whose photos one used, or watches over. Live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import standing
from photobank.consents import alerts, days, unreached, uses
from photobank.people import persons
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials, moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import show_live

PER_PAGE, MOST = 30, 300


@dataclass
class EndingUse:
    """A use that ends, in both languages."""

    nl: str
    en: str


@dataclass
class Ending:
    """One end. `left`: days until the last one on which it still holds; `why`: used or oversight."""

    id: str
    person_id: str
    name: str
    initials: str
    face: str
    state: str
    photos: int
    uses: list[EndingUse]
    ends_at: str
    left: int
    why: str
    lacks: str
    """What keeps the person from being asked to renew, for who may ask; a key under `consents.lacks_`, empty for nothing."""


@reader(lambda: EndingsState, blank={"status": "refused", "rows": [], "more": False})
async def read_endings(scope: Scope, shown: int) -> dict[str, Any]:
    """The first ends, as many as are shown."""
    page = await alerts.mine(scope, limit=shown)
    ids = {one.person_id for one in page.items}
    people = await persons.rows_of(scope, ids)
    stands = await standing.of_people(scope, list(people))
    known = {use.id: EndingUse(use.label_nl, use.label_en) for use in await uses.list_all(scope)}
    asks = may(scope.actor, Action.consent_request)
    missing = await unreached.of(scope, [one.consent_id for one in page.items]) if asks else {}
    rows = []
    for one in page.items:
        person, stand = people.get(one.person_id), stands.get(one.person_id)
        rows.append(
            Ending(
                id=f"{one.consent_id}:{one.ends_at.isoformat()}",
                person_id=str(one.person_id),
                name=one.person_name,
                initials=initials(one.person_name),
                face=str(person.cover or "") if person else "",
                state=stand.state.value if stand else "",
                photos=person.photos if person else 0,
                uses=[known[use] for use in one.uses if use in known],
                ends_at=moment(one.ends_at - timedelta(microseconds=1)),
                left=(days.last_day(one.ends_at) - scope.now().astimezone(days.ZONE).date()).days,
                why=one.why,
                lacks=missing.get(one.consent_id, ""),
            )
        )
    return {"status": "full" if rows else "empty", "rows": rows, "more": page.next_cursor is not None and shown < MOST}


class EndingsState(PhotobankState):
    """State of the page. Vars up to `more` are fed by the reader."""

    access: ClassVar[Rule] = role("contributor", "reviewer", "privacy_officer", "admin")

    status: str = "loading"
    rows: list[Ending] = []  # noqa: RUF012
    more: bool = False

    _shown: int = PER_PAGE

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page. Whoever comes here has seen what they were told of."""
        self._shown = PER_PAGE
        failed = await self._read()
        if failed is None and self.rows:
            async with self._scope() as scope:
                await alerts.look(scope)
        return failed

    @handler()
    async def show_more(self) -> EventSpec | None:
        """Later ends as well."""
        self._shown = min(self._shown + PER_PAGE, MOST)
        return await self._read()

    async def _read(self) -> EventSpec | None:
        someone = await self._someone()
        topics = ["consents", "people"] + ([f"alerts:{someone.user_id}"] if someone else [])
        return await show_live(self, read_endings, *topics, shown=self._shown)

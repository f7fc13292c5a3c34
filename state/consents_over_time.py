"""Everybody's consents over time: a line per person, bars per use, on one axis; by name, a page at a time. Live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.clearance import standing
from photobank.consents import records, timeline, uses
from photobank.consents.timeline import Timeline
from photobank.kernel.errors import Invalid
from photobank.people import persons
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials
from state.rules import SIGNED_IN, Rule, handler, role
from state.timeline_rows import NO_TIMELINE, Ruler, TimelineView, Year, draw, percent
from state.watching import show_live

PEOPLE = 50
BACK, AHEAD = 1, 2
"""Years before and after this one that the axis shows; what began earlier or ends later runs to its edge."""


@dataclass
class LineView:
    """One person's line."""

    id: str
    name: str
    initials: str
    face: str
    state: str
    line: TimelineView


NOTHING: dict[str, Any] = {"status": "refused", "lines": [], "next_page": "", "today": "0%", "years": [], "step": "100%"}


@reader(lambda: ConsentsOverTimeState, blank=NOTHING)
async def read_lines(scope: Scope, after: str) -> dict[str, Any]:
    """People by name who have a record, a page of them; from the start again when the one before them is gone."""
    try:
        page = await timeline.everybody(scope, cursor=after or None, limit=PEOPLE)
    except Invalid:
        page = await timeline.everybody(scope, limit=PEOPLE)
    ids = [one.person_id for one in page.items]
    known, states = await persons.rows_of(scope, ids), await standing.states_of(scope, ids)
    named, now, alert = await uses.list_all(scope), scope.now(), await records.alert_period(scope)
    ruler = around(now)
    lines = []
    for one in page.items:
        drawn = draw(within(one.timeline, ruler), one.rows, named, states.get(one.person_id, {}), now, alert, ruler)
        drawn.tracks = [track for track in drawn.tracks if track.bars]
        person, stand = known.get(one.person_id), standing.sum_up(states.get(one.person_id, {}))
        cover = str(person.cover or "") if person else ""
        lines.append(LineView(str(one.person_id), one.name, initials(one.name), cover, stand.state.value, drawn))
    axis = {"today": percent(ruler.at(now)), "years": ruler.years(now), "step": percent(100 / (ruler.last - ruler.first))}
    return {"status": "full" if lines else "empty", "lines": lines, "next_page": page.next_cursor or "", **axis}


def around(now: datetime) -> Ruler:
    """The axis that all lines share."""
    year = now.astimezone(UTC).year
    return Ruler([datetime(year - BACK, 1, 1, tzinfo=UTC), datetime(year + AHEAD, 1, 1, tzinfo=UTC)], now)


def within(line: Timeline, ruler: Ruler) -> Timeline:
    """What can be seen on that axis."""
    bars = tuple(bar for bar in line.bars if bar.start < ruler.end and (bar.end is None or bar.end > ruler.start))
    return Timeline(bars, tuple(tick for tick in line.ticks if ruler.start <= tick.at < ruler.end))


class ConsentsOverTimeState(PhotobankState):
    """State of the page. Vars up to `step` are fed by the reader."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    status: str = "loading"
    lines: list[LineView] = []  # noqa: RUF012
    next_page: str = ""
    today: str = NO_TIMELINE.today
    years: list[Year] = []  # noqa: RUF012
    step: str = NO_TIMELINE.step

    pages: list[str] = []  # noqa: RUF012
    """After whom each page begins that was gone through, the one shown last; the first begins at the beginning."""

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.pages = []
        return await self._read()

    @handler()
    async def go_on(self) -> EventSpec | None:
        """The next people."""
        if self.next_page:
            self.pages = [*self.pages, self.next_page]
        return await self._read()

    @handler()
    async def go_back(self) -> EventSpec | None:
        """Those before."""
        self.pages = self.pages[:-1]
        return await self._read()

    async def _read(self) -> EventSpec | None:
        return await show_live(self, read_lines, "consents", "people", after=self.pages[-1] if self.pages else "")

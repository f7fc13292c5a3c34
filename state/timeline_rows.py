"""The consent timeline as geometry: what lies where between the first and the last year shown, in percent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from photobank.clearance.verdicts import ClearanceState, PersonVerdict
from photobank.consents.records import ConsentRow
from photobank.consents.timeline import Bar, Tick, Timeline
from photobank.consents.uses import UseRow
from state.people_rows import moment

AHEAD = timedelta(days=400)
MOST_LABELS = 7
APART = 6.0  # percent that the name of a year keeps from the one of today
NEAR = 2.2
"""Events that lie nearer than this (percent) share one mark."""


@dataclass
class BarView:
    """A bar. Kinds: held, soon, planned, ended, cut (up to a withdrawal), void (what the withdrawal took away)."""

    kind: str
    left: str
    width: str
    label: str
    start: str
    end: str
    partial: bool


@dataclass
class Track:
    """A use with its bars, and where it stands now."""

    use: str
    nl: str
    en: str
    state: str
    until: str
    since: str
    partial: bool
    bars: list[BarView]


@dataclass
class Mark:
    """Something that happened; `count` when several lie together."""

    kind: str
    left: str
    at: str
    label: str
    count: int


@dataclass
class Year:
    """A year on the axis."""

    label: str
    left: str


@dataclass
class TimelineView:
    """All of it."""

    today: str
    years: list[Year]
    step: str
    tracks: list[Track]
    marks: list[Mark]


NO_TIMELINE = TimelineView("0%", [], "100%", [], [])


class Ruler:
    """Moments to percent, over whole years."""

    def __init__(self, moments: Sequence[datetime], now: datetime) -> None:
        self.first = min([*moments, now]).astimezone(UTC).year
        self.last = max([*moments, now + AHEAD]).astimezone(UTC).year + 1
        self.start = datetime(self.first, 1, 1, tzinfo=UTC)
        self.end = datetime(self.last, 1, 1, tzinfo=UTC)

    def at(self, when: datetime) -> float:
        """Where a moment lies, 0–100."""
        return max(0.0, min(100.0, 100 * (when - self.start) / (self.end - self.start)))

    def years(self, now: datetime) -> list[Year]:
        """The first days of the years, as many as can be read; not those on which today's name would lie."""
        step = max(1, -(-(self.last - self.first) // MOST_LABELS))
        days = [datetime(year, 1, 1, tzinfo=UTC) for year in range(self.first + 1, self.last, step)]
        return [Year(str(day.year), percent(self.at(day))) for day in days if abs(self.at(day) - self.at(now)) >= APART]


def percent(value: float) -> str:
    """A CSS length."""
    return f"{value:.2f}%"


def number(row: ConsentRow) -> str:
    """A record's name on screens: year and running number, 2026-0093."""
    return f"{(row.signed_at or row.created_at).year}-{row.number:04d}"


def draw(
    line: Timeline,
    rows: Sequence[ConsentRow],
    uses: Sequence[UseRow],
    states: Mapping[str, PersonVerdict],
    now: datetime,
    alert: timedelta,
    ruler: Ruler | None = None,
) -> TimelineView:
    """The picture of a person's consents. Without a ruler it has one of its own, on which everything fits."""
    by_id = {row.id: row for row in rows}
    if ruler is None:
        known = [bar.start for bar in line.bars] + [tick.at for tick in line.ticks]
        known += [end for bar in line.bars if (end := _would_end(bar, by_id[bar.consent_id])) is not None]
        ruler = Ruler(known, now)
    tracks = []
    for use in uses:
        bars = [view for bar in line.bars if bar.use == use.id for view in _views(bar, by_id[bar.consent_id], ruler, now, alert)]
        stand = states.get(use.id)
        if stand is not None and stand.state is ClearanceState.APPROVED:
            # Another record takes over: that this one ends soon is no reason for alarm.
            bars = [replace(bar, kind="held") if bar.kind == "soon" else bar for bar in bars]
        since = stand.reason.since if stand and stand.reason else None
        tracks.append(
            Track(
                use=use.id,
                nl=use.label_nl,
                en=use.label_en,
                state=stand.state.value if stand else "missing",
                until=moment(stand.valid_until) if stand else "",
                since=moment(since),
                partial=bool(stand and stand.partial),
                bars=bars,
            )
        )
    step = percent(100 / max(1, ruler.last - ruler.first))
    return TimelineView(percent(ruler.at(now)), ruler.years(now), step, tracks, _marks(line.ticks, by_id, ruler))


def _would_end(bar: Bar, row: ConsentRow) -> datetime | None:
    """When it would have ended by its terms."""
    own = next((use.valid_until for use in row.uses if use.use == bar.use), None)
    return min((at for at in (own, row.valid_until) if at is not None), default=None)


def _views(bar: Bar, row: ConsentRow, ruler: Ruler, now: datetime, alert: timedelta) -> list[BarView]:
    start, end = ruler.at(bar.start), ruler.at(bar.end) if bar.end else 100.0

    def view(kind: str, left: float, right: float, until: datetime | None) -> BarView:
        width = percent(max(0.6, right - left))
        return BarView(kind, percent(left), width, number(row), moment(bar.start), moment(until), bar.partial)

    if bar.ended_by == "withdrawn" and bar.end is not None and bar.end <= now:
        rest = _would_end(bar, row)
        return [view("cut", start, end, bar.end), view("void", end, ruler.at(rest) if rest else 100.0, rest)]
    if bar.end is not None and bar.end <= now:
        return [view("ended", start, end, bar.end)]
    if bar.start > now:
        return [view("planned", start, end, bar.end)]
    return [view("soon" if bar.end is not None and bar.end - now <= alert else "held", start, end, bar.end)]


def _marks(ticks: Sequence[Tick], by_id: Mapping[UUID, ConsentRow], ruler: Ruler) -> list[Mark]:
    """What people did, gathered where it lies too near to be told apart. What a new record replaced shows on its bar already."""
    marks: list[Mark] = []
    last = -100.0
    for tick in ticks:
        if tick.kind == "superseded":
            continue
        at = ruler.at(tick.at)
        if marks and at - last < NEAR:
            marks[-1].count += 1
            # A withdrawal is never hidden behind something else.
            if tick.kind == "withdrawn":
                marks[-1].kind, marks[-1].at = tick.kind, moment(tick.at)
            continue
        last = at
        marks.append(Mark(tick.kind, percent(at), moment(tick.at), number(by_id[tick.consent_id]), 1))
    return marks

"""The timeline as geometry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from photobank.clearance.verdicts import ClearanceState, PersonVerdict
from photobank.consents.records import ConsentRow, Extent, GrantedUse
from photobank.consents.status import ConsentStatus
from photobank.consents.timeline import Bar, Tick, Timeline
from photobank.consents.uses import UseRow
from photobank.kernel.ids import new_id
from photobank.models.consents import Regime
from state.timeline_rows import TimelineView, draw

NOW = datetime(2026, 7, 2, tzinfo=UTC)
USES = (UseRow("website", "Website", "Website", True), UseRow("print", "Drukwerk", "Print", True))
MONTH = timedelta(days=30)


def at(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def row(number: int, start: datetime, end: datetime | None, *, withdrawn: datetime | None = None) -> ConsentRow:
    return ConsentRow(
        id=new_id(),
        number=number,
        person_id=new_id(),
        person_name="Anna",
        regime=Regime.consent,
        status=ConsentStatus.signed,
        uses=(GrantedUse("website", None, withdrawn),),
        valid_from=start,
        valid_until=end,
        signed_at=start,
        withdrawn_at=withdrawn,
        superseded_at=None,
        superseded_by=None,
        extent=Extent.all,
        extent_ids=(),
        territories=(),
        guardians_signed=0,
        biometric=False,
        reason="",
        way_in="staff",
        language="nl",
        recorded_by=None,
        created_at=start,
    )


def picture(*pairs: tuple[ConsentRow, Bar], ticks: tuple[Tick, ...] = ()) -> TimelineView:
    line = Timeline(tuple(bar for _, bar in pairs), ticks)
    return draw(line, [one for one, _ in pairs], USES, {}, NOW, MONTH)


def bar(of: ConsentRow, start: datetime, end: datetime | None, ended_by: str = "expired") -> tuple[ConsentRow, Bar]:
    return of, Bar(of.id, of.number, Regime.consent, "website", start, end, ended_by if end else "", False)


def kinds(view: TimelineView) -> list[str]:
    return [one.kind for one in view.tracks[0].bars]


def test_whole_years_are_shown_with_today_on_its_place() -> None:
    view = picture(bar(row(1, at(2026), at(2027)), at(2026), at(2027)))
    assert [year.label for year in view.years] == ["2027"]
    assert 24 < float(view.today.rstrip("%")) < 26  # half of the first of two years


def test_a_bar_in_force_is_named_by_year_and_number() -> None:
    (held,) = picture(bar(row(93, at(2026), at(2028)), at(2026), at(2028))).tracks[0].bars
    assert (held.kind, held.label, held.left) == ("held", "2026-0093", "0.00%")


def test_what_ends_within_the_alert_period_is_told_apart() -> None:
    soon = NOW + timedelta(days=20)
    assert kinds(picture(bar(row(1, at(2026), soon), at(2026), soon))) == ["soon"]
    later = NOW + timedelta(days=31)
    assert kinds(picture(bar(row(1, at(2026), later), at(2026), later))) == ["held"]


def test_what_ended_or_is_still_to_begin() -> None:
    assert kinds(picture(bar(row(1, at(2024), at(2025)), at(2024), at(2025)))) == ["ended"]
    assert kinds(picture(bar(row(1, at(2027), at(2028)), at(2027), at(2028)))) == ["planned"]


def test_a_withdrawal_cuts_the_bar_and_shows_what_it_took_away() -> None:
    one = row(1, at(2025), at(2028), withdrawn=at(2026, 6, 3))
    cut, void = picture(bar(one, at(2025), at(2026, 6, 3), "withdrawn")).tracks[0].bars
    assert (cut.kind, void.kind) == ("cut", "void")
    assert float(void.left.rstrip("%")) == float(cut.left.rstrip("%")) + float(cut.width.rstrip("%"))
    assert void.end.startswith("2028-01-01")


def test_without_an_end_a_bar_runs_to_the_edge() -> None:
    (held,) = picture(bar(row(1, at(2026), None), at(2026), None)).tracks[0].bars
    assert (held.left, held.width, held.end) == ("0.00%", "100.00%", "")


def test_near_events_share_a_mark_and_a_withdrawal_is_never_hidden() -> None:
    one = row(1, at(2025), at(2028))
    moments = (("recorded", 1), ("superseded", 2), ("withdrawn", 3))
    ticks = tuple(Tick(one.id, kind, at(2026, 6, day), ()) for kind, day in moments)
    (mark,) = picture(bar(one, at(2025), at(2028)), ticks=ticks).marks
    assert (mark.kind, mark.count) == ("withdrawn", 2)


def test_many_years_are_thinned_out() -> None:
    one = row(1, at(1995), at(2030))
    assert len(picture(bar(one, at(1995), at(2030))).years) <= 7


def test_every_use_has_a_track_with_its_state() -> None:
    verdict = PersonVerdict(ClearanceState.APPROVED, at(2028), None, None)
    view = draw(Timeline((), ()), [], USES, {"website": verdict}, NOW, MONTH)
    assert [(track.use, track.state) for track in view.tracks] == [("website", "approved"), ("print", "missing")]
    assert view.tracks[0].until.startswith("2028")

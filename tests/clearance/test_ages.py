"""The sixteenth birthday begins at midnight in Amsterdam: in winter, in summer, on the day the clock changes, and for leaplings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from photobank.clearance.facts_types import GrantFact, Regime, UseGrant
from photobank.clearance.policy import decide
from photobank.clearance.verdicts import ClearanceState
from photobank.kernel.birthdays import NEVER, birthday
from photobank.kernel.ids import ConsentId

from .given import RULES, SOCIAL, key, person, photo

ZONE = "Europe/Amsterdam"
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("born", "age", "zone", "instant"),
    [
        (date(2010, 1, 15), 16, ZONE, "2026-01-14T23:00Z"),  # winter: an hour ahead of UTC
        (date(2010, 7, 15), 16, ZONE, "2026-07-14T22:00Z"),  # summer: two
        (date(2010, 3, 29), 16, ZONE, "2026-03-28T23:00Z"),  # the clock goes forward two hours after this midnight
        (date(2010, 3, 30), 16, ZONE, "2026-03-29T22:00Z"),
        (date(2010, 10, 25), 16, ZONE, "2026-10-24T22:00Z"),  # the clock goes back three hours after this midnight
        (date(2010, 10, 26), 16, ZONE, "2026-10-25T23:00Z"),
        (date(2012, 2, 29), 16, ZONE, "2028-02-28T23:00Z"),  # there is a 29th again
        (date(2012, 2, 29), 13, ZONE, "2025-02-28T23:00Z"),  # there is none: 1 March
        (date(2084, 2, 29), 16, ZONE, "2100-02-28T23:00Z"),  # 2100 is no leap year: 1 March
        (date(2010, 1, 15), 16, "America/New_York", "2026-01-15T05:00Z"),
        (date(2010, 1, 15), 16, "Asia/Tokyo", "2026-01-14T15:00Z"),
    ],
)
def test_it_begins_at_local_midnight(born: date, age: int, zone: str, instant: str) -> None:
    assert birthday(born, age, zone) == datetime.fromisoformat(instant)


def test_a_birthday_beyond_the_calendar_never_comes() -> None:
    assert birthday(date(9990, 1, 1), 16, ZONE) == NEVER


@pytest.mark.parametrize("born", [date(2010, 1, 15), date(2010, 3, 29), date(2010, 7, 15), date(2010, 10, 25), date(2012, 2, 29)])
def test_a_guardians_grant_ends_to_the_instant(born: date) -> None:
    turns = birthday(born, 16, ZONE)
    signed = datetime(2020, 5, 1, tzinfo=UTC)
    given = GrantFact(ConsentId(key("g")), Regime.CONSENT, (UseGrant("social"),), guardians_signed=(signed,))
    facts = photo(person("kim", given, born=born))
    before = decide(facts, SOCIAL, turns - MOMENT, None, RULES)
    assert before.state is ClearanceState.EXPIRING
    assert before.valid_until == turns
    assert decide(facts, SOCIAL, turns, None, RULES).state is ClearanceState.MISSING
    assert turns.astimezone(ZoneInfo(ZONE)).time().isoformat() == "00:00:00"


@pytest.mark.parametrize("born", [date(2010, 3, 29), date(2010, 10, 25), date(2012, 2, 29)])
def test_one_signs_alone_from_that_instant_and_not_before(born: date) -> None:
    turns = birthday(born, 16, ZONE)
    later = turns + timedelta(days=400)

    def signed(at: datetime) -> ClearanceState:
        given = GrantFact(ConsentId(key("g")), Regime.CONSENT, (UseGrant("social"),), signed_at=at)
        return decide(photo(person("kim", given, born=born)), SOCIAL, later, None, RULES).state

    assert signed(turns - MOMENT) is ClearanceState.MISSING
    assert signed(turns) is ClearanceState.APPROVED


def test_a_guardian_cannot_sign_from_that_instant_on() -> None:
    turns = birthday(date(2010, 7, 15), 16, ZONE)
    given = GrantFact(ConsentId(key("g")), Regime.CONSENT, (UseGrant("social"),), guardians_signed=(turns,))
    facts = photo(person("kim", given, born=date(2010, 7, 15)))
    assert not decide(facts, SOCIAL, turns, None, RULES).allowed
    early = replace(given, guardians_signed=(turns - MOMENT,))
    assert decide(photo(person("kim", early, born=date(2010, 7, 15))), SOCIAL, turns - MOMENT, None, RULES).allowed

"""Per person: the matrix of the photo page and the states of the person page; what a verdict looks like in JSON."""

from __future__ import annotations

import json
import time

import pytest

from photobank.clearance.facts_types import FaceState, ScopeKind
from photobank.clearance.lapses import next_change
from photobank.clearance.policy import Judge, decide, decide_all, person_matrix, person_states
from photobank.clearance.verdicts import STATE_OF, ClearanceState, NextStep, ReasonCode

from .given import INTERNAL, NOW, PRESS, RULES, SOCIAL, USES, WEBSITE, born_for, consent, day, face, key, person, photo, use, within

RUBEN = person("ruben", consent("internal", "website", use("social", withdrawn=-20), "press", name="r"))
MEI = person("mei", consent("internal", "website", "social", name="m"))
MARIJKE = person(
    "marijke", consent("internal", use("website", until=21), use("social", until=21), use("press", until=21), name="k")
)
GARDEN = photo(RUBEN, MEI, MARIJKE)


def test_the_garden_photo_of_the_mockup() -> None:
    verdicts = decide_all(GARDEN, USES, NOW, None, RULES)
    assert {name: one.state for name, one in verdicts.items()} == {
        "internal": "approved",
        "website": "expiring",
        "social": "revoked",
        "press": "missing",
    }
    rows = person_matrix(GARDEN, USES, NOW, None, RULES)
    assert {name: cell.state for name, cell in rows[RUBEN.id].items()} == {
        "internal": "approved",
        "website": "approved",
        "social": "revoked",
        "press": "approved",
    }
    assert {name: cell.state for name, cell in rows[MARIJKE.id].items()} == {
        "internal": "approved",
        "website": "expiring",
        "social": "expiring",
        "press": "expiring",
    }
    assert rows[MEI.id]["press"].reason is not None
    assert rows[MEI.id]["press"].reason.next_step is NextStep.REQUEST_CONSENT


def test_an_allowed_verdict_names_the_consents_it_rests_on() -> None:
    verdict = decide(GARDEN, WEBSITE, NOW, None, RULES)
    assert {(one.person_id, one.consent_id, one.until) for one in verdict.grounds} == {
        (RUBEN.id, key("r"), None),
        (MEI.id, key("m"), None),
        (MARIJKE.id, key("k"), day(21)),
    }
    assert decide(GARDEN, SOCIAL, NOW, None, RULES).grounds == ()


def test_it_names_what_covers_now_though_a_renewal_carries_it_further() -> None:
    renewed = person(
        "anna", consent("social", name="old", valid_until=5), consent("social", name="new", valid_from=5, valid_until=300)
    )
    (ground,) = decide(photo(renewed), SOCIAL, NOW, None, RULES).grounds
    assert (ground.consent_id, ground.until) == (key("old"), day(300))


def test_the_matrix_shows_people_even_where_faces_are_open() -> None:
    facts = photo(MEI, faces=[face(FaceState.UNKNOWN)])
    assert decide(facts, SOCIAL, NOW, None, RULES).state is ClearanceState.NEEDS_REVIEW
    assert person_matrix(facts, [SOCIAL], NOW, None, RULES)[MEI.id]["social"].state is ClearanceState.APPROVED


def test_a_person_page_shows_what_holds_everywhere() -> None:
    states = person_states(RUBEN, USES, NOW, None, RULES)
    assert {name: one.state for name, one in states.items()} == {
        "internal": "approved",
        "website": "approved",
        "social": "revoked",
        "press": "approved",
    }
    assert not any(one.partial for one in states.values())


def test_a_person_page_says_when_it_holds_for_some_photos_only() -> None:
    fair = consent("social", name="fair", scope=within(ScopeKind.FOLDERS, "fair 2026"), valid_until=90)
    gala = consent("social", name="gala", scope=within(ScopeKind.EVENT, "gala"), withdrawn_at=-1)
    states = person_states(person("anna", fair, gala), [SOCIAL, PRESS], NOW, None, RULES)
    assert (states["social"].state, states["social"].partial, states["social"].valid_until) == ("approved", True, day(90))
    assert (states["press"].state, states["press"].partial) == ("missing", False)


def test_a_person_page_shows_a_withdrawal_for_one_event() -> None:
    gala = consent("social", name="gala", scope=within(ScopeKind.EVENT, "gala"), withdrawn_at=-1)
    assert person_states(person("anna", gala), [SOCIAL], NOW, None, RULES)["social"].state is ClearanceState.REVOKED


def test_next_change_follows_a_consent_through_its_life() -> None:
    facts = photo(person("anna", consent("social", valid_from=3, valid_until=100)))
    seen = []
    at = NOW
    while (moment := next_change(facts, [SOCIAL], at, None, RULES)) is not None:
        seen.append((moment, decide(facts, SOCIAL, moment, None, RULES).state))
        at = moment
    assert seen == [(day(3), "approved"), (day(100) - RULES.alert_period, "expiring"), (day(100), "expired")]


def test_next_change_sees_the_sixteenth_birthday() -> None:
    facts = photo(person("kim", consent("social", guardians_signed=[-9]), born=born_for(10)))
    assert next_change(facts, [SOCIAL], NOW, None, RULES) == day(10)


def test_next_change_sees_a_request_that_is_planned() -> None:
    planned = consent("social", name="renewal", signed=None, sent_at=2)
    facts = photo(person("anna", consent("social", valid_until=20), planned))
    assert next_change(facts, [SOCIAL], NOW, None, RULES) == day(2)
    assert decide(facts, SOCIAL, day(2), None, RULES).reasons[0].next_step is NextStep.REMIND


def test_next_change_passes_over_what_changes_nothing() -> None:
    facts = photo(person("anna", consent("social", name="a"), consent("social", name="b", valid_until=50)))
    assert next_change(facts, [SOCIAL, INTERNAL], NOW, None, RULES) is None


def test_a_verdict_is_plain_json() -> None:
    shown = json.loads(json.dumps(decide(GARDEN, SOCIAL, NOW, None, RULES).to_json()))
    assert shown["use"] == "social"
    assert shown["state"] == "revoked"
    assert shown["allowed"] is False
    assert shown["valid_until"] is None
    assert shown["reasons"][0] == {
        "person_id": str(RUBEN.id),
        "face_id": None,
        "code": "withdrawn",
        "state": "revoked",
        "since": "2026-11-02T23:00:00Z",
        "until": None,
        "next_step": "redact",
        "params": {},
    }
    cell = json.loads(json.dumps(person_matrix(GARDEN, [WEBSITE], NOW, None, RULES)[MARIJKE.id]["website"].to_json()))
    assert (cell["state"], cell["valid_until"], cell["partial"]) == ("expiring", "2026-12-13T23:00:00Z", False)


def test_every_code_leads_to_a_state_that_is_an_obstacle_or_a_coming_end() -> None:
    assert set(STATE_OF) == set(ReasonCode)
    assert set(STATE_OF.values()) == set(ClearanceState) - {ClearanceState.APPROVED, ClearanceState.NO_PEOPLE}


def test_states_have_one_total_order() -> None:
    ranked = sorted(ClearanceState, key=lambda state: state.severity)
    assert [state.value for state in ranked] == [
        "no_people",
        "approved",
        "expiring",
        "missing",
        "expired",
        "revoked",
        "needs_review",
        "blocked",
    ]


@pytest.fixture
def crowd():
    """A photo of thirty people with ten grants each."""
    return photo(
        *(
            person(f"p{n}", *(consent("social", "website", name=f"{n}-{i}", signed=-i, valid_until=90 + i) for i in range(10)))
            for n in range(30)
        )
    )


def test_one_decision_takes_less_than_two_milliseconds(crowd) -> None:
    taken = []
    team = photo(*(person(f"t{n}", *(consent("social", name=f"{n}-{i}", valid_until=90) for i in range(3))) for n in range(9)))
    for _ in range(20):
        start = time.perf_counter()
        assert decide(team, SOCIAL, NOW, None, RULES).allowed
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.002
    assert decide(crowd, SOCIAL, NOW, None, RULES).allowed


def test_a_judge_answers_for_many_photos_of_the_same_people_at_little_cost(crowd) -> None:
    judge = Judge(NOW, None, RULES)
    judge.decide_all(crowd, USES)
    start = time.perf_counter()
    for _ in range(20):
        judge.decide_all(crowd, USES)
    assert (time.perf_counter() - start) / 20 < 0.005


def test_a_judge_tells_photos_of_the_same_person_apart() -> None:
    anna = person("anna", consent("social", scope=within(ScopeKind.FOLDERS, "fair 2026")))
    here, elsewhere = photo(anna), photo(anna, folder_path=(key("fair 2020"),))
    judge = Judge(NOW, None, RULES)
    assert [judge.decide_all(facts, [SOCIAL])["social"].allowed for facts in (here, elsewhere, here)] == [True, False, True]
    assert [judge.decide(facts, SOCIAL).allowed for facts in (here, elsewhere, here)] == [True, False, True]
    tagged = photo(faces_done=True, tagged=[person("ruben", *RUBEN.grants)])
    steps = [judge.decide_all(facts, [SOCIAL])["social"].reasons[0].next_step for facts in (photo(RUBEN), tagged)]
    assert steps == [NextStep.REDACT, NextStep.CHOOSE_ANOTHER]

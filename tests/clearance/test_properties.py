"""What must hold in every world: adding doubt never opens, a no never opens, and the slow model always agrees.

PHOTOBANK_TEST_EXAMPLES sets how many worlds each property sees.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photobank.clearance.facts_types import AssetFacts, FaceFact, FaceState, GrantFact, PersonFact, Rules
from photobank.clearance.lapses import Lookout, next_change
from photobank.clearance.policy import Judge, decide, decide_all, person_matrix
from photobank.clearance.verdicts import ClearanceState
from photobank.kernel.ids import FaceId

from . import model
from .given import key, pid
from .worlds import CALENDAR, USES, instants, moments, photos, rules, wanted

pytestmark = pytest.mark.soak  # `make soak SOAK_STEPS=20000` gives each property 2,000 worlds

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "40"))
often = settings(max_examples=EXAMPLES, deadline=None)
uses = st.sampled_from(USES)


def with_person(facts: AssetFacts, person: PersonFact) -> AssetFacts:
    return replace(facts, people={**facts.people, person.id: person})


def pick_grant(facts: AssetFacts, data: st.DataObject) -> tuple[PersonFact, GrantFact] | None:
    owned = [(person, grant) for person in facts.people.values() for grant in person.grants]
    return data.draw(st.sampled_from(owned)) if owned else None


@often
@given(photos(), uses, instants(), wanted, rules)
def test_the_slow_model_agrees(facts: AssetFacts, use, at: datetime, territory: str | None, ruled: Rules) -> None:
    verdict = decide(facts, use, at, territory, ruled)
    assert verdict.allowed == model.allowed(facts, use, at, territory, ruled)


@often
@given(photos(troubled=False), uses, instants(), wanted, rules)
def test_the_slow_model_agrees_on_people_and_ends(
    facts: AssetFacts, use, at: datetime, territory: str | None, ruled: Rules
) -> None:
    verdict = decide(facts, use, at, territory, ruled)
    assert verdict.allowed == model.allowed(facts, use, at, territory, ruled)
    if verdict.allowed:
        ends = model.cover_ends(facts, use, at, CALENDAR, territory, ruled)
        assert verdict.valid_until == ends
        assert (verdict.state is ClearanceState.EXPIRING) == model.ends_soon(ends, at, ruled.alert_period)
    matrix = person_matrix(facts, USES, at, territory, ruled)
    for who, row in matrix.items():
        person = facts.people[who]
        if not row[use.key].allowed:
            assert row[use.key].state == model.standing(person, facts, use, at, CALENDAR, territory, ruled)


@often
@given(photos(), uses, instants(), wanted, rules)
def test_the_verdict_hangs_together(facts: AssetFacts, use, at: datetime, territory: str | None, ruled: Rules) -> None:
    verdict = decide(facts, use, at, territory, ruled)
    assert verdict.allowed == verdict.state.allowed
    obstacles = [reason for reason in verdict.reasons if not reason.state.allowed]
    assert bool(obstacles) != verdict.allowed
    assert list(verdict.reasons) == sorted(verdict.reasons, key=lambda reason: -reason.state.severity)
    if verdict.reasons:
        assert verdict.state is verdict.reasons[0].state
    if verdict.valid_until:
        assert verdict.allowed
        assert verdict.valid_until > at


@often
@given(photos(troubled=False), uses, instants(), wanted, rules)
def test_allowed_means_that_everyone_is_covered(facts: AssetFacts, use, at: datetime, territory: str | None, ruled: Rules) -> None:
    verdict = decide(facts, use, at, territory, ruled)
    if not verdict.allowed:
        return
    assert {ground.person_id for ground in verdict.grounds} == model.on_it(facts)
    where = model.countries([territory or ruled.home_territory])
    for ground in verdict.grounds:
        if ground.consent_id is None:
            assert not use.outside
            assert not ruled.internal_needs_consent
            continue
        person = facts.people[ground.person_id]
        about = [grant for grant in person.grants if model.is_about(grant, facts)]
        (grant,) = [grant for grant in about if grant.id == ground.consent_id]
        assert model.holds(person, grant, about, use.key, at, where, ruled)


@often
@given(photos(), uses, instants(), wanted, rules, st.sampled_from([FaceState.UNKNOWN, FaceState.SUGGESTED]))
def test_one_more_open_face_never_opens(facts, use, at, territory, ruled, state) -> None:
    more = replace(facts, faces=(*facts.faces, FaceFact(FaceId(key("one more")), state, pid("anna"))))
    before, after = decide(facts, use, at, territory, ruled), decide(more, use, at, territory, ruled)
    assert before.allowed or not after.allowed
    if use.outside:
        assert after.state in (ClearanceState.NEEDS_REVIEW, ClearanceState.BLOCKED)


@often
@given(photos(), uses, instants(), wanted, rules, st.data())
def test_a_no_never_opens(facts, use, at, territory, ruled, data) -> None:
    owned = pick_grant(facts, data)
    if owned is None:
        return
    person, grant = owned
    moment = data.draw(moments)
    said = [
        replace(grant, withdrawn_at=grant.withdrawn_at or moment),
        replace(grant, uses=tuple(replace(one, withdrawn_at=one.withdrawn_at or moment) for one in grant.uses)),
    ]
    if not (grant.signed_at or grant.guardians_signed):  # what waits for its answer can be declined as well
        said.append(replace(grant, declined_at=grant.declined_at or moment))
    changed = data.draw(st.sampled_from(said))
    after = with_person(facts, replace(person, grants=tuple(changed if one is grant else one for one in person.grants)))
    assert decide(facts, use, at, territory, ruled).allowed or not decide(after, use, at, territory, ruled).allowed


@often
@given(photos(), uses, instants(), wanted, rules, st.data())
def test_a_permission_that_vanishes_never_opens(facts, use, at, territory, ruled, data) -> None:
    owned = pick_grant(facts, data)
    if owned is None:
        return
    person, grant = owned
    said_no = grant.withdrawn_at or grant.declined_at or grant.refused or any(one.withdrawn_at for one in grant.uses)
    if said_no:  # such a record is a no as well; losing it is another matter (backups, erasure of the person as a whole)
        return
    fewer = with_person(facts, replace(person, grants=tuple(one for one in person.grants if one is not grant)))
    assert decide(facts, use, at, territory, ruled).allowed or not decide(fewer, use, at, territory, ruled).allowed


@often
@given(photos(), instants(), wanted, rules, st.randoms(use_true_random=False))
def test_order_never_matters(facts, at, territory, ruled, random) -> None:
    def shuffled(items):
        items = list(items)
        random.shuffle(items)
        return items

    mixed = replace(
        facts,
        faces=tuple(shuffled(facts.faces)),
        people={key: replace(one, grants=tuple(shuffled(one.grants))) for key, one in shuffled(facts.people.items())},
    )
    assert decide_all(facts, USES, at, territory, ruled) == decide_all(mixed, shuffled(USES), at, territory, ruled)
    assert person_matrix(facts, USES, at, territory, ruled) == person_matrix(mixed, USES, at, territory, ruled)


@often
@given(photos(), instants(), wanted, rules)
def test_nothing_changes_before_next_change(facts, at, territory, ruled) -> None:
    def shown(moment):
        verdicts = decide_all(facts, USES, moment, territory, ruled)
        return {name: (one.state, one.valid_until, one.reasons) for name, one in verdicts.items()}

    change = next_change(facts, USES, at, territory, ruled)
    between = [day for day in CALENDAR if at < day and (change is None or day < change)]
    assert all(shown(moment) == shown(at) for moment in between)
    if change is not None:
        assert change > at
        assert shown(change) != shown(at)


@often
@given(photos(), uses, instants(), wanted, rules)
def test_allowed_stays_allowed_until_its_end(facts, use, at, territory, ruled) -> None:
    verdict = decide(facts, use, at, territory, ruled)
    if verdict.allowed:
        for day in CALENDAR:
            if at < day and (verdict.valid_until is None or day < verdict.valid_until):
                assert decide(facts, use, day, territory, ruled).allowed
        if verdict.valid_until is not None:
            assert not decide(facts, use, verdict.valid_until, territory, ruled).allowed


@often
@given(st.lists(photos(), min_size=1, max_size=4), instants(), wanted, rules)
def test_a_judge_remembers_people_without_mixing_them_up(many, at, territory, ruled) -> None:
    judge = Judge(at, territory, ruled)
    lookout = Lookout(judge, at, territory, ruled)
    for facts in many:
        assert lookout.next_change(facts, USES) == next_change(facts, USES, at, territory, ruled)
        assert judge.decide_all(facts, USES) == decide_all(facts, USES, at, territory, ruled)
        assert judge.person_matrix(facts, USES) == person_matrix(facts, USES, at, territory, ruled)


@often
@given(photos(), instants(), wanted, rules)
def test_one_by_one_and_all_at_once_agree(facts, at, territory, ruled) -> None:
    together = decide_all(facts, USES, at, territory, ruled)
    matrix = person_matrix(facts, USES, at, territory, ruled)
    for use in USES:
        assert together[use.key] == decide(facts, use, at, territory, ruled)
        blamed = {reason.person_id for reason in together[use.key].reasons if reason.person_id}
        assert blamed == {person for person, row in matrix.items() if row[use.key].reason}

"""Cleared with some faces hidden: which faces, when it is enough, and when nothing helps."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photobank.clearance.facts_types import AssetFacts, AssetState, FaceState, PersonFact, Rules, UseFacts
from photobank.clearance.policy import Judge, decide
from photobank.clearance.redaction import Redaction, redaction, with_hidden
from photobank.kernel.ids import FaceId, PersonId

from . import model
from .given import INTERNAL, NOW, RULES, SOCIAL, born_for, consent, face, interest, key, person, photo, release
from .worlds import USES, instants, photos, rules, wanted

pytestmark = pytest.mark.soak

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "40"))
often = settings(max_examples=EXAMPLES, deadline=None)
UNKNOWN, SUGGESTED, CONFIRMED, IGNORED = FaceState.UNKNOWN, FaceState.SUGGESTED, FaceState.CONFIRMED, FaceState.IGNORED
TRUSTING, HOUSE = replace(RULES, trust_detector=True), replace(RULES, internal_needs_consent=False)

ANNA = person("anna", consent("social"))
SOON = person("soon", consent("social", name="soon's", valid_until=10))
BEN = person("ben", consent("social", name="ben's", withdrawn_at=-1))
CAS = person("cas")
CHILD = person("child", consent("social", name="child's"), born=born_for(900))


def of(one: PersonFact) -> FaceId:
    return FaceId(key(f"face of {one.id}"))


def named(name: str) -> FaceId:
    return FaceId(key(f"face {name}"))


@dataclass(frozen=True)
class Case:
    given: str
    facts: AssetFacts
    hidden: Iterable[FaceId] = ()
    allowed: bool = True
    codes: str = ""
    use: UseFacts = SOCIAL
    rules: Rules = RULES
    nowhere: Iterable[FaceId] = ()
    """Faces of which it is not known where they are."""


CASES = [
    Case("nobody in the way: nothing is hidden", photo(ANNA)),
    Case("who withdrew is hidden", photo(ANNA, BEN), [of(BEN)]),
    Case("who was never asked is hidden", photo(ANNA, CAS), [of(CAS)]),
    Case("a child without a guardian's word is hidden", photo(ANNA, CHILD), [of(CHILD)]),
    Case("whose release ended is hidden", photo(ANNA, person("d", release("social", valid_until=-1))), [of(person("d"))]),
    Case("whose release holds stays, whatever was said since", photo(person("d", release("social", withdrawn_at=-1)), BEN), [of(BEN)]),
    Case("who objected is hidden", photo(ANNA, person("d", interest("social", withdrawn_at=-1))), [of(person("d"))]),
    Case("several are hidden", photo(ANNA, BEN, CAS), [of(BEN), of(CAS)]),
    Case("every face of one who is in the way", photo(ANNA, BEN, faces=[face(CONFIRMED, "ben", "mirror")]), [of(BEN), named("mirror")]),
    Case("a face nobody named is hidden", photo(ANNA, faces=[face(UNKNOWN)]), [named("unknown")]),
    Case("a suggestion is hidden, also of somebody who agrees", photo(ANNA, faces=[face(SUGGESTED, "anna", "guess")]), [named("guess")]),
    Case("a face confirmed as nobody is hidden", photo(ANNA, faces=[face(CONFIRMED, None, "blank")]), [named("blank")]),
    Case("a suggestion of somebody in the way", photo(ANNA, BEN, faces=[face(SUGGESTED, "ben", "g")]), [of(BEN), named("g")]),
    Case("a poster stays", photo(ANNA, BEN, faces=[face(IGNORED)]), [of(BEN)]),
    Case("an ignored face once called Ben stays", photo(ANNA, BEN, faces=[face(IGNORED, "ben", "poster")]), [of(BEN)]),
    Case("whose consent ends soon stays", photo(SOON, BEN), [of(BEN)]),
    Case("named without a box: nothing helps", photo(ANNA, tagged=[BEN]), allowed=False, codes="withdrawn"),
    Case("boxed and named without one", photo(ANNA, BEN, tagged=[BEN]), [of(BEN)], False, "withdrawn"),
    Case("a face of unknown place: nothing helps", photo(ANNA, BEN), [], False, "withdrawn", nowhere=[of(BEN)]),
    Case("one of two of unknown place", photo(ANNA, BEN, CAS), [of(CAS)], False, "withdrawn", nowhere=[of(BEN)]),
    Case("an open face of unknown place", photo(ANNA, faces=[face(UNKNOWN)]), [], False, "face_unknown", nowhere=[named("unknown")]),
    Case("faces were not looked for yet", photo(ANNA, BEN, faces_done=False), [of(BEN)], False, "faces_pending"),
    Case("nobody is left, and nobody looked at the whole", photo(BEN), [of(BEN)], False, "no_people_unconfirmed"),
    Case("only strangers, and nobody looked", photo(faces=[face(UNKNOWN)]), [named("unknown")], False, "no_people_unconfirmed"),
    Case("nobody is left, and the detector is trusted", photo(BEN), [of(BEN)], rules=TRUSTING),
    Case("under legal hold", photo(ANNA, BEN, hold=True), [of(BEN)], False, "held"),
    Case("locked by hand", photo(ANNA, BEN, locked_by_hand=True), [of(BEN)], False, "locked"),
    Case("in quarantine", photo(ANNA, BEN, quarantined=True), [of(BEN)], False, "quarantined"),
    Case("in the archive", photo(ANNA, BEN, state=AssetState.ARCHIVED), [of(BEN)], False, "archived"),
    Case("hidden before: shows nobody already", photo(ANNA, faces=[face(UNKNOWN, redacted=True)])),
    Case("inside, on the house's own basis, strangers stay", photo(ANNA, faces=[face(UNKNOWN)]), use=INTERNAL, rules=HOUSE),
]  # fmt: skip


def asked(case: Case) -> Redaction:
    can_hide = {one.id for one in case.facts.faces} - set(case.nowhere)
    return redaction(Judge(NOW, None, case.rules), case.facts, case.use, can_hide)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_what_is_hidden_and_whether_it_helps(case: Case) -> None:
    found = asked(case)
    assert found.hidden == frozenset(case.hidden)
    assert found.verdict.allowed == case.allowed
    assert found.helps == (case.allowed and bool(found.hidden))
    assert " ".join(sorted(reason.code for reason in found.verdict.reasons if not reason.state.allowed)) == case.codes


def test_what_is_left_rests_on_those_in_sight_only() -> None:
    found = asked(Case("", photo(SOON, BEN, CAS))).verdict
    assert [ground.person_id for ground in found.grounds] == [PersonId(SOON.id)]
    assert found.valid_until == SOON.grants[0].valid_until


hideable = st.sets(st.sampled_from([FaceId(key(f"face {one}")) for one in ("anna", "ben", "chris")]), min_size=0)


@often
@given(photos(), st.sampled_from(USES), instants(), wanted, rules, hideable, st.booleans())
def test_the_slow_model_agrees(
    facts: AssetFacts, use: UseFacts, at: datetime, territory: str | None, ruled: Rules, some: set[FaceId], every: bool
) -> None:
    can_hide = {one.id for one in facts.faces} if every else some
    found = redaction(Judge(at, territory, ruled), facts, use, can_hide)
    assert found.hidden == model.to_hide(facts, use, at, territory, ruled, can_hide)
    assert found.verdict.allowed == model.allowed(model.without(facts, found.hidden), use, at, territory, ruled)


@often
@given(photos(), st.sampled_from(USES), instants(), wanted, rules)
def test_nobody_is_hidden_without_need_and_no_need_is_left_in_sight(
    facts: AssetFacts, use: UseFacts, at: datetime, territory: str | None, ruled: Rules
) -> None:
    found = redaction(Judge(at, territory, ruled), facts, use, {one.id for one in facts.faces})
    if decide(facts, use, at, territory, ruled).allowed:
        assert not found.hidden
    if found.helps:
        for one in found.hidden:
            assert not decide(with_hidden(facts, found.hidden - {one}), use, at, territory, ruled).allowed
        for who in model.on_it(model.without(facts, found.hidden)):
            assert model.covered(facts.people.get(who, PersonFact(who)), facts, use, at, territory, ruled)

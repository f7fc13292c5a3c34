"""The rules as a table: given a photo, a use and the rules, what is the verdict and which reasons stand in the way."""

# ruff: noqa: E501 (a table is read by its rows; a wrapped row is no row)

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from photobank.clearance.facts_types import AssetFacts, AssetState, FaceState, PersonFact, Regime, Rules, ScopeKind, UseFacts
from photobank.clearance.policy import decide
from photobank.clearance.verdicts import ClearanceState, NextStep, ReasonCode

from .given import (
    INTERNAL,
    NOW,
    RULES,
    SOCIAL,
    TODAY,
    born_for,
    consent,
    day,
    face,
    interest,
    person,
    photo,
    press,
    release,
    use,
    within,
)

GOOD = consent("social")
ANNA = person("anna", GOOD)
BEN = person("ben", consent("social", name="ben's", valid_until=200))
TRUSTING = replace(RULES, trust_detector=True)
HOUSE = replace(RULES, internal_needs_consent=False)
CHILD = born_for(500)  # fourteen years old
TEEN = born_for(-50)  # turned sixteen fifty days ago


@dataclass(frozen=True)
class Case:
    given: str
    facts: AssetFacts
    state: str
    codes: str = ""
    step: str = ""
    until: int | None = None
    use: UseFacts = SOCIAL
    territory: str | None = None
    rules: Rules = RULES


def anna(*grants: object, **more: object) -> AssetFacts:
    return photo(person("anna", *grants, **more))  # type: ignore[arg-type]


STRANGER = PersonFact(person("stranger").id)
UNKNOWN, SUGGESTED, CONFIRMED, IGNORED = FaceState.UNKNOWN, FaceState.SUGGESTED, FaceState.CONFIRMED, FaceState.IGNORED

ASSET = [
    Case("everybody allowed it", photo(ANNA), "approved"),
    Case("it is still being uploaded", photo(ANNA, state=AssetState.UPLOADING), "blocked", "not_ready", "wait"),
    Case("it is still being processed", photo(ANNA, state=AssetState.PROCESSING), "blocked", "not_ready", "wait"),
    Case("it could not be decoded", photo(ANNA, state=AssetState.REJECTED), "blocked", "rejected", "upload_again"),
    Case("it is archived", photo(ANNA, state=AssetState.ARCHIVED), "blocked", "archived", "restore"),
    Case("it is in the trash", photo(ANNA, state=AssetState.TRASHED), "blocked", "trashed", "restore"),
    Case("it is quarantined", photo(ANNA, quarantined=True), "blocked", "quarantined", "ask_privacy_officer"),
    Case("somebody locked it", photo(ANNA, locked_by_hand=True), "blocked", "locked", "unlock"),
    Case("it is under legal hold", photo(ANNA, hold=True), "blocked", "held", "ask_privacy_officer"),
    Case("locked for internal use too", photo(ANNA, locked_by_hand=True), "blocked", "locked", use=INTERNAL, rules=HOUSE),
    Case("trashed and held: both are said", photo(ANNA, state=AssetState.TRASHED, hold=True), "blocked", "held trashed"),
    Case(
        "locked, and a face unknown: both are said", photo(ANNA, faces=[face(UNKNOWN)], hold=True), "blocked", "held face_unknown"
    ),
]

FACES = [
    Case("one face is unknown", photo(ANNA, faces=[face(UNKNOWN)]), "needs_review", "face_unknown", "review_faces"),
    Case("one face is only suggested", photo(ANNA, faces=[face(SUGGESTED, "ben")]), "needs_review", "face_suggested", "review_faces"),
    Case("a face is confirmed as nobody", photo(ANNA, faces=[face(CONFIRMED)]), "needs_review", "face_unknown"),
    Case("a poster in the background is no person", photo(ANNA, faces=[face(IGNORED)]), "approved"),
    Case("two unknown faces are two reasons", photo(ANNA, faces=[face(UNKNOWN, name="a"), face(UNKNOWN, name="b")]), "needs_review", "face_unknown face_unknown"),
    Case("detection has not finished", photo(ANNA, faces_done=False), "needs_review", "faces_pending", "wait"),
    Case("no face was found and nobody looked", photo(), "needs_review", "no_people_unconfirmed", "confirm_no_people"),
    Case("somebody said that nobody can be recognised", photo(no_people_confirmed=True), "no_people"),
    Case("the organisation trusts the detector", photo(), "no_people", rules=TRUSTING),
    Case("a trusted detector must have finished", photo(faces_done=False), "needs_review", "faces_pending", rules=TRUSTING),
    Case("only posters, and nobody looked at the whole", photo(faces=[face(IGNORED)]), "needs_review", "no_people_unconfirmed"),
    Case("only posters, detector trusted", photo(faces=[face(IGNORED)]), "no_people", rules=TRUSTING),
    Case("said to be of nobody, then a face was found", photo(faces=[face(UNKNOWN)], no_people_confirmed=True), "needs_review", "face_unknown"),
    Case("said to be of nobody, yet Anna is named", anna(), "missing", "never_asked"),
    Case("tagged without a box counts as on it", photo(ANNA, tagged=[STRANGER]), "missing", "never_asked", "request_consent"),
    Case("tagged without a box and covered", photo(tagged=[ANNA]), "approved"),
    Case("the unknown face is blurred in this version", photo(ANNA, faces=[face(UNKNOWN, redacted=True)]), "approved"),
    Case("he who said no is blurred in this version", photo(ANNA, faces=[face(CONFIRMED, "stranger", redacted=True)]), "approved"),
    Case("blurred once, shown once", photo(ANNA, STRANGER, faces=[face(CONFIRMED, "stranger", redacted=True)]), "missing", "never_asked"),
    Case("blurred, but tagged without a box as well", photo(ANNA, faces=[face(CONFIRMED, "stranger", redacted=True)], tagged=[STRANGER]), "missing", "never_asked"),
    Case("a named person of whom no facts were loaded", replace(photo(ANNA), people={}), "missing", "never_asked"),
]  # fmt: skip

GRANTS = [
    Case("never asked", anna(), "missing", "never_asked", "request_consent"),
    Case("asked, no answer yet", anna(consent("social", signed=None, sent_at=-3)), "missing", "requested", "remind"),
    Case("a draft counts for nothing", anna(consent("social", draft=True)), "missing", "never_asked"),
    Case("declined", anna(consent("social", signed=None, sent_at=-3, declined_at=-1)), "missing", "declined", "redact"),
    Case("declined, whatever signature it bears", anna(consent("social", declined_at=-1)), "missing", "declined", "redact"),
    Case("signed for other uses only", anna(consent("website", "print")), "missing", "use_not_granted", "request_consent"),
    Case("signed for other uses, and in another country", anna(consent("website", territories=frozenset({"US"}))), "missing", "use_not_granted"),
    Case("left this use unticked", anna(consent("website", refused=frozenset({"social"}))), "missing", "use_refused", "redact"),
    Case("signed, begins next week", anna(consent("social", valid_from=7)), "missing", "not_yet_valid", "wait"),
    Case("a start before the signature counts from the signature", anna(consent("social", signed=1, valid_from=-5)), "missing", "not_yet_valid"),
    Case("begins at this very instant", anna(consent("social", valid_from=0)), "approved"),
    Case("signed at this very instant", anna(consent("social", signed=0)), "approved"),
    Case("until next year", anna(consent("social", valid_until=365)), "approved", until=365),
    Case("until 31 days from now", anna(consent("social", valid_until=31)), "approved", until=31),
    Case("until 30 days from now", anna(consent("social", valid_until=30)), "expiring", "ends_soon", "renew", until=30),
    Case("another alert period", anna(consent("social", valid_until=30)), "approved", until=30, rules=replace(RULES, alert_period=timedelta(7))),
    Case("ending, renewal already sent", anna(consent("social", valid_until=9), consent("social", name="new", signed=None, sent_at=-1)), "expiring", "ends_soon", "remind", until=9),
    Case("ended at this very instant", anna(consent("social", valid_until=0)), "expired", "expired", "renew"),
    Case("ended yesterday", anna(consent("social", valid_until=-1)), "expired", "expired", "renew"),
    Case("ended, and asked again", anna(consent("social", valid_until=-1), consent("social", name="new", signed=None, sent_at=-1)), "expired", "expired", "remind"),
    Case("this use ends before the others", anna(consent(use("social", until=-1), "website", valid_until=99)), "expired", "expired"),
    Case("this use ends first, and counts", anna(consent(use("social", until=60), valid_until=99)), "approved", until=60),
    Case("this use stands on it twice: the later end", anna(consent(use("social", until=60), use("social", until=90))), "approved", until=90),
    Case("this use stands on it twice: once without end", anna(consent(use("social", until=60), "social")), "approved"),
    Case("the whole ends before its use", anna(consent(use("social", until=99), valid_until=60)), "approved", until=60),
    Case("the longest of two grants counts", anna(consent("social", valid_until=60), consent("social", name="b", valid_until=90)), "approved", until=90),
    Case("renewed ahead: cover is unbroken", anna(consent("social", valid_until=10), consent("social", name="b", valid_from=10, valid_until=400)), "approved", until=400),
    Case("renewed with a gap of a day", anna(consent("social", valid_until=10), consent("social", name="b", valid_from=11)), "expiring", "ends_soon", until=10),
    Case("replaced by one that has this use", anna(consent("social", superseded_at=-5), consent("social", name="b", signed=-5)), "approved"),
    Case("replaced by one without this use", anna(consent("social", superseded_at=-5), consent("website", name="b", signed=-5)), "missing", "superseded"),
    Case("replaced, and the new one withdrawn: the old stays replaced", anna(consent("social", superseded_at=-5), consent("social", name="b", signed=-5, withdrawn_at=-1)), "revoked", "withdrawn"),
    Case("the earliest end of two people", photo(ANNA, BEN), "approved", until=200),
]  # fmt: skip

NO = [
    Case("withdrawn", anna(consent("social", withdrawn_at=-1)), "revoked", "withdrawn", "redact"),
    Case("withdrawn at this very instant", anna(consent("social", withdrawn_at=0)), "revoked", "withdrawn"),
    Case("withdrew another use only", anna(consent("social", use("website", withdrawn=-1))), "approved"),
    Case("withdrew this use only", anna(consent(use("social", withdrawn=-1), "website")), "revoked", "withdrawn"),
    Case("withdrew without a box to blur", photo(tagged=[person("anna", consent("social", withdrawn_at=-1))]), "revoked", "withdrawn", "choose_another"),
    Case("a withdrawal ends the older consent as well", anna(consent("social", signed=-90), consent("social", name="b", signed=-50, withdrawn_at=-1)), "revoked", "withdrawn"),
    Case("a later signature opens again", anna(consent("social", withdrawn_at=-10), consent("social", name="b", signed=-9)), "approved"),
    Case("signed in the instant of withdrawal: no", anna(consent("social", withdrawn_at=-10), consent("social", name="b", signed=-10)), "revoked", "withdrawn"),
    Case("withdrawn, signed anew, and that one ended", anna(consent("social", withdrawn_at=-90), consent("social", name="b", signed=-80, valid_until=-3)), "expired", "expired"),
    Case("ended first, withdrawn afterwards", anna(consent("social", valid_until=-30, withdrawn_at=-3)), "revoked", "withdrawn"),
    Case("withdrew for one folder, this photo is elsewhere", anna(GOOD, consent("social", name="b", scope=within(ScopeKind.FOLDERS, "fair 2020"), withdrawn_at=-1)), "approved"),
    Case("withdrew for this folder, consent for all", anna(GOOD, consent("social", name="b", scope=within(ScopeKind.FOLDERS, "events"), withdrawn_at=-1)), "revoked", "withdrawn"),
    Case("a withdrawal counts in every country", anna(GOOD, consent("social", name="b", territories=frozenset({"US"}), withdrawn_at=-1)), "revoked", "withdrawn"),
    Case("declining a renewal ends nothing", anna(GOOD, consent("social", name="b", signed=None, declined_at=-1)), "approved"),
    Case("a release does not end by withdrawal", anna(release("social", withdrawn_at=-1)), "approved"),
    Case("a release ends by its terms", anna(release("social", valid_until=-1)), "expired", "expired", "renew"),
    Case("a release ended by agreement", anna(release("social", ended_at=-1)), "expired", "ended"),
    Case("consent withdrawn, the release stands", anna(consent("social", withdrawn_at=-1), release("social")), "approved"),
    Case("withdrawal asked on a release leaves the consent alone", anna(GOOD, release("social", withdrawn_at=-1)), "approved"),
    Case("a withdrawal asked on a release that ended says nothing", anna(GOOD, release("social", valid_until=-9, withdrawn_at=-1)), "approved"),
    Case("a release that ended is not revoked by asking", anna(release("social", valid_until=-9, withdrawn_at=-1)), "expired", "expired"),
    Case("a contract stands like a release", anna(consent("social", regime=Regime.CONTRACT, withdrawn_at=-1)), "approved"),
    Case("legitimate interest, recorded", anna(interest("social")), "approved"),
    Case("legitimate interest, not yet recorded", anna(interest("social", signed=None)), "missing", "never_asked"),
    Case("objected to the legitimate interest", anna(interest("social", withdrawn_at=-1)), "revoked", "objected", "redact"),
    Case("an objection ends an older consent too", anna(GOOD, interest("social", signed=-50, withdrawn_at=-1)), "revoked", "objected"),
    Case("a withdrawal does not fall back on an older interest", anna(interest("social"), consent("social", signed=-50, withdrawn_at=-1)), "revoked", "withdrawn"),
    Case("an interest weighed and recorded after the objection", anna(interest("social", withdrawn_at=-9), interest("social", name="b", signed=-2)), "approved"),
    Case("press stands though consent was withdrawn", anna(press("social"), consent("social", withdrawn_at=-1)), "approved"),
    Case("an interest about to end is the privacy officer's", anna(interest("social", valid_until=9)), "expiring", "ends_soon", "ask_privacy_officer", until=9),
]  # fmt: skip

WHERE = [
    Case("for the folder above", anna(consent("social", scope=within(ScopeKind.FOLDERS, "events"))), "approved"),
    Case("for another folder", anna(consent("social", scope=within(ScopeKind.FOLDERS, "fair 2020"))), "missing", "out_of_scope", "request_consent"),
    Case("for this photo", anna(consent("social", scope=within(ScopeKind.ASSETS, "photo"))), "approved"),
    Case("for the picture that was here before", photo(person("anna", consent("social", scope=within(ScopeKind.ASSETS, "photo"))), pictures=((day(-50), 2),)), "missing", "out_of_scope"),
    Case("for the picture that is here since", photo(person("anna", consent("social", signed=-40, scope=within(ScopeKind.ASSETS, "photo"))), pictures=((day(-50), 2),)), "approved"),
    Case("for the picture that came back", photo(person("anna", consent("social", scope=within(ScopeKind.ASSETS, "photo"))), pictures=((day(-50), 2), (day(-20), 1))), "approved"),
    Case("for the one in between", photo(person("anna", consent("social", signed=-40, scope=within(ScopeKind.ASSETS, "photo"))), pictures=((day(-50), 2), (day(-20), 1))), "missing", "out_of_scope"),
    Case("for another picture, but all photos", photo(ANNA, pictures=((day(-50), 2),)), "approved"),
    Case("for this event", anna(consent("social", scope=within(ScopeKind.EVENT, "open day"))), "approved"),
    Case("for an event, photo of no event", replace(anna(consent("social", scope=within(ScopeKind.EVENT, "open day"))), event_id=None), "missing", "out_of_scope"),
    Case("for this photo by name", anna(consent("social", scope=within(ScopeKind.ASSETS, "photo"))), "approved"),
    Case("for another photo", anna(consent("social", scope=within(ScopeKind.ASSETS, "other"))), "missing", "out_of_scope"),
    Case("for no folder at all", anna(consent("social", scope=within(ScopeKind.FOLDERS))), "missing", "out_of_scope"),
    Case("for the Netherlands, asked for home", anna(consent("social", territories=frozenset({"NL"}))), "approved"),
    Case("for the Netherlands, asked for Belgium", anna(consent("social", territories=frozenset({"NL"}))), "missing", "out_of_territory", territory="BE"),
    Case("for the EU, asked for Belgium", anna(consent("social", territories=frozenset({"EU"}))), "approved", territory="be"),
    Case("for the EU, asked for Norway", anna(consent("social", territories=frozenset({"EU"}))), "missing", "out_of_territory", territory="NO"),
    Case("for the EEA, asked for Norway", anna(consent("social", territories=frozenset({"EEA"}))), "approved", territory="NO"),
    Case("for the EEA, asked for the whole EU", anna(consent("social", territories=frozenset({"EEA"}))), "approved", territory="EU"),
    Case("for the EU, asked for the whole EEA", anna(consent("social", territories=frozenset({"EU"}))), "missing", "out_of_territory", territory="EEA"),
    Case("worldwide, asked for the world", anna(GOOD), "approved", territory="WORLD"),
    Case("for the EEA, asked for the world", anna(consent("social", territories=frozenset({"EEA"}))), "missing", "out_of_territory", territory="WORLD"),
    Case("for nowhere", anna(consent("social", territories=frozenset())), "missing", "out_of_territory"),
    Case("home is Belgium here", anna(consent("social", territories=frozenset({"NL"}))), "missing", "out_of_territory", rules=replace(RULES, home_territory="BE")),
]  # fmt: skip

MINORS = [
    Case("a child signed alone", anna(GOOD, born=CHILD), "missing", "guardian_missing", "ask_guardian"),
    Case("a child, never asked", anna(born=CHILD), "missing", "never_asked", "ask_guardian"),
    Case("the guardian signed", anna(consent("social", signed=None, guardians_signed=[-9]), born=CHILD), "approved", until=500),
    Case("child and guardian signed", anna(consent("social", guardians_signed=[-9]), born=CHILD), "approved", until=500),
    Case("one of two guardians signed", anna(consent("social", guardians_signed=[-9]), born=CHILD, guardians_needed=2), "missing", "guardian_missing"),
    Case("both guardians signed", anna(consent("social", guardians_signed=[-9, -8]), born=CHILD, guardians_needed=2), "approved", until=500),
    Case("the second guardian signs the day after tomorrow", anna(consent("social", guardians_signed=[-9, 2]), born=CHILD, guardians_needed=2), "missing", "not_yet_valid"),
    Case("its own end comes before the birthday", anna(consent("social", guardians_signed=[-9], valid_until=80), born=CHILD), "approved", until=80),
    Case("turns sixteen within the alert period", anna(consent("social", guardians_signed=[-9], valid_until=300), born=born_for(9)), "expiring", "comes_of_age_soon", "renew", until=9),
    Case("turned sixteen on a guardian's grant", anna(consent("social", guardians_signed=[-80]), born=TEEN), "missing", "came_of_age", "request_consent"),
    Case("sixteen, guardian signed after the birthday", anna(consent("social", signed=None, guardians_signed=[-9]), born=TEEN), "missing", "came_of_age", "request_consent"),
    Case("sixteen, signed alone before the birthday", anna(consent("social", signed=-60), born=TEEN), "missing", "came_of_age"),
    Case("sixteen, signed alone after the birthday", anna(consent("social", signed=-40), born=TEEN), "approved"),
    Case("a child's release needs the guardian too", anna(release("social"), born=CHILD), "missing", "guardian_missing"),
    Case("a legitimate interest needs nobody's signature", anna(interest("social"), born=CHILD), "approved"),
    Case("birth date unknown counts as adult", anna(GOOD), "approved"),
    Case("flagged a minor, birth date unknown", anna(consent("social", guardians_signed=[-9]), minor=True), "missing", "birth_date_needed", "add_birth_date"),
    Case("a guardian signed, birth date unknown", anna(consent("social", guardians_signed=[-9])), "missing", "birth_date_needed", "add_birth_date"),
    Case("flagged a minor, signed alone, birth date unknown", anna(GOOD, minor=True), "missing", "birth_date_needed", "add_birth_date"),
    Case("flagged a minor, but the birth date says adult", anna(GOOD, born=TODAY.replace(year=1980), minor=True), "approved"),
    Case("another age of consent", anna(GOOD, born=CHILD), "approved", rules=replace(RULES, age_of_consent=13)),
]  # fmt: skip

INSIDE = [
    Case("internal use asks consent by default", anna(), "missing", "never_asked", use=INTERNAL),
    Case("internal use waits for faces by default", photo(ANNA, faces=[face(UNKNOWN)]), "needs_review", "face_unknown use_not_granted", use=INTERNAL),
    Case("internal use on a recorded interest", anna(interest("internal")), "approved", use=INTERNAL),
    Case("own basis: nobody was asked", anna(), "approved", use=INTERNAL, rules=HOUSE),
    Case("own basis: unknown faces do not matter", photo(faces=[face(UNKNOWN)]), "approved", use=INTERNAL, rules=HOUSE),
    Case("own basis: said to be of nobody, then a face was found", photo(faces=[face(UNKNOWN)], no_people_confirmed=True), "approved", use=INTERNAL, rules=HOUSE),
    Case("own basis: said to be of nobody", photo(no_people_confirmed=True), "no_people", use=INTERNAL, rules=HOUSE),
    Case("own basis is for inside only", anna(), "missing", "never_asked", rules=HOUSE),
    Case("own basis: withdrew internal use", anna(consent("internal", withdrawn_at=-1)), "revoked", "withdrawn", use=INTERNAL, rules=HOUSE),
    Case("own basis: declined internal use", anna(consent("internal", signed=None, declined_at=-1)), "missing", "declined", use=INTERNAL, rules=HOUSE),
    Case("own basis: left internal unticked", anna(consent("social", refused=frozenset({"internal"}))), "missing", "use_refused", use=INTERNAL, rules=HOUSE),
    Case("own basis: said no, then signed, then that ended", anna(consent("internal", withdrawn_at=-90), consent("internal", name="b", signed=-80, valid_until=-3)), "approved", use=INTERNAL, rules=HOUSE),
    Case("own basis: said no as a child, a guardian signs after the birthday", anna(consent("internal", guardians_signed=[-80], withdrawn_at=-70), consent("internal", name="b", signed=None, guardians_signed=[-9]), born=TEEN), "revoked", "withdrawn", use=INTERNAL, rules=HOUSE),
    Case("own basis: a consent that ended changes nothing", anna(consent("internal", valid_until=-3)), "approved", use=INTERNAL, rules=HOUSE),
]  # fmt: skip

REVOKED = person("ruben", consent("social", name="r", withdrawn_at=-20))
ENDED = person("marit", consent("social", name="m", valid_until=-2))
ENDING = person("marijke", consent("social", name="k", valid_until=21))
ABSENT = person("mei")

TOGETHER = [
    Case("one ends soon, others allow", photo(ANNA, BEN, ENDING), "expiring", "ends_soon", until=21),
    Case("missing outweighs expiring", photo(ENDING, ABSENT), "missing", "never_asked ends_soon"),
    Case("expired outweighs missing", photo(ABSENT, ENDED), "expired", "expired never_asked"),
    Case("revoked outweighs expired and missing", photo(ABSENT, ENDED, REVOKED), "revoked", "withdrawn expired never_asked"),
    Case("needs review outweighs revoked", photo(REVOKED, faces=[face(UNKNOWN)]), "needs_review", "face_unknown withdrawn"),
    Case(
        "blocked outweighs all",
        photo(REVOKED, ENDING, faces=[face(UNKNOWN)], hold=True),
        "blocked",
        "held face_unknown withdrawn ends_soon",
    ),
]

CASES = ASSET + FACES + GRANTS + NO + WHERE + MINORS + INSIDE + TOGETHER


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_the_table(case: Case) -> None:
    verdict = decide(case.facts, case.use, NOW, case.territory, case.rules)
    assert verdict.state == case.state, verdict.reasons
    assert [reason.code for reason in verdict.reasons] == case.codes.split()
    assert verdict.allowed == (case.state in {"approved", "expiring", "no_people"})
    assert verdict.valid_until == (None if case.until is None else day(case.until))
    if case.step:
        assert verdict.reasons[0].next_step == case.step


def test_the_table_names_each_situation_once() -> None:
    assert len({case.given for case in CASES}) == len(CASES) >= 60


def test_every_reason_state_and_step_has_a_case() -> None:
    verdicts = [decide(case.facts, case.use, NOW, case.territory, case.rules) for case in CASES]
    assert {verdict.state for verdict in verdicts} == set(ClearanceState)
    assert {reason.code for verdict in verdicts for reason in verdict.reasons} == set(ReasonCode)
    assert {reason.next_step for verdict in verdicts for reason in verdict.reasons} == set(NextStep)

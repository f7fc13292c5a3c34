"""One person and one use: does anything they granted cover it now, until when, and if not, what is best said about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from photobank.clearance import territory as places
from photobank.clearance.facts_types import GrantFact, PersonFact, Rules
from photobank.clearance.terms import (
    Flaw,
    No,
    Signature,
    Term,
    answers_no,
    comes_of_age,
    house_terms,
    noes,
    signature,
    term,
)
from photobank.clearance.verdicts import STATE_OF, ClearanceState, Ground, NextStep, PersonVerdict, Reason, ReasonCode

_STEP_AFTER_END = {
    ReasonCode.WITHDRAWN: NextStep.REDACT,
    ReasonCode.OBJECTED: NextStep.REDACT,
    ReasonCode.DECLINED: NextStep.REDACT,
    ReasonCode.USE_REFUSED: NextStep.REDACT,
    ReasonCode.EXPIRED: NextStep.RENEW,
    ReasonCode.ENDED: NextStep.RENEW,
}


def assess(
    person: PersonFact,
    in_scope: Sequence[GrantFact],
    use: str,
    at: datetime,
    wanted: frozenset[str],
    rules: Rules,
    house_basis: bool,
) -> PersonVerdict:
    """The person's verdict for a use in the countries `wanted`. `in_scope` are those of their grants that are about the photo."""
    said = noes(in_scope, use)
    terms: list[Term] = []
    flaws: list[Flaw] = []
    lifting: list[datetime] = []
    for grant in in_scope:
        if not _names(grant, use):
            continue
        signed = signature(person, grant, rules)
        if isinstance(signed, Flaw):
            flaws.append(signed)
        elif isinstance(signed, Signature):
            lifting.append(signed.at)
            if not places.covers(grant.territories, wanted):
                flaws.append(Flaw(ReasonCode.OUT_OF_TERRITORY))
            elif (found := term(grant, use, signed, said)) is not None:
                terms.append(found)
    if house_basis:
        said = [*said, *answers_no(in_scope, use)]
        terms.extend(house_terms(said, lifting))
    in_force = [one for one in terms if one.holds(at)]
    if in_force:
        return _covered(person, in_scope, use, at, rules, terms, max(in_force, key=lambda one: one.rank))
    reason = _obstacle(person, in_scope, use, at, rules, terms, flaws, said)
    return PersonVerdict(reason.state, None, reason, None)


def _covered(
    person: PersonFact, grants: Sequence[GrantFact], use: str, at: datetime, rules: Rules, terms: Sequence[Term], longest: Term
) -> PersonVerdict:
    """Covered now. Cover is unbroken while a next term begins no later than the last one ends: a renewal signed ahead counts."""
    ground, end = longest, longest.end
    while end is not None:
        following = [one for one in terms if one.begin <= end and (one.end is None or one.end > end)]
        if not following:
            break
        longest = max(following, key=lambda one: one.rank)
        end = longest.end
    basis = Ground(person.id, ground.grant.id if ground.grant else None, end)
    if end is None or end - at > rules.alert_period:
        return PersonVerdict(ClearanceState.APPROVED, end, None, basis)
    grown = longest.why is ReasonCode.CAME_OF_AGE
    step = NextStep.RENEW
    if longest.grant is not None and longest.grant.regime.is_recorded:
        step = NextStep.ASK_PRIVACY_OFFICER
    elif _pending(person, grants, use, at, rules):
        step = NextStep.REMIND
    reason = Reason(
        code=ReasonCode.COMES_OF_AGE_SOON if grown else ReasonCode.ENDS_SOON,
        next_step=step,
        person_id=person.id,
        until=end,
        params={"age": rules.age_of_consent} if grown else {},
    )
    return PersonVerdict(ClearanceState.EXPIRING, end, reason, basis)


def _obstacle(
    person: PersonFact,
    grants: Sequence[GrantFact],
    use: str,
    at: datetime,
    rules: Rules,
    terms: Sequence[Term],
    flaws: Sequence[Flaw],
    said: Sequence[No],
) -> Reason:
    """Not covered: the most useful thing to say. First what is about to begin, then what ended last, then what is lacking."""
    coming = [one.begin for one in terms if at < one.begin and (one.end is None or one.begin < one.end)]
    if coming:
        return Reason(ReasonCode.NOT_YET_VALID, NextStep.WAIT, person.id, since=min(coming))
    pending = _pending(person, grants, use, at, rules)
    ended = [(one.end, one.why) for one in terms if one.end is not None and one.end <= at]
    ended += [(no.at, no.code) for no in said if no.at <= at]
    if ended:
        since, code = max(ended, key=lambda pair: (pair[0], STATE_OF[pair[1]].severity, pair[1]))
        step = _STEP_AFTER_END.get(code, NextStep.REQUEST_CONSENT)
        if pending:
            step = NextStep.REMIND
        params = {"age": rules.age_of_consent} if code is ReasonCode.CAME_OF_AGE else {}
        return Reason(code, step, person.id, since=since, params=params)
    return _lacking(person, grants, use, at, rules, flaws, pending)


def _lacking(
    person: PersonFact,
    grants: Sequence[GrantFact],
    use: str,
    at: datetime,
    rules: Rules,
    flaws: Sequence[Flaw],
    pending: datetime | None,
) -> Reason:
    """Nothing ever held: what came nearest to it."""
    unsigned = [flaw for flaw in flaws if flaw.code is ReasonCode.GUARDIAN_MISSING]
    if unsigned:
        best = max(unsigned, key=lambda flaw: flaw.signed)
        if best.since is not None and best.since <= at:  # of age by now: no guardian can sign any more, the person can
            params = {"age": rules.age_of_consent}
            return Reason(ReasonCode.CAME_OF_AGE, NextStep.REQUEST_CONSENT, person.id, since=best.since, params=params)
        counts = {"signed": best.signed, "needed": best.needed}
        return Reason(ReasonCode.GUARDIAN_MISSING, NextStep.ASK_GUARDIAN, person.id, params=counts)
    if any(flaw.code is ReasonCode.BIRTH_DATE_NEEDED for flaw in flaws):
        return Reason(ReasonCode.BIRTH_DATE_NEEDED, NextStep.ADD_BIRTH_DATE, person.id)
    if pending:
        return Reason(ReasonCode.REQUESTED, NextStep.REMIND, person.id, since=pending)
    if any(flaw.code is ReasonCode.OUT_OF_TERRITORY for flaw in flaws):
        return Reason(ReasonCode.OUT_OF_TERRITORY, NextStep.REQUEST_CONSENT, person.id)
    answers = [no for no in answers_no(grants, use) if no.at <= at]
    if answers:
        last = max(answers, key=lambda no: (no.at, no.code))
        return Reason(last.code, NextStep.REDACT, person.id, since=last.at)
    in_scope = {grant.id for grant in grants}
    elsewhere = [grant for grant in person.grants if grant.id not in in_scope and _names(grant, use)]
    if any(isinstance(signature(person, grant, rules), Signature) for grant in elsewhere):
        return Reason(ReasonCode.OUT_OF_SCOPE, _asking(person, at, rules), person.id)
    if any(isinstance(signature(person, grant, rules), Signature) for grant in grants):
        return Reason(ReasonCode.USE_NOT_GRANTED, _asking(person, at, rules), person.id)
    return Reason(ReasonCode.NEVER_ASKED, _asking(person, at, rules), person.id)


def _asking(person: PersonFact, at: datetime, rules: Rules) -> NextStep:
    """Whom to ask: the person, or a guardian while the person is under age."""
    of_age = comes_of_age(person, rules)
    young = person.minor if of_age is None else at < of_age
    return NextStep.ASK_GUARDIAN if young else NextStep.REQUEST_CONSENT


def _names(grant: GrantFact, use: str) -> bool:
    return any(granted.use == use for granted in grant.uses)


def _pending(person: PersonFact, grants: Sequence[GrantFact], use: str, at: datetime, rules: Rules) -> datetime | None:
    """When the latest request for this use went out that still waits for its answer, or for the second guardian's."""
    sent = [
        grant.sent_at
        for grant in grants
        if grant.sent_at is not None
        and grant.sent_at <= at
        and not (grant.draft or grant.declined_at or grant.withdrawn_at or grant.superseded_at or grant.ended_at)
        and _names(grant, use)
        and not isinstance(signature(person, grant, rules), Signature)
    ]
    return max(sent, default=None)

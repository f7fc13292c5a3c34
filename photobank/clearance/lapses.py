"""What time alone changes: the next moment at which a verdict will differ although nobody does anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from photobank.clearance.facts_types import AssetFacts, PersonFact, Rules, UseFacts
from photobank.clearance.policy import Judge
from photobank.clearance.terms import comes_of_age
from photobank.clearance.verdicts import ClearanceState, PersonVerdict, Reason

Shown = dict[str, tuple[ClearanceState, datetime | None, tuple[Reason, ...]]]


def next_change(facts: AssetFacts, uses: Iterable[UseFacts], at: datetime, territory: str | None, rules: Rules) -> datetime | None:
    """The first moment after `at` at which the state, end or a reason of one of these verdicts changes; None if never.

    A verdict can only change at certain moments that the facts name; each is tried until one makes a difference.
    """
    return Lookout(Judge(at, territory, rules), at, territory, rules).next_change(facts, tuple(uses))


class Lookout:
    """The same for many photos, seen from one moment. It keeps a Judge per moment that it has tried, and those remember people: keep
    one for one batch."""

    __slots__ = ("_at", "_judges", "_rules", "_territory")

    def __init__(self, judge: Judge, at: datetime, territory: str | None, rules: Rules) -> None:
        self._at, self._territory, self._rules = at, territory, rules
        self._judges = {at: judge}

    def next_change(self, facts: AssetFacts, uses: tuple[UseFacts, ...]) -> datetime | None:
        """As above, for one of them."""
        judge = self._judges[self._at]
        now = _shown(judge, facts, uses)
        moments: set[datetime] = set()
        for key, cells in judge.person_matrix(facts, uses).items():
            person = facts.people.get(key)
            if person is not None:
                for use, cell in cells.items():
                    moments.update(_moments(person, use, cell, self._at, self._rules))
        return next((moment for moment in sorted(moments) if _shown(self._judge(moment), facts, uses) != now), None)

    def _judge(self, moment: datetime) -> Judge:
        judge = self._judges.get(moment)
        if judge is None:
            judge = self._judges[moment] = Judge(moment, self._territory, self._rules)
        return judge


def _shown(judge: Judge, facts: AssetFacts, uses: tuple[UseFacts, ...]) -> Shown:
    verdicts = judge.decide_all(facts, uses)
    return {key: (verdict.state, verdict.valid_until, verdict.reasons) for key, verdict in verdicts.items()}


def _moments(person: PersonFact, use: str, cell: PersonVerdict, at: datetime, rules: Rules) -> set[datetime]:
    """The moments after `at` at which the person may come to stand differently for the use; complete up to the first that matters.

    Who is covered stays so until the cover ends, whatever else is on record; only the step offered may change, when a request goes
    out. For who is not covered every moment on a record about this use counts.
    """
    named: set[datetime | None] = {cell.valid_until} if cell.allowed else {comes_of_age(person, rules)}
    for grant in person.grants:
        granted = [one for one in grant.uses if one.use == use]
        if granted or use in grant.refused:
            named.add(grant.sent_at)
            if not cell.allowed:
                named.update((grant.signed_at, *grant.guardians_signed, grant.declined_at, grant.withdrawn_at))
                named.update((grant.valid_from, grant.valid_until, grant.superseded_at, grant.ended_at))
                named.update(moment for one in granted for moment in (one.until, one.withdrawn_at))
    moments = {moment for moment in named if moment is not None and moment > at}
    return moments | {moment - rules.alert_period for moment in moments if moment - at > rules.alert_period}

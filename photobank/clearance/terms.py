"""From a grant to the stretch of time in which it holds, and why that ends. Whatever a grant can undergo becomes an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from photobank.clearance.facts_types import GrantFact, PersonFact, Rules
from photobank.clearance.verdicts import STATE_OF, ReasonCode
from photobank.kernel.birthdays import birthday

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_GRAVITY: Final = {code: state.severity for code, state in STATE_OF.items()}


@dataclass(frozen=True, slots=True)
class Term:
    """A grant holds from `begin` up to, not including, `end` (None: without end); `why` says what ends it."""

    grant: GrantFact | None
    begin: datetime
    end: datetime | None
    why: ReasonCode

    def holds(self, at: datetime) -> bool:
        """Is it in force at that instant."""
        return self.begin <= at and (self.end is None or at < self.end)

    @property
    def rank(self) -> tuple[bool, datetime, int, int]:
        """Sorts terms by their end, the endless last; equal ends by gravity, then by id, so that order of arrival never matters."""
        key = self.grant.id.int if self.grant else -1
        return (self.end is None, self.end or BEGINNING, _GRAVITY[self.why], key)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a grant does not hold at all, at any time."""

    code: ReasonCode
    signed: int = 0
    needed: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """When a grant was completely signed, and until when that signature can carry it."""

    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class No:
    """The person said no to a use at a moment: withdrew, objected, declined or left it unticked."""

    at: datetime
    code: ReasonCode


def comes_of_age(person: PersonFact, rules: Rules) -> datetime | None:
    """The instant from which the person decides alone; None when the birth date is not known."""
    if person.birth_date is None:
        return None
    return birthday(person.birth_date, rules.age_of_consent, rules.time_zone)


def signature(person: PersonFact, grant: GrantFact, rules: Rules) -> Signature | Flaw | None:
    """Who had to sign, and did they: a Signature, the Flaw that spoils it, or None while nobody has signed.

    What counts is the age at the moment of signing. Under age, only guardians' signatures count, as many as are needed, each given
    before the birthday; such a grant ends on that birthday.
    """
    if grant.draft or grant.declined_at is not None:
        return None
    if grant.regime.is_recorded:
        return Signature(grant.signed_at) if grant.signed_at else None
    if grant.signed_at is None and not grant.guardians_signed:
        return None
    of_age = comes_of_age(person, rules)
    if of_age is None:
        if person.minor or grant.guardians_signed:
            return Flaw(ReasonCode.BIRTH_DATE_NEEDED)
        return Signature(grant.signed_at) if grant.signed_at else None
    if grant.signed_at is not None and grant.signed_at >= of_age:
        return Signature(grant.signed_at)
    needed = max(1, person.guardians_needed)
    in_time = sorted(moment for moment in grant.guardians_signed if moment < of_age)
    if len(in_time) < needed:
        return Flaw(ReasonCode.GUARDIAN_MISSING, signed=len(in_time), needed=needed, since=of_age)
    complete = in_time[needed - 1]
    return Signature(max(complete, grant.signed_at or complete), of_age)


def noes(grants: Iterable[GrantFact], use: str) -> list[No]:
    """Every moment at which the person withdrew or objected to this use. A release, contract or press record takes no such no."""
    said: list[No] = []
    for grant in grants:
        if not grant.regime.ends_at_a_no:
            continue
        code = ReasonCode.OBJECTED if grant.regime.is_recorded else ReasonCode.WITHDRAWN
        for granted in grant.uses:
            if granted.use == use:
                if granted.withdrawn_at is not None:
                    said.append(No(granted.withdrawn_at, code))
                if grant.withdrawn_at is not None:
                    said.append(No(grant.withdrawn_at, code))
    return said


def answers_no(grants: Iterable[GrantFact], use: str) -> list[No]:
    """The noes that count only where silence means yes (the organisation's own basis): requests declined, boxes left unticked."""
    said: list[No] = []
    for grant in grants:
        if grant.draft:
            continue
        if grant.declined_at is not None and any(granted.use == use for granted in grant.uses):
            said.append(No(grant.declined_at, ReasonCode.DECLINED))
        if use in grant.refused and (at := _answered(grant)) is not None:
            said.append(No(at, ReasonCode.USE_REFUSED))
    return said


def term(grant: GrantFact, use: str, signed: Signature, said: Sequence[No]) -> Term | None:
    """The stretch in which the grant holds for the use; None when it does not grant the use.

    A no ends every consent and legitimate interest that was signed or recorded up to that moment, whichever record it was said on.
    A use that is granted twice on one record holds until the later of its own ends.
    """
    granted = [one for one in grant.uses if one.use == use]
    if not granted:
        return None
    ends: list[tuple[datetime, ReasonCode]] = []
    own = [one.until for one in granted if one.until is not None]
    if len(own) == len(granted):
        ends.append((max(own), ReasonCode.EXPIRED))
    if grant.valid_until is not None:
        ends.append((grant.valid_until, ReasonCode.EXPIRED))
    if grant.ended_at is not None:
        ends.append((grant.ended_at, ReasonCode.ENDED))
    if grant.superseded_at is not None:
        ends.append((grant.superseded_at, ReasonCode.SUPERSEDED))
    if signed.until is not None:
        ends.append((signed.until, ReasonCode.CAME_OF_AGE))
    if said and grant.regime.ends_at_a_no:
        ends.extend((no.at, no.code) for no in said if signed.at <= no.at)
    begin = max(signed.at, grant.valid_from or signed.at)
    if not ends:
        return Term(grant, begin, None, ReasonCode.EXPIRED)
    end, why = ends[0] if len(ends) == 1 else min(ends, key=lambda pair: (pair[0], -_GRAVITY[pair[1]], pair[1]))
    return Term(grant, begin, end, why)


def house_terms(said: Sequence[No], signatures: Iterable[datetime]) -> list[Term]:
    """When the organisation's own basis for internal use holds: always, save from a no until the person signs for the use again."""
    events = sorted([(no.at, 1, no.code) for no in said] + [(at, 0, ReasonCode.EXPIRED) for at in signatures])
    terms: list[Term] = []
    begin: datetime | None = BEGINNING
    for at, is_no, code in events:
        if is_no and begin is not None:
            terms.append(Term(None, begin, at, code))
            begin = None
        elif not is_no and begin is None:
            begin = at
    if begin is not None:
        terms.append(Term(None, begin, None, ReasonCode.EXPIRED))
    return terms


def _answered(grant: GrantFact) -> datetime | None:
    """When the form came back: the first signature on it, or the moment it was declined."""
    moments = [at for at in (grant.signed_at, grant.declined_at, *grant.guardians_signed) if at is not None]
    return min(moments, default=None)

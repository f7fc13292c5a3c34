"""The rules once more, slow and literal: is this grant good on this day? Written from the guide, not from the policy.

It knows no intervals: it asks a yes-or-no question for one day at a time, and finds ends by walking the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from photobank.clearance.facts_types import AssetFacts, GrantFact, PersonFact, Rules, UseFacts
from photobank.kernel.ids import FaceId, PersonId

EU = set("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())  # noqa: SIM905
SELF_ENDING = ("consent", "legitimate_interest")
RECORDED = ("legitimate_interest", "press")


def countries(codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        if code == "EEA":
            found |= EU | {"NO", "IS", "LI"}
        elif code == "EU":
            found |= EU
        else:
            found.add(code)
    return found


def is_about(grant: GrantFact, asset: AssetFacts) -> bool:
    match grant.scope.kind:
        case "all":
            return True
        case "folders":
            return any(folder in grant.scope.ids for folder in asset.folder_path)
        case "event":
            return asset.event_id in grant.scope.ids
        case _:
            return asset.id in grant.scope.ids


def sixteenth(person: PersonFact, rules: Rules) -> datetime | None:
    if person.birth_date is None:
        return None
    year, month, number = person.birth_date.year + rules.age_of_consent, person.birth_date.month, person.birth_date.day
    if (month, number) == (2, 29) and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        month, number = 3, 1
    return datetime(year, month, number, tzinfo=ZoneInfo(rules.time_zone)).astimezone(UTC)


def signed_when(person: PersonFact, grant: GrantFact, rules: Rules) -> datetime | None:
    """When it became complete, if it ever did."""
    if grant.draft or grant.declined_at:
        return None
    if grant.regime in RECORDED:
        return grant.signed_at
    birthday = sixteenth(person, rules)
    if birthday is None:
        return None if person.minor or grant.guardians_signed else grant.signed_at
    if grant.signed_at and grant.signed_at >= birthday:
        return grant.signed_at
    guardians = sorted(one for one in grant.guardians_signed if one < birthday)
    if len(guardians) < person.guardians_needed:
        return None
    last = guardians[person.guardians_needed - 1]
    return max(last, grant.signed_at) if grant.signed_at else last


def by_guardian(person: PersonFact, grant: GrantFact, rules: Rules) -> bool:
    birthday, complete = sixteenth(person, rules), signed_when(person, grant, rules)
    return grant.regime not in RECORDED and birthday is not None and complete is not None and complete < birthday


def said_no(grants: Sequence[GrantFact], use: str) -> list[datetime]:
    """Withdrawals of and objections to this use."""
    moments = []
    for grant in grants:
        for granted in grant.uses:
            if grant.regime in SELF_ENDING and granted.use == use:
                moments += [one for one in (grant.withdrawn_at, granted.withdrawn_at) if one]
    return moments


def holds(
    person: PersonFact, grant: GrantFact, about: Sequence[GrantFact], use: str, at: datetime, where: set[str], rules: Rules
) -> bool:
    """Is this one grant good for the use at this moment."""
    complete = signed_when(person, grant, rules)
    if complete is None or at < complete:
        return False
    if grant.valid_from and at < grant.valid_from:
        return False
    for end in (grant.valid_until, grant.superseded_at, grant.ended_at):
        if end and at >= end:
            return False
    if not any(granted.use == use and (granted.until is None or at < granted.until) for granted in grant.uses):
        return False
    if grant.territories is not None and not where <= countries(grant.territories):
        return False
    if by_guardian(person, grant, rules) and at >= (sixteenth(person, rules) or at):
        return False
    return not (grant.regime in SELF_ENDING and any(complete <= no <= at for no in said_no(about, use)))


def answered_no(grants: Sequence[GrantFact], use: str) -> list[datetime]:
    """Requests for this use that were declined, and forms on which it was left unticked."""
    moments = []
    for grant in grants:
        if grant.declined_at and not grant.draft and any(one.use == use for one in grant.uses):
            moments.append(grant.declined_at)
        if use in grant.refused and not grant.draft:
            moments += sorted(one for one in (grant.signed_at, grant.declined_at, *grant.guardians_signed) if one)[:1]
    return moments


def house_holds(person: PersonFact, about: Sequence[GrantFact], use: str, at: datetime, rules: Rules) -> bool:
    """Does the organisation's own basis hold against this person: unless the last word was no."""
    noes = [no for no in said_no(about, use) + answered_no(about, use) if no <= at]
    if not noes:
        return True
    for grant in about:
        complete = signed_when(person, grant, rules)
        if complete and max(noes) < complete <= at and any(one.use == use for one in grant.uses):
            return True
    return False


def covered(person: PersonFact, asset: AssetFacts, use: UseFacts, at: datetime, territory: str | None, rules: Rules) -> bool:
    """Does anything cover this person's part in the photo at this moment."""
    about = [grant for grant in person.grants if is_about(grant, asset)]
    where = countries([territory or rules.home_territory])
    if any(holds(person, grant, about, use.key, at, where, rules) for grant in about):
        return True
    return not use.outside and not rules.internal_needs_consent and house_holds(person, about, use.key, at, rules)


GRAVITY = ("missing", "expired", "revoked")


def standing(
    person: PersonFact,
    asset: AssetFacts,
    use: UseFacts,
    at: datetime,
    calendar: Sequence[datetime],
    territory: str | None,
    rules: Rules,
) -> str:
    """How somebody stands who is not covered: missing when something is still to begin, else by what ended last."""
    about = [grant for grant in person.grants if is_about(grant, asset)]
    where = countries([territory or rules.home_territory])
    if any(covered(person, asset, use, later, territory, rules) for later in calendar if later > at):
        return "missing"
    noes = said_no(about, use.key)
    events = [(no, "revoked") for no in noes]
    for grant in about:
        granted = [one for one in grant.uses if one.use == use.key]
        complete = signed_when(person, grant, rules)
        if not granted or complete is None or (grant.territories is not None and not where <= countries(grant.territories)):
            continue
        ends = [(end, "expired") for end in (grant.valid_until, grant.ended_at) if end]
        if all(one.until for one in granted):
            ends.append((max(one.until for one in granted if one.until), "expired"))
        if grant.superseded_at:
            ends.append((grant.superseded_at, "missing"))
        if by_guardian(person, grant, rules):
            ends.append((sixteenth(person, rules) or at, "missing"))
        if grant.regime in SELF_ENDING:
            ends += [(no, "revoked") for no in noes if no >= complete]
        if ends:
            events.append(min(ends, key=lambda end: (end[0], -GRAVITY.index(end[1]))))
    if not use.outside and not rules.internal_needs_consent:
        events += [(no, "missing") for no in answered_no(about, use.key)]
    past = [event for event in events if event[0] <= at]
    return max(past, key=lambda event: (event[0], GRAVITY.index(event[1])))[1] if past else "missing"


def on_it(asset: AssetFacts) -> set[PersonId]:
    shown = {face.person_id for face in asset.faces if face.state == "confirmed" and not face.redacted and face.person_id}
    return shown | asset.tagged


def allowed(asset: AssetFacts, use: UseFacts, at: datetime, territory: str | None, rules: Rules) -> bool:
    """May the photo be used so at this moment."""
    if asset.state != "ready" or asset.quarantined or asset.locked_by_hand or asset.hold:
        return False
    if use.outside or rules.internal_needs_consent:
        for face in asset.faces:
            decided = face.state == "ignored" or (face.state == "confirmed" and face.person_id)
            if not decided and not face.redacted:
                return False
        if on_it(asset):
            if not asset.faces_done:
                return False
        elif not asset.no_people_confirmed and not (rules.trust_detector and asset.faces_done):
            return False
    return all(covered(asset.people.get(key, PersonFact(key)), asset, use, at, territory, rules) for key in on_it(asset))


def to_hide(
    asset: AssetFacts, use: UseFacts, at: datetime, territory: str | None, rules: Rules, can_hide: Iterable[FaceId]
) -> set[FaceId]:
    """The faces that stand in the way of this use, one by one, as far as they can be hidden."""
    found = set()
    for face in asset.faces:
        if face.redacted or face.state == "ignored" or face.id not in can_hide:
            continue
        if face.state == "confirmed" and face.person_id:
            if not covered(asset.people.get(face.person_id, PersonFact(face.person_id)), asset, use, at, territory, rules):
                found.add(face.id)
        elif use.outside or rules.internal_needs_consent:
            found.add(face.id)
    return found


def without(asset: AssetFacts, hidden: Iterable[FaceId]) -> AssetFacts:
    """The photo in which these faces show nobody."""
    gone = set(hidden)
    return replace(asset, faces=tuple(replace(face, redacted=face.redacted or face.id in gone) for face in asset.faces))


def cover_ends(
    asset: AssetFacts, use: UseFacts, at: datetime, calendar: Sequence[datetime], territory: str | None, rules: Rules
) -> datetime | None:
    """The first later moment on the calendar at which somebody on an allowed photo is no longer covered."""
    for later in sorted(one for one in calendar if one > at):
        for key in on_it(asset):
            if not covered(asset.people.get(key, PersonFact(key)), asset, use, later, territory, rules):
                return later
    return None


def ends_soon(end: datetime | None, at: datetime, period: timedelta) -> bool:
    return end is not None and end <= at + period

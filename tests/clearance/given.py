"""Words for writing cases: a photo with people on it, what they signed, and a calendar in days from today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from photobank.clearance.facts_types import (
    AssetFacts,
    AssetState,
    FaceFact,
    FaceState,
    GrantFact,
    GrantScope,
    PersonFact,
    Regime,
    Rules,
    ScopeKind,
    UseFacts,
    UseGrant,
)
from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId, PersonId

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=AMSTERDAM).astimezone(UTC)
RULES = Rules()

INTERNAL = UseFacts("internal", outside=False)
WEBSITE = UseFacts("website")
SOCIAL = UseFacts("social")
PRESS = UseFacts("press")
USES = (INTERNAL, WEBSITE, SOCIAL, PRESS)


def day(number: int) -> datetime:
    """Midnight in Amsterdam, so many days from today."""
    return datetime.combine(TODAY + timedelta(days=number), datetime.min.time(), AMSTERDAM).astimezone(UTC)


def key(name: str) -> UUID:
    """The same id for the same name, always."""
    return uuid5(UUID(int=0), name)


def pid(name: str) -> PersonId:
    return PersonId(key(name))


def consent(
    *uses: str | UseGrant, name: str = "consent", regime: Regime = Regime.CONSENT, signed: int | None = -100, **more: Any
) -> GrantFact:
    """Signed a hundred days ago unless said otherwise; further fields by their own name, days where a moment is meant."""
    fields: dict[str, Any] = {"signed_at": None if signed is None else day(signed)}
    for field, value in more.items():
        if field == "guardians_signed":
            fields[field] = tuple(day(one) for one in value)
        elif isinstance(value, int) and not isinstance(value, bool):
            fields[field] = day(value)
        else:
            fields[field] = value
    granted = tuple(use if isinstance(use, UseGrant) else UseGrant(use) for use in uses)
    return GrantFact(ConsentId(key(name)), regime, granted, **fields)


def release(*uses: str | UseGrant, name: str = "release", **more: Any) -> GrantFact:
    return consent(*uses, name=name, regime=Regime.RELEASE, **more)


def interest(*uses: str | UseGrant, name: str = "interest", **more: Any) -> GrantFact:
    return consent(*uses, name=name, regime=Regime.LEGITIMATE_INTEREST, **more)


def press(*uses: str | UseGrant, name: str = "press", **more: Any) -> GrantFact:
    return consent(*uses, name=name, regime=Regime.PRESS, **more)


def use(name: str, until: int | None = None, withdrawn: int | None = None) -> UseGrant:
    return UseGrant(name, None if until is None else day(until), None if withdrawn is None else day(withdrawn))


def within(kind: ScopeKind, *names: str) -> GrantScope:
    return GrantScope(kind, frozenset(key(name) for name in names))


def person(name: str, *grants: GrantFact, born: date | None = None, **more: Any) -> PersonFact:
    return PersonFact(pid(name), grants, birth_date=born, **more)


def born_for(birthday_in: int, age: int = 16) -> date:
    """A birth date so that the person turns `age` in so many days."""
    turns = TODAY + timedelta(days=birthday_in)
    return turns.replace(year=turns.year - age)


def face(state: FaceState, who: str | None = None, name: str = "", *, redacted: bool = False) -> FaceFact:
    return FaceFact(FaceId(key(f"face {name or who or state}")), state, pid(who) if who else None, redacted)


def photo(*people: PersonFact, faces: Iterable[FaceFact] = (), tagged: Iterable[PersonFact] = (), **more: Any) -> AssetFacts:
    """A ready photo in folder `fair 2026` below `events`, with one confirmed face per person, and what else is said."""
    confirmed = tuple(FaceFact(FaceId(key(f"face of {one.id}")), FaceState.CONFIRMED, one.id) for one in people)
    tagged = tuple(tagged)
    facts = AssetFacts(
        id=AssetId(key("photo")),
        state=AssetState.READY,
        faces=(*confirmed, *faces),
        tagged=frozenset(one.id for one in tagged),
        people={one.id: one for one in (*people, *tagged)},
        faces_done=True,
        folder_path=(FolderId(key("fair 2026")), FolderId(key("events"))),
        event_id=key("open day"),
    )
    return replace(facts, **more)

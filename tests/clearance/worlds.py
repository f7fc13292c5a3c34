"""Random small worlds: few days, uses, folders and people, so that everything that can coincide does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

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
from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId

from .given import TODAY, day, key, pid

DAYS = 14  # all events fall on days 0..13 from today; none is near a change of the clock
CALENDAR = [day(number) for number in range(-1, DAYS + 10)]
USES = (UseFacts("internal", outside=False), UseFacts("social"), UseFacts("print"))
KEYS = [use.key for use in USES]

moments = st.integers(0, DAYS - 1).map(day)
maybe = st.none() | moments
rarely = st.integers(0, 9).flatmap(lambda roll: moments if roll >= 8 else st.none())
territories = st.sampled_from(
    [None, None, None, frozenset({"NL"}), frozenset({"EU"}), frozenset({"EEA"}), frozenset({"US", "BE"}), frozenset()]
)
wanted = st.sampled_from([None, None, "NL", "BE", "EU", "NO", "US", "WORLD"])

FOLDERS = ("fair", "events", "other")
scopes = st.sampled_from(
    [
        GrantScope(),
        GrantScope(),
        GrantScope(),
        GrantScope(ScopeKind.FOLDERS, frozenset({key("events")})),
        GrantScope(ScopeKind.FOLDERS, frozenset({key("other")})),
        GrantScope(ScopeKind.EVENT, frozenset({key("open day")})),
        GrantScope(ScopeKind.ASSETS, frozenset({key("photo"), key("other photo")})),
        GrantScope(ScopeKind.ASSETS, frozenset()),
    ]
)


@st.composite
def use_grants(draw: st.DrawFn) -> tuple[UseGrant, ...]:
    names = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3))
    return tuple(UseGrant(name, draw(rarely), draw(rarely)) for name in names)


@st.composite
def grants(draw: st.DrawFn, name: str) -> GrantFact:
    return GrantFact(
        id=ConsentId(key(name)),
        regime=draw(st.sampled_from([Regime.CONSENT, Regime.CONSENT, *Regime])),
        uses=draw(use_grants()),
        signed_at=draw(moments | maybe),
        guardians_signed=tuple(draw(st.lists(moments, max_size=2) | st.just([]))),
        valid_from=draw(rarely),
        valid_until=draw(maybe),
        scope=draw(scopes),
        territories=draw(territories),
        refused=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"internal"})])),
        draft=draw(st.sampled_from([False] * 9 + [True])),
        sent_at=draw(rarely),
        declined_at=draw(rarely),
        withdrawn_at=draw(rarely),
        superseded_at=draw(rarely),
        ended_at=draw(rarely),
    )


def sixteen_on(number: int) -> date:
    turns = TODAY + timedelta(days=number)
    return turns.replace(year=turns.year - 16)


@st.composite
def people(draw: st.DrawFn, name: str) -> PersonFact:
    count = draw(st.integers(0, 4))
    return PersonFact(
        id=pid(name),
        grants=tuple(draw(grants(f"{name} {number}")) for number in range(count)),
        birth_date=draw(st.none() | st.just(date(1980, 5, 5)) | st.integers(0, DAYS + 6).map(sixteen_on)),
        minor=draw(st.sampled_from([False] * 5 + [True])),
        guardians_needed=draw(st.sampled_from([1, 1, 2])),
    )


@st.composite
def photos(draw: st.DrawFn, troubled: bool = True) -> AssetFacts:
    """A photo; `troubled` False leaves out what blocks or needs review, so that the people decide."""
    names = ["anna", "ben", "chris"][: draw(st.integers(0, 3))]
    everyone = {pid(name): draw(people(name)) for name in names}
    faces = [FaceFact(FaceId(key(f"face {name}")), FaceState.CONFIRMED, pid(name)) for name in names]
    tagged: set[Any] = set()
    fields: dict[str, Any] = {}
    if troubled:
        faces = [replace(face, redacted=draw(st.sampled_from([False] * 5 + [True]))) for face in faces]
        if everyone and draw(st.booleans()):
            tagged.add(draw(st.sampled_from(sorted(everyone))))
        for number in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            state = draw(st.sampled_from(FaceState))
            shown = draw(st.none() | st.just(pid("anna")))
            faces.append(FaceFact(FaceId(key(f"more {number}")), state, shown, draw(st.booleans())))
        fields = {
            "state": draw(st.sampled_from([AssetState.READY] * 9 + list(AssetState))),
            "faces_done": draw(st.sampled_from([True] * 5 + [False])),
            **{flag: draw(st.sampled_from([False] * 9 + [True])) for flag in ("quarantined", "locked_by_hand", "hold")},
        }
    base = AssetFacts(
        id=AssetId(key("photo")),
        state=AssetState.READY,
        faces=tuple(faces),
        tagged=frozenset(tagged),
        people=everyone,
        faces_done=True,
        no_people_confirmed=draw(st.booleans()),
        folder_path=(FolderId(key("fair")), FolderId(key("events"))),
        event_id=draw(st.none() | st.just(key("open day"))),
    )
    return replace(base, **fields)


rules = st.builds(
    Rules,
    alert_period=st.sampled_from([timedelta(0), timedelta(3), timedelta(30)]),
    trust_detector=st.booleans(),
    internal_needs_consent=st.sampled_from([True, True, False]),
)


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """On the stroke of a day, where ends bite, or somewhere within it."""
    return draw(moments) + timedelta(hours=draw(st.sampled_from([0, 0, 9])))

"""Live pages: who is woken, who reads, and what reaches whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, cast
from uuid import UUID, uuid4

import pytest

from photobank.access.actor import Actor, ActorKind
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import NotFound, Refused, Unavailable
from photobank.messaging.push import MISSED, SESSION_REVOKED, Push
from photobank.models.accounts import Role
from photobank.web.house import House
from photobank.web.socket_door import Caller
from state.base import PhotobankState
from state.broadcaster import PAUSE, RETRY, Broadcaster
from state.live import Reader, Watches, per_role, reader
from state.rules import SIGNED_IN, Rule
from state.sockets import Sockets


class LiveTestState(PhotobankState):
    """A page."""

    access: ClassVar[Rule] = SIGNED_IN
    rows: list[str] = []  # noqa: RUF012


READS: list[str] = []
FAILS: dict[str, Exception] = {}


async def _rows(scope: Any, which: str = "") -> Mapping[str, Any]:
    READS.append(scope.actor.name)
    if error := FAILS.get(scope.actor.name):
        raise error
    return {"rows": [f"{which} for {scope.actor.role}"]}


mine: Reader = reader(lambda: LiveTestState, blank={"rows": ["blank"]})(_rows)
shared: Reader = reader(lambda: LiveTestState, blank={"rows": ["blank"]}, same_for=per_role)(_rows)


@dataclass
class Wire:
    """Stands in for the socket server and for the sessions."""

    people: dict[str, Actor] = field(default_factory=dict)
    sent: list[tuple[tuple[str, ...], Any]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    questions: int = 0

    async def emit(self, event: str, data: Any = None, to: Any = None, *, namespace: str | None = None) -> None:
        self.sent.append(((to,) if isinstance(to, str) else tuple(sorted(to)), data))

    async def disconnect(self, sid: str, namespace: str | None = None) -> None:
        self.closed.append(sid)

    async def of_sessions(self, tokens: Iterable[str]) -> Mapping[str, Actor]:
        self.questions += 1
        return {token: self.people[token] for token in tokens if token in self.people}

    def rows(self, sid: str) -> list[Any]:
        name = LiveTestState.get_full_name()
        return [data.delta[name]["rows_rx_state_"] for sids, data in self.sent if sid in sids and data.delta]


@pytest.fixture
def wire() -> Wire:
    READS.clear()
    FAILS.clear()
    return Wire()


class Screens:
    """A broadcaster and the pages that it serves."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.sockets, self.watches = wire, Sockets(), Watches()

        @asynccontextmanager
        async def scope(actor: Actor) -> AsyncIterator[Any]:
            yield SimpleNamespace(actor=actor)

        house = cast(House, SimpleNamespace(identity=wire, scope=scope, redis=None))
        self.broadcaster = Broadcaster(house, wire, self.sockets, self.watches)

    def open(self, sid: str, name: str, role: str, reads: Reader, /, *topics: str, **params: Any) -> UUID:
        session = uuid4()
        self.wire.people[name] = Actor(ActorKind.user, uuid4(), name, Role(role), session_id=session)
        self.sockets.add(sid, Caller(name, str(session), "", ""))
        self.watches.join(sid, reads, topics, params)
        return session

    async def push(self, kind: str, *ids: UUID) -> None:
        await self.broadcaster.take(Push(kind, ids))
        woken, self.broadcaster._woken = self.broadcaster._woken, set()
        await self.broadcaster.refresh(woken)


@pytest.fixture
def screens(wire: Wire) -> Screens:
    return Screens(wire)


async def test_only_those_who_watch_are_woken(screens: Screens, wire: Wire) -> None:
    asset = uuid4()
    screens.open("1", "Anna", "viewer", mine, f"asset:{asset}")
    screens.open("2", "Bob", "viewer", mine, f"asset:{uuid4()}")
    screens.open("3", "Cas", "viewer", mine, "asset")
    await screens.push("asset", asset)
    assert (len(wire.rows("1")), len(wire.rows("2")), len(wire.rows("3"))) == (1, 0, 1)


async def test_each_person_reads_for_themselves(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    screens.open("2", "Bob", "viewer", mine, "feed")
    await screens.push("feed")
    assert sorted(READS) == ["Anna", "Bob"]


async def test_two_hundred_pages_of_the_same_role_take_one_read_and_one_message(screens: Screens, wire: Wire) -> None:
    for number in range(200):
        screens.open(f"{number}", f"P{number}", "admin" if number % 2 else "privacy_officer", shared, "feed")
    await screens.push("feed")
    assert len(READS) == 2
    assert len(wire.sent) == 2
    assert wire.questions == 1
    assert wire.rows("0") == [[" for privacy_officer"]]
    assert wire.rows("1") == [[" for admin"]]


async def test_pages_that_show_something_else_do_not_share(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "admin", shared, "feed", which="a")
    screens.open("2", "Bob", "admin", shared, "feed", which="b")
    await screens.push("feed")
    assert wire.rows("1") == [["a for admin"]]
    assert wire.rows("2") == [["b for admin"]]


async def test_rights_are_those_of_this_moment(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "admin", shared, "feed")
    old = wire.people["Anna"]
    wire.people["Anna"] = Actor(old.kind, old.user_id, old.name, Role.viewer, session_id=old.session_id)
    await screens.push("feed")
    assert wire.rows("1") == [[" for viewer"]]


async def test_a_session_that_ended_gets_nothing(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "admin", shared, "feed")
    del wire.people["Anna"]
    await screens.push("feed")
    assert wire.sent == []
    assert READS == []


@pytest.mark.parametrize("error", [Refused("no"), NotFound("gone")])
async def test_what_may_no_longer_be_seen_is_blanked(screens: Screens, wire: Wire, error: Exception) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    FAILS["Anna"] = error
    await screens.push("feed")
    assert wire.rows("1") == [["blank"]]


async def test_what_may_not_be_seen_tells_nothing_of_when_it_changes(screens: Screens, wire: Wire) -> None:
    FAILS["Anna"] = NotFound("no such thing")
    screens.open("1", "Anna", "viewer", mine, "feed")
    for _ in range(3):
        await screens.push("feed")
    assert wire.rows("1") == [["blank"]]
    del FAILS["Anna"]
    await screens.push("feed")
    FAILS["Anna"] = NotFound("no such thing")
    await screens.push("feed")
    assert wire.rows("1") == [["blank"], [" for viewer"], ["blank"]]


async def test_a_page_that_was_blank_from_the_start_is_not_told_again(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    (watch,) = screens.watches.all()
    assert screens.watches.is_news(watch, mine.blank)
    FAILS["Anna"] = Refused("not yours")
    await screens.push("feed")
    assert wire.rows("1") == []


async def test_a_fault_of_ours_blanks_nothing_and_spares_the_others(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    screens.open("2", "Bob", "viewer", mine, "feed")
    FAILS["Anna"] = Unavailable("database")
    await screens.push("feed")
    assert wire.rows("1") == []
    assert wire.rows("2") == [[" for viewer"]]
    del FAILS["Anna"]
    await asyncio.sleep(RETRY * 1.5)
    assert {watch.sid for watch in screens.broadcaster._woken} == {"1"}  # it is tried again


async def test_a_page_that_was_left_gets_nothing(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    woken = screens.watches.woken_by(["feed"])
    screens.watches.leave("1")
    await screens.broadcaster.refresh(woken)
    assert wire.sent == []
    assert screens.watches._by_topic == {}


async def test_a_page_that_now_shows_something_else_is_not_told_of_the_old(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed", which="old")
    woken = screens.watches.woken_by(["feed"])
    screens.watches.join("1", mine, ["feed"], {"which": "new"})
    await screens.broadcaster.refresh(woken)
    assert wire.sent == []
    await screens.push("feed")
    assert wire.rows("1") == [["new for viewer"]]


async def test_after_a_gap_every_page_is_read_again_and_ended_sessions_are_cut(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    screens.open("2", "Bob", "viewer", mine, "other")
    screens.open("3", "Cas", "viewer", mine, "other")
    del wire.people["Cas"]
    await screens.push(MISSED)
    assert wire.rows("1")
    assert wire.rows("2")
    assert wire.closed == ["3"]


@pytest.mark.parametrize("kind", ["user", "folders"])
async def test_a_change_of_rights_has_every_page_read_again(screens: Screens, wire: Wire, kind: str) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    FAILS["Anna"] = Refused("no longer")
    await screens.push(kind, uuid4())
    assert wire.rows("1") == [["blank"]]


async def test_a_revoked_session_is_cut_at_once(screens: Screens, wire: Wire) -> None:
    anna = screens.open("1", "Anna", "viewer", mine, "feed")
    screens.open("2", "Bob", "viewer", mine, "feed")
    await screens.push(SESSION_REVOKED, anna)
    assert wire.closed == ["1"]
    assert screens.sockets.caller("1") is None
    assert [event.name for event in wire.sent[0][1].events] == ["_redirect"]


async def test_a_burst_is_taken_together(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "viewer", mine, "feed")
    task = asyncio.create_task(screens.broadcaster._refresh_woken())
    await asyncio.sleep(0)
    for _ in range(50):
        await screens.broadcaster.take(Push("feed"))
        await asyncio.sleep(0)
    await asyncio.sleep(PAUSE * 3)
    task.cancel()
    assert len(READS) == 2  # the first at once, the rest together


def test_a_socket_is_forgotten_when_it_closes() -> None:
    sockets = Sockets()
    sockets.add("1", Caller("t", "s", "", ""))
    sockets.add("2", Caller("t", "s", "", ""))
    sockets.remove("1")
    assert sockets.of_session("s") == ("2",)
    sockets.remove("2")
    sockets.remove("2")
    assert len(sockets) == 0
    assert sockets.session_tokens() == {}


async def test_when_a_confirmation_runs_out_what_it_opened_is_read_again_though_nobody_pushes(screens: Screens, wire: Wire) -> None:
    clock = TurnableClock()
    screens.broadcaster._house = cast(
        House, SimpleNamespace(**vars(screens.broadcaster._house), container=SimpleNamespace(clock=clock))
    )
    screens.open("1", "Anna", "viewer", mine, "feed")
    screens.open("2", "Bob", "viewer", mine, "feed")
    wire.people["Anna"] = replace(wire.people["Anna"], confirmed_until=clock.now() + timedelta(milliseconds=50))
    await screens.broadcaster.cut_ended()
    await screens.broadcaster.cut_ended()
    assert screens.broadcaster._woken == set()
    await asyncio.sleep(0.2)
    assert {watch.sid for watch in screens.broadcaster._woken} == {"1"}


async def test_of_two_sessions_of_one_person_one_may_have_locked_folders_open(screens: Screens, wire: Wire) -> None:
    screens.open("1", "Anna", "admin", shared, "feed")
    screens.open("2", "Anna too", "admin", shared, "feed")
    opened = datetime(2026, 11, 26, tzinfo=UTC)
    wire.people["Anna too"] = replace(wire.people["Anna"], session_id=uuid4(), confirmed_until=opened)
    await screens.push("feed")
    assert len(READS) == 2

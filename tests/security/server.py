"""The real web app, its wrappers and guards, over a plain house and with a page of our own. Started by the fixture `server`."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from starlette.types import ASGIApp

from photobank.kernel.errors import Refused
from photobank.web import opening
from photobank.web.house import house
from state.base import PhotobankState
from state.live import per_role, reader
from state.rules import INTERNAL, PUBLIC, SIGNED_IN, Rule, handler, role
from tests.plain_house import CALLS, PlainScope, open_plain_house

FEED = "test:feed"
RECORDING = "test:recording"
REACHED = "test:reached"


@reader(lambda: DeskState, blank={"rows": [], "gone": True}, same_for=per_role)
async def read_feed(scope: PlainScope) -> dict[str, Any]:
    """The feed: the same for everybody of a role."""
    await scope.redis.incr("test:reads")
    if str(scope.actor.role) == "viewer":
        raise Refused("not for viewers")
    return {"rows": [row.decode() for row in await scope.redis.lrange(FEED, 0, 9)], "gone": False}


@reader(lambda: DeskState, blank={"thing": ""})
async def read_thing(scope: PlainScope, thing_id: UUID) -> dict[str, Any]:
    """One thing, as seen by one person."""
    value = await scope.redis.get(f"test:thing:{thing_id}")
    return {"thing": f"{scope.actor.name}:{(value or b'').decode()}"}


class DeskState(PhotobankState):
    """A page for the signed-in."""

    access: ClassVar[Rule] = SIGNED_IN

    secret: str = ""
    rows: list[str] = []  # noqa: RUF012
    gone: bool = False
    thing: str = ""
    note: str = rx.LocalStorage("", name="note")

    @handler()
    async def load(self) -> None:
        """Loads what only this person may see."""
        await house_called(self, "load")
        actor = await self._actor()
        self.secret = f"secret of {actor.name}"

    @handler()
    async def watch(self, thing_id: str) -> None:
        """Joins two topics."""
        await self._watch(read_feed, "feed")
        await self._watch(read_thing, f"thing:{UUID(thing_id)}", thing_id=UUID(thing_id))

    @handler(role("admin"))
    async def rule_the_house(self) -> None:
        """For admins."""
        await house_called(self, "rule_the_house")

    @handler(PUBLIC)
    async def greet(self) -> None:
        """For all."""
        await house_called(self, "greet")
        self.secret = "hello"

    @handler(PUBLIC)
    def chain(self) -> Any:
        """A public handler that leads to one for admins."""
        return DeskState.rule_the_house

    @handler(INTERNAL)
    async def inside(self) -> None:
        """For the server only."""
        await house_called(self, "inside")

    @handler(background=True)
    async def slow(self) -> None:
        """In the background."""
        await house_called(self, "slow")

    @handler()
    def fail(self) -> None:
        """Goes wrong with something private in its message."""
        raise RuntimeError("anna@example.org could not be found")

    @handler()
    def count_to(self, number: int) -> None:
        """Wants a number."""
        self.note = "counted"

    @handler()
    def set_secret(self, value: str) -> None:
        """A setter, as setvar looks for."""
        self.secret = value


class Recorder(Middleware):
    """Comes after the guard: notes what got past it and, while a test asks for it, keeps the handler from running."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """Note the event."""
        redis = house().redis
        if not await redis.exists(RECORDING):
            return None
        await redis.sadd(REACHED, event.name)
        return StateUpdate()


async def house_called(state: rx.State, name: str) -> None:
    """Count that a handler ran."""
    await house().redis.hincrby(CALLS, name, 1)


def create() -> ASGIApp:
    """Factory for the server."""
    opening.opener = open_plain_house
    from photobank.photobank import app

    app.add_page(lambda: rx.el.p(DeskState.secret), route="/desk", on_load=[PhotobankState.load_frame, DeskState.load])
    app.add_middleware(Recorder())
    made: ASGIApp = app()
    return made

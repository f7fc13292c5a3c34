"""The web app with two pages that show the audit feed: one fed by our broadcaster, one the framework's own way. For benchmarks/live.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from redis.asyncio import Redis
from reflex.istate.manager.token import BaseStateToken
from sqlalchemy import select
from sqlmodel import col
from starlette.types import ASGIApp

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.models.audit import AuditEvent
from photobank.scope import Scope
from photobank.web.house import house
from state.base import PhotobankState
from state.live import per_role, reader
from state.rules import SIGNED_IN, Rule, handler

PEER_CHANNEL = "bench:peer"
ROWS = 20


async def latest(scope: Scope) -> list[dict[str, str]]:
    """What an audit page shows first."""
    require(scope, Action.audit_view)
    found = await scope.db.execute(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(ROWS))
    return [
        {"id": str(one.uid), "at": one.at.isoformat(), "tag": one.tag, "outcome": one.outcome, "actor": str(one.actor_id or "")}
        for one in found.scalars()
    ]


@reader(lambda: OursState, blank={"rows": []}, same_for=per_role)
async def read_feed(scope: Scope) -> dict[str, Any]:
    """The feed for our page."""
    return {"rows": await latest(scope)}


class OursState(PhotobankState):
    """A page fed by the broadcaster."""

    access: ClassVar[Rule] = SIGNED_IN
    rows: list[dict[str, str]] = []  # noqa: RUF012

    @handler()
    async def join(self) -> None:
        """Watch the feed."""
        await self._watch(read_feed, "audit")


PEERS: dict[str, str] = {}


class PeerState(PhotobankState):
    """A page fed through `modify_state`, as the framework's documentation does it."""

    access: ClassVar[Rule] = SIGNED_IN
    rows: list[dict[str, str]] = []  # noqa: RUF012

    @handler()
    async def join(self) -> None:
        """Be on the list."""
        PEERS[self.router.session.client_token] = self.router.session.session_id
        async with self._scope() as scope:
            self.rows = await latest(scope)


def create() -> ASGIApp:
    """Factory for the server."""
    from photobank.photobank import app

    async def fill(token: str, sid: str) -> None:
        from state.caller import someone_on

        actor = await someone_on(sid)
        if actor is None:
            return
        async with house().scope(actor) as scope:
            rows = await latest(scope)
        async with app.modify_state(BaseStateToken(ident=token, cls=PeerState)) as state:
            (await state.get_state(PeerState)).rows = rows

    async def listen(redis: Redis) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(PEER_CHANNEL)
            async for _ in channel.listen():
                await asyncio.gather(*(fill(token, sid) for token, sid in PEERS.items()))

    @asynccontextmanager
    async def peer() -> AsyncIterator[None]:
        task = asyncio.create_task(listen(house().redis))
        yield
        task.cancel()

    app.register_lifespan_task(peer)
    made: ASGIApp = app()
    return made

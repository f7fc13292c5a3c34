"""The open house of this process: what handlers, routes and the broadcaster reach for. Opened once, by the lifespan."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from photobank.access.actor import Actor
from photobank.kernel.errors import Refused, Unavailable
from photobank.scope import Container
from photobank.settings import Settings
from photobank.web.identity import Identity, Scopes
from photobank.web.secrets import WebSecrets


@dataclass(frozen=True, slots=True)
class House:
    """Everything the web layer may touch. `container` is what bootstrap made; only routes that need more than a Scope use it."""

    settings: Settings
    redis: Redis
    identity: Identity
    secrets: WebSecrets
    scope: Scopes
    readiness: Callable[[], Awaitable[dict[str, str]]]
    on_refusal: Callable[[Actor, Refused], Awaitable[None]]
    container: Container


Opener = Callable[[Settings], AbstractAsyncContextManager[House]]

_open: House | None = None


def house() -> House:
    """The open house; raises Unavailable before start-up and after shut-down."""
    if _open is None:
        raise Unavailable("this process is not ready")
    return _open


@asynccontextmanager
async def opened(opener: Opener, settings: Settings) -> AsyncIterator[House]:
    """Open the house for as long as this block runs."""
    global _open
    async with opener(settings) as made:
        _open = made
        try:
            yield made
        finally:
            _open = None

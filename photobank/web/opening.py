"""Opens the house of a web process over the container that bootstrap makes. Tests put an opener of their own in `opener`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from photobank.access.actor import Actor, anonymous
from photobank.accounts import api_keys, sessions, signin
from photobank.bootstrap import open_container
from photobank.kernel.errors import NotAuthenticated, Refused
from photobank.runtime.health import Readiness
from photobank.scope import Container
from photobank.settings import Settings
from photobank.web.house import House, Opener
from photobank.web.identity import SignedIn
from photobank.web.secrets import WebSecrets


class AccountsIdentity:
    """Sessions and keys as the accounts know them."""

    def __init__(self, container: Container) -> None:
        self._container = container

    async def of_session(self, token: str, *, ip: str, user_agent: str) -> Actor | None:
        """The actor of a session that is valid at this moment."""
        return await sessions.resolve(self._container, token, ip, user_agent)

    async def of_sessions(self, tokens: Iterable[str]) -> Mapping[str, Actor]:
        """The same for many at once."""
        return await sessions.resolve_many(self._container, tokens)

    async def of_api_key(self, key: str, *, ip: str, user_agent: str) -> Actor | None:
        """The actor of an API key that is valid at this moment."""
        return await api_keys.resolve(self._container, key, ip, user_agent)

    async def sign_in(self, email: str, password: str, *, ip: str, user_agent: str) -> SignedIn:
        """Start a session. Read back after the commit: what was not committed is no session."""
        async with self._container.scope(anonymous(ip, user_agent)) as scope:
            token = (await signin.sign_in(scope, email, password)).session_token
        actor = await self.of_session(token, ip=ip, user_agent=user_agent)
        if actor is None:
            raise NotAuthenticated("the session ended before it began")
        return SignedIn(token, actor)

    async def sign_out(self, actor: Actor) -> None:
        """End the session of this actor."""
        if actor.session_id is not None:
            async with self._container.scope(actor) as scope:
                await sessions.revoke(scope, actor.session_id)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """The house of this process."""
    async with open_container(settings) as container:

        async def on_refusal(actor: Actor, refused: Refused) -> None:
            await container.on_refusal(container, actor, refused)

        warming = asyncio.create_task(container.decoder.warm())
        yield House(
            settings=settings,
            redis=container.redis,
            identity=AccountsIdentity(container),
            secrets=WebSecrets(container.vault.secret("web"), container.vault.state),
            scope=container.scope,
            readiness=Readiness(settings).parts,
            on_refusal=on_refusal,
            container=container,
        )
        await warming


opener: Opener = open_house

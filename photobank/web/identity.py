"""Who is asking. The web layer knows sessions and keys only through this protocol; accounts are the real one behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from photobank.access.actor import Actor
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Outcome of a sign-in: the token goes into the cookie and nowhere else."""

    session_token: str
    actor: Actor


class Identity(Protocol):
    """Sessions and API keys."""

    async def of_session(self, token: str, *, ip: str, user_agent: str) -> Actor | None:
        """The actor of a session that is valid at this moment."""
        ...

    async def of_sessions(self, tokens: Iterable[str]) -> Mapping[str, Actor]:
        """The same for many, in one query; tokens that are not valid are left out. Does not count as use of the session."""
        ...

    async def of_api_key(self, key: str, *, ip: str, user_agent: str) -> Actor | None:
        """The actor of an API key that is valid at this moment."""
        ...

    async def sign_in(self, email: str, password: str, *, ip: str, user_agent: str) -> SignedIn:
        """Start a session; raises NotAuthenticated without a hint which half was wrong."""
        ...

    async def sign_out(self, actor: Actor) -> None:
        """End the session of this actor."""
        ...


class Scopes(Protocol):
    """Opens a Scope (one transaction) for an actor."""

    def __call__(self, actor: Actor) -> AbstractAsyncContextManager[Scope]:
        """A Scope that commits when left without an error."""
        ...

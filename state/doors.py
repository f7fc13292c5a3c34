"""Sign-in and set-up: only what the pages need to know before anybody is signed in. The forms themselves speak HTTP."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx
from reflex.event import EventSpec

from photobank.kernel.errors import PhotobankError
from photobank.library import setup
from state.base import PhotobankState
from state.entrance import HOME
from state.rules import PUBLIC, Rule, handler


class SignInState(PhotobankState):
    """State of the sign-in page."""

    access: ClassVar[Rule] = PUBLIC

    @handler()
    async def load(self) -> EventSpec | None:
        """Whoever is signed in already goes on."""
        return rx.redirect(HOME, replace=True) if await self._someone() else None


class SetupState(PhotobankState):
    """State of the set-up page."""

    access: ClassVar[Rule] = PUBLIC

    link: str = "loading"
    """What became of the one-time link: loading, open, closed, error."""

    @handler()
    async def load(self) -> None:
        """See whether the link in the address still works."""
        try:
            async with self._public_scope() as scope:
                is_open = await setup.is_open(scope, self.router.url.query_parameters.get("token", ""))
            self.link = "open" if is_open else "closed"
        except PhotobankError:
            self.link = "error"

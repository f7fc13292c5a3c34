"""Leads people from `/` to where they belong: the library, or the sign-in page."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx
from reflex.event import EventSpec

from state.base import PhotobankState
from state.rules import PUBLIC, Rule, handler
from state.sockets import SIGN_IN

HOME = "/library/"


class EntranceState(PhotobankState):
    """State of the index page."""

    access: ClassVar[Rule] = PUBLIC

    @handler()
    async def enter(self) -> EventSpec:
        """Go on to the right page."""
        return rx.redirect(HOME if await self._someone() else SIGN_IN, replace=True)

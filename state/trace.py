"""Whether the page that traces leaks is for who opened it; the looking itself goes over HTTP."""

from __future__ import annotations

from typing import ClassVar

from photobank.access.authorise import may
from photobank.access.permissions import Action
from state.base import PhotobankState
from state.rules import SIGNED_IN, Rule, handler


class TraceState(PhotobankState):
    """State of the page."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"

    @handler()
    async def load(self) -> None:
        """Open the page."""
        self.status = "full" if may(await self._actor(), Action.audit_view) else "refused"

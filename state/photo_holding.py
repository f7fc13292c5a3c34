"""Locking a photo by hand, a legal hold on it, and letting it go again: the dialog that asks why."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from photobank.kernel.errors import Invalid
from photobank.library import holding
from photobank.library.holding import Bolt
from state.photo import PhotoState
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, written


class HoldingState(PhotoState):
    """State of the dialog. What keeps the photo in is part of the photo itself, and comes live."""

    access: ClassVar[Rule] = SIGNED_IN

    bolt: str = ""
    """Which dialog is open: `lock` or `hold`; empty: none."""
    bolt_errors: dict[str, str] = {}  # noqa: RUF012

    @handler()
    def ask_why(self, bolt: str) -> None:
        """Open the dialog."""
        if bolt in Bolt.__members__:
            self.bolt, self.bolt_errors = bolt, {}

    @handler()
    def leave_open(self) -> None:
        """Close it, and change nothing."""
        self.bolt = ""

    @handler()
    async def keep_in(self, form: dict[str, Any]) -> None:
        """Lock it or put a hold on it, for the reason given."""
        if self.bolt not in Bolt.__members__:
            return
        try:
            async with self._scope() as scope:
                await holding.put_on(scope, UUID(self.shown), Bolt(self.bolt), written(form, "reason"))
        except Invalid as error:
            self.bolt_errors = remarks(error)
            return
        self._toast(f"photo.{self.bolt}_done")
        self.bolt = ""

    @handler()
    async def let_go(self, bolt: str) -> None:
        """Unlock it, or lift the hold."""
        if bolt in Bolt.__members__:
            async with self._scope() as scope:
                await holding.take_off(scope, UUID(self.shown), Bolt(bolt))

"""Locked folders: how many wait for a fresh confirmation, and that confirmation. The password is never kept in a var."""

from __future__ import annotations

from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.accounts import stepup
from photobank.kernel.errors import Invalid
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, written


@reader(lambda: ConfirmState, blank={"waiting": 0, "until": ""})
async def read_confirmation(scope: Scope) -> dict[str, Any]:
    """Where this session stands."""
    found = await stepup.state(scope)
    return {"waiting": found.waiting, "until": moment(found.until) if found.until else ""}


class ConfirmState(PhotobankState):
    """State of the dialog that opens locked folders. `waiting` and `until` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    waiting: int = 0
    until: str = ""

    asking: bool = False
    status: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler()
    async def load_confirmation(self) -> EventSpec | None:
        """On opening a page that shows folders."""
        self.asking, self.errors = False, {}
        me = (await self._actor()).user_id
        return await show_live(self, read_confirmation, f"user:{me}", "folders")

    @handler()
    def ask(self) -> None:
        """Ask for the password."""
        self.asking, self.errors = True, {}

    @handler()
    def leave(self) -> None:
        """Not now."""
        self.asking = False

    @handler()
    async def confirm(self, form: dict[str, Any]) -> None:
        """Open locked folders to this session for some minutes. What is open elsewhere on the page reads itself again."""
        proof = str(form.get("proof") or "")
        if not proof:
            self.errors = {"proof": "field.required"}
            return
        try:
            async with self._scope() as scope:
                await stepup.confirm(scope, written(form, "way") or "password", proof)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.asking, self.errors = False, {}

    @handler()
    async def close_locked(self) -> None:
        """Close them again."""
        async with self._scope() as scope:
            await stepup.end(scope)

"""The dialog for codes that hang at events: make one, show it as a QR code, see how many signed, end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import segno

from photobank.consents import event_codes, templates
from photobank.kernel.errors import Invalid
from photobank.models.consents import Regime
from state.base import PhotobankState
from state.people_rows import moment
from state.rules import Rule, handler, role
from state.watching import optional_id, remarks, wanted_id, written


@dataclass
class CodeView:
    """One code in the list."""

    id: str
    title: str
    folder: str
    until: str
    open: bool
    asked: int
    signed: int


class EventCodesState(PhotobankState):
    """State of the dialog. What a code says is read when it is to be shown, and forgotten when the dialog closes."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    open: bool = False
    making: bool = False
    rows: list[CodeView] = []  # noqa: RUF012
    forms: list[tuple[str, str, str]] = []  # noqa: RUF012
    folder: str = ""
    last_day: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012
    shown_title: str = ""
    shown_url: str = ""
    shown_code: str = ""

    @handler()
    async def open_codes(self) -> None:
        """Open it: with the codes there are, or straight at making the first."""
        await self._list()
        self.open, self.making, self.errors = True, not self.rows, {}
        self.shown_url = self.shown_code = self.folder = ""

    @handler()
    def close_codes(self) -> None:
        """Close it."""
        self.open, self.shown_url, self.shown_code = False, "", ""

    @handler()
    def new_code(self) -> None:
        """Make another one."""
        self.making, self.errors, self.folder = True, {}, ""

    @handler()
    def choose_event_folder(self, folder_id: str) -> None:
        """Where the photos are; whether one may is seen when the code is made."""
        self.folder = str(optional_id(folder_id) or "")

    @handler()
    async def make_code(self, form: dict[str, Any]) -> None:
        """Make it, and show it."""
        try:
            last_day = _day(written(form, "last_day"))
            if not self.folder or not written(form, "title"):
                lacks = {
                    "folder_id": "" if self.folder else "errors.folder",
                    "title": "" if written(form, "title") else "errors.name",
                }
                raise Invalid("not filled in", fields={name: key for name, key in lacks.items() if key})
            async with self._scope() as scope:
                made = await event_codes.make(
                    scope, wanted_id(written(form, "template")), wanted_id(self.folder), written(form, "title"), last_day
                )
                url = await event_codes.address_of(scope, made.id)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.making = False
        self._show(made.title, url)
        await self._list()

    @handler()
    async def show_code(self, code_id: str) -> None:
        """Show what a code says."""
        async with self._scope() as scope:
            row = await event_codes.get(scope, wanted_id(code_id))
            url = await event_codes.address_of(scope, row.id)
        self._show(row.title, url)

    @handler()
    def back_to_codes(self) -> None:
        """Back to the list."""
        self.making, self.shown_url, self.shown_code = False, "", ""

    @handler()
    async def end_code(self, code_id: str) -> None:
        """End one."""
        async with self._scope() as scope:
            await event_codes.close(scope, wanted_id(code_id))
        await self._list()

    def _show(self, title: str, url: str) -> None:
        # A picture in the address itself: nothing is stored anywhere.
        self.shown_title, self.shown_url = title, url
        self.shown_code = str(segno.make(url, error="m").svg_data_uri(scale=8, border=2))

    async def _list(self) -> None:
        async with self._scope() as scope:
            forms = [one for one in await templates.list_all(scope) if one.regime in (Regime.consent, Regime.release)]
            rows = await event_codes.listed(scope)
            self.last_day = (scope.now().date() + timedelta(days=1)).isoformat()
        self.forms = [(str(one.id), one.name_nl, one.name_en) for one in forms]
        self.rows = [
            CodeView(
                str(row.id), row.title, row.folder, moment(row.ends_at - timedelta(microseconds=1)), row.open, row.asked, row.signed
            )
            for row in rows
        ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("last_day", fields={"last_day": "errors.event_day"}) from None

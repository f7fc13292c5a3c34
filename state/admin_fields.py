"""Custom fields: which there are, a new one, another name, out of use and back. For admins; live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid
from photobank.library import fields
from photobank.library.fields import FieldChange
from photobank.models.descriptions import FieldKind
from photobank.scope import Scope
from state.admin_users import ADMIN
from state.base import PhotobankState
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, wanted_id, written

KINDS = tuple(str(kind) for kind in FieldKind)


@dataclass
class FieldView:
    """A field in the list."""

    id: str
    label_nl: str
    label_en: str
    kind: str
    choices: str
    private: bool
    retired: bool


@reader(lambda: FieldsState, blank={"status": "refused", "rows": []})
async def read_fields(scope: Scope) -> dict[str, Any]:
    """All fields, those out of use last."""
    require(scope, Action.settings_manage)
    found = await fields.definitions(scope, retired=True)
    rows = [
        FieldView(str(row.id), row.label_nl, row.label_en, str(row.kind), ", ".join(row.choices), row.private, row.retired)
        for row in sorted(found, key=lambda row: row.retired)
    ]
    return {"status": "full" if rows else "empty", "rows": rows}


class FieldsState(PhotobankState):
    """State of the page. `status` and `rows` are fed by the reader."""

    access: ClassVar[Rule] = ADMIN

    status: str = "loading"
    rows: list[FieldView] = []  # noqa: RUF012

    form: str = ""
    """Which dialog is open: `new`, or the id of the field that is changed; empty: none."""
    kind: str = "text"
    label_nl: str = ""
    label_en: str = ""
    choices: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.form = ""
        return await show_live(self, read_fields, "fields")

    @handler()
    async def open_form(self, field_id: str) -> None:
        """The dialog, for a new field or for one there is."""
        self.errors, self.kind, self.label_nl, self.label_en, self.choices = {}, "text", "", "", ""
        if field_id != "new":
            async with self._scope() as scope:
                row = next((one for one in await fields.definitions(scope, retired=True) if str(one.id) == field_id), None)
            if row is None:
                return
            self.kind, self.label_nl, self.label_en, self.choices = (
                str(row.kind),
                row.label_nl,
                row.label_en,
                "\n".join(row.choices),
            )
        self.form = field_id

    @handler()
    def close_form(self) -> None:
        """Close the dialog."""
        self.form = ""

    @handler()
    def choose_kind(self, kind: str) -> None:
        """What the new field holds."""
        if kind in KINDS:
            self.kind = kind

    @handler()
    async def save(self, form: dict[str, Any]) -> None:
        """Make the field, or change it."""
        names = written(form, "label_nl"), written(form, "label_en")
        choices = tuple(written(form, "choices").splitlines())
        try:
            async with self._scope() as scope:
                if self.form == "new":
                    private = bool(written(form, "private"))
                    await fields.define(scope, *names, FieldKind(self.kind), choices=choices, private=private)
                else:
                    change = FieldChange(
                        label_nl=names[0], label_en=names[1], choices=choices if self.kind == FieldKind.choice else None
                    )
                    await fields.change(scope, wanted_id(self.form), change)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.form = ""

    @handler()
    async def retire(self, field_id: str, retired: bool) -> None:
        """Out of use, with its values kept; or back."""
        async with self._scope() as scope:
            await fields.change(scope, wanted_id(field_id), FieldChange(retired=bool(retired)))

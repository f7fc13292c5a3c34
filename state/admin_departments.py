"""Departments on the users page: their members at a glance, and one dialog. For admins; live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from reflex.event import EventSpec

from photobank.accounts import departments, users
from photobank.accounts.departments import DepartmentRow
from photobank.kernel.errors import Conflict, Invalid
from photobank.scope import Scope
from state.admin_users import ADMIN
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, wanted_id, written

SHOWN = 5
"""Members named in the list; the others are counted."""
NEW = "new"
TICK = "member-"


@dataclass
class DepartmentView:
    """A department in the list."""

    id: str
    name: str
    members: int
    shown: list[str]
    """Initials of the first members."""
    more: int


@dataclass
class MemberChoice:
    """A user in the dialog."""

    id: str
    name: str
    email: str
    inside: bool


def department_view(row: DepartmentRow, names: dict[UUID, str]) -> DepartmentView:
    """A department as the page shows it."""
    shown = [initials(names[id_]) for id_ in row.members[:SHOWN] if id_ in names]
    return DepartmentView(str(row.id), row.name, len(row.members), shown, len(row.members) - len(shown))


@reader(lambda: DepartmentsState, blank={"status": "refused", "rows": []})
async def read_departments(scope: Scope) -> dict[str, Any]:
    """Every department, with the names of its first members."""
    names = {row.id: row.name for row in await users.list_all(scope)}
    rows = [department_view(row, names) for row in await departments.list_all(scope)]
    return {"status": "full" if rows else "empty", "rows": rows}


class DepartmentsState(PhotobankState):
    """State of the list and its dialog. `status` and `rows` are fed by the reader."""

    access: ClassVar[Rule] = ADMIN

    status: str = "loading"
    rows: list[DepartmentView] = []  # noqa: RUF012

    form: str = ""
    """Which dialog is open: `new`, or the id of the department that is changed; empty: none."""
    name: str = ""
    choices: list[MemberChoice] = []  # noqa: RUF012
    errors: dict[str, str] = {}  # noqa: RUF012
    asking: bool = False
    """Whether the dialog asks if the department is to go."""

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.form, self.asking = "", False
        return await show_live(self, read_departments, "departments", "users")

    @handler()
    async def open_form(self, department_id: str) -> None:
        """The dialog, for a new department or for one there is."""
        async with self._scope() as scope:
            everybody = await users.list_all(scope)
            row = None
            if department_id != NEW:
                row = next((one for one in await departments.list_all(scope) if str(one.id) == department_id), None)
        if department_id != NEW and row is None:
            self._toast("departments.gone", tone="error")
            return
        inside = set(row.members if row else ())
        self.name, self.errors = row.name if row else "", {}
        self.choices = [
            MemberChoice(str(one.id), one.name, one.email, one.id in inside)
            for one in everybody
            if one.disabled_at is None or one.id in inside
        ]
        self.form = department_id

    @handler()
    def close_form(self) -> None:
        """Close the dialog; nothing changes."""
        self.form, self.choices, self.asking = "", [], False

    @handler()
    async def save(self, form: dict[str, Any]) -> None:
        """Make the department, or change it."""
        name = written(form, "department_name")
        members = [wanted_id(key.removeprefix(TICK)) for key in form if key.startswith(TICK)]
        try:
            async with self._scope() as scope:
                if self.form == NEW:
                    await departments.create(scope, name, members)
                else:
                    await departments.change(scope, wanted_id(self.form), name=name, members=members)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        except Conflict:
            self.errors = {"name": "departments.name_taken"}
            return
        self._toast("departments.saved", tone="success", name=name)
        self.form, self.choices = "", []

    @handler()
    def ask_remove(self) -> None:
        """Ask first: what the department was granted goes with it."""
        self.asking = True

    @handler()
    def keep(self) -> None:
        """Close the question; the department stays."""
        self.asking = False

    @handler()
    async def remove(self) -> None:
        """Remove the department that the dialog is about."""
        name = self.name
        async with self._scope() as scope:
            await departments.remove(scope, wanted_id(self.form))
        self.form, self.choices, self.asking = "", [], False
        self._toast("departments.removed", tone="success", name=name)

"""Users: who may come in, and what each may do. For admins; live, since two admins may work at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.accounts import users
from photobank.accounts.users import UserRow
from photobank.kernel.errors import Conflict, Invalid
from photobank.models.accounts import Role
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials, moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, wanted_id, written

ADMIN = role("admin")
ROLES = tuple(str(one) for one in Role)


@dataclass
class UserView:
    """A user in the list."""

    id: str
    name: str
    initials: str
    email: str
    role: str
    created_at: str
    disabled: bool
    is_me: bool


def user_view(row: UserRow, me: object) -> UserView:
    """A user as the page shows them."""
    return UserView(
        str(row.id),
        row.name,
        initials(row.name),
        row.email,
        str(row.role),
        moment(row.created_at),
        row.disabled_at is not None,
        row.id == me,
    )


@reader(lambda: UsersState, blank={"status": "refused", "users": []})
async def read_users(scope: Scope) -> dict[str, Any]:
    """Every user."""
    rows = await users.list_all(scope)
    return {"status": "full", "users": [user_view(row, scope.actor.user_id) for row in rows]}


class UsersState(PhotobankState):
    """State of the users page. `users` is fed by the reader."""

    access: ClassVar[Rule] = ADMIN

    status: str = "loading"
    users: list[UserView] = []  # noqa: RUF012
    creating: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012
    disabling: str = ""
    """Id of whom the dialog is about; empty: closed."""
    disabling_name: str = ""

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page; others than admins are told by the page that it is not theirs."""
        self.creating, self.disabling = False, ""
        return await show_live(self, read_users, "users")

    @handler()
    def open_form(self) -> None:
        """The dialog for a new user."""
        self.creating, self.errors = True, {}

    @handler()
    def close_form(self) -> None:
        """Close it; nothing was made."""
        self.creating = False

    @handler()
    async def create(self, form: dict[str, Any]) -> None:
        """Make a user. The password goes straight to its hash and is kept nowhere."""
        name = written(form, "user_name")
        password = str(form.get("first_password") or "")
        try:
            if not password:
                raise Invalid("password", fields={"password": "field.required"})
            async with self._scope() as scope:
                await users.create(
                    scope,
                    written(form, "user_email"),
                    name,
                    written(form, "user_role"),
                    password,
                    written(form, "user_language") or "nl",
                )
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        except Conflict:
            self.errors = {"email": "users.email_taken"}
            return
        self.creating, self.errors = False, {}
        self._toast("users.created", tone="success", name=name)

    @handler()
    async def set_role(self, user_id: str, new_role: str) -> EventSpec | None:
        """Give another role; it counts from the user's next click on."""
        try:
            async with self._scope() as scope:
                row = await users.change(scope, wanted_id(user_id), role=new_role)
        except Conflict:
            self._toast("users.last_admin", tone="error")
            # The list in the browser shows the wish; send what is.
            return await show_live(self, read_users, "users")
        self._toast("users.role_given", tone="success", name=row.name)
        return None

    @handler()
    async def ask_disable(self, user_id: str) -> None:
        """Ask first: it signs the user out everywhere."""
        async with self._scope() as scope:
            found = [row for row in await users.list_all(scope) if row.id == wanted_id(user_id)]
        if found:
            self.disabling, self.disabling_name = user_id, found[0].name

    @handler()
    def keep(self) -> None:
        """Close the question; the user stays."""
        self.disabling = ""

    @handler()
    async def disable(self) -> None:
        """Disable the user whom the question was about."""
        user_id, self.disabling = self.disabling, ""
        try:
            async with self._scope() as scope:
                row = await users.change(scope, wanted_id(user_id), disabled=True)
        except Conflict:
            self._toast("users.last_admin", tone="error")
            return
        self._toast("users.disabled_now", tone="success", name=row.name, action=f"enable:{row.id}")

    @handler()
    async def enable(self, user_id: str) -> None:
        """Let a disabled user in again, with the password they had."""
        async with self._scope() as scope:
            row = await users.change(scope, wanted_id(user_id), disabled=False)
        self._toast("users.enabled_now", tone="success", name=row.name)

    @handler()
    async def undo(self, action: str) -> None:
        """The button of a message."""
        kind, _, user_id = action.partition(":")
        if kind == "enable":
            async with self._scope() as scope:
                await users.change(scope, wanted_id(user_id), disabled=False)

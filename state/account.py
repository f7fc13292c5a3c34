"""One's own account: language, password, sessions, API keys. A new key itself never passes through here (components/pages/account.jsx)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import SCOPE_ACTIONS, Action, actions_of
from photobank.accounts import api_keys, sessions, users
from photobank.consents import calendar
from photobank.kernel.errors import Invalid
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, wanted_id


@dataclass
class SessionView:
    """A session in the list."""

    id: str
    place: str
    device: str
    seen_at: str
    created_at: str
    is_this: bool


@dataclass
class KeyView:
    """A key in the list, without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: str
    used_at: str
    ends_at: str


@reader(lambda: AccountState, blank={"status": "refused", "sessions": [], "keys": []})
async def read_account(scope: Scope) -> dict[str, Any]:
    """One's own sessions and keys."""
    me = await users.me(scope)
    own = await sessions.list_own(scope)
    keys = await api_keys.list_own(scope) if may(scope.actor, Action.own_keys) else []
    return {
        "status": "full",
        "email": me.email,
        "theme": me.theme,
        "digest": me.digest,
        "may_watch": may(scope.actor, Action.consent_view),
        "calendar_since": moment(await calendar.since(scope)),
        "sessions": [_session(row) for row in sorted(own, key=lambda row: not row.is_this)],
        "keys": [
            KeyView(
                str(key.id),
                key.name,
                key.prefix,
                list(key.scopes),
                moment(key.created_at),
                moment(key.used_at),
                moment(key.ends_at),
            )
            for key in keys
        ],
    }


def _session(row: sessions.SessionRow) -> SessionView:
    place, _, device = row.device.partition(" | ")
    return SessionView(str(row.id), place, device, moment(row.seen_at), moment(row.created_at), row.is_this)


class AccountState(PhotobankState):
    """State of the account page. Vars up to `keys` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    email: str = ""
    theme: str = "system"
    digest: str = "daily"
    may_watch: bool = False
    calendar_since: str = ""
    sessions: list[SessionView] = []  # noqa: RUF012
    keys: list[KeyView] = []  # noqa: RUF012

    scopes: list[str] = []  # noqa: RUF012
    """What a key of this person can be narrowed to: what opens anything for the role."""
    errors: dict[str, str] = {}  # noqa: RUF012
    password_form: int = 0
    """Counts changes of the password: each starts the form afresh."""
    creating: bool = False
    revoking: str = ""
    revoking_name: str = ""

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.errors, self.creating, self.revoking = {}, False, ""
        someone = await self._actor()
        allowed = actions_of(someone.role, None)
        self.scopes = [name for name, opens in SCOPE_ACTIONS.items() if opens & allowed]
        return await self._read()

    @handler()
    async def keep_theme(self, theme: str) -> None:
        """Keep the appearance for the account; the screen has switched by itself."""
        async with self._scope() as scope:
            await users.set_preferences(scope, theme=theme)
        self.theme = theme

    @handler()
    async def keep_digest(self, digest: str) -> None:
        """How often coming ends are mailed."""
        async with self._scope() as scope:
            await users.set_preferences(scope, digest=digest)
        self.digest = digest

    @handler()
    async def calendar_made(self) -> EventSpec | None:
        """The browser has a new address, which never passes through here."""
        return await self._read()

    @handler()
    async def end_calendar(self) -> EventSpec | None:
        """End the address of the calendar."""
        async with self._scope() as scope:
            await calendar.end(scope)
        self._toast("account.calendar_ended", tone="success")
        return await self._read()

    @handler()
    async def change_password(self, form: dict[str, Any]) -> EventSpec | None:
        """Change it; every other session ends."""
        current, new = str(form.get("current") or ""), str(form.get("new") or "")
        if not current or not new:
            self.errors = {name: "field.required" for name, value in (("current", current), ("password", new)) if not value}
            return None
        try:
            async with self._scope() as scope:
                await users.set_password(scope, current, new)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        self.errors = {}
        self.password_form += 1
        self._toast("account.password_changed", tone="success")
        return await self._read()

    @handler()
    async def end_session(self, session_id: str) -> EventSpec | None:
        """Sign out elsewhere; its screens close at once."""
        async with self._scope() as scope:
            await sessions.revoke(scope, wanted_id(session_id))
        return await self._read()

    @handler()
    async def end_other_sessions(self) -> EventSpec | None:
        """Sign out everywhere but here."""
        async with self._scope() as scope:
            for row in await sessions.list_own(scope):
                if not row.is_this:
                    await sessions.revoke(scope, row.id)
        return await self._read()

    @handler()
    def open_key_form(self) -> None:
        """The dialog for a new key."""
        self.creating = True

    @handler()
    async def close_key_form(self) -> EventSpec | None:
        """Close it; a key may have been made meanwhile."""
        self.creating = False
        return await self._read()

    @handler()
    async def ask_revoke(self, key_id: str) -> None:
        """Ask first: programs with this key stop working."""
        async with self._scope() as scope:
            found = [key for key in await api_keys.list_own(scope) if key.id == wanted_id(key_id)]
        if found:
            self.revoking, self.revoking_name = key_id, found[0].name

    @handler()
    def keep_key(self) -> None:
        """Close the question; the key stays."""
        self.revoking = ""

    @handler()
    async def revoke(self) -> EventSpec | None:
        """End the key that the question was about."""
        key_id, self.revoking = self.revoking, ""
        async with self._scope() as scope:
            await api_keys.revoke(scope, wanted_id(key_id))
        self._toast("account.key_revoked", tone="success", name=self.revoking_name)
        return await self._read()

    async def _read(self) -> EventSpec | None:
        me = (await self._actor()).user_id
        return await show_live(self, read_account, f"user:{me}")

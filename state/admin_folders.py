"""Folders: the tree, and who may do what in each. For those who manage folders; live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.grants import PrincipalKind
from photobank.access.permissions import Action, Permission
from photobank.accounts import departments, users
from photobank.kernel.errors import Conflict, Invalid, NotFound, StepUpNeeded
from photobank.library import folder_access, folders, foldertree
from photobank.library.folders import FolderRow, GrantRow
from photobank.models.accounts import Role
from photobank.scope import Scope
from state.admin_users import ADMIN
from state.base import PhotobankState
from state.confirm import ConfirmState
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import optional_id, remarks, show_live, wanted_id, written

LEVELS = tuple(Permission.__members__)
DEEPEST = 12


@dataclass
class FolderView:
    """A folder in the tree; `depth` indents it."""

    id: str
    parent: str
    name: str
    depth: int
    photos: int
    inherits: bool
    locked: bool
    empty: bool


@dataclass
class GrantView:
    """A row of the matrix. `source` names the folder above that it comes from; empty: made on this one."""

    id: str
    kind: str
    principal: str
    name: str
    level: int
    source: str


def tree(rows: Sequence[FolderRow]) -> list[FolderView]:
    """The folders depth first, each below its parent."""
    children: dict[UUID | None, list[FolderRow]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    views: list[FolderView] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for row in children[parent]:
            empty = row.photos == 0 and not children[row.id]
            views.append(
                FolderView(
                    str(row.id), str(parent or ""), row.name, min(depth, DEEPEST), row.photos, row.inherits, row.locked, empty
                )
            )
            walk(row.id, depth + 1)

    walk(None, 0)
    return views


@dataclass
class SeenView:
    """A folder in the preview of what somebody sees."""

    id: str
    name: str
    level: str
    photos: int


@dataclass
class WhyView:
    """Why somebody holds what they hold."""

    kind: str
    principal: str
    level: str
    folder: str


@reader(lambda: FoldersState, blank={"status": "refused", "tree": []})
async def read_tree(scope: Scope) -> dict[str, Any]:
    """The folders in sight, for who manages them."""
    require(scope, Action.folder_manage)
    found = tree(await folders.list_all(scope))
    return {"status": "full" if found else "empty", "tree": found}


@reader(lambda: FoldersState, blank={"shown_name": "", "shown_empty": False, "grants": [], "above": []})
async def read_grants(scope: Scope, folder_id: UUID) -> dict[str, Any]:
    """Who may do what in one folder: granted here, and inherited from above."""
    rows = {row.id: row for row in await folders.list_all(scope)}
    names = {(PrincipalKind.user, str(user.id)): user.name for user in await users.list_all(scope)}
    names |= {(PrincipalKind.department, str(one.id)): one.name for one in await departments.list_all(scope)}
    here = rows.get(folder_id)
    if here is None:
        raise NotFound("no such folder")
    own = [_view(grant, names, "") for grant in await folders.grants(scope, folder_id)]
    above: list[GrantView] = []
    at = here
    while at.inherits and at.parent_id in rows:
        at = rows[at.parent_id]
        above += [_view(grant, names, at.name) for grant in await folders.grants(scope, at.id)]
    empty = here.photos == 0 and all(row.parent_id != folder_id for row in rows.values())
    return {
        "shown_name": here.name,
        "shown_locked": here.locked,
        "shown_inherits": here.inherits,
        "shown_empty": empty,
        "grants": own,
        "above": above,
    }


def _view(grant: GrantRow, names: dict[tuple[PrincipalKind, str], str], source: str) -> GrantView:
    name = names.get((grant.principal_kind, grant.principal), "")
    return GrantView(str(grant.id), str(grant.principal_kind), grant.principal, name, int(grant.permission), source)


class FoldersState(PhotobankState):
    """State of the folders page. Vars up to `above` are fed by readers."""

    access: ClassVar[Rule] = ADMIN

    status: str = "loading"
    tree: list[FolderView] = []  # noqa: RUF012
    shown_name: str = ""
    shown_inherits: bool = True
    shown_empty: bool = False
    shown_locked: bool = False
    grants: list[GrantView] = []  # noqa: RUF012
    above: list[GrantView] = []  # noqa: RUF012

    shown: str = ""
    """Id of the folder whose grants are shown."""
    principals: list[tuple[str, str, str]] = []  # noqa: RUF012
    """Whom one can grant something: (value, kind, name)."""
    people: list[tuple[str, str]] = []  # noqa: RUF012
    """Whose eyes one can look through: (id, name)."""
    seen_by: str = ""
    """Whose preview is shown; empty: none."""
    seen_level: str = ""
    seen_photos: int = 0
    seen_locked: int = 0
    seen: list[SeenView] = []  # noqa: RUF012
    seen_why: list[WhyView] = []  # noqa: RUF012
    seen_sample: list[str] = []  # noqa: RUF012
    form: str = ""
    """Which dialog is open: create, rename, move, delete; empty: none."""
    parent: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page, with the first folder shown."""
        self.form, self.shown = "", ""
        problem = await show_live(self, read_tree, "folders")
        if problem is None and self.status == "full":
            await self._load_principals()
            return await self._show(self.tree[0].id)
        return problem

    @handler()
    async def choose(self, folder_id: str) -> EventSpec | None:
        """Show another folder's grants."""
        return await self._show(folder_id)

    @handler()
    def open_form(self, form: str, parent: str = "") -> None:
        """Open a dialog: a new folder (inside `parent`), a new name for the one shown, or deleting it."""
        if form in ("create", "rename", "move", "delete"):
            self.form, self.parent, self.errors = form, parent, {}

    @handler()
    def close_form(self) -> None:
        """Close the dialog."""
        self.form = ""

    @handler()
    async def create(self, form: dict[str, Any]) -> EventSpec | None:
        """Make a folder and show it."""
        try:
            async with self._scope() as scope:
                made = await folders.create(scope, written(form, "folder_name"), optional_id(written(form, "folder_parent")))
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except Conflict:
            self.errors = {"name": "folders.name_taken"}
            return None
        self.form = ""
        return await self._show(str(made.id))

    @handler()
    async def rename(self, form: dict[str, Any]) -> None:
        """Give the folder shown another name."""
        try:
            async with self._scope() as scope:
                await folders.change(scope, wanted_id(self.shown), name=written(form, "folder_name"))
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        except Conflict:
            self.errors = {"name": "folders.name_taken"}
            return
        self.form = ""

    @handler()
    async def delete(self) -> EventSpec | None:
        """Delete the folder shown; only an empty one goes."""
        self.form = ""
        try:
            async with self._scope() as scope:
                await folders.remove(scope, wanted_id(self.shown))
        except Conflict:
            self._toast("folders.not_empty", tone="error")
            return None
        async with self._scope() as scope:
            left = tree(await folders.list_all(scope))
        return await self._show(left[0].id if left else "")

    @handler()
    async def move(self, form: dict[str, Any]) -> None:
        """Put the folder shown elsewhere in the tree."""
        try:
            async with self._scope() as scope:
                await foldertree.move(scope, wanted_id(self.shown), optional_id(written(form, "folder_parent")))
        except Conflict:
            self.errors = {"parent": "folders.cannot_move"}
            return
        self.form = ""

    @handler()
    async def set_locked(self, locked: bool) -> Any:
        """Lock the folder shown, or open it for good; asks for the password first where that was not given a moment ago."""
        try:
            async with self._scope() as scope:
                await foldertree.lock(scope, wanted_id(self.shown), locked=locked)
        except StepUpNeeded:
            return ConfirmState.ask
        return None

    @handler()
    async def preview(self, form: dict[str, Any]) -> None:
        """Read the folder shown as somebody else would."""
        async with self._scope() as scope:
            seen = await folder_access.preview(scope, wanted_id(self.shown), wanted_id(written(form, "seen_by")))
        self.seen_by, self.seen_level = seen.name, seen.permission.name if seen.permission else ""
        self.seen_photos, self.seen_locked = seen.photos, seen.locked
        self.seen = [SeenView(str(one.id), one.name, one.permission.name, one.photos) for one in seen.folders]
        self.seen_why = [WhyView(str(why.kind), why.principal, why.permission.name, why.folder_name) for why in seen.why]
        self.seen_sample = [f"/api/v1/assets/{id_}/renditions/thumb" for id_ in seen.sample]

    @handler()
    async def set_inherits(self, inherits: bool) -> None:
        """Take over what is granted above, or not."""
        async with self._scope() as scope:
            await folders.change(scope, wanted_id(self.shown), inherits=inherits)

    @handler()
    async def give(self, kind: str, principal: str, level: str) -> None:
        """Grant a level; replaces what this principal held on the folder."""
        async with self._scope() as scope:
            await folders.give(scope, wanted_id(self.shown), kind, principal, level)

    @handler()
    async def add(self, form: dict[str, Any]) -> None:
        """Grant something to somebody new."""
        kind, _, principal = written(form, "principal").partition(":")
        if not principal:
            self.errors = {"principal": "field.required"}
            return
        self.errors = {}
        await self._give(kind, principal, written(form, "level"))

    async def _give(self, kind: str, principal: str, level: str) -> None:
        async with self._scope() as scope:
            await folders.give(scope, wanted_id(self.shown), kind, principal, level)

    @handler()
    async def take(self, grant_id: str) -> None:
        """Take a grant back; a message offers to put it back."""
        async with self._scope() as scope:
            before = next((one for one in await folders.grants(scope, wanted_id(self.shown)) if str(one.id) == grant_id), None)
            await folders.take(scope, wanted_id(self.shown), wanted_id(grant_id))
        if before is not None:
            again = f"{self.shown}|{before.principal_kind}|{before.principal}|{before.permission.name}"
            self._toast("folders.taken", tone="success", action=again)

    @handler()
    async def undo(self, action: str) -> None:
        """The button of a message: grant it again, which is authorised like any grant."""
        folder_id, kind, principal, level = (*action.split("|"), "", "", "", "")[:4]
        async with self._scope() as scope:
            await folders.give(scope, wanted_id(folder_id), kind, principal, level)

    async def _show(self, folder_id: str) -> EventSpec | None:
        self.shown, self.seen_by = folder_id, ""
        if not folder_id:
            return None
        return await show_live(self, read_grants, "folders", "users", folder_id=wanted_id(folder_id))

    async def _load_principals(self) -> None:
        async with self._scope() as scope:
            people = await users.list_all(scope)
            parts = await departments.list_all(scope)
        self.people = [(str(one.id), one.name) for one in people if one.disabled_at is None]
        self.principals = [
            *((f"role:{one}", "role", str(one)) for one in Role if one is not Role.admin),
            *((f"department:{one.id}", "department", one.name) for one in parts),
            *((f"user:{one.id}", "user", one.name) for one in people if one.disabled_at is None),
        ]

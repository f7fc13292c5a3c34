"""What one does with a selection of photos on any page: describe, move, collect, archive, throw away, like; and takes back again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from photobank.duplicates import stacks
from photobank.kernel.errors import Conflict, Invalid
from photobank.library import bulk, collections, fields, undoing
from photobank.library.bulk import Change, Done, Kind
from photobank.library.describing import TEXTS, Description
from state.base import PhotobankState
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler
from state.watching import optional_id, remarks, wanted_id, written

AT_ONCE = {
    "archive": Kind.archive,
    "unarchive": Kind.unarchive,
    "trash": Kind.trash,
    "restore": Kind.restore,
}
DIALOGS = {"describe": Kind.describe, "move": Kind.move, "collect": Kind.collect}
STARS = ("1", "2", "3", "4", "5")
FIELD = "field_"
UNDO = "bulk:"
UNSTACK = "stack:"


@dataclass
class FieldChoice:
    """A custom field in the dialog."""

    id: str
    name: str
    label_nl: str
    label_en: str
    kind: str
    choices: list[str]


@dataclass
class RecentChange:
    """A change of one's own that can still be taken back."""

    id: str
    kind: str
    count: int
    at: str


@dataclass
class Leaving:
    """How many photos are left alone for a reason."""

    why: str
    count: int


class OrganiseState(PhotobankState):
    """State of the dialogs over a selection."""

    access: ClassVar[Rule] = SIGNED_IN

    chosen: list[str] = []  # noqa: RUF012
    dialog: str = ""
    touched: int = 0
    left: list[Leaving] = []  # noqa: RUF012
    target: str = ""
    collections: list[tuple[str, str]] = []  # noqa: RUF012
    fields: list[FieldChoice] = []  # noqa: RUF012
    errors: dict[str, str] = {}  # noqa: RUF012
    clear: int = 0
    """Counts finished changes: the grid drops its selection."""
    fresh: int = 0
    """Counts changes that no photo's revision tells of (hearts, stars, taking back): the grid reads again what it shows."""
    recent: list[RecentChange] = []  # noqa: RUF012

    @handler()
    async def act(self, name: str, ids: list[str]) -> None:
        """A button of the selection bar: at once with a way back, or a dialog that first says what it would touch."""
        self.chosen = [str(id_) for id_ in ids][: bulk.MOST]
        self.errors = {}
        kind, _, stars = name.partition(":")
        if name in AT_ONCE:
            await self._do(Change(kind=AT_ONCE[name]))
        elif name in ("favour", "unfavour"):
            await self._do(Change(kind=Kind.favour, on=name == "favour"))
        elif kind == "rate":
            await self._do(Change(kind=Kind.rate, stars=int(stars) if stars in STARS else None))
        elif name in DIALOGS:
            await self._open(name)
        elif name == "stack":
            await self._stack()

    @handler()
    def close(self) -> None:
        """Close the dialog."""
        self.dialog = ""

    @handler()
    def aim(self, folder_id: str) -> None:
        """The folder to move to."""
        self.target = folder_id

    @handler()
    async def move(self) -> None:
        """Move what was chosen."""
        await self._do(Change(kind=Kind.move, folder_id=wanted_id(self.target)))

    @handler()
    async def collect(self, form: dict[str, Any]) -> None:
        """Put what was chosen into a collection, or into a new one."""
        name, target = written(form, "collection_name"), optional_id(written(form, "collection"))
        try:
            if target is None:
                async with self._scope() as scope:
                    target = (await collections.create(scope, name)).id
            await self._do(Change(kind=Kind.collect, collection_id=target))
        except Invalid as problem:
            self.errors = remarks(problem)

    @handler()
    async def describe(self, form: dict[str, Any]) -> None:
        """Change what was filled in; what was left empty stays as it is."""
        texts = {name: text for name in TEXTS if (text := written(form, name))}
        values = {
            wanted_id(key.removeprefix(FIELD)): value for key in form if key.startswith(FIELD) and (value := written(form, key))
        }
        change = Change(
            kind=Kind.describe,
            description=Description(
                caption=texts.get("caption"),
                credit=texts.get("credit"),
                event=texts.get("event"),
                photographer=texts.get("photographer"),
                add_tags=_words(written(form, "add_tags")),
                remove_tags=_words(written(form, "remove_tags")),
                fields=values,
            ),
            title_pattern=texts.get("title", ""),
        )
        try:
            await self._do(change)
        except Invalid as problem:
            self.errors = remarks(problem)

    @handler()
    async def show_recent(self) -> None:
        """What one changed in the last day and can still take back."""
        async with self._scope() as scope:
            rows = await undoing.list_own(scope)
        self.recent = [RecentChange(str(row.id), str(row.kind), row.changed, moment(row.created_at)) for row in rows]
        self.dialog = "recent"

    @handler()
    async def take_back(self, operation_id: str) -> None:
        """Take one of them back."""
        await self._undo(operation_id)

    @handler()
    async def toast_action(self, action: str) -> None:
        """The button of a message: take the change back. Authorised like any change; only one's own can be taken back."""
        if action.startswith(UNSTACK):
            async with self._scope() as scope:
                await stacks.dissolve(scope, wanted_id(action.removeprefix(UNSTACK)))
            self._toast("duplicates.unstacked", tone="success")
        if not action.startswith(UNDO):
            return  # of another part of the page
        await self._undo(action.removeprefix(UNDO))

    async def _undo(self, operation_id: str) -> None:
        self.dialog = ""
        async with self._scope() as scope:
            done = await undoing.undo(scope, wanted_id(operation_id))
        self.fresh += 1
        since = sum(done.left.values())
        self._toast("organise.undone_some" if since else "organise.undone", tone="success", count=done.changed, left=since)

    async def _open(self, name: str) -> None:
        async with self._scope() as scope:
            found = await bulk.plan(scope, [wanted_id(id_) for id_ in self.chosen], DIALOGS[name])
            if name == "move":
                self.target = ""
            elif name == "collect":
                mine = [row for row in (await collections.page(scope, limit=200)).items if row.may_add]
                self.collections = [(str(row.id), row.name) for row in mine]
            else:
                self.fields = [
                    FieldChoice(str(row.id), f"{FIELD}{row.id}", row.label_nl, row.label_en, str(row.kind), list(row.choices))
                    for row in await fields.definitions(scope)
                ]
        self.touched = len(found.touched)
        self.left = [Leaving(str(why), count) for why, count in found.left.items()]
        self.dialog = name

    async def _stack(self) -> None:
        try:
            async with self._scope() as scope:
                made = await stacks.make(scope, [wanted_id(id_) for id_ in self.chosen[: stacks.MOST]])
        except Conflict:
            self._toast("organise.stack_not", tone="error")
            return
        self.clear += 1
        self._toast("duplicates.stacked", tone="success", action=f"{UNSTACK}{made.id}")

    async def _do(self, change: Change) -> None:
        async with self._scope() as scope:
            done = await bulk.apply(scope, [wanted_id(id_) for id_ in self.chosen], change)
        self.dialog = ""
        self.clear += 1
        if change.kind in (Kind.favour, Kind.rate):
            self.fresh += 1
        self._say(_named(change), done)

    def _say(self, kind: str, done: Done) -> None:
        left = sum(done.left.values())
        undo = f"{UNDO}{done.operation_id}" if done.operation_id else ""
        if done.changed == 0 and left:
            self._toast("organise.none", count=left)
        elif left:
            self._toast(f"organise.did_some.{kind}", tone="success", action=undo, count=done.changed, left=left)
        else:
            self._toast(f"organise.did.{kind}", tone="success", action=undo, count=done.changed)


def _named(change: Change) -> str:
    """Which sentence tells of it."""
    if change.kind is Kind.favour and not change.on:
        return "unfavour"
    return "unrate" if change.kind is Kind.rate and change.stars is None else str(change.kind)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)

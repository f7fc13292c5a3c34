"""Photos kept together: collections, favourites, the archive, the trash. The grids read over REST; here is what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from photobank.access import visibility
from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import changes
from photobank.kernel.errors import Invalid
from photobank.library import assets, collections, trash
from photobank.library.assets import Filters
from photobank.library.collections import CollectionRow
from photobank.models.assets import AssetState
from photobank.models.collections import CollectionKind
from photobank.scope import Scope
from state.base import PhotobankState
from state.library import hearts
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, wanted_id, written

MOST = 200
QUERIES = {"favourites": "favourite=true", "archive": "state=archived", "trash": "trashed=true"}


@dataclass
class CollectionView:
    """A collection on its card; `cover` is the address of a thumbnail, empty when there is nothing to show."""

    id: str
    name: str
    team: bool
    owner: str
    mine: bool
    photos: int
    cover: str


def _view(row: CollectionRow) -> CollectionView:
    cover = f"/api/v1/assets/{row.cover_id}/renditions/thumb" if row.cover_id else ""
    return CollectionView(str(row.id), row.name, row.kind is CollectionKind.team, row.owner_name, row.mine, row.photos, cover)


@reader(lambda: CollectionsState, blank={"status": "refused", "rows": []})
async def read_collections(scope: Scope) -> dict[str, Any]:
    """One's own collections and those of the team."""
    rows = [_view(row) for row in (await collections.page(scope, limit=MOST)).items]
    return {"status": "full" if rows else "empty", "rows": rows}


@reader(
    lambda: ShelfState,
    blank={"status": "refused", "count": 0, "changes": [], "hearts": [], "hearted": 0, "sight": "", "order": "", "name": ""},
)
async def read_shelf(scope: Scope, kind: str, key: UUID | None = None) -> dict[str, Any]:
    """How many photos stand on it, and which changed lately."""
    found: dict[str, Any] = {
        "status": "full",
        "name": "",
        "mine": False,
        "may_add": False,
        "team": False,
        "purgeable": 0,
        "held": 0,
        "order": "",
    }
    if kind == "collection" and key is not None:
        row = await collections.get(scope, key)
        found |= {"name": row.name, "mine": row.mine, "may_add": row.may_add, "team": row.kind is CollectionKind.team}
        found |= {"count": row.photos, "order": row.changed_at.isoformat()}
    elif kind == "trash":
        numbers = await trash.counts(scope)
        found |= {"count": numbers.photos, "purgeable": numbers.purgeable, "held": numbers.held, "days": numbers.days}
    else:
        filters = Filters(favourite=True) if kind == "favourites" else Filters(state=AssetState.archived)
        found["count"] = await assets.count(scope, filters)
    found["changes"] = [[str(id_), at] for id_, at in await changes.latest(scope)]
    found |= await hearts(scope)
    found["sight"] = await visibility.fingerprint(scope)
    return found


class CollectionsState(PhotobankState):
    """State of the list of collections. Vars up to `rows` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    rows: list[CollectionView] = []  # noqa: RUF012

    creating: bool = False
    may_team: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.creating, self.errors = False, {}
        self.may_team = may(await self._actor(), Action.asset_edit)
        return await show_live(self, read_collections, "collections", "library", "folders")

    @handler()
    def open_form(self) -> None:
        """The dialog for a new collection."""
        self.creating, self.errors = True, {}

    @handler()
    def close_form(self) -> None:
        """Close it."""
        self.creating = False

    @handler()
    async def create(self, form: dict[str, Any]) -> Any:
        """Make a collection and open it."""
        kind = CollectionKind.team if written(form, "team") else CollectionKind.personal
        try:
            async with self._scope() as scope:
                made = await collections.create(scope, written(form, "name"), kind)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        self.creating = False
        return rx.redirect(f"/collection/?id={made.id}")


class ShelfState(PhotobankState):
    """State of a page with one such set of photos. Vars up to `sight` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    name: str = ""
    mine: bool = False
    may_add: bool = False
    team: bool = False
    count: int = -1
    purgeable: int = 0
    held: int = 0
    days: int = 30
    changes: list[list[str]] = []  # noqa: RUF012
    hearts: list[list[str]] = []  # noqa: RUF012
    hearted: int = 0
    sight: str = ""
    order: str = ""
    """Changes when photos come into a collection, leave it, or change places in it."""

    kind: str = ""
    shown: str = ""
    """Id of the collection shown."""
    path: str = "/api/v1/assets"
    query: str = ""
    may_edit: bool = False
    may_ask: bool = False
    dialog: str = ""
    emptying: bool = False
    clear: int = 0
    reload: int = 0
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler()
    async def load_collection(self) -> EventSpec | None:
        """Open a collection."""
        key = wanted_id(self.router.url.query_parameters.get("id", ""))
        self.shown = str(key)
        self.path, self.query = f"/api/v1/collections/{key}/assets", ""
        return await self._open("collection", f"collection:{key}", key=key)

    @handler()
    async def load_favourites(self) -> EventSpec | None:
        """Open one's favourites."""
        return await self._open("favourites")

    @handler()
    async def load_archive(self) -> EventSpec | None:
        """Open the archive."""
        return await self._open("archive")

    @handler()
    async def load_trash(self) -> EventSpec | None:
        """Open the trash."""
        return await self._open("trash")

    @handler()
    def open_dialog(self, dialog: str) -> None:
        """Ask before: rename, delete, empty."""
        if dialog in ("rename", "delete", "empty"):
            self.dialog, self.errors = dialog, {}

    @handler()
    def close_dialog(self) -> None:
        """Close the question."""
        self.dialog = ""

    @handler()
    async def rename(self, form: dict[str, Any]) -> None:
        """Give the collection another name, and say whose it is."""
        kind = CollectionKind.team if written(form, "team") else CollectionKind.personal
        try:
            async with self._scope() as scope:
                await collections.change(scope, wanted_id(self.shown), name=written(form, "name"), kind=kind)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.dialog = ""

    @handler()
    async def delete(self) -> Any:
        """Delete the collection; its photos stay."""
        async with self._scope() as scope:
            await collections.remove(scope, wanted_id(self.shown))
        self.dialog = ""
        return rx.redirect("/collections/")

    @handler()
    async def act(self, name: str, ids: list[str]) -> None:
        """What only this page does with a selection: out of the collection, its cover, to the front of it."""
        if self.kind != "collection" or name not in ("uncollect", "cover", "front"):
            return
        chosen, key = [wanted_id(id_) for id_ in ids], wanted_id(self.shown)
        async with self._scope() as scope:
            if name == "uncollect":
                await collections.drop(scope, key, chosen)
            elif name == "cover" and chosen:
                await collections.change(scope, key, cover_id=chosen[0])
            else:
                first = next(
                    (one.id for one in (await collections.assets(scope, key, limit=MOST)).items if one.id not in chosen), None
                )
                await collections.arrange(scope, key, chosen, first)
        self.clear += 1
        self.reload += 1

    @handler()
    async def empty_trash(self) -> None:
        """Delete for good what the person may, some hundreds in a transaction."""
        self.dialog = ""
        gone = 0
        while True:
            async with self._scope() as scope:
                purged = await trash.empty(scope)
            gone += purged
            if purged == 0:
                break
        self._toast("trash.emptied", tone="success", count=gone)

    async def _open(self, kind: str, *topics: str, **params: UUID) -> EventSpec | None:
        self.kind, self.dialog, self.status = kind, "", "loading"
        if kind in QUERIES:
            self.shown, self.path, self.query = "", "/api/v1/assets", QUERIES[kind]
        someone = await self._actor()
        self.may_edit, self.may_ask = may(someone, Action.asset_edit), may(someone, Action.consent_request)
        return await show_live(self, read_shelf, "library", "folders", *topics, kind=kind, **params)

"""The upload page: where photos go, what becomes of those sent from this tab, and what is left of earlier ones. Live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from photobank.clearance import index
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.library import assets, folders, trash
from photobank.library.assets import Filters
from photobank.models.assets import Asset, AssetState, Stage
from photobank.people import faces
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.folder_choices import FolderChoice, folder_choices
from state.library import LibraryState
from state.live import reader
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler

MOST_WATCHED = 500
MOST_EARLIER = 40


@dataclass
class Earlier:
    """A photo sent before this page was opened, still under way or waiting for a decision."""

    id: str
    filename: str
    state: str
    reason: str
    at: str


@reader(lambda: UploadState, blank={"live": []})
async def read_sent(scope: Scope, ids: tuple[UUID, ...]) -> dict[str, Any]:
    """Where the photos stand that this tab has sent, in the shape that the uploader takes."""
    if not ids:
        return {"live": []}
    rows: list[dict[str, Any]] = []
    for start in range(0, len(ids), 200):
        page = await assets.page(scope, Filters(ids=ids[start : start + 200]), limit=200)
        found = [asset.id for asset in page.items]
        shields = await index.shields(scope, found)
        counts = await faces.counts(scope, found)
        rows += [
            {
                "id": str(asset.id),
                "state": str(asset.state),
                "stage": str(asset.stage),
                "reason": asset.rejection or "",
                "title": asset.title,
                "faces_open": counts[asset.id].open,
                "clearance": {use: {"state": shield.state.value} for use, shield in shields[asset.id].items()},
            }
            for asset in page.items
        ]
    return {"live": rows}


@reader(lambda: UploadState, blank={"rejected": [], "under_way": []})
async def read_earlier(scope: Scope, ids: tuple[UUID, ...], before: datetime) -> dict[str, Any]:
    """Photos that this person sent before the page was opened: those that could not be opened, and those still being processed."""

    async def of(state: AssetState) -> list[Earlier]:
        page = await assets.page(scope, Filters(state=state, mine=True), limit=MOST_EARLIER)
        return [_earlier(asset) for asset in page.items if asset.id not in ids and asset.created_at < before]

    return {"rejected": await of(AssetState.rejected), "under_way": await of(AssetState.processing)}


def _earlier(asset: Asset) -> Earlier:
    doing = "faces" if asset.stage == Stage.faces else "decode"
    return Earlier(str(asset.id), asset.filename, doing, asset.rejection or "", moment(asset.created_at))


class UploadState(PhotobankState):
    """State of the upload page."""

    access: ClassVar[Rule] = SIGNED_IN

    live: list[dict[str, Any]] = []  # noqa: RUF012
    rejected: list[Earlier] = []  # noqa: RUF012
    under_way: list[Earlier] = []  # noqa: RUF012

    folders: list[FolderChoice] = []  # noqa: RUF012
    folder: str = ""
    status: str = "loading"
    use: str = "internal"
    discarding: str = ""

    _ids: list[str] = []  # noqa: RUF012
    _opened: str = ""

    @handler()
    async def load(self) -> Any:
        """Show where photos may go, and what is left of earlier ones."""
        try:
            async with self._scope() as scope:
                self._opened = scope.now().isoformat()
                self.folders = [row for row in folder_choices(await folders.list_all(scope)) if row.may_add]
        except PhotobankError as error:
            self.status = "error"
            return problem_event(error)
        if self.folder not in {row.id for row in self.folders}:
            self.folder = self.folders[0].id if self.folders else ""
        library = await self.get_state(LibraryState)
        self.use = library.use or "internal"
        self.status = "full" if self.folders else "empty"
        await self._follow()
        return None

    @handler()
    def choose_folder(self, folder_id: str) -> None:
        """Photos added from now on go here."""
        if folder_id in {row.id for row in self.folders}:
            self.folder = folder_id

    @handler()
    async def sent(self, ids: list[str]) -> None:
        """The photos that this tab has begun to send: watch those. Kept, since after a lost connection the page only loads again."""
        self._ids = [str(_id(one)) for one in ids[-MOST_WATCHED:]]
        await self._follow()

    @handler()
    def ask_discard(self, asset_id: str) -> None:
        """Ask before a rejected original goes for good; empty: do not."""
        self.discarding = asset_id

    @handler()
    async def discard(self) -> Any:
        """Throw the rejected original away."""
        asset_id, self.discarding = self.discarding, ""
        try:
            async with self._scope() as scope:
                await trash.discard_rejected(scope, _id(asset_id))
        except PhotobankError as error:
            return problem_event(error)
        self.rejected = [row for row in self.rejected if row.id != asset_id]
        self._toast("upload.discarded")
        return None

    async def _follow(self) -> None:
        ids = tuple(UUID(one) for one in self._ids)
        await self._watch(read_sent, *(f"asset:{id_}" for id_ in ids), ids=ids)
        await self._watch(read_earlier, "library", ids=ids, before=datetime.fromisoformat(self._opened))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("not an id", fields={"id": "errors.id"}) from None

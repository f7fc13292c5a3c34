"""The library: which photos the grid shows and for which use, what happens to a selection. The grid itself reads over REST."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import reflex as rx

from photobank.access import visibility
from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import changes
from photobank.consents import uses
from photobank.kernel.errors import PhotobankError
from photobank.library import assets, choosing, marks
from photobank.library.assets import Filters
from photobank.library.choosing import FolderChoice
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.lists import SORTS, sort_of
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler


@reader(lambda: LibraryState, blank={"changes": [], "hearts": [], "hearted": 0, "count": 0, "sight": ""})
async def read_library(scope: Scope, folder_id: str = "") -> dict[str, Any]:
    """How many photos there are, and which changed lately."""
    filters = Filters(folder_id=UUID(folder_id) if folder_id else None)
    return {
        "changes": [[str(id_), at] for id_, at in await changes.latest(scope)],
        **await hearts(scope),
        "count": await assets.count(scope, filters),
        "sight": await visibility.fingerprint(scope),
    }


@reader(lambda: LibraryState, blank={"several": False})
async def read_folders(scope: Scope) -> dict[str, Any]:
    """Whether there are folders to choose from; which, the picker asks by itself."""
    return {"several": await choosing.several(scope)}


async def hearts(scope: Scope) -> dict[str, Any]:
    """One's own latest hearts and how many there are: an open list reads again what was given or taken back elsewhere."""
    latest, count = await marks.hearts(scope)
    return {"hearts": [[str(id_), at.isoformat()] for id_, at in latest], "hearted": count}


class LibraryState(PhotobankState):
    """State of the library."""

    access: ClassVar[Rule] = SIGNED_IN

    changes: list[list[str]] = []  # noqa: RUF012
    hearts: list[list[str]] = []  # noqa: RUF012
    hearted: int = 0
    count: int = -1
    sight: str = ""
    """Changes when folders come into sight or go out of it."""
    several: bool = False

    use: str = rx.LocalStorage("internal", name="photobank_use", sync=True)
    """The use that every shield answers for; kept by the browser."""
    uses: list[str] = []  # noqa: RUF012
    folder: str = ""
    folder_name: str = ""
    sort: str = "newest"
    query: str = ""
    reload: int = 0
    may_upload: bool = False
    may_edit: bool = False
    may_ask: bool = False
    may_download: bool = False

    @handler()
    async def load(self) -> Any:
        """Show the library, narrowed to the folder and in the order of the address, if it has them."""
        wanted = self.router.url.query_parameters.get("folder", "")
        try:
            async with self._scope() as scope:
                self.uses = [use.id for use in await uses.list_all(scope)]
                self.may_upload = may(scope.actor, Action.asset_upload)
                self.may_edit = may(scope.actor, Action.asset_edit)
                self.may_ask = may(scope.actor, Action.consent_request)
                self.may_download = may(scope.actor, Action.asset_download)
                chosen = await _folder(scope, wanted)
        except PhotobankError as error:
            return problem_event(error)
        if self.use not in self.uses:
            self.use = "internal"
        self.sort = sort_of(self.router.url.query_parameters)
        self._narrow(chosen)
        await self._watch(read_folders, "folders")
        await self._follow()
        return None

    @handler()
    async def choose_folder(self, folder_id: str) -> None:
        """Only this folder; empty: all."""
        async with self._scope() as scope:
            chosen = await _folder(scope, folder_id)
        self._narrow(chosen)
        await self._follow()

    @handler()
    def choose_use(self, use: str) -> None:
        """Shields answer for this use from now on."""
        if use in self.uses:
            self.use = use

    @handler()
    def choose_sort(self, sort: str) -> None:
        """Newest or oldest first."""
        if sort in SORTS:
            self.sort = sort
            self._ask()

    def _narrow(self, chosen: FolderChoice | None) -> None:
        self.folder, self.folder_name = (str(chosen.id), chosen.path) if chosen else ("", "")
        self._ask()

    def _ask(self) -> None:
        parts = [f"folder_id={self.folder}"] if self.folder else []
        if self.sort != "newest":
            parts.append(f"sort={self.sort}")
        self.query = "&".join(parts)

    async def _follow(self) -> None:
        await self._watch(read_library, "library", folder_id=self.folder)


async def _folder(scope: Scope, text: str) -> FolderChoice | None:
    """The folder of an address; none when it names no folder in sight."""
    try:
        return await choosing.one(scope, UUID(text)) if text else None
    except ValueError:
        return None

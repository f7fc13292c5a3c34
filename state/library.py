"""The library: which photos the grid shows and for which use, what happens to a selection. The grid itself reads over REST.

What the list is narrowed to stands in the page's address, so that a link, a reload and "back" show the same list.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from photobank.access import visibility
from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import changes
from photobank.consents import uses
from photobank.kernel.errors import NotFound, PhotobankError
from photobank.library import assets, choosing, marks
from photobank.library.assets import Filters
from photobank.library.choosing import FolderChoice
from photobank.people import persons
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.lists import SORTS, sort_of
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler


@reader(lambda: LibraryState, blank={"changes": [], "hearts": [], "hearted": 0, "count": 0, "sight": ""})
async def read_library(scope: Scope, folder_id: str = "", person_id: str = "") -> dict[str, Any]:
    """How many photos there are, and which changed lately."""
    filters = Filters(folder_id=UUID(folder_id) if folder_id else None, person_id=UUID(person_id) if person_id else None)
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
    person: str = ""
    person_name: str = ""
    sort: str = "newest"
    query: str = ""
    reload: int = 0
    may_upload: bool = False
    may_edit: bool = False
    may_ask: bool = False
    may_download: bool = False
    may_people: bool = False

    @handler()
    async def load(self) -> Any:
        """Show the library, narrowed to the folder and the person and in the order of the address, as far as it has them."""
        wanted = self.router.url.query_parameters
        try:
            async with self._scope() as scope:
                self.uses = [use.id for use in await uses.list_all(scope)]
                self.may_upload = may(scope.actor, Action.asset_upload)
                self.may_edit = may(scope.actor, Action.asset_edit)
                self.may_ask = may(scope.actor, Action.consent_request)
                self.may_download = may(scope.actor, Action.asset_download)
                self.may_people = may(scope.actor, Action.person_view)
                folder = await _folder(scope, wanted.get("folder", ""))
                person = await _person(scope, wanted.get("person", ""))
        except PhotobankError as error:
            return problem_event(error)
        if self.use not in self.uses:
            self.use = "internal"
        self.sort = sort_of(wanted)
        self._narrow(folder, person)
        await self._watch(read_folders, "folders")
        await self._follow()
        return None

    @handler()
    async def choose_folder(self, folder_id: str) -> Any:
        """Only this folder; empty: all."""
        async with self._scope() as scope:
            chosen = await _folder(scope, folder_id)
        return self._go(folder=str(chosen.id) if chosen else "")

    @handler()
    async def choose_person(self, person_id: str) -> Any:
        """Only photos with this person on them; empty: all."""
        async with self._scope() as scope:
            chosen = await _person(scope, person_id)
        return self._go(person=chosen[0] if chosen else "")

    @handler()
    def clear(self) -> Any:
        """Every photo again."""
        return self._go(folder="", person="")

    @handler()
    def choose_use(self, use: str) -> None:
        """Shields answer for this use from now on."""
        if use in self.uses:
            self.use = use

    @handler()
    def choose_sort(self, sort: str) -> Any:
        """Newest or oldest first."""
        return self._go(sort=sort) if sort in SORTS else None

    def _go(self, **to: str) -> Any:
        """The same page with another address; `load` does the rest."""
        kept = {"folder": self.folder, "person": self.person, "sort": self.sort} | to
        if kept["sort"] == SORTS[0]:
            del kept["sort"]
        asked = urlencode({name: value for name, value in kept.items() if value})
        return rx.redirect(f"/library/?{asked}" if asked else "/library/", replace=True)

    def _narrow(self, folder: FolderChoice | None, person: tuple[str, str] | None) -> None:
        self.folder, self.folder_name = (str(folder.id), folder.path) if folder else ("", "")
        self.person, self.person_name = person or ("", "")
        # With a person the order is always said: a photo opened from here leads back to the library, not to that person's page (lists.py).
        said = {"folder_id": self.folder, "person_id": self.person, "sort": self.sort}
        if self.sort == SORTS[0] and not person:
            del said["sort"]
        self.query = urlencode({name: value for name, value in said.items() if value})

    async def _follow(self) -> None:
        await self._watch(read_library, "library", folder_id=self.folder, person_id=self.person)


async def _folder(scope: Scope, text: str) -> FolderChoice | None:
    """The folder of an address; none when it names no folder in sight."""
    try:
        return await choosing.one(scope, UUID(text)) if text else None
    except ValueError:
        return None


async def _person(scope: Scope, text: str) -> tuple[str, str] | None:
    """Id and name of the person of an address; none when it names nobody in sight."""
    if not may(scope.actor, Action.person_view):
        return None
    try:
        found = await persons.find(scope, UUID(text)) if text else None
    except (ValueError, NotFound):
        return None
    return (str(found.id), found.name) if found else None

"""The dialog in which somebody is asked to sign: by mail, by a code to scan, on this tablet. Any page may open it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import segno

from photobank.consents import asking, requests, templates, unasked
from photobank.consents.asking import Guardian, NewRequest
from photobank.consents.progress import Way
from photobank.consents.records import Extent
from photobank.kernel.errors import Invalid
from photobank.people import persons
from photobank.scope import Scope
from state.base import PhotobankState
from state.people_rows import masked
from state.rules import Rule, handler, role
from state.watching import optional_id, remarks, wanted_id, written


class ConsentAskState(PhotobankState):
    """State of the dialog. The link is made when it is to be shown, and forgotten when the dialog closes."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    open: bool = False
    many: bool = False
    """Everybody who was never asked, instead of one person."""
    count: int = 0
    person_id: str = ""
    person_name: str = ""
    address: str = ""
    guardians: int = 0
    forms: list[tuple[str, str, str]] = []  # noqa: RUF012
    asset_id: str = ""
    folder: str = ""
    """The folder of the event that it is about."""
    errors: dict[str, str] = {}  # noqa: RUF012
    links: list[tuple[str, str, str]] = []  # noqa: RUF012
    """Name, link and code to scan of everybody who has to sign, once they are to be shown."""

    @handler()
    async def open_for(self, person_id: str, asset_id: str = "") -> None:
        """Open it for somebody; `asset_id`: the photo it began at."""
        async with self._scope() as scope:
            found = await persons.detail(scope, wanted_id(person_id))
            self.guardians = await asking.guardians_of(scope, found.id)
            forms = await templates.list_all(scope)
        self.person_id, self.person_name, self.address = str(found.id), found.name, masked(found.email)
        self.asset_id, self.folder = str(optional_id(asset_id) or ""), ""
        forms.sort(key=lambda one: one.for_guardians != (self.guardians > 0))  # what fits comes first, and is chosen
        self.forms = [(str(one.id), one.name_nl, one.name_en) for one in forms]
        self.many, self.links, self.errors, self.open = False, [], {}, True

    @handler()
    async def open_for_all(self) -> None:
        """Open it for everybody who was never asked and has an address."""
        async with self._scope() as scope:
            self.count = len(await unasked.mailable(scope, asking.MOST_AT_ONCE))
            forms = await templates.list_all(scope)
        self.forms = [(str(one.id), one.name_nl, one.name_en) for one in forms]
        self.person_id = self.person_name = self.address = self.asset_id = ""
        self.guardians, self.many, self.links, self.errors, self.open = 0, True, [], {}, True

    @handler()
    async def show_links(self, request_id: str) -> None:
        """The links of a request that waits, to be scanned or opened here."""
        async with self._scope() as scope:
            row = await requests.get(scope, wanted_id(request_id))
            self.links = [_shown(one.name, await asking.link_of(scope, one.id)) for one in row.signers if one.signed_at is None]
        self.person_name, self.open = row.person_name, True

    @handler()
    def choose_folder(self, folder_id: str) -> None:
        """It is about the photos in this folder; whether one may is seen when somebody is asked."""
        self.folder = str(optional_id(folder_id) or "")

    @handler()
    def close(self) -> None:
        """Close it."""
        self.open, self.links = False, []

    @handler()
    async def submit(self, form: dict[str, Any]) -> None:
        """Ask."""
        try:
            if self.many:
                await self._ask_all(form)
            else:
                await self._ask(form)
        except Invalid as problem:
            self.errors = remarks(problem)

    async def _ask(self, form: dict[str, Any]) -> None:
        way = written(form, "way")
        extent, within = _extent(written(form, "extent"), self.asset_id, self.folder)
        new = NewRequest(
            person_id=wanted_id(self.person_id),
            template_id=wanted_id(written(form, "template")),
            way=way,
            language=written(form, "language"),
            extent=extent,
            extent_ids=within,
            territories=tuple(code for code in (written(form, "territory"),) if code),
            guardians=tuple(
                Guardian(written(form, f"guardian_name_{at}"), written(form, f"guardian_email_{at}"))
                for at in range(1, self.guardians + 1)
            ),
        )
        async with self._scope() as scope:
            if way == Way.email and not self.guardians and not self.address:
                await _keep_address(scope, new.person_id, written(form, "email"))
            row = await asking.ask(scope, new)
            links = [(one.name, await asking.link_of(scope, one.id)) for one in row.signers] if way != Way.email else []
        if links:
            self.links = [_shown(name, link) for name, link in links]
            return
        self.open = False
        self._toast("consents.asked", tone="success", name=row.person_name)

    async def _ask_all(self, form: dict[str, Any]) -> None:
        async with self._scope() as scope:
            people = await unasked.mailable(scope, asking.MOST_AT_ONCE)
            asked = await asking.ask_many(scope, people, wanted_id(written(form, "template")), written(form, "language"))
        self.open = False
        self._toast("consents.asked_many", tone="success", count=len(asked.made))


async def _keep_address(scope: Scope, person_id: UUID, address: str) -> None:
    """Of somebody who has none: it is kept with the person."""
    if not address:
        raise Invalid("address", fields={"email": "errors.no_address"})
    await persons.change(scope, person_id, email=address)


def _extent(wanted: str, asset_id: str, folder: str) -> tuple[str, tuple[UUID, ...]]:
    """Which photos it is about: all of them unless one, or a folder, was chosen."""
    if wanted == Extent.photos and asset_id:
        return Extent.photos, (wanted_id(asset_id),)
    if wanted == Extent.folder:
        return Extent.folder, (wanted_id(folder),) if folder else ()
    return Extent.all, ()


def _shown(name: str, link: str) -> tuple[str, str, str]:
    """With the code to scan, as a picture in the address itself: nothing is stored anywhere."""
    code = segno.make(link, error="m")
    return name, link, str(code.svg_data_uri(scale=6, border=2))

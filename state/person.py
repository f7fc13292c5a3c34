"""The person page: who it is, where they stand per use, their consents over time, their photos. Live."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import reflex as rx
from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import index, judgement, standing
from photobank.consents import asking, evidence, lost_links, paper, reach, records, timeline, uses, withdrawal
from photobank.consents.status import ConsentStatus
from photobank.delivery import screens
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.library import assets
from photobank.library.assets import Filters
from photobank.people import doubles, merging, persons, templates
from photobank.scope import Scope
from state.base import PhotobankState
from state.consent_rows import Card
from state.live import reader
from state.people import PersonCard, cards
from state.people_rows import initials
from state.person_head import PersonHead, head_of
from state.person_now import asked, asks
from state.person_rows import ConsentView, PhotoTile, consent_view, photo_tile
from state.person_sides import DoubleEntry, MergedEntry, Outlook, Recognition, beside, doubled, merged, recognition
from state.privacy import AskedRow
from state.rules import SIGNED_IN, Rule, handler, role
from state.timeline_rows import NO_TIMELINE, TimelineView, draw, number
from state.watching import remarks, show_live, wanted_id, written

PHOTOS = 18
MORE = 60
MOST = 198
FOUND = 8
EDITORS = role("reviewer", "privacy_officer", "admin")


GONE: dict[str, Any] = {"status": "gone", "person": PersonHead(), "line": NO_TIMELINE, "consents": [], "photos": [], "more": False}
GONE |= {"beside": [], "recognition": Recognition(), "merged": [], "doubles": [], "asked": [], "asks": []}


@reader(lambda: PersonState, blank=GONE)
async def read_person(scope: Scope, person_id: Any, count: int) -> dict[str, Any]:
    """Everything that the page shows of one person, but the address: that is sent when somebody asks for it."""
    found = await persons.detail(scope, person_id)
    states = await judgement.person_states(scope, person_id)
    rows = await records.of_person(scope, person_id)
    known = await uses.list_all(scope)
    line = draw(await timeline.of_rows(scope, rows), rows, known, states, scope.now(), await records.alert_period(scope))
    page = await assets.page(scope, Filters(person_id=person_id), None, count)
    shields = await index.shields(scope, [asset.id for asset in page.items])
    shown = await screens.expected(scope, page.items)
    scans = await paper.of(scope, [row.id for row in rows])
    proven = await evidence.proven(scope, [row.id for row in rows])
    may_prove = may(scope.actor, Action.person_contact)
    may_withdraw = may(scope.actor, Action.consent_withdraw)
    head = await head_of(scope, found, standing.sum_up(states))
    return {
        "status": "full",
        "person": head,
        "line": line,
        "consents": [
            consent_view(
                row,
                known,
                scans[row.id],
                may_withdraw=may_withdraw,
                may_record=head.may_consent,
                proven=may_prove and row.id in proven,
            )
            for row in rows
        ],
        "photos": [photo_tile(asset, shields[asset.id], shown) for asset in page.items],
        "more": page.next_cursor is not None,
        "beside": await beside(scope, person_id),
        "recognition": await recognition(scope, person_id),
        "merged": await merged(scope, person_id),
        "doubles": await doubled(scope, person_id),
        "asked": await asked(scope, person_id),
        "asks": await asks(scope, person_id),
    }


class PersonState(PhotobankState):
    """State of the person page. Vars up to `asks` are fed by the reader; handlers read what they need anew."""

    access: ClassVar[Rule] = EDITORS

    status: str = "loading"
    person: PersonHead = PersonHead()
    line: TimelineView = NO_TIMELINE
    consents: list[ConsentView] = []  # noqa: RUF012
    photos: list[PhotoTile] = []  # noqa: RUF012
    more: bool = False
    beside: list[PersonCard] = []  # noqa: RUF012
    recognition: Recognition = Recognition()
    merged: list[MergedEntry] = []  # noqa: RUF012
    doubles: list[DoubleEntry] = []  # noqa: RUF012
    asked: list[Card] = []  # noqa: RUF012
    """Requests for consent that wait."""
    asks: list[AskedRow] = []  # noqa: RUF012
    """What the person asks about their own data."""

    shown: str = ""
    """Id of the person shown, as the server set it."""
    address: str = ""
    """The e-mail address, once it was asked for."""
    reference: str = ""
    """The reference outside, once it was asked for."""
    count: int = PHOTOS
    form: str = ""
    """Which dialog is open: edit, merge, unmerge, withdraw; empty: none."""
    errors: dict[str, str] = {}  # noqa: RUF012
    found: list[PersonCard] = []  # noqa: RUF012
    into: str = ""
    into_name: str = ""
    outlook: Outlook = Outlook()
    parting: MergedEntry = MergedEntry("", "", "", 0, 0)
    """Whom the dialog for taking a merge back is about."""
    ending: str = ""
    """Id of the consent that the withdrawal dialog is about."""
    ending_number: str = ""
    ending_photos: int = 0
    ending_uses: list[tuple[str, str, str]] = []  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Show the person in the address, and keep the page fresh for as long as it is open."""
        asked = str(self.router.url.query_parameters.get("id", ""))
        if asked != self.shown:
            self.status = "loading"
            self.count = PHOTOS
        self.form, self.address, self.reference, self.shown = "", "", "", asked
        return await self._read()

    @handler(SIGNED_IN)
    async def show_more(self) -> EventSpec | None:
        """More of the photos."""
        self.count = min(self.count + MORE, MOST)
        return await self._read()

    async def _read(self) -> EventSpec | None:
        try:
            key = wanted_id(self.shown)
            async with self._scope() as scope:
                page = await assets.page(scope, Filters(person_id=key), None, self.count)
        except (NotFound, Refused):
            self.status = "gone"
            return None
        photos = [f"asset:{asset.id}" for asset in page.items]
        topics = (f"person:{key}", "people", "biometrics", "review", "privacy", *photos)
        return await show_live(self, read_person, *topics, person_id=key, count=self.count)

    @handler(SIGNED_IN)
    async def show_address(self) -> None:
        """Unmask the e-mail address and the reference."""
        await self._unmask()

    async def _unmask(self) -> None:
        async with self._scope() as scope:
            found = await persons.detail(scope, wanted_id(self.shown))
        self.address, self.reference = found.email, found.external_ref

    @handler()
    async def open_edit(self) -> None:
        """The dialog with what is known of the person."""
        await self._unmask()
        self.form, self.errors = "edit", {}

    @handler()
    def open_merge(self) -> None:
        """The dialog in which one says who it really is."""
        self.form, self.errors, self.found, self.into, self.into_name = "merge", {}, [], "", ""

    @handler()
    async def compare(self, person_id: str) -> None:
        """The same dialog, with who it may be chosen already; whoever it is decides."""
        self.form, self.found = "merge", []
        await self._choose(person_id)

    @handler()
    async def tell_apart(self, person_id: str) -> None:
        """They are two people."""
        async with self._scope() as scope:
            await doubles.tell_apart(scope, wanted_id(self.shown), wanted_id(person_id))
        self._toast("person.told_apart", tone="success")

    @handler()
    def close_form(self) -> None:
        """Close the dialog; nothing has changed."""
        self.form = ""

    @handler()
    async def save(self, form: dict[str, Any]) -> None:
        """Keep what was typed."""
        born = written(form, "born")
        try:
            try:
                day = date.fromisoformat(born) if born else None
            except ValueError:
                raise Invalid("birth_date", fields={"birth_date": "errors.date"}) from None
            guardians = written(form, "guardians")
            async with self._scope() as scope:
                await persons.change(
                    scope,
                    wanted_id(self.shown),
                    name=written(form, "name"),
                    email=written(form, "email"),
                    external_ref=written(form, "reference"),
                    note=written(form, "note"),
                    birth_date=day,
                    is_minor=bool(form.get("minor")),
                    guardians_needed=int(guardians) if guardians in ("1", "2") else None,
                )
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.form = ""
        self.address, self.reference = "", ""
        self._toast("person.saved", tone="success")

    @handler(EDITORS, supersedes=True)
    async def find_others(self, text: str) -> None:
        """Suggest who it may be."""
        async with self._scope() as scope:
            rows = list((await persons.page(scope, text[:200], None, FOUND + 1)).items) if text.strip() else []
            self.found = await cards(scope, [row for row in rows if str(row.id) != self.shown][:FOUND])

    @handler()
    async def choose_other(self, person_id: str) -> None:
        """This is who it is; ask before anything moves."""
        await self._choose(person_id)

    async def _choose(self, person_id: str) -> None:
        async with self._scope() as scope:
            seen = await merging.preview(scope, wanted_id(self.shown), wanted_id(person_id))
        self.into, self.into_name = str(seen.kept.id), seen.kept.name
        self.outlook = Outlook(
            str(seen.kept.cover or ""),
            initials(seen.kept.name),
            seen.gone.photos,
            seen.consents,
            seen.together,
            seen.becomes_minor,
            seen.recognition_off,
        )
        self.errors = {"merge": "person.merge_conflict"} if seen.together else {}

    @handler()
    def choose_again(self) -> None:
        """It is somebody else after all."""
        self.into, self.into_name, self.found, self.errors = "", "", [], {}

    @handler()
    async def merge(self) -> EventSpec | None:
        """Move faces and consents to the person chosen, and go there."""
        try:
            async with self._scope() as scope:
                kept = await merging.merge(scope, wanted_id(self.shown), wanted_id(self.into))
        except Conflict:
            self.errors = {"merge": "person.merge_conflict"}
            return None
        self.form = ""
        self._toast("person.merged", tone="success", name=kept.name)
        return rx.redirect(f"/person/?id={kept.id}", replace=True)

    @handler()
    async def ask_unmerge(self, merge_id: str) -> None:
        """Say first what goes back."""
        async with self._scope() as scope:
            rows = await merged(scope, wanted_id(self.shown))
        wanted = next((row for row in rows if row.id == merge_id), None)
        if wanted is None:
            raise NotFound("no such merge")
        self.parting, self.form, self.errors = wanted, "unmerge", {}

    @handler()
    async def unmerge(self) -> None:
        """Two people after all."""
        async with self._scope() as scope:
            back = await merging.unmerge(scope, wanted_id(self.shown), wanted_id(self.parting.id))
        self.form = ""
        self._toast("person.unmerged", tone="success", name=back.name)

    @handler()
    async def switch_recognition(self, on: bool) -> None:
        """Never recognise this person by name, or as the rule says again."""
        async with self._scope() as scope:
            await templates.switch(scope, wanted_id(self.shown), on=on is True)
        self._toast("person.recognition_on" if on is True else "person.recognition_off", tone="success")

    @handler()
    async def hide(self, hidden: bool) -> None:
        """Leave the person out of lists and suggestions, or show them again."""
        async with self._scope() as scope:
            await persons.change(scope, wanted_id(self.shown), hidden=hidden is True)
        self._toast("person.hidden" if hidden is True else "person.shown_again", tone="success")

    @handler()
    async def send_page(self) -> None:
        """Mail the person a fresh link to their own page."""
        try:
            async with self._scope() as scope:
                await lost_links.send(scope, wanted_id(self.shown))
        except Invalid as problem:
            self._toast(next(iter(problem.fields.values()), "errors.invalid"), tone="error")
            return
        self._toast("person.page_sent", tone="success")

    @handler()
    async def send_again(self, request_id: str) -> None:
        """Remind of a request: a fresh link, and a fresh mail."""
        async with self._scope() as scope:
            await asking.send_again(scope, wanted_id(request_id))
        self._toast("consents.sent_again", tone="success")

    @handler()
    async def ask_withdraw(self, consent_id: str) -> None:
        """Say first what a withdrawal will do."""
        async with self._scope() as scope:
            row = await records.get(scope, wanted_id(consent_id))
            labels = {use.id: use for use in await uses.list_all(scope)}
            self.ending_photos = await reach.photos(scope, row.id)
        left = [one.use for one in row.uses if one.withdrawn_at is None]
        self.ending_uses = [
            (use, labels[use].label_nl if use in labels else use, labels[use].label_en if use in labels else use) for use in left
        ]
        self.ending, self.ending_number = str(row.id), number(row)
        self.form, self.errors = "withdraw", {}

    @handler()
    async def withdraw(self, form: dict[str, Any]) -> None:
        """Withdraw the uses that are ticked; all of them end the record as a whole."""
        offered = [use for use, _, _ in self.ending_uses]
        chosen = [use for use in offered if form.get(f"end_{use}")]
        if not chosen:
            self.errors = {"uses": "errors.uses_none"}
            return
        async with self._scope() as scope:
            row = await withdrawal.withdraw(scope, wanted_id(self.ending), None if chosen == offered else chosen)
        self.form = ""
        whole = row.status is ConsentStatus.withdrawn
        self._toast("person.withdrawn" if whole else "person.withdrawn_partly", tone="success", number=number(row))

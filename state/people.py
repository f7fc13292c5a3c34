"""The people page: faces with names, the ring of their consent, search as you type, somebody new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import reflex as rx
from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import standing
from photobank.kernel.errors import Invalid
from photobank.people import doubles, persons
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, written

PAGE = 60
MOST = 1200


@dataclass
class PersonCard:
    """Somebody in the grid. `face` is the id of a face to show, empty for none."""

    id: str
    name: str
    initials: str
    face: str
    photos: int
    minor: bool
    state: str
    granted: int
    of: int


async def cards(scope: Scope, rows: list[persons.PersonRow]) -> list[PersonCard]:
    """People with where they stand; without a state for who may not see consents."""
    stands = await standing.of_people(scope, [row.id for row in rows]) if may(scope.actor, Action.consent_view) else {}
    found = []
    for row in rows:
        stand = stands.get(row.id)
        found.append(
            PersonCard(
                id=str(row.id),
                name=row.name,
                initials=initials(row.name),
                face=str(row.cover or ""),
                photos=row.photos,
                minor=row.is_minor,
                state=stand.state.value if stand else "",
                granted=stand.granted if stand else 0,
                of=stand.of if stand else 0,
            )
        )
    return found


@reader(lambda: PeopleState, blank={"status": "refused", "people": [], "more": False, "doubles": 0, "doubled": ""})
async def read_people(scope: Scope, search: str, count: int, hidden: bool) -> dict[str, Any]:
    """The first `count` people in sight whose name holds `search`; of those who were hidden with `hidden`."""
    rows: list[persons.PersonRow] = []
    cursor: str | None = None
    while len(rows) < count:
        page = await persons.page(scope, search, cursor, min(200, count - len(rows)), hidden=hidden)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    status = "full" if rows else "nothing" if search else "none_hidden" if hidden else "empty"
    pairs = await doubles.listed(scope) if may(scope.actor, Action.person_edit) and not search and not hidden else []
    return {
        "status": status,
        "doubles": len(pairs),
        "doubled": str(pairs[0].later.id) if pairs else "",
        "people": await cards(scope, rows),
        "more": cursor is not None,
        "may_add": may(scope.actor, Action.person_edit),
        "may_find": may(scope.actor, Action.face_review),
    }


class PeopleState(PhotobankState):
    """State of the people page. Vars up to `doubled` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    people: list[PersonCard] = []  # noqa: RUF012
    more: bool = False
    may_add: bool = False
    may_find: bool = False
    doubles: int = 0
    """Pairs of entries that may be of one person, and the first of these."""
    doubled: str = ""

    sought: str = ""
    count: int = PAGE
    hidden: bool = False
    adding: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012
    same: list[PersonCard] = []  # noqa: RUF012
    """People who bear the name that is being added: perhaps no new person is needed."""
    same_name: str = ""

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.sought, self.count, self.hidden, self.adding = "", PAGE, False, False
        return await self._read()

    @handler(supersedes=True)
    async def search(self, text: str) -> EventSpec | None:
        """Show whose name holds this."""
        self.sought, self.count = text.strip()[:200], PAGE
        return await self._read()

    @handler()
    async def show_hidden(self, hidden: bool) -> EventSpec | None:
        """Those who were hidden, or everybody else again."""
        self.hidden, self.count = hidden is True, PAGE
        return await self._read()

    @handler()
    async def show_more(self) -> EventSpec | None:
        """The next ones as well."""
        self.count = min(self.count + PAGE, MOST)
        return await self._read()

    @handler()
    def open_form(self) -> None:
        """The dialog for somebody new."""
        self.adding, self.errors, self.same, self.same_name = True, {}, [], ""

    @handler()
    def close_form(self) -> None:
        """Close it; nobody was added."""
        self.adding = False

    @handler()
    async def add(self, form: dict[str, Any]) -> EventSpec | None:
        """Add somebody and open their page. Somebody of that name is shown first; sent again, it is meant."""
        name = " ".join(written(form, "person_name").split())
        try:
            async with self._scope() as scope:
                if name and name.lower() != self.same_name:
                    namesakes = [
                        row for row in (await persons.page(scope, name, None, 20)).items if row.name.lower() == name.lower()
                    ]
                    if namesakes:
                        self.same, self.same_name, self.errors = await cards(scope, namesakes), name.lower(), {}
                        return None
                made = await persons.create(scope, name)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        self.adding = False
        return rx.redirect(f"/person/?id={made.id}")

    async def _read(self) -> EventSpec | None:
        return await show_live(self, read_people, "people", "consents", search=self.sought, count=self.count, hidden=self.hidden)

"""The privacy desk's page: what people ask about their own data, the most urgent first, and what was answered. Live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.consents import days
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.people import persons
from photobank.privacy import desk
from photobank.privacy.desk import RequestRow
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.live import reader
from state.people import PersonCard, cards
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, wanted_id, written

PER_PAGE, MOST, FOUND = 30, 200, 6


@dataclass
class AskedRow:
    """A request. `left`: days until the last one on which the answer is in time; 0 is that day itself."""

    id: str
    person_id: str
    name: str
    kind: str
    asked_at: str
    due_at: str
    left: int
    own_page: bool
    outcome: str
    answer: str
    closed_at: str
    late: bool


@reader(lambda: PrivacyState, blank={"status": "refused", "waiting": [], "answered": [], "count": 0, "more": False})
async def read_privacy(scope: Scope, shown: int) -> dict[str, Any]:
    """The first of each list, and how many wait."""
    waiting = await desk.page(scope, limit=shown)
    answered = await desk.page(scope, waiting=False, limit=shown)
    return {
        "status": "full" if waiting.items or answered.items else "empty",
        "waiting": [asked_row(scope, row) for row in waiting.items],
        "answered": [asked_row(scope, row) for row in answered.items],
        "count": await desk.count_waiting(scope),
        "more": bool(waiting.next_cursor or answered.next_cursor) and shown < MOST,
    }


def asked_row(scope: Scope, row: RequestRow) -> AskedRow:
    """A request as pages show it."""
    return AskedRow(
        id=str(row.id),
        person_id=str(row.person_id),
        name=row.person_name,
        kind=str(row.kind),
        asked_at=moment(row.asked_at),
        due_at=moment(row.due_at - timedelta(microseconds=1)),
        left=(days.last_day(row.due_at) - scope.now().astimezone(days.ZONE).date()).days,
        own_page=row.own_page,
        outcome=str(row.outcome or ""),
        answer=row.answer,
        closed_at=moment(row.closed_at) if row.closed_at else "",
        late=row.late,
    )


def _day(text: str, now: datetime) -> datetime:
    """Noon of a day that was typed; this moment where it is today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("asked_at", fields={"asked_at": "errors.date"}) from None
    return now if day == now.astimezone(days.ZONE).date() else datetime.combine(day, time(12), days.ZONE)


class PrivacyState(PhotobankState):
    """State of the page. Vars up to `more` are fed by the reader."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    status: str = "loading"
    waiting: list[AskedRow] = []  # noqa: RUF012
    answered: list[AskedRow] = []  # noqa: RUF012
    count: int = 0
    more: bool = False

    answering: str = ""
    name: str = ""
    kind: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012
    entering: bool = False
    """The dialog for what came by letter is open."""
    found: list[PersonCard] = []  # noqa: RUF012
    letter_person: str = ""
    letter_name: str = ""
    _shown: int = PER_PAGE

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page; where the address names a person, with the dialog for what that person asked."""
        self.answering, self._shown = "", PER_PAGE
        problem = await self._read()
        asked = str(self.router.url.query_parameters.get("person", ""))
        if asked and self.status in ("full", "empty"):
            async with self._scope() as scope:
                person = await persons.detail(scope, wanted_id(asked))
            self.entering, self.errors, self.found = True, {}, []
            self.letter_person, self.letter_name = str(person.id), person.name
        return problem

    @handler()
    async def show_more(self) -> EventSpec | None:
        """More of both lists."""
        self._shown = min(self._shown + PER_PAGE, MOST)
        return await self._read()

    @handler()
    def open_answer(self, request_id: str, name: str, kind: str) -> None:
        """The dialog that answers a request."""
        self.answering, self.name, self.kind, self.errors = str(request_id), str(name), str(kind), {}

    @handler()
    def close(self) -> None:
        """Close it; nothing was answered."""
        self.answering = ""

    @handler()
    async def answer(self, form: dict[str, Any]) -> EventSpec | None:
        """Answer the request."""
        try:
            async with self._scope() as scope:
                await desk.close(scope, wanted_id(self.answering), written(form, "outcome"), written(form, "answer"))
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.answering = ""
        self._toast("privacy.answered_now", tone="success")
        return await self._read()

    @handler()
    def open_letter(self) -> None:
        """The dialog for what came by letter or by phone."""
        self.entering, self.errors = True, {}
        self.found, self.letter_person, self.letter_name = [], "", ""

    @handler(supersedes=True)
    async def find_people(self, text: str) -> None:
        """Suggest who it may be."""
        async with self._scope() as scope:
            rows = list((await persons.page(scope, text[:200], None, FOUND)).items) if text.strip() else []
            self.found = await cards(scope, rows)

    @handler()
    def choose_person(self, person_id: str, name: str) -> None:
        """It is of this person; whether they exist is seen when it is entered."""
        self.letter_person, self.letter_name = str(person_id), str(name)[:200]

    @handler()
    def choose_again(self) -> None:
        """Somebody else after all."""
        self.letter_person, self.found = "", []

    @handler()
    def close_letter(self) -> None:
        """Close the dialog; nothing was entered."""
        self.entering = False

    @handler()
    async def enter(self, form: dict[str, Any]) -> EventSpec | None:
        """Enter the request. It counts from the beginning of the day on which it came, and never from before the person was entered."""
        came = written(form, "came")
        try:
            async with self._scope() as scope:
                person_id = wanted_id(self.letter_person)
                await desk.enter(scope, person_id, written(form, "kind"), _day(came, scope.now()) if came else None)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.entering = False
        self._toast("privacy.letter_kept", tone="success", name=self.letter_name)
        return await self._read()

    async def _read(self) -> EventSpec | None:
        return await show_live(self, read_privacy, "privacy", shown=self._shown)

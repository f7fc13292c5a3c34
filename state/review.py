"""The review page: the queue, who is at what, and how much is left; live. Sheets and decisions travel over REST, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.accounts import users
from photobank.models.recognition import Basis
from photobank.people import groups, templates
from photobank.people.groups import GroupRow
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import initials
from state.rules import SIGNED_IN, Rule, handler
from state.watching import show_live

PAGE = 40
MOST = 200
SUREST = 99  # per cent: only people are sure
VIEWS = ("all", "suggested", "unknown")


@dataclass
class QueueRow:
    """A cluster in the queue: its best face, who it may be, and who else is at it."""

    id: str
    cover: str
    faces: int
    photos: int
    unlocks: int
    person_id: str = ""
    name: str = ""
    percent: int = 0
    held: str = ""
    held_initials: str = ""


BLANK: dict[str, Any] = {
    "status": "refused",
    "rows": [],
    "more": False,
    "faces": 0,
    "empty": 0,
    "singles": 0,
    "clusters": 0,
    "named": True,
    "opt_in": False,
}


@reader(lambda: ReviewState, blank=BLANK)
async def read_queue(scope: Scope, view: str, count: int) -> dict[str, Any]:
    """The first `count` clusters, and what is left in sight."""
    require(scope, Action.face_review)
    page = await groups.page(scope, limit=count, suggested=view == "suggested", unknown=view == "unknown")
    left = await groups.progress(scope)
    holders = await users.names(scope, {row.claimed_by for row in page.items if row.claimed_by})
    return {
        "status": "full",
        "rows": [_row(row, holders.get(row.claimed_by, "") if row.claimed_by else "") for row in page.items],
        "more": page.next_cursor is not None,
        "faces": left.faces,
        "clusters": left.clusters,
        "empty": left.empty,
        "singles": await groups.singles(scope),
        "named": await templates.names_anybody(scope),
        "opt_in": (await templates.rule(scope)).basis is Basis.opt_in,
        "may_rule": may(scope.actor, Action.biometrics_manage),
    }


def _row(row: GroupRow, holder: str) -> QueueRow:
    guess = groups.likely(row.guesses)
    return QueueRow(
        id=str(row.id),
        cover=str(row.face_ids[0]),
        faces=len(row.face_ids),
        photos=row.photos,
        unlocks=row.unlocks,
        person_id=str(guess.person_id) if guess else "",
        name=guess.name if guess else "",
        percent=min(SUREST, round(guess.probability * 100)) if guess else 0,
        held=holder,
        held_initials=initials(holder),
    )


class ReviewState(PhotobankState):
    """State of the page. Vars up to `may_rule` are fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    rows: list[QueueRow] = []  # noqa: RUF012
    more: bool = False
    faces: int = 0
    clusters: int = 0
    empty: int = 0
    singles: int = 0
    """Faces that look like nobody else: what is no face is mostly among them."""
    named: bool = True
    opt_in: bool = False
    """Whom one names is recognised afterwards only with a yes of their own."""
    may_rule: bool = False

    view: str = "all"
    count: int = PAGE

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.view, self.count = "all", PAGE
        return await self._read()

    @handler()
    async def show(self, view: str) -> EventSpec | None:
        """All of the queue, or the part with or without a likely person."""
        if view not in VIEWS:
            return None
        self.view, self.count = view, PAGE
        return await self._read()

    @handler()
    async def show_more(self) -> EventSpec | None:
        """The next ones as well."""
        self.count = min(self.count + PAGE, MOST)
        return await self._read()

    async def _read(self) -> EventSpec | None:
        return await show_live(self, read_queue, "review", "library", "biometrics", view=self.view, count=self.count)

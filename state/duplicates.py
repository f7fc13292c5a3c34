"""The page of near-copies: pairs one by one, bursts to stack, what was decided, and the clean-up with its preview. Live."""

from __future__ import annotations

from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.duplicates import decisions, pairs, report, stacks
from photobank.duplicates.pairs import PairRow, Which
from photobank.kernel.errors import PhotobankError
from photobank.models.duplicates import Answer
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.duplicate_rows import Burst, PairCard, StepRow, cards, rows_of_bursts, step_rows
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import show_live, wanted_id

PAGE = 24
MOST = 480
MOST_BURSTS = 40
VIEWS = ("open", "bursts", "answered")


@reader(lambda: DuplicatesState, blank={"status": "refused", "rows": [], "bursts": [], "more": False})
async def read_rows(scope: Scope, view: str, mine: bool, count: int) -> dict[str, Any]:
    """The first `count` pairs, or the bursts."""
    if view == "bursts":
        found = await rows_of_bursts(scope, (await stacks.suggestions(scope))[:MOST_BURSTS])
        return {"status": "full" if found else "empty", "rows": [], "bursts": found, "more": False}
    rows: list[PairRow] = []
    cursor: str | None = None
    while len(rows) < count:
        page = await pairs.page(scope, which=Which(view), mine=mine, cursor=cursor, limit=min(200, count - len(rows)))
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return {
        "status": "full" if rows else "empty",
        "rows": await cards(scope, rows),
        "bursts": [],
        "more": cursor is not None,
    }


@reader(lambda: DuplicatesState, blank={"open_count": 0, "own_count": 0, "lesser": 0, "lesser_bytes": 0})
async def read_summary(scope: Scope) -> dict[str, Any]:
    """What waits, and what a clean-up would give back."""
    found = await pairs.summary(scope)
    return {
        "open_count": found.open,
        "own_count": found.mine,
        "lesser": found.photos,
        "lesser_bytes": found.bytes,
    }


class DuplicatesState(PhotobankState):
    """State of the page. Vars up to `lesser_bytes` are fed by readers."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    rows: list[PairCard] = []  # noqa: RUF012
    bursts: list[Burst] = []  # noqa: RUF012
    more: bool = False
    open_count: int = 0
    own_count: int = 0
    lesser: int = 0
    lesser_bytes: int = 0

    view: str = "open"
    mine: bool = False
    count: int = PAGE
    planning: bool = False
    steps: list[StepRow] = []  # noqa: RUF012
    plan_photos: int = 0
    plan_bytes: int = 0

    _undo: list[str] = []  # noqa: RUF012
    _stack: str = ""

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page; `?mine=1` shows pairs of one's own uploads only. After a reconnect the list that was open goes on."""
        self.planning = False
        if self.router.url.query_parameters.get("mine", "") == "1":
            self.view, self.mine = "open", True
        problem = await show_live(self, read_summary, "duplicates", "library")
        return problem or await self._read()

    @handler()
    async def show(self, view: str) -> EventSpec | None:
        """Another list."""
        if view not in VIEWS:
            return None
        self.view, self.count, self.status = view, PAGE, "loading"
        return await self._read()

    @handler()
    async def only_mine(self, on: bool) -> EventSpec | None:
        """Only pairs whose newer photo this person sent, or all."""
        self.mine, self.count = bool(on), PAGE
        return await self._read()

    @handler()
    async def show_more(self) -> EventSpec | None:
        """The next ones as well."""
        self.count = min(self.count + PAGE, MOST)
        return await self._read()

    @handler()
    async def decide(self, pair_id: str, answer: str) -> EventSpec | None:
        """Answer a pair."""
        if answer not in Answer.__members__:
            return None
        try:
            async with self._scope() as scope:
                await decisions.decide(scope, wanted_id(pair_id), Answer(answer))
        except PhotobankError as error:
            return self._stays(error)
        self._undo, self._stack = ([pair_id], "") if answer != Answer.version else ([], "")
        self._toast(f"duplicates.did_{answer}", tone="success", action="undo" if self._undo else "")
        return await self._read()

    @handler()
    async def take_back(self, pair_id: str) -> EventSpec | None:
        """Take an answer back."""
        self._undo, self._stack = [pair_id], ""
        return await self._undone()

    @handler()
    async def toast_action(self, action: str) -> EventSpec | None:
        """The button of a message, and the key U: the last thing is taken back."""
        return await self._undone() if action == "undo" else None

    @handler()
    async def open_plan(self) -> EventSpec | None:
        """What a clean-up of the pairs in sight would do."""
        try:
            async with self._scope() as scope:
                plan = await report.plan(scope)
        except PhotobankError as error:
            return problem_event(error)
        self.steps = step_rows(plan)
        self.plan_photos, self.plan_bytes, self.planning = plan.photos, plan.bytes, True
        return None

    @handler()
    def close_plan(self) -> None:
        """Close it; nothing went."""
        self.planning = False

    @handler()
    async def clean_up(self) -> EventSpec | None:
        """Carry out what the preview showed."""
        wanted = [wanted_id(step.pair_id) for step in self.steps if not step.obstacle]
        try:
            async with self._scope() as scope:
                done = await report.clean_up(scope, wanted)
        except PhotobankError as error:
            return problem_event(error)
        self.planning, self._undo, self._stack = False, [str(id_) for id_ in done], ""
        self._toast("duplicates.cleaned", tone="success", action="undo" if done else "", count=len(done))
        return await self._read()

    @handler()
    async def stack(self, key: str) -> EventSpec | None:
        """Put a burst together."""
        try:
            async with self._scope() as scope:
                made = await stacks.make(scope, [wanted_id(part) for part in key.split(",")[: stacks.MOST]])
        except PhotobankError as error:
            return problem_event(error)
        self._undo, self._stack = [], str(made.id)
        self._toast("duplicates.stacked", tone="success", action="undo")
        return await self._read()

    async def _undone(self) -> EventSpec | None:
        if not self._undo and not self._stack:
            return None
        try:
            async with self._scope() as scope:
                for pair_id in self._undo:
                    await decisions.undo(scope, wanted_id(pair_id))
                if self._stack:
                    await stacks.dissolve(scope, wanted_id(self._stack))
        except PhotobankError as error:
            return problem_event(error)
        self._toast("duplicates.unstacked" if self._stack else "duplicates.undone")
        self._undo, self._stack = [], ""
        return await self._read()

    async def _read(self) -> EventSpec | None:
        return await show_live(
            self, read_rows, "duplicates", "library", view=self.view, mine=self.mine and self.view == "open", count=self.count
        )

    def _stays(self, error: PhotobankError) -> EventSpec | None:
        """Why a copy could not go, in words."""
        reason = str(error.params.get("reason", ""))
        if not reason:
            return problem_event(error)
        self._toast(f"duplicates.obstacle.{reason}", tone="error")
        return None

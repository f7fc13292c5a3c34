"""The rule for face templates: on what ground people may be recognised by name, what is kept under it, why and until when. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.models.recognition import Basis
from photobank.people import templates, unattended
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.live import reader
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, written


@dataclass
class KeptRow:
    """Templates of one model that exist for one reason. The ends are empty where nothing ends by itself."""

    model: str
    why: str
    templates: int
    people: int
    first_end: str
    last_end: str


@dataclass
class RuleView:
    """The rule in force; `set_at` is empty while the default holds because nobody decided."""

    basis: str = "opt_in"
    reason: str = ""
    days: int = templates.DAYS
    set_at: str = ""


@dataclass
class ChoiceView:
    """One wrong in so many: from which probability on (in percent, 0 for none) decisions support that, and how many more would."""

    one_in: int
    percent: float
    passed: int
    wrong: int
    needed: int


@dataclass
class UnattendedView:
    """The switch: one wrong in so many, 0 for off. `percent`: how sure faces are that are confirmed by themselves now, 0 where none are."""

    one_in: int = 0
    set_at: str = ""
    percent: float = 0.0
    counted_at: str = ""
    confirmed: int = 0


BLANK: Final = {
    "status": "refused",
    "rows": [],
    "total": 0,
    "rule": RuleView(),
    "unattended": UnattendedView(),
    "choices": [],
}


@reader(lambda: BiometricsState, blank=BLANK)
async def read_biometrics(scope: Scope) -> dict[str, Any]:
    """The rule, what is kept under it, and the switch for confirming without a person."""
    require(scope, Action.biometrics_manage)
    rule = await templates.get_rule(scope)
    rows = [
        KeptRow(
            model=one.model,
            why=one.why,
            templates=one.templates,
            people=one.people,
            first_end=moment(one.first_end) if one.first_end and not _same_day(one) else "",
            last_end=moment(one.last_end) if one.last_end else "",
        )
        for one in await templates.report(scope)
    ]
    standing = await unattended.standing(scope)
    return {
        "status": "full",
        "unattended": UnattendedView(
            standing.one_in,
            moment(standing.set_at),
            _percent(standing.level.probability) if standing.level else 0.0,
            moment(standing.counted_at),
            standing.confirmed,
        ),
        "choices": [_choice(one) for one in standing.choices],
        "rows": rows,
        "total": sum(row.templates for row in rows),
        "rule": RuleView(str(rule.basis), rule.reason, rule.days, moment(rule.set_at) if rule.set_at else ""),
    }


def _choice(one: unattended.Choice) -> ChoiceView:
    if one.level is None:
        return ChoiceView(one.one_in, 0.0, 0, 0, one.needed)
    return ChoiceView(one.one_in, _percent(one.level.probability), one.level.passed, one.level.wrong, 0)


def _percent(part: float) -> float:
    return round(part * 100, 1)


def _same_day(one: templates.Count) -> bool:
    return bool(one.first_end and one.last_end and one.first_end.date() == one.last_end.date())


class BiometricsState(PhotobankState):
    """State of the page. Vars up to `choices` are fed by the reader."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    status: str = "loading"
    rows: list[KeptRow] = []  # noqa: RUF012
    total: int = 0
    rule: RuleView = RuleView()
    unattended: UnattendedView = UnattendedView()
    choices: list[ChoiceView] = []  # noqa: RUF012

    editing: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.editing = False
        return await show_live(self, read_biometrics, "review", "people", "biometrics")

    @handler()
    def edit(self) -> None:
        """The dialog, with what holds now."""
        self.errors, self.editing = {}, True

    @handler()
    def close(self) -> None:
        """Close it; nothing changed."""
        self.editing = False

    @handler()
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Decide. What is not covered any more is deleted in the same transaction."""
        days, basis = written(form, "days"), written(form, "basis")
        try:
            async with self._scope() as scope:
                await templates.set_rule(
                    scope,
                    Basis.documented if basis == Basis.documented else Basis.opt_in,
                    written(form, "reason"),
                    int(days) if days.isdecimal() and len(days) < 5 else 0,
                )
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.editing = False
        self._toast("biometrics.saved", tone="success")
        return await show_live(self, read_biometrics, "review", "people", "biometrics")

    @handler()
    async def switch(self, one_in: int) -> EventSpec | None:
        """Confirm without a person with at most one wrong in so many, or not any more with 0."""
        async with self._scope() as scope:
            await unattended.switch(scope, one_in)
        self._toast("unattended.saved", tone="success")
        return await show_live(self, read_biometrics, "review", "people", "biometrics")

"""The rule for face templates: on what ground people may be recognised by name, what is kept under it, why and until when. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.models.recognition import Basis
from photobank.people import templates
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


@reader(lambda: BiometricsState, blank={"status": "refused", "rows": [], "total": 0, "rule": RuleView()})
async def read_biometrics(scope: Scope) -> dict[str, Any]:
    """The rule, and what is kept under it."""
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
    return {
        "status": "full",
        "rows": rows,
        "total": sum(row.templates for row in rows),
        "rule": RuleView(str(rule.basis), rule.reason, rule.days, moment(rule.set_at) if rule.set_at else ""),
    }


def _same_day(one: templates.Count) -> bool:
    return bool(one.first_end and one.last_end and one.first_end.date() == one.last_end.date())


class BiometricsState(PhotobankState):
    """State of the page. Vars up to `rule` are fed by the reader."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    status: str = "loading"
    rows: list[KeptRow] = []  # noqa: RUF012
    total: int = 0
    rule: RuleView = RuleView()

    editing: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.editing = False
        return await show_live(self, read_biometrics, "review", "people")

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
        return await show_live(self, read_biometrics, "review", "people")

"""The rule for the life of consents: when an end is told of, when photos that nothing allows go to the archive and are deleted. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.clearance import retiring
from photobank.consents import rules
from photobank.consents.rules import Rule as ConsentRule
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, written

NEVER = -1


@dataclass
class RuleView:
    """The rule in force; NEVER where the house does nothing by itself."""

    alert_days: int = 30
    archive_days: int = rules.ARCHIVE_DAYS
    delete_days: int = NEVER


@reader(lambda: ConsentRulesState, blank={"status": "refused", "rule": RuleView(), "archived": 0, "held": 0, "next_deletion": ""})
async def read_rule(scope: Scope) -> dict[str, Any]:
    """The rule, and what it has done."""
    rule, waiting = await rules.get(scope), await retiring.waiting(scope)
    archive, delete = (NEVER if days is None else days for days in (rule.archive_days, rule.delete_days))
    return {
        "status": "full",
        "rule": RuleView(rule.alert_days, archive, delete),
        "archived": waiting.archived,
        "held": waiting.held,
        "next_deletion": moment(waiting.next_deletion),
    }


class ConsentRulesState(PhotobankState):
    """State of the page. Vars up to `next_deletion` are fed by the reader."""

    access: ClassVar[Rule] = role("privacy_officer", "admin")

    status: str = "loading"
    rule: RuleView = RuleView()
    archived: int = 0
    held: int = 0
    next_deletion: str = ""

    editing: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.editing = False
        return await show_live(self, read_rule, "consents", "library")

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
        """Decide anew."""
        rule = ConsentRule(
            _days(written(form, "alert_days")) or 0, _days(written(form, "archive_days")), _days(written(form, "delete_days"))
        )
        try:
            async with self._scope() as scope:
                await rules.decide(scope, rule)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.editing = False
        self._toast("consent_rules.saved", tone="success")
        return await show_live(self, read_rule, "consents", "library")


def _days(text: str) -> int | None:
    """A number of days; None for an empty field. What is no number is out of every range."""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 6 else NEVER

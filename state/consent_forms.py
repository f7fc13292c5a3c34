"""The forms that people sign: which there are, their words in both languages, versions, and how they look to who signs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import reflex as rx
from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.consents import starters, templates, uses
from photobank.consents.wording import PARTS, Shown
from photobank.i18n.translate import LANGUAGES
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import optional_id, remarks, show_live, wanted_id, written


@dataclass
class FormRow:
    """A form in the list."""

    id: str
    nl: str
    en: str
    sector: str
    regime: str
    version: int
    retired: bool


@dataclass
class VersionView:
    """A version, and how often it was asked for."""

    number: int
    at: str
    requests: int


@dataclass
class UseWords:
    """A use of the house: whether it stands on the form, and what the form says of it."""

    id: str
    label_nl: str
    label_en: str
    on: bool
    nl: str
    en: str


@dataclass
class FormView:
    """The form that is open, in its newest version."""

    id: str = ""
    nl: str = ""
    en: str = ""
    regime: str = ""
    version: int = 0
    retired: bool = False
    months: str = ""
    biometric: bool = False
    words: dict[str, str] = field(default_factory=dict)
    """`nl.title` and so on."""
    uses: list[UseWords] = field(default_factory=list)
    versions: list[VersionView] = field(default_factory=list)


@dataclass
class Preview:
    """What a signer reads."""

    title: str = ""
    intro: list[str] = field(default_factory=list)
    uses: list[tuple[str, str]] = field(default_factory=list)
    biometric: str = ""
    periods: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    declaration: str = ""


@reader(lambda: ConsentFormsState, blank={"status": "refused", "rows": [], "form": FormView(), "nl": Preview(), "en": Preview()})
async def read_forms(scope: Scope, form_id: Any) -> dict[str, Any]:
    """All forms, and the one that is open."""
    rows = await templates.list_all(scope, retired=True)
    known = await uses.list_all(scope)
    view, shown = FormView(), {language: Preview() for language in LANGUAGES}
    if form_id is not None:
        found = await templates.get(scope, form_id)
        view = _view(found, known)
        shown = {language: _preview(await templates.preview(scope, form_id, language)) for language in LANGUAGES}
    taken = {row.name_en for row in rows}
    return {
        "status": "full",
        "rows": [FormRow(str(r.id), r.name_nl, r.name_en, r.sector, r.regime, r.version, r.retired) for r in rows],
        "form": view,
        "nl": shown["nl"],
        "en": shown["en"],
        "more": [
            (one.key, one.content["nl"]["name"], one.content["en"]["name"], one.sector)
            for one in starters.all_of_them().values()
            if one.content["en"]["name"] not in taken
        ],
        "may_change": may(scope.actor, Action.template_manage),
    }


def _view(found: templates.TemplateDetail, known: list[uses.UseRow]) -> FormView:
    content = found.content
    on = set(content["uses"])
    words = {f"{language}.{part}": content[language].get(part, "") for language in LANGUAGES for part in (*PARTS, "biometric")}
    return FormView(
        id=str(found.row.id),
        nl=found.row.name_nl,
        en=found.row.name_en,
        regime=str(found.row.regime),
        version=found.row.version,
        retired=found.row.retired,
        months=", ".join(str(count) for count in content["months"]),
        biometric=content["biometric"],
        words=words,
        uses=[
            UseWords(
                use.id, use.label_nl, use.label_en, use.id in on, *(content[one]["uses"].get(use.id, "") for one in ("nl", "en"))
            )
            for use in known
        ],
        versions=[VersionView(one.number, moment(one.created_at), one.requests) for one in found.versions],
    )


def _preview(shown: Shown) -> Preview:
    return Preview(
        title=shown.title,
        intro=list(shown.intro),
        uses=[(use.label, use.text) for use in shown.uses],
        biometric=shown.biometric,
        periods=[one.last_day.isoformat() for one in shown.periods],
        terms=list(shown.terms),
        declaration=shown.declaration,
    )


class ConsentFormsState(PhotobankState):
    """State of the page. Vars up to `may_change` are fed by the reader."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    status: str = "loading"
    rows: list[FormRow] = []  # noqa: RUF012
    form: FormView = FormView()
    nl: Preview = Preview()
    en: Preview = Preview()
    more: list[tuple[str, str, str, str]] = []  # noqa: RUF012
    may_change: bool = False

    shown: str = ""
    language: str = "nl"
    errors: dict[str, str] = {}  # noqa: RUF012
    adding_use: bool = False

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page, with the form that its address names."""
        self.errors, self.adding_use = {}, False
        try:
            self.shown = str(optional_id(self.router.url.query_parameters.get("id", "")) or "")
        except NotFound:
            self.shown = ""
        return await show_live(self, read_forms, "templates_of_consent", form_id=optional_id(self.shown))

    @handler()
    def choose_language(self, language: str) -> None:
        """Words and preview in the other language."""
        if language in LANGUAGES:
            self.language = language

    @handler()
    async def adopt(self, key: str) -> EventSpec:
        """Take over one of the sector forms."""
        async with self._scope() as scope:
            made = await templates.adopt(scope, key)
        return rx.redirect(f"/consents/forms/?id={made.row.id}")

    @handler()
    async def retire(self, retired: bool) -> None:
        """Out of use, or back."""
        async with self._scope() as scope:
            await templates.retire(scope, wanted_id(self.shown), bool(retired))

    @handler()
    async def save(self, form: dict[str, Any]) -> None:
        """Make a new version of what was written."""
        try:
            async with self._scope() as scope:
                before = await templates.get(scope, wanted_id(self.shown))
                known = await uses.list_all(scope)
                after = await templates.change(scope, wanted_id(self.shown), _content(form, before, known))
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.errors = {}
        changed = after.row.version != before.row.version
        self._toast("forms.saved" if changed else "forms.same", tone="success" if changed else "info", version=after.row.version)

    @handler()
    def open_use(self) -> None:
        """The dialog for a use of the organisation's own."""
        self.adding_use, self.errors = True, {}

    @handler()
    def close_use(self) -> None:
        """Close it."""
        self.adding_use, self.errors = False, {}

    @handler()
    async def add_use(self, form: dict[str, Any]) -> EventSpec | None:
        """Add the use; it stands on no form yet."""
        try:
            async with self._scope() as scope:
                await uses.define(scope, written(form, "label_nl"), written(form, "label_en"), outside=bool(form.get("outside")))
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except Conflict:
            self.errors = {"label_en": "forms.use_exists"}
            return None
        self.adding_use = False
        return await show_live(self, read_forms, "templates_of_consent", form_id=optional_id(self.shown))


def _content(form: dict[str, Any], before: templates.TemplateDetail, known: list[uses.UseRow]) -> dict[str, Any]:
    """The form's fields as content. Uses keep the order of the house; words that are not sent stay as they were."""
    chosen = [use.id for use in known if form.get(f"use_{use.id}")]
    months = [part.strip() for part in written(form, "months").split(",") if part.strip()]
    made: dict[str, Any] = {
        "uses": chosen,
        "months": [int(part) if part.isascii() and part.isdecimal() and len(part) < 5 else 0 for part in months],
        "biometric": bool(form.get("biometric")) and before.row.regime == "consent",
    }
    for language in LANGUAGES:
        words: dict[str, Any] = {part: str(form.get(f"{language}_{part}") or "") for part in (*PARTS, "biometric")}
        words["uses"] = {use: written(form, f"{language}_use_{use}") for use in chosen}
        made[language] = words
    return made

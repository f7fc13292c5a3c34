"""The rule for the life of consents, drawn: three steps in the order in which they come, what they have done, and the dialog."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date
from components.layout import body, head
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.ui import button, card, dialog, error_state, facts, field, link, notice, skeleton_rows, text_input
from state.admin_rules import NEVER, ConsentRulesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ConsentRulesState
FORM = "consent-rules-form"


def consent_rules() -> rx.Component:
    """The page."""
    change = button(t("consent_rules.change"), kind="primary", icon_name="pen", on_click=S.edit)
    return framed(
        t("consent_rules.title"),
        body(
            head(t("consent_rules.title"), rx.cond(S.status == "full", change, rx.fragment())),
            rx.match(
                S.status,
                ("full", rx.el.div(_rule(), _done(), class_name="stack-4")),
                ("refused", not_for_you(t("consent_rules.refused_title"), t("consent_rules.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                rx.el.section(skeleton_rows(4), class_name="card"),
            ),
            narrow=True,
        ),
        _dialog(),
        current="consent_rules",
    )


def _days(value: Any) -> Any:
    return rx.cond(value == NEVER, t("consent_rules.never"), t("consent_rules.days_value", count=value))


def _rule() -> rx.Component:
    return card(
        rx.el.p(t("consent_rules.lead"), class_name="muted"),
        facts(
            (t("consent_rules.alert_days"), t("consent_rules.before_value", count=S.rule.alert_days)),
            (t("consent_rules.archive_days"), _days(S.rule.archive_days)),
            (t("consent_rules.delete_days"), _days(S.rule.delete_days)),
        ),
        title=t("consent_rules.rule"),
    )


def _done() -> rx.Component:
    next_one = rx.cond(S.next_deletion, t_date(S.next_deletion, "date"), t("consent_rules.none_due"))
    return card(
        facts(
            (t("consent_rules.archived"), t("count.photos", count=S.archived)),
            (t("consent_rules.held"), t("count.photos", count=S.held)),
            (t("consent_rules.next_deletion"), next_one),
        ),
        title=t("consent_rules.done"),
        end=link(t("consent_rules.to_archive"), href="/archive/"),
    )


def _number(name: str, value: Any, hint: Any, **props: Any) -> rx.Component:
    return field(
        t(f"consent_rules.{name}"),
        text_input(name, type="number", default_value=value, invalid=S.errors.contains(name), **props),
        name=name,
        hint=hint,
        error=remark(S.errors[name]),
    )


def _dialog() -> rx.Component:
    def shown(value: Any) -> Any:
        return rx.cond(value == NEVER, "", value.to_string())

    return dialog(
        rx.el.form(
            _number("alert_days", S.rule.alert_days.to_string(), t("consent_rules.alert_days_hint"), min=1, max=365),
            _number("archive_days", shown(S.rule.archive_days), t("consent_rules.archive_days_hint"), min=0, max=3650),
            _number("delete_days", shown(S.rule.delete_days), t("consent_rules.delete_days_hint"), min=1, max=3650),
            notice(t("consent_rules.delete_warning"), kind="warn"),
            id=FORM,
            class_name="stack-4",
            on_submit=S.save,
            no_validate=True,
        ),
        title=t("consent_rules.change"),
        open=S.editing,
        on_close=S.close,
        footer=[button(t("act.cancel"), on_click=S.close), button(t("act.save"), kind="primary", type="submit", form=FORM)],
    )

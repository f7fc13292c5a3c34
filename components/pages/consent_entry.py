"""The dialog in which staff enter a consent. Put `consent_dialog()` on a page and open it with `ConsentEntryState.open_for`."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.ui import button, checkbox, dialog, field, notice, radio, select, text_input
from state.consent_entry import ConsentEntryState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ConsentEntryState
FORM = "consent-form"


def consent_dialog() -> rx.Component:
    """The dialog; closed until somebody opens it."""
    return dialog(
        rx.el.form(
            _uses(),
            _period(),
            rx.cond(S.asset != "", _extent(), rx.fragment()),
            rx.el.div(
                field(
                    t("consent.signed_on"),
                    text_input("signed", type="date", default_value=S.today, max=S.today, invalid=_has("signed_at")),
                    name="signed",
                    hint=t("consent.signed_hint"),
                    error=_fault("signed_at"),
                ),
                rx.cond(S.minor, _guardians(), rx.fragment()),
                class_name="form-grid",
            ),
            rx.cond(_has("person_id"), notice(t("errors.invalid"), kind="bad"), rx.fragment()),
            id=FORM,
            class_name="stack-4",
            on_submit=S.record,
            reset_on_submit=False,
            no_validate=True,
        ),
        title=t("consent.of", name=S.person_name),
        description=t("consent.entry_text"),
        open=S.is_open,
        on_close=S.close,
        footer=[
            button(t("act.cancel"), on_click=S.close),
            button(t("consent.record"), kind="primary", icon_name="check", type="submit", form=FORM),
        ],
    )


def _has(name: str) -> Any:
    return S.faults.contains(name)


def _fault(name: str) -> Any:
    return rx.cond(S.faults.contains(name), t_key(S.faults[name]), "")


def _error(name: str) -> rx.Component:
    return rx.cond(_has(name), rx.el.p(t_key(S.faults[name]), class_name="fault", role="alert"), rx.fragment())


def _uses() -> rx.Component:
    def row(use: Any) -> rx.Component:
        return checkbox(
            t_key(use, prefix="use."),
            class_name="choice",
            name=f"use-{use}",
            value=use,
            default_checked=S.ticked.contains(use),
        )

    return rx.el.fieldset(
        rx.el.legend(t("consent.uses")),
        rx.el.div(rx.foreach(S.choices, row), class_name="choices"),
        _error("uses"),
    )


def _period() -> rx.Component:
    def row(period: str) -> rx.Component:
        return radio(
            t(f"consent.period_{period}"),
            class_name="choice",
            name="period",
            value=period,
            default_checked=S.period == period,
            on_change=S.choose_period(period),
        )

    return rx.el.fieldset(
        rx.el.legend(t("consent.valid_until")),
        rx.el.div(*[row(period) for period in ("1", "2", "5", "date", "none")], class_name="choices three"),
        rx.match(
            S.period,
            ("none", rx.el.p(t("consent.until_withdrawn"), class_name="hint")),
            (
                "date",
                rx.el.div(
                    text_input(
                        "until",
                        type="date",
                        default_value=S.until,
                        min=S.today,
                        invalid=_has("valid_until"),
                        aria_label=t("field.date"),
                    ),
                    class_name="until",
                ),
            ),
            rx.el.p(t("consent.until_date", date=t_date(S.until)), class_name="hint"),
        ),
        _error("valid_until"),
    )


def _extent() -> rx.Component:
    def row(extent: str, key: str) -> rx.Component:
        return radio(t(key), class_name="choice", name="extent", value=extent, default_checked=extent == "all")

    return rx.el.fieldset(
        rx.el.legend(t("consent.photos")),
        rx.el.div(
            row("all", "consent.scope_all"),
            row("folder", "consent.scope_this_folder"),
            row("photos", "consent.scope_this_photo"),
            class_name="choices three",
        ),
        _error("scope_ids"),
    )


def _guardians() -> rx.Component:
    return field(
        t("consent.guardians"),
        select(
            "guardians",
            [("0", t("consent.guardians_0")), ("1", "1"), ("2", "2")],
            default_value="1",
            invalid=_has("guardians_signed"),
        ),
        name="guardians",
        hint=t("consent.guardians_hint"),
        error=_fault("guardians_signed"),
    )

"""The rule for face templates, drawn: what holds, what is kept under it, and the dialog that decides anew."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date, t_key, t_number
from components.layout import body, head
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.ui import (
    button,
    card,
    dialog,
    error_state,
    facts,
    field,
    notice,
    radio,
    skeleton_rows,
    styles,
    table,
    text_area,
    text_input,
)
from photobank.people.templates import LEAST_REASON
from state.admin_biometrics import BiometricsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
B: Any = BiometricsState
FORM = "biometrics-form"


def biometrics() -> rx.Component:
    """The page."""
    change = button(t("biometrics.change"), kind="primary", icon_name="pen", on_click=B.edit)
    return framed(
        t("biometrics.title"),
        styles("admin.css"),
        body(
            head(t("biometrics.title"), rx.cond(B.status == "full", change, rx.fragment())),
            rx.match(
                B.status,
                ("full", rx.el.div(_rule(), _unattended(), _kept(), class_name="stack-4")),
                ("refused", not_for_you(t("biometrics.refused_title"), t("biometrics.refused_text"))),
                ("error", error_state(on_retry=B.load)),
                rx.el.section(skeleton_rows(4), class_name="card"),
            ),
            narrow=True,
        ),
        _dialog(),
        current="biometrics",
    )


def _rule() -> rx.Component:
    documented = B.rule.basis == "documented"
    return card(
        rx.el.p(rx.el.b(t_key(B.rule.basis, prefix="biometrics.basis."))),
        rx.el.p(t_key(B.rule.basis, prefix="biometrics.means."), class_name="muted"),
        facts(
            (t("biometrics.reason"), rx.cond(documented, B.rule.reason, t("biometrics.reason_none"))),
            (t("biometrics.days"), t("biometrics.days_value", count=B.rule.days)),
            (t("biometrics.since"), rx.cond(B.rule.set_at, t_date(B.rule.set_at, "datetime"), t("biometrics.default"))),
        ),
        title=t("biometrics.rule"),
    )


def _unattended() -> rx.Component:
    """The switch: what it does, what decisions support, and each error that may be chosen."""
    now = B.unattended

    def row(one: Any) -> rx.Component:
        on = button(t("unattended.on"), size="sm", on_click=B.switch(one.one_in))
        act = rx.cond(one.one_in == now.one_in, rx.el.b(t("unattended.chosen")), rx.cond(one.percent > 0, on, rx.fragment()))
        found = rx.cond(
            one.percent > 0,
            t("unattended.supported", percent=t_number(one.percent), wrong=t_number(one.wrong), passed=t_number(one.passed)),
            t("unattended.needed", count=one.needed),
        )
        return rx.el.tr(rx.el.td(t("unattended.one_in", count=one.one_in)), rx.el.td(found), rx.el.td(act))

    off = button(t("unattended.off"), size="sm", on_click=B.switch(0))
    stands = rx.cond(
        now.one_in == 0,
        t("unattended.is_off"),
        rx.cond(
            now.percent > 0,
            t("unattended.is_on", percent=t_number(now.percent), one_in=t_number(now.one_in)),
            t("unattended.is_idle", one_in=t_number(now.one_in)),
        ),
    )
    counted = rx.cond(now.counted_at, t_date(now.counted_at, "datetime"), t("unattended.not_counted"))
    columns = [t(f"unattended.col.{name}") for name in ("error", "support", "act")]
    return card(
        rx.el.div(
            rx.el.p(rx.el.b(stands)),
            rx.el.p(t("unattended.text"), class_name="muted"),
            facts(
                (t("unattended.standing"), t("unattended.faces", count=now.confirmed)),
                (t("unattended.counted"), counted),
            ),
            class_name="ad-pad stack-2",
        ),
        table(columns, rx.foreach(B.choices, row), caption=t("unattended.title")),
        title=t("unattended.title"),
        end=rx.cond(now.one_in > 0, off, rx.fragment()),
        pad=False,
        id="unattended",
    )


def _kept() -> rx.Component:
    def row(one: Any) -> rx.Component:
        never = t("biometrics.ends_never")
        span = rx.cond(
            one.first_end,
            rx.fragment(
                t_date(one.first_end, "short"), rx.cond(one.last_end, rx.fragment(" – ", t_date(one.last_end, "short")), "")
            ),
            rx.cond(one.last_end, t_date(one.last_end, "short"), never),
        )
        return rx.el.tr(
            rx.el.td(t_key(one.why, prefix="biometrics.why."), rx.el.small(one.model, class_name="phone muted")),
            rx.el.td(t_number(one.templates), class_name="num"),
            rx.el.td(t_number(one.people), class_name="num"),
            rx.el.td(span),
            rx.el.td(one.model, class_name="muted"),
        )

    columns = [t(f"biometrics.col.{name}") for name in ("why", "templates", "people", "until", "model")]
    return card(
        rx.cond(
            B.total > 0,
            rx.el.div(table(columns, rx.foreach(B.rows, row), caption=t("biometrics.kept")), class_name="bm-kept"),
            rx.el.div(rx.el.p(t("biometrics.kept_none"), class_name="muted"), class_name="ad-pad"),
        ),
        title=t("biometrics.kept"),
        end=rx.el.span(t("biometrics.total", count=B.total), class_name="muted num"),
        pad=False,
    )


def _dialog() -> rx.Component:
    def ground(basis: str) -> rx.Component:
        return radio(
            t_key(basis, prefix="biometrics.basis."),
            hint=t_key(basis, prefix="biometrics.means."),
            name="basis",
            value=basis,
            default_checked=B.rule.basis == basis,
        )

    reason = field(
        t("biometrics.reason"),
        text_area("reason", default_value=B.rule.reason, max_length=2000, rows=4, invalid=B.errors.contains("reason")),
        name="reason",
        hint=t("biometrics.reason_hint", count=LEAST_REASON),
        error=remark(B.errors["reason"]),
    )
    days = field(
        t("biometrics.days"),
        text_input("days", type="number", min=1, max=365, default_value=B.rule.days, invalid=B.errors.contains("days")),
        name="days",
        hint=t("biometrics.days_hint"),
        error=remark(B.errors["days"]),
    )
    return dialog(
        rx.el.form(
            rx.el.fieldset(rx.el.legend(t("biometrics.ground")), ground("opt_in"), ground("documented"), class_name="stack-2"),
            rx.el.div(reason, class_name="bm-reason"),
            days,
            rx.cond(
                B.rule.basis == "documented",
                rx.el.div(notice(t("biometrics.back_text"), kind="warn"), class_name="bm-back"),
                rx.fragment(),
            ),
            id=FORM,
            class_name="stack-4 bm-form",
            on_submit=B.save,
            no_validate=True,
        ),
        title=t("biometrics.change"),
        open=B.editing,
        on_close=B.close,
        footer=[button(t("act.cancel"), on_click=B.close), button(t("act.save"), kind="primary", type="submit", form=FORM)],
    )

"""The privacy desk, drawn: requests that wait with the days that are left, what was answered, and the dialog that answers."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date, t_key
from components.layout import body, head
from components.links import person_page
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.people import portrait
from components.ui import (
    button,
    card,
    dialog,
    empty_state,
    error_state,
    field,
    icon,
    link,
    radio,
    skeleton_rows,
    styles,
    text_area,
    text_input,
)
from state.privacy import PrivacyState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
P: Any = PrivacyState
FORM, LETTER = "privacy-answer", "privacy-letter"


def privacy() -> rx.Component:
    """The page."""
    return framed(
        t("privacy.title"),
        styles("people.css", "admin.css", "privacy.css"),
        body(
            head(
                t("privacy.title"),
                rx.cond(
                    (P.status == "full") | (P.status == "empty"),
                    button(t("privacy.letter"), icon_name="plus", on_click=P.open_letter),
                    rx.fragment(),
                ),
            ),
            rx.match(
                P.status,
                ("full", rx.el.div(_waiting(), _answered(), _more(), class_name="stack-4")),
                ("empty", empty_state(t("privacy.empty_title"), t("privacy.empty_text"), icon_name="paper")),
                ("refused", not_for_you(t("privacy.refused_title"), t("privacy.refused_text"))),
                ("error", error_state(on_retry=P.load)),
                rx.el.section(skeleton_rows(4), class_name="card"),
            ),
        ),
        _dialog(),
        _letter(),
        current="privacy",
    )


def _waiting() -> rx.Component:
    return card(
        rx.cond(
            P.waiting.length() > 0,
            rx.el.ul(rx.foreach(P.waiting, _open), class_name="ad-list"),
            rx.el.div(rx.el.p(t("privacy.none_waiting"), class_name="muted"), class_name="ad-pad"),
        ),
        title=t("privacy.waiting"),
        end=rx.el.span(P.count, class_name="muted num"),
        pad=False,
    )


def _answered() -> rx.Component:
    return rx.cond(
        P.answered.length() > 0,
        card(rx.el.ul(rx.foreach(P.answered, _closed), class_name="ad-list"), title=t("privacy.answered"), pad=False),
        rx.fragment(),
    )


def _more() -> rx.Component:
    return rx.cond(P.more, rx.el.div(button(t("privacy.more"), on_click=P.show_more), class_name="row"), rx.fragment())


def _who(row: Any, *below: Any) -> rx.Component:
    return rx.el.span(
        rx.match(row.kind, ("access", icon("download", 18)), icon("trash", 18)),
        rx.el.span(
            rx.el.b(t_key(row.kind, prefix="privacy.kind."), ": ", link(row.name, href=person_page(row.person_id))),
            *[rx.el.small(one) for one in below],
            class_name="ad-name",
        ),
        class_name="pv-who grow",
    )


def _open(row: Any) -> rx.Component:
    came = rx.cond(
        row.own_page, t("privacy.came_page", date=t_date(row.asked_at)), t("privacy.came_staff", date=t_date(row.asked_at))
    )
    left = rx.cond(row.late, t("privacy.late"), rx.cond(row.left > 0, t("privacy.left", count=row.left), t("privacy.today")))
    return rx.el.li(
        _who(row, came),
        rx.el.span(
            rx.cond(row.late, icon("alert", 14), icon("clock", 14)),
            rx.el.span(left),
            rx.el.small(t("privacy.due", date=t_date(row.due_at))),
            class_name=rx.cond(row.late, "pv-due late", rx.cond(row.left > 7, "pv-due", "pv-due soon")),
        ),
        button(t("privacy.answer"), size="sm", icon_name="pen", on_click=P.open_answer(row.id, row.name, row.kind)),
        key=row.id,
        class_name="pv-row",
    )


def _closed(row: Any) -> rx.Component:
    when = rx.cond(
        row.late,
        t("privacy.closed_late", date=t_date(row.closed_at)),
        t("privacy.closed", date=t_date(row.closed_at)),
    )
    return rx.el.li(
        _who(row, when, rx.cond(row.answer != "", row.answer, "")),
        rx.el.span(t_key(row.outcome, prefix="privacy.outcome."), class_name="badge"),
        key=row.id,
        class_name="pv-row",
    )


def _letter() -> rx.Component:
    """What came by letter or by phone: of whom, what, and when."""

    def somebody(one: Any) -> rx.Component:
        return rx.el.button(
            portrait(one.face, one.initials, one.state, size="sm"),
            rx.el.span(one.name, rx.el.small(t("count.photos", count=one.photos)), class_name="ad-name"),
            type="button",
            class_name="p-row",
            on_click=P.choose_person(one.id, one.name),
        )

    searching = rx.fragment(
        field(
            t("privacy.letter_who"),
            rx.el.span(
                icon("search", 16),
                rx.el.input(
                    id="letter-search",
                    type="search",
                    auto_complete="off",
                    class_name="input",
                    on_change=P.find_people.debounce(150),
                ),
                class_name="with-icon",
            ),
            name="letter-search",
        ),
        rx.el.div(rx.foreach(P.found, somebody), class_name="p-rows", aria_live="polite"),
    )
    kinds = rx.el.fieldset(
        rx.el.legend(t("privacy.letter_what")),
        *[
            radio(t(f"privacy.kind.{kind}"), hint=t(f"privacy.asks.{kind}"), name="kind", value=kind)
            for kind in ("access", "erasure")
        ],
        rx.cond(
            P.errors.contains("kind"),
            rx.el.div(
                rx.el.span(icon("alert", 14), remark(P.errors["kind"]), class_name="error", role="alert"), class_name="field"
            ),
            rx.fragment(),
        ),
        class_name="stack-2",
    )
    form = rx.el.form(
        rx.el.div(
            rx.el.b(P.letter_name),
            button(t("privacy.letter_other"), size="sm", kind="quiet", on_click=P.choose_again),
            class_name="row",
        ),
        kinds,
        field(
            t("privacy.letter_when"),
            text_input("came", type="date", invalid=P.errors.contains("asked_at")),
            name="came",
            hint=t("privacy.letter_when_hint"),
            error=remark(P.errors["asked_at"]),
        ),
        id=LETTER,
        class_name="stack-4",
        on_submit=P.enter,
        no_validate=True,
    )
    return dialog(
        rx.cond(P.letter_person != "", form, searching),
        title=t("privacy.letter_title"),
        description=t("privacy.letter_text"),
        open=P.entering,
        on_close=P.close_letter,
        footer=[
            button(t("act.cancel"), on_click=P.close_letter),
            button(t("act.save"), kind="primary", type="submit", disabled=P.letter_person == "", custom_attrs={"form": LETTER}),
        ],
    )


def _dialog() -> rx.Component:
    def outcome(name: str) -> rx.Component:
        hint = t(f"privacy.means_{name}")
        return radio(t(f"privacy.outcome.{name}"), hint=hint, name="outcome", value=name)

    return dialog(
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(t("privacy.how")),
                outcome("granted"),
                outcome("refused"),
                rx.cond(
                    P.errors.contains("outcome"),
                    rx.el.div(
                        rx.el.span(icon("alert", 14), remark(P.errors["outcome"]), class_name="error", role="alert"),
                        class_name="field",
                    ),
                    rx.fragment(),
                ),
                class_name="stack-2",
            ),
            field(
                t("privacy.words"),
                text_area("answer", max_length=4000, rows=5, invalid=P.errors.contains("answer")),
                name="answer",
                hint=t("privacy.words_hint"),
                error=remark(P.errors["answer"]),
            ),
            id=FORM,
            class_name="stack-4",
            on_submit=P.answer,
            no_validate=True,
        ),
        title=t("privacy.answer_to", name=P.name),
        description=t_key(P.kind, prefix="privacy.asks."),
        open=P.answering != "",
        on_close=P.close,
        footer=[button(t("act.cancel"), on_click=P.close), button(t("privacy.answer"), kind="primary", type="submit", form=FORM)],
    )

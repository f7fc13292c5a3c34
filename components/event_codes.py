"""The dialog for codes that hang at events, drawn: the list, the form, and one code as large as it is to be scanned."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date
from components.people import use_name
from components.photo import folder_picker
from components.ui import button, dialog, field, icon, text_input
from state.event_codes import EventCodesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
C: Any = EventCodesState
X: Any = EventCodesState.errors
FORM = "event-code"


def event_codes_dialog() -> rx.Component:
    """The dialog; its state opens it."""
    shown = C.shown_url != ""
    back = button(t("act.close"), on_click=C.close_codes)
    other = button(t("act.cancel"), on_click=rx.cond(C.rows.length() > 0, C.back_to_codes, C.close_codes))
    return dialog(
        rx.cond(shown, _code(), rx.cond(C.making, _form(), _list())),
        title=rx.cond(shown, C.shown_title, t("consents.event_title")),
        description=rx.cond(shown, t("consents.event_print"), t("consents.event_text")),
        open=C.open,
        on_close=C.close_codes,
        footer=[
            rx.cond(shown, button(t("consents.event_code"), icon_name="left", on_click=C.back_to_codes), rx.fragment()),
            rx.cond(C.making & ~shown, other, back),
            rx.cond(
                shown,
                rx.fragment(),
                rx.cond(
                    C.making,
                    button(t("consents.event_make"), kind="primary", icon_name="qr", type="submit", custom_attrs={"form": FORM}),
                    button(t("consents.event_new"), kind="primary", icon_name="plus", on_click=C.new_code),
                ),
            ),
        ],
    )


def _form() -> rx.Component:
    forms = rx.el.span(
        rx.el.select(
            rx.foreach(C.forms, lambda row: rx.el.option(use_name(row[1], row[2]), value=row[0])),
            id="event-template",
            name="template",
            class_name="input",
        ),
        icon("down", 16),
        class_name="select",
    )
    return rx.el.form(
        field(
            t("consents.event_name"),
            text_input("title", max_length=120, auto_complete="off", invalid=X.contains("title")),
            name="title",
            error=remark(X["title"]),
        ),
        field(
            t("consents.event_folder"),
            folder_picker(value=C.folder, on_choose=C.choose_event_folder, name="event-place", permission="edit"),
            name="event-place",
            error=remark(X["folder_id"]),
        ),
        field(t("consents.form"), forms, name="event-template", error=remark(X["template_id"])),
        field(
            t("consents.event_last_day"),
            text_input("last_day", type="date", default_value=C.last_day, invalid=X.contains("last_day")),
            name="last_day",
            error=remark(X["last_day"]),
        ),
        id=FORM,
        on_submit=C.make_code,
        class_name="stack-4",
        no_validate=True,
    )


def _list() -> rx.Component:
    def one(row: Any) -> rx.Component:
        ends = rx.cond(row.open, t("consents.event_until", date=t_date(row.until)), t("consents.event_ended"))
        return rx.el.li(
            rx.el.span(
                rx.el.b(row.title),
                rx.el.small(row.folder, " · ", ends),
                rx.el.small(t("consents.event_signed", signed=row.signed, asked=row.asked)),
                class_name="ad-name grow",
            ),
            rx.cond(
                row.open,
                rx.fragment(
                    button(t("consents.event_show"), size="sm", icon_name="qr", on_click=C.show_code(row.id)),
                    button(t("consents.event_end"), size="sm", kind="quiet", on_click=C.end_code(row.id)),
                ),
                rx.fragment(),
            ),
            key=row.id,
        )

    return rx.el.ul(rx.foreach(C.rows, one), class_name="cs-codes")


def _code() -> rx.Component:
    return rx.el.div(
        rx.el.img(src=C.shown_code, alt=t("consents.code_of", name=C.shown_title), width="280", height="280", class_name="qr"),
        rx.el.input(value=C.shown_url, read_only=True, aria_label=t("consents.code_of", name=C.shown_title), class_name="input"),
        class_name="cs-code stack-4",
    )

"""Departments, below the users: a list, and one dialog."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t
from components.ui import (
    button,
    checkbox,
    confirm_dialog,
    dialog,
    empty_state,
    error_state,
    field,
    initials,
    skeleton_rows,
    text_input,
)
from state.admin_departments import NEW, TICK, DepartmentsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
D: Any = DepartmentsState
FORM = "department-form"


def departments() -> rx.Component:
    """The section; nothing for who may not manage users, whom the page tells already."""
    return rx.cond(
        D.status == "refused",
        rx.fragment(),
        rx.el.section(
            rx.el.div(
                rx.el.h2(t("departments.title")),
                rx.el.span(button(t("departments.new"), size="sm", icon_name="plus", on_click=D.open_form(NEW)), class_name="end"),
                class_name="card-head",
            ),
            rx.match(
                D.status,
                ("full", rx.el.ul(rx.foreach(D.rows, _row), class_name="ad-list")),
                ("empty", empty_state(t("departments.empty_title"), t("departments.empty_text"), icon_name="people")),
                ("error", error_state(on_retry=D.load)),
                skeleton_rows(3),
            ),
            class_name="card",
        ),
    )


def department_dialogs() -> rx.Component:
    """The dialog, and the question before one goes."""
    return rx.fragment(_dialog(), _question())


def _row(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.b(row.name), rx.el.small(t("departments.members", count=row.members)), class_name="ad-name grow"),
        rx.el.span(
            rx.foreach(row.shown, lambda letters: initials(letters, size=24)),
            rx.cond(row.more > 0, rx.el.span("+", row.more, class_name="faint"), rx.fragment()),
            class_name="ad-who",
            aria_hidden="true",
        ),
        button(t("act.edit"), rx.el.span(" ", row.name, class_name="vh"), size="sm", on_click=D.open_form(row.id)),
    )


def _dialog() -> rx.Component:
    remove = rx.cond(D.form != NEW, button(t("act.remove"), kind="quiet", on_click=D.ask_remove), rx.fragment())
    return dialog(
        rx.el.form(
            field(
                t("field.name"),
                text_input(
                    "department_name",
                    default_value=D.name,
                    max_length=200,
                    auto_complete="off",
                    invalid=D.errors.contains("name"),
                ),
                name="department_name",
                error=remark(D.errors["name"]),
            ),
            rx.el.fieldset(
                rx.el.legend(t("departments.who")),
                rx.el.div(rx.foreach(D.choices, _choice), class_name="ad-ticks", tab_index=-1),
            ),
            id=FORM,
            class_name="stack-4",
            on_submit=D.save,
            no_validate=True,
        ),
        title=rx.cond(D.form == NEW, t("departments.new"), t("departments.change")),
        description=t("departments.text"),
        open=(D.form != "") & ~D.asking,
        on_close=D.close_form,
        footer=[
            remove,
            rx.el.span(class_name="grow"),
            button(t("act.cancel"), on_click=D.close_form),
            button(t("act.save"), kind="primary", type="submit", custom_attrs={"form": FORM}),
        ],
    )


def _choice(one: Any) -> rx.Component:
    return checkbox(one.name, hint=one.email, name=TICK + one.id, default_checked=one.inside)


def _question() -> rx.Component:
    return confirm_dialog(
        title=t("departments.remove_title", name=D.name),
        text=t("departments.remove_text", name=D.name),
        confirm=t("act.remove"),
        open=D.asking,
        on_confirm=D.remove,
        on_close=D.keep,
    )

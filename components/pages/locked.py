"""Locked folders on a page: how many there are to open, the question for the password, and the way to close them again."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date
from components.ui import button, dialog, field
from components.ui.field import password_input
from components.ui.icon import icon
from state.confirm import ConfirmState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
C: Any = ConfirmState
FORM = "confirm-form"


def locked_chip() -> rx.Component:
    """A chip while there are locked folders that one was granted: closed, or open until a moment."""
    opened = rx.el.button(
        icon("lock", 14), t("locked.open_until", time=t_date(C.until, "time")), icon("x", 14), type="button", class_name="chip on",
        on_click=C.close_locked, title=t("locked.close"),
    )  # fmt: skip
    closed = rx.el.button(icon("lock", 14), t("locked.waiting", count=C.waiting), type="button", class_name="chip", on_click=C.ask)
    return rx.fragment(
        rx.cond(C.until != "", opened, rx.cond(C.waiting > 0, closed, rx.fragment())),
        dialog(
            rx.el.form(
                rx.el.p(t("locked.text")),
                field(
                    t("field.password"),
                    password_input("proof", invalid=remark(C.errors["proof"]) != "", autofocus=True),
                    name="proof",
                    error=remark(C.errors["proof"]),
                ),
                id=FORM,
                class_name="stack-4",
                on_submit=C.confirm,
            ),
            title=t("locked.title"),
            open=C.asking,
            on_close=C.leave,
            footer=[
                button(t("act.cancel"), on_click=C.leave),
                button(t("locked.confirm"), kind="primary", icon_name="lock", type="submit", form=FORM),
            ],
        ),
    )

"""What keeps a photo in, above its permissions, and the dialog that asks why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_key
from components.ui import button, dialog, field, menu_item, notice, text_area
from state.photo import PhotoState
from state.photo_holding import HoldingState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
H: Any = HoldingState
FORM = "holding-form"


def kept_in() -> rx.Component:
    """A notice for each bolt that is on, with the way to take it off for who may."""

    def one(bolt: Any) -> rx.Component:
        return notice(
            rx.cond(bolt.reason, rx.el.p(bolt.reason), rx.fragment()),
            rx.cond(
                bolt.mine,
                rx.el.div(
                    button(t_key(bolt.kind, prefix="photo.let_go_"), size="sm", on_click=H.let_go(bolt.kind)), class_name="row"
                ),
                rx.fragment(),
            ),
            title=t_key(bolt.kind, prefix="photo.kept_by_"),
            kind="warn",
            key=bolt.kind,
        )

    return rx.fragment(rx.foreach(S.bolts, one))


def holding_items() -> rx.Component:
    """Lines of the menu at the top."""

    def item(bolt: str, allowed: Any, symbol: Any) -> rx.Component:
        return rx.cond(allowed, menu_item(t(f"photo.put_{bolt}"), icon_name=symbol, on_click=H.ask_why(bolt)), rx.fragment())

    return rx.fragment(item("lock", S.photo.may_lock, "lock"), item("hold", S.photo.may_hold, "pause"))


def holding_dialog() -> rx.Component:
    """Asks why."""
    return dialog(
        rx.el.form(
            rx.el.p(t_key(H.bolt, prefix="photo.about_")),
            field(
                t("photo.why"),
                text_area("reason", rows=3, max_length=1000),
                name="reason",
                hint=t("photo.why_hint"),
                error=remark(H.bolt_errors["reason"]),
            ),
            id=FORM,
            class_name="stack-4",
            on_submit=H.keep_in,
        ),
        title=t_key(H.bolt, prefix="photo.title_"),
        open=H.bolt != "",
        on_close=H.leave_open,
        footer=[
            button(t("act.cancel"), on_click=H.leave_open),
            button(t_key(H.bolt, prefix="photo.put_"), kind="primary", type="submit", form=FORM),
        ],
    )

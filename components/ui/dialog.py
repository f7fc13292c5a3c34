"""Dialogs and sheets on the browser's own modal <dialog>: focus is trapped, the rest inert, focus returns; a sheet on a phone."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.event import no_args_event_spec

from components.i18n import t
from components.ui.behave import LIBRARY
from components.ui.button import button


class _Dialog(Component):
    library = LIBRARY
    tag = "Dialog"
    alias = "PbDialog"
    open: rx.Var[bool]
    title: rx.Var[str]
    description: rx.Var[str]
    close_label: rx.Var[str]
    kind: rx.Var[str]
    on_close: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


def dialog(
    *children: Any,
    title: str | rx.Var[str],
    open: rx.Var[bool] | bool,
    on_close: Any,
    description: str | rx.Var[str] = "",
    footer: list[rx.Component] | None = None,
    kind: Literal["", "wide", "side"] = "",
) -> rx.Component:
    """A modal dialog. What is inside exists only while it is open, so each opening starts fresh.

    `on_close` runs for Escape, the cross and a click beside it. The first field gets the focus, or what has `data-autofocus`.
    """
    parts: list[Any] = [rx.el.div(*children, class_name="dialog-body")]
    if footer:
        parts.append(rx.el.div(*footer, class_name="dialog-foot"))
    return _Dialog.create(
        *parts, title=title, open=open, on_close=on_close, description=description, kind=kind, close_label=t("act.close")
    )


def sheet(*children: Any, title: str | rx.Var[str], open: rx.Var[bool] | bool, on_close: Any, **props: Any) -> rx.Component:
    """A dialog at the side of a desk screen, from below on a phone: filters, details."""
    return dialog(*children, title=title, open=open, on_close=on_close, kind="side", **props)


def confirm_dialog(
    *children: Any,
    title: str | rx.Var[str],
    text: str | rx.Var[str],
    confirm: str | rx.Var[str],
    open: rx.Var[bool] | bool,
    on_confirm: Any,
    on_close: Any,
    danger: bool = True,
    busy: rx.Var[bool] | None = None,
) -> rx.Component:
    """Asks before what cannot be undone. `text` names what will happen and how many things it touches; `confirm` is a verb."""
    return dialog(
        rx.el.p(text),
        *children,
        title=title,
        open=open,
        on_close=on_close,
        footer=[
            button(t("act.cancel"), on_click=on_close, custom_attrs={"data-autofocus": "true"}),
            button(confirm, kind="danger-solid" if danger else "primary", on_click=on_confirm, busy=busy),
        ],
    )

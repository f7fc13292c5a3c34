"""Short messages at the foot of the screen, from a state variable: key and parameters, translated here, read out politely."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import Component

from components.i18n import t, words_object
from components.ui.behave import LIBRARY


def _action(action: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (action,)


class _Toasts(Component):
    library = LIBRARY
    tag = "Toasts"
    alias = "PbToasts"
    items: rx.Var[list[Any]]
    words: rx.Var[Any]
    close_label: rx.Var[str]
    action_label: rx.Var[str]
    on_action: rx.EventHandler[_action]  # type: ignore[type-arg, valid-type]
    on_dismiss: rx.EventHandler[_action]  # type: ignore[type-arg, valid-type]


def toasts(items: Any, *, on_dismiss: Any | None = None, on_action: Any | None = None) -> rx.Component:
    """`items` is a variable with `state.base.Toast` rows.

    `on_dismiss` gets the id of one that has been seen, `on_action` the `action` of one whose button is pressed.
    """
    events = {"on_dismiss": on_dismiss, "on_action": on_action}
    props: dict[str, Any] = {name: handler for name, handler in events.items() if handler is not None}
    return _Toasts.create(items=items, words=words_object(), close_label=t("act.close"), action_label=t("act.undo"), **props)

"""Form fields: label above, hint or error below, tied together for screen readers."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import Component

from components.i18n import t
from components.ui.behave import LIBRARY
from components.ui.classes import classes
from components.ui.icon import IconName, icon


def field(
    label: str | rx.Var[str],
    control: rx.Component,
    *,
    name: str,
    hint: str | rx.Var[str] | None = None,
    error: rx.Var[str] | str | None = None,
    **props: Any,
) -> rx.Component:
    """A labelled control. Give the control `id=name` (the inputs here do); `error` is a sentence, empty when all is well."""
    children: list[Any] = [rx.el.label(label, html_for=name), control]
    if hint is not None:
        children.append(rx.el.span(hint, class_name="hint", id=f"{name}-hint"))
    if error is not None:
        children.append(
            rx.cond(
                error,
                rx.el.span(icon("alert", 14), error, class_name="error", id=f"{name}-error", role="alert"),
                rx.fragment(),
            )
        )
    return rx.el.div(*children, class_name="field", **props)


def _tie(name: str, invalid: rx.Var[bool] | bool | None, props: dict[str, Any]) -> None:
    props.setdefault("id", name)
    props.setdefault("name", name)
    if invalid is not None:
        props["aria_invalid"] = invalid
        props["custom_attrs"] = {**props.get("custom_attrs", {}), "aria-describedby": f"{name}-error"}


def text_input(
    name: str, *, icon_name: IconName | None = None, invalid: rx.Var[bool] | bool | None = None, class_name: str = "", **props: Any
) -> rx.Component:
    """One line of text. `type` may be text, email, date, number, search."""
    _tie(name, invalid, props)
    control = rx.el.input(class_name=classes("input", class_name), **props)
    return rx.el.span(icon(icon_name, 16), control, class_name="with-icon") if icon_name else control


def text_area(name: str, *, invalid: rx.Var[bool] | bool | None = None, class_name: str = "", **props: Any) -> rx.Component:
    """Several lines of text."""
    _tie(name, invalid, props)
    return rx.el.textarea(class_name=classes("input", class_name), **props)


def select(
    name: str,
    options: Any,
    *,
    invalid: rx.Var[bool] | bool | None = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A list to choose one from: pairs (value, words), or a variable holding such pairs."""
    _tie(name, invalid, props)
    if isinstance(options, rx.Var):
        rows: list[Any] = [rx.foreach(options, lambda pair: rx.el.option(pair[1], value=pair[0]))]
    else:
        rows = [rx.el.option(words, value=value) for value, words in options]
    return rx.el.span(rx.el.select(*rows, class_name=classes("input", class_name), **props), icon("down", 16), class_name="select")


def _tick(kind: str, label: Any, hint: Any, class_name: str, props: dict[str, Any]) -> rx.Component:
    words: Any = rx.el.span(label, rx.el.small(hint), class_name="what") if hint is not None else rx.el.span(label)
    return rx.el.label(rx.el.input(type=kind, **props), words, class_name=classes("check", class_name))


def checkbox(label: Any, *, hint: str | rx.Var[str] | None = None, class_name: str = "", **props: Any) -> rx.Component:
    """A tick box with its words; `checked`, `on_change`, `name` go to the box."""
    return _tick("checkbox", label, hint, class_name, props)


def radio(label: Any, *, hint: str | rx.Var[str] | None = None, class_name: str = "", **props: Any) -> rx.Component:
    """One of several exclusive choices; give all the same `name`."""
    return _tick("radio", label, hint, class_name, props)


class _Password(Component):
    library = LIBRARY
    tag = "PasswordInput"
    name: rx.Var[str]
    auto_complete: rx.Var[str]
    show_label: rx.Var[str]
    hide_label: rx.Var[str]
    invalid: rx.Var[bool]
    large: rx.Var[bool]
    autofocus: rx.Var[bool]


def password_input(
    name: str = "password",
    *,
    new: bool = False,
    invalid: rx.Var[bool] | bool = False,
    large: bool = False,
    autofocus: bool = False,
) -> rx.Component:
    """A password with a button that shows it. It stays in the form: read it from the form's data on submit, not from a variable."""
    return _Password.create(
        name=name,
        auto_complete="new-password" if new else "current-password",
        show_label=t("field.show_password"),
        hide_label=t("field.hide_password"),
        invalid=invalid,
        large=large,
        autofocus=autofocus,
    )

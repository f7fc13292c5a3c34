"""Buttons and links. A button says what it does; an icon-only button has that as its label."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from components.ui.classes import classes
from components.ui.icon import IconName, icon

ButtonKind = Literal["default", "primary", "quiet", "danger", "danger-solid"]
ButtonSize = Literal["xs", "sm", "md", "lg"]


def _looks(kind: ButtonKind, size: ButtonSize, extra: str | rx.Var[str] = "") -> str:
    return classes("btn", "" if kind == "default" else f"btn-{kind}", "" if size == "md" else f"btn-{size}", extra)


def button(
    *children: Any,
    kind: ButtonKind = "default",
    size: ButtonSize = "md",
    icon_name: IconName | None = None,
    icon_end: IconName | None = None,
    busy: rx.Var[bool] | bool | None = None,
    class_name: str | rx.Var[str] = "",
    **props: Any,
) -> rx.Component:
    """A button. `busy` shows that its work is under way and keeps it from being pressed twice."""
    lead: list[Any] = [icon(icon_name, 16)] if icon_name else []
    if busy is not None:
        lead = [rx.cond(busy, rx.el.span(class_name="spin", aria_hidden="true"), lead[0] if lead else rx.fragment())]
        props["disabled"] = (busy | props["disabled"]) if "disabled" in props else busy
        props["aria_busy"] = busy
    props.setdefault("type", "button")
    return rx.el.button(
        *lead, *children, *([icon(icon_end, 16)] if icon_end else []), class_name=_looks(kind, size, class_name), **props
    )


def icon_button(
    name: IconName,
    label: str | rx.Var[str],
    *,
    kind: ButtonKind = "quiet",
    size: ButtonSize = "md",
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A button with only an icon; `label` is its name for screen readers and its tooltip."""
    props.setdefault("type", "button")
    return rx.el.button(
        icon(name, 16), class_name=_looks(kind, size, f"btn-icon {class_name}".strip()), aria_label=label, title=label, **props
    )


def text_button(*children: Any, class_name: str = "", **props: Any) -> rx.Component:
    """A button that reads as a link inside a line of text."""
    props.setdefault("type", "button")
    return rx.el.button(*children, class_name=classes("link", class_name), **props)


def link(*children: Any, href: str | rx.Var[str], **props: Any) -> rx.Component:
    """A link to a page of ours, without reloading. End paths with a slash."""
    return ReactRouterLink.create(*children, to=href, **props)


def link_button(
    *children: Any,
    href: str | rx.Var[str],
    kind: ButtonKind = "default",
    size: ButtonSize = "md",
    icon_name: IconName | None = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A link that looks like a button."""
    lead = [icon(icon_name, 16)] if icon_name else []
    return link(*lead, *children, href=href, class_name=_looks(kind, size, class_name), **props)


def icon_link(
    name: IconName, label: str | rx.Var[str], *, href: str | rx.Var[str], size: ButtonSize = "md", **props: Any
) -> rx.Component:
    """A link with only an icon, such as the way back."""
    return link(icon(name, 16), href=href, class_name=_looks("quiet", size, "btn-icon"), aria_label=label, title=label, **props)


def button_group(*buttons: rx.Component, label: str | rx.Var[str] = "", **props: Any) -> rx.Component:
    """Buttons that belong together, joined."""
    return rx.el.span(*buttons, class_name="btn-group", role="group", aria_label=label, **props)

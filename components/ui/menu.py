"""A button that opens a list of things to do or choose; arrow keys, Home, End, first letter, Escape."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import Component

from components.ui.behave import LIBRARY
from components.ui.button import link
from components.ui.classes import classes
from components.ui.icon import IconName, icon


class _Menu(Component):
    library = LIBRARY
    tag = "Menu"
    alias = "PbMenu"
    label: rx.Var[str]
    title: rx.Var[str]
    button_class: rx.Var[str]
    align: rx.Var[str]


def menu(
    face: Any,
    *rows: rx.Component,
    label: str | rx.Var[str] = "",
    title: str | rx.Var[str] = "",
    button_class: str = "btn btn-sm",
    align: Literal["end", "start", "end up", "start up"] = "end",
) -> rx.Component:
    """`face` is what the button shows. Give `label` when that is only an icon."""
    return _Menu.create(rx.el.span(face, class_name="row"), *rows, label=label, title=title, button_class=button_class, align=align)


def menu_item(
    *children: Any,
    icon_name: IconName | None = None,
    href: str | rx.Var[str] | None = None,
    danger: bool = False,
    disabled: rx.Var[bool] | bool | None = None,
    **props: Any,
) -> rx.Component:
    """One thing to do; with `href` a link."""
    lead = [icon(icon_name, 16)] if icon_name else []
    looks = classes("menu-item", "danger" if danger else "")
    if href is not None:
        return link(*lead, *children, href=href, role="menuitem", class_name=looks, **props)
    if disabled is not None:
        props["aria_disabled"] = disabled
    return rx.el.button(*lead, *children, type="button", role="menuitem", class_name=looks, tab_index=-1, **props)


def menu_choice(*children: Any, checked: Any, icon_name: IconName | None = None, **props: Any) -> rx.Component:
    """One of several settings, ticked when it is the present one."""
    lead = [icon(icon_name, 16)] if icon_name else []
    tick = icon("check", 16, class_name="tick")
    return rx.el.button(
        *lead,
        *children,
        tick,
        type="button",
        role="menuitemradio",
        aria_checked=checked,
        class_name="menu-item",
        tab_index=-1,
        **props,
    )


def menu_separator() -> rx.Component:
    """A line between groups."""
    return rx.el.div(class_name="menu-sep", role="separator")


def menu_label(*children: Any) -> rx.Component:
    """The name of a group of rows."""
    return rx.el.div(*children, class_name="menu-label", role="presentation")

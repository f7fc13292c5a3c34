"""Page templates: what a page of each kind is wrapped in."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import language_preference, page_title
from components.layout.frame import Viewer, frame
from components.layout.navigation import PageKey
from components.ui import toasts


def page(
    title: str | rx.Var[str],
    *children: Any,
    current: PageKey,
    viewer: Viewer,
    on_toast: Any | None = None,
    slim: bool = False,
    bare: bool = False,
    search: rx.Component | None = None,
) -> rx.Component:
    """A signed-in page. `on_toast` runs the action of a message (undo)."""
    return rx.fragment(
        page_title(title=title),
        language_preference(viewer.language, viewer.uses),
        frame(*children, current=current, viewer=viewer, slim=slim, bare=bare, search=search),
        toasts(viewer.toasts, on_dismiss=viewer.on_dismiss, on_action=on_toast),
    )


def body(*children: Any, narrow: bool = False) -> rx.Component:
    """The usual column inside a page."""
    return rx.el.div(*children, class_name="wrap-page narrow" if narrow else "wrap-page")


def head(title: Any, *end: rx.Component, count: Any = None) -> rx.Component:
    """The page's heading with a count, and its actions at the end."""
    return rx.el.div(
        rx.el.h1(title),
        rx.el.span(count, class_name="count num") if count is not None else rx.fragment(),
        rx.el.div(*end, class_name="end") if end else rx.fragment(),
        class_name="head",
    )

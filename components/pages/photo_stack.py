"""The other photos of the stack, above the panel of the photo page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.links import photo_page
from components.ui import link, menu, menu_item
from components.ui.icon import icon
from state.photo import PhotoState
from state.photo_stack import StackState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
K: Any = StackState


def stack() -> rx.Component:
    """Nothing for a photo that stands by itself."""
    return rx.cond(
        K.stack_count > 1,
        rx.el.section(
            rx.el.header(
                icon("copy", 16), rx.el.b(t("grid.stack", count=K.stack_count)), rx.cond(K.stack_edit, _menu(), rx.fragment())
            ),
            rx.el.ul(rx.foreach(K.frames, _frame)),
            class_name="photo-stack",
            aria_label=t("grid.stack", count=K.stack_count),
        ),
        rx.fragment(),
    )


def _frame(one: Any) -> rx.Component:
    picture = rx.el.img(src=f"/api/v1/assets/{one.id}/renditions/thumb", alt="", loading="lazy")
    return rx.el.li(
        link(
            rx.cond(one.shown, picture, icon("lock", 16)),
            href=photo_page(one.id),
            aria_label=one.title,
            title=one.title,
            custom_attrs={"aria-current": rx.cond(one.id == S.photo.id, "true", None)},
        ),
        key=one.id,
    )


def _menu() -> rx.Component:
    return menu(
        icon("more", 16),
        rx.cond(K.stack_cover, rx.fragment(), menu_item(t("stack.cover"), icon_name="star", on_click=K.choose_cover)),
        menu_item(t("stack.take_out"), icon_name="minus", on_click=K.take_out),
        menu_item(t("stack.dissolve"), icon_name="undo", on_click=K.dissolve),
        label=t("stack.menu"),
        title=t("stack.menu"),
        button_class="btn btn-quiet btn-icon btn-sm",
    )

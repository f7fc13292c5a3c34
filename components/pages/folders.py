"""The folders page, drawn: the tree on the left, the folder with its grants on the right; below each other on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.layout import body, head
from components.pages.folder_dialogs import delete_dialog, move_dialog, name_dialog
from components.pages.folder_grants import add, matrix, preview
from components.pages.framed import framed
from components.pages.locked import locked_chip
from components.pages.notices import not_for_you
from components.ui import (
    button,
    checkbox,
    empty_state,
    error_state,
    icon,
    menu,
    menu_item,
    skeleton_rows,
    styles,
)
from state.admin_folders import FoldersState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Folders: Any = FoldersState


def folders() -> rx.Component:
    """The page."""
    new = button(t("folders.new"), kind="primary", icon_name="plus", on_click=Folders.open_form("create", ""))
    return framed(
        t("folders.title"),
        styles("admin.css"),
        body(
            head(t("folders.title"), locked_chip(), rx.cond(Folders.status == "full", new, rx.fragment())),
            rx.match(
                Folders.status,
                ("full", rx.el.div(_tree(), _folder(), class_name="ad-cols")),
                ("empty", empty_state(t("folders.empty_title"), t("folders.empty_text"), new, icon_name="folder")),
                ("refused", not_for_you(t("admin.refused_title"), t("admin.refused_text"))),
                ("error", error_state(on_retry=Folders.load)),
                rx.el.section(skeleton_rows(6), class_name="card"),
            ),
        ),
        name_dialog(),
        delete_dialog(),
        move_dialog(),
        current="folders",
        on_toast=Folders.undo,
    )


def _tree() -> rx.Component:
    return rx.el.nav(
        rx.el.ul(rx.foreach(Folders.tree, _node), class_name="ad-tree"), class_name="card", aria_label=t("folders.title")
    )


def _node(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            icon("folder", 16),
            rx.el.span(row.name, class_name="truncate grow"),
            rx.cond(
                row.locked,
                rx.el.span(icon("lock", 14), rx.el.span(t("folders.is_locked"), class_name="vh"), title=t("folders.is_locked")),
                rx.fragment(),
            ),
            rx.cond(
                row.inherits,
                rx.fragment(),
                rx.el.span(icon("key", 14), rx.el.span(t("folders.own_rights"), class_name="vh"), title=t("folders.own_rights")),
            ),
            rx.el.span(row.photos, class_name="num faint small", aria_label=t("count.photos", count=row.photos)),
            type="button",
            aria_current=rx.cond(Folders.shown == row.id, "true", "false"),
            on_click=Folders.choose(row.id),
            style={"--depth": row.depth.to_string()},
        )
    )


def _folder() -> rx.Component:
    more = menu(
        icon("more", 16),
        menu_item(t("folders.rename"), icon_name="pen", on_click=Folders.open_form("rename", "")),
        menu_item(t("folders.move"), icon_name="move", on_click=Folders.open_form("move", "")),
        menu_item(t("folders.new_inside"), icon_name="plus", on_click=Folders.open_form("create", Folders.shown)),
        menu_item(t("folders.delete"), icon_name="trash", danger=True, on_click=Folders.open_form("delete", "")),
        label=t("act.more"),
        button_class="btn btn-icon btn-sm",
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(Folders.shown_name),
            rx.el.span(more, class_name="end"),
            class_name="card-head",
        ),
        rx.el.p(t("folders.grants_lead"), class_name="muted small ad-pad"),
        rx.cond(
            (Folders.grants.length() + Folders.above.length()) > 0,
            matrix(),
            rx.el.p(icon("lock", 16), t("folders.nobody"), class_name="ad-none"),
        ),
        add(),
        rx.el.div(
            checkbox(
                t("folders.locked"),
                hint=t("folders.locked_hint"),
                checked=Folders.shown_locked,
                on_change=Folders.set_locked,
            ),
            checkbox(
                t("folders.inherits"),
                hint=t("folders.inherits_hint"),
                checked=Folders.shown_inherits,
                on_change=Folders.set_inherits,
            ),
            class_name="ad-pad ad-inherit stack-3",
        ),
        preview(),
        class_name="card",
        aria_label=Folders.shown_name,
    )

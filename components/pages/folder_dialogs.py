"""The dialogs of the folders page: naming or making a folder, moving it, deleting it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t
from components.ui import (
    button,
    confirm_dialog,
    dialog,
    field,
    icon,
    text_input,
)
from state.admin_folders import FoldersState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Folders: Any = FoldersState

FORM = "folder-form"


def name_dialog() -> rx.Component:
    """A new folder, or another name for the one that is chosen."""
    creating = Folders.form == "create"
    where = rx.cond(
        creating,
        field(
            t("folders.inside"),
            rx.el.span(
                rx.el.select(
                    rx.el.option(t("folders.top"), value=""),
                    rx.foreach(Folders.tree, lambda row: rx.el.option(row.name, value=row.id)),
                    id="folder_parent",
                    name="folder_parent",
                    default_value=Folders.parent,
                    class_name="input",
                ),
                icon("down", 16),
                class_name="select",
            ),
            name="folder_parent",
        ),
        rx.fragment(),
    )

    def form(on_submit: Any, value: Any) -> rx.Component:
        return rx.el.form(
            field(
                t("field.name"),
                text_input("folder_name", default_value=value, auto_complete="off", invalid=Folders.errors.contains("name")),
                name="folder_name",
                error=remark(Folders.errors["name"]),
            ),
            where,
            id=FORM,
            on_submit=on_submit,
            class_name="stack-4",
            no_validate=True,
        )

    return dialog(
        rx.cond(creating, form(Folders.create, ""), form(Folders.rename, Folders.shown_name)),
        title=rx.cond(creating, t("folders.new"), t("folders.rename")),
        open=creating | (Folders.form == "rename"),
        on_close=Folders.close_form,
        footer=[
            button(t("act.cancel"), on_click=Folders.close_form),
            button(
                rx.cond(creating, t("folders.create"), t("act.save")), kind="primary", type="submit", custom_attrs={"form": FORM}
            ),
        ],
    )


def move_dialog() -> rx.Component:
    """Another place for the one that is chosen."""
    form = "move-folder-form"
    places = rx.foreach(
        Folders.tree, lambda row: rx.cond(row.id == Folders.shown, rx.fragment(), rx.el.option(row.name, value=row.id))
    )
    return dialog(
        rx.el.form(
            field(
                t("folders.move_to"),
                rx.el.span(
                    rx.el.select(
                        rx.el.option(t("folders.top"), value=""),
                        places,
                        id="folder_parent",
                        name="folder_parent",
                        class_name="input",
                    ),
                    icon("down", 16),
                    class_name="select",
                ),
                name="folder_parent",
                hint=t("folders.move_hint"),
                error=remark(Folders.errors["parent"]),
            ),
            id=form,
            on_submit=Folders.move,
        ),
        title=t("folders.move_title", name=Folders.shown_name),
        open=Folders.form == "move",
        on_close=Folders.close_form,
        footer=[
            button(t("act.cancel"), on_click=Folders.close_form),
            button(t("folders.move"), kind="primary", icon_name="move", type="submit", form=form),
        ],
    )


def delete_dialog() -> rx.Component:
    """Only an empty folder goes; of a full one the dialog says so."""
    full = dialog(
        rx.el.p(t("folders.delete_full")),
        title=t("folders.delete_title", name=Folders.shown_name),
        open=(Folders.form == "delete") & ~Folders.shown_empty,
        on_close=Folders.close_form,
        footer=[button(t("act.close"), kind="primary", on_click=Folders.close_form)],
    )
    empty = confirm_dialog(
        title=t("folders.delete_title", name=Folders.shown_name),
        text=t("folders.delete_text"),
        confirm=t("folders.delete"),
        open=(Folders.form == "delete") & Folders.shown_empty,
        on_confirm=Folders.delete,
        on_close=Folders.close_form,
    )
    return rx.fragment(full, empty)

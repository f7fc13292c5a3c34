"""The folders page, drawn: the tree on the left, the matrix of grants on the right; below each other on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.locked import locked_chip
from components.pages.notices import not_for_you
from components.ui import (
    button,
    checkbox,
    confirm_dialog,
    dialog,
    empty_state,
    error_state,
    field,
    icon,
    icon_button,
    menu,
    menu_item,
    select,
    skeleton_rows,
    styles,
    text_input,
)
from state.admin_folders import LEVELS, FoldersState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Folders: Any = FoldersState

FORM = "folder-form"


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
        _name_dialog(),
        _delete_dialog(),
        _move_dialog(),
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
            _matrix(),
            rx.el.p(icon("lock", 16), t("folders.nobody"), class_name="ad-none"),
        ),
        _add(),
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
        _preview(),
        class_name="card",
        aria_label=Folders.shown_name,
    )


def _preview() -> rx.Component:
    """What somebody else would see of this folder, and why."""
    why = rx.foreach(
        Folders.seen_why,
        lambda row: rx.el.li(
            rx.cond(
                row.folder == "",
                t_key("folders.why_role", {"level": t_key(row.level, prefix="level.")}),
                t_key(row.kind, {"level": t_key(row.level, prefix="level."), "folder": row.folder}, prefix="folders.why."),
            )
        ),
    )
    rows = rx.foreach(
        Folders.seen,
        lambda row: rx.el.li(
            icon("folder", 14),
            rx.el.span(row.name, class_name="truncate"),
            rx.el.span(t_key(row.level, prefix="level."), class_name="badge"),
            rx.el.span(t("count.photos", count=row.photos), class_name="num muted small"),
        ),
    )
    pictures = rx.foreach(Folders.seen_sample, lambda src: rx.el.img(src=src, alt="", loading="lazy"))
    result = rx.el.div(
        rx.el.b(
            rx.cond(
                Folders.seen_level == "",
                t("folders.sees_nothing", name=Folders.seen_by),
                t_key("folders.sees", {"name": Folders.seen_by, "level": t_key(Folders.seen_level, prefix="level.")}),
            )
        ),
        rx.el.ul(why, class_name="muted small"),
        rx.cond(Folders.seen.length() > 0, rx.el.ul(rows), rx.fragment()),
        rx.cond(
            Folders.seen_locked > 0,
            rx.el.p(icon("lock", 14), t("folders.sees_locked", count=Folders.seen_locked), class_name="row small"),
            rx.fragment(),
        ),
        rx.el.div(pictures, class_name="og-sample"),
        class_name="stack-3",
        role="status",
    )
    return rx.el.div(
        rx.el.form(
            field(t("folders.preview"), select("seen_by", Folders.people), name="seen_by", hint=t("folders.preview_hint")),
            button(t("folders.preview_show"), icon_name="eye", type="submit"),
            on_submit=Folders.preview,
            class_name="og-look",
        ),
        rx.cond(Folders.seen_by != "", result, rx.fragment()),
        class_name="og-seen",
    )


def _move_dialog() -> rx.Component:
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


def _matrix() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t("folders.matrix"), class_name="vh"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("folders.who"), scope="col"),
                    *[rx.el.th(t(f"level.{level}"), scope="col", class_name="mid") for level in LEVELS],
                    rx.el.th(rx.el.span(t("act.remove"), class_name="vh"), scope="col"),
                )
            ),
            rx.el.tbody(
                rx.foreach(Folders.grants, lambda row: _grant(row, own=True)),
                rx.foreach(Folders.above, lambda row: _grant(row, own=False)),
            ),
            class_name="table ad-matrix",
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        aria_label=t("folders.matrix"),
    )


def _who(row: Any) -> rx.Var[str]:
    words: rx.Var[str] = rx.cond(row.kind == "role", t_key(row.principal, prefix="folders.role_"), row.name)
    return words


def _grant(row: Any, *, own: bool) -> rx.Component:
    kinds: Any = rx.match(row.kind, ("role", icon("people", 16)), ("department", icon("home", 16)), icon("face", 16))
    cells = [
        rx.el.td(
            rx.el.button(
                rx.cond(row.level >= number, icon("check", 16), rx.fragment()),
                type="button",
                class_name=rx.cond(row.level >= number, "ad-cell on", "ad-cell"),
                aria_pressed=row.level >= number,
                aria_label=t("folders.give", who=_who(row), what=t(f"level.{level}")),
                on_click=Folders.give(row.kind, row.principal, level),
            )
            if own
            else rx.el.span(
                rx.cond(row.level >= number, rx.el.span(icon("check", 16), rx.el.span(t("audit.yes"), class_name="vh")), "–"),
                class_name="ad-cell still",
            ),
            class_name="mid",
        )
        for number, level in enumerate(LEVELS, start=1)
    ]
    end = icon_button("x", t("folders.take", who=_who(row)), size="sm", on_click=Folders.take(row.id)) if own else rx.fragment()
    source = rx.fragment() if own else rx.el.small(t("folders.from", folder=row.source))
    return rx.el.tr(
        rx.el.th(
            rx.el.span(kinds, rx.el.span(_who(row), source, class_name="ad-name"), class_name="row"), scope="row", class_name="who"
        ),
        *cells,
        rx.el.td(end, class_name="end"),
        class_name="" if own else "off",
    )


def _add() -> rx.Component:
    def option(one: Any) -> rx.Component:
        return rx.el.option(rx.cond(one[1] == "role", t_key(one[2], prefix="folders.role_"), one[2]), value=one[0])

    return rx.el.form(
        field(
            t("folders.add_who"),
            rx.el.span(
                rx.el.select(
                    rx.el.option(t("folders.choose_who"), value=""),
                    rx.foreach(Folders.principals, option),
                    id="principal",
                    name="principal",
                    class_name="input",
                ),
                icon("down", 16),
                class_name="select",
            ),
            name="principal",
            error=remark(Folders.errors["principal"]),
        ),
        field(t("folders.add_what"), select("level", [(level, t(f"level.{level}")) for level in LEVELS]), name="level"),
        button(t("act.add"), icon_name="plus", type="submit"),
        on_submit=Folders.add,
        class_name="ad-add",
    )


def _name_dialog() -> rx.Component:
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


def _delete_dialog() -> rx.Component:
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

"""The grants of the folder that is chosen: who may do what as a matrix, adding somebody, and what somebody else would see."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_key
from components.ui import (
    button,
    field,
    icon,
    icon_button,
    select,
)
from state.admin_folders import LEVELS, FoldersState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Folders: Any = FoldersState


def matrix() -> rx.Component:
    """Who may do what, given here or further up."""
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


def add() -> rx.Component:
    """Give somebody rights."""

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


def preview() -> rx.Component:
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

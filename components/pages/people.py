"""The people page, drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.forms import remark
from components.i18n import t
from components.layout import body, head
from components.links import person_page
from components.pages.framed import framed
from components.pages.house_scripts import BY_PICTURE
from components.pages.notices import not_for_you
from components.people import person_tile, portrait
from components.ui import (
    button,
    dialog,
    empty_state,
    error_state,
    field,
    icon,
    link,
    notice,
    skeleton_faces,
    styles,
    text_input,
)
from state.people import PeopleState

# What a state holds is an expression of the browser here, which type checkers cannot know.
People: Any = PeopleState

FORM = "new-person"


class _ByPicture(NoSSRComponent):
    library = BY_PICTURE
    tag = "ByPicture"


def people() -> rx.Component:
    """The page."""
    new = rx.cond(
        People.may_add,
        button(t("people.new"), kind="primary", icon_name="userplus", on_click=People.open_form),
        rx.fragment(),
    )
    return framed(
        t("people.title"),
        body(
            head(t("people.title"), rx.cond(People.may_find, _ByPicture.create(), rx.fragment()), new),
            rx.match(
                People.status,
                ("empty", empty_state(t("people.empty_title"), t("people.empty_text"), new, icon_name="people")),
                ("refused", not_for_you(t("people.refused_title"), t("people.refused_text"))),
                ("error", error_state(on_retry=People.load)),
                rx.fragment(_doubles(), rx.el.div(_search(), _which(), class_name="p-bar"), _found()),
            ),
        ),
        _form(),
        styles("people.css", "person.css"),
        current="people",
    )


def _doubles() -> rx.Component:
    """Entries that may be of one person, to be looked at one after the other."""
    first = link(t("people.doubles_look"), href=person_page(People.doubled))
    return rx.cond(People.doubles > 0, notice(t("people.doubles", count=People.doubles), " ", first), rx.fragment())


def _search() -> rx.Component:
    return rx.el.label(
        icon("search", 16),
        rx.el.span(t("people.search"), class_name="vh"),
        rx.el.input(
            type="search",
            placeholder=t("people.search"),
            auto_complete="off",
            on_change=People.search.debounce(150),
        ),
        class_name="search p-search",
    )


def _which() -> rx.Component:
    """Everybody, or those who were hidden: for who may show them again."""
    choices = [("everybody", False), ("hidden", True)]
    return rx.cond(
        People.may_add,
        rx.el.span(
            *[
                rx.el.button(
                    t(f"people.{name}"), type="button", aria_pressed=People.hidden == hidden, on_click=People.show_hidden(hidden)
                )
                for name, hidden in choices
            ],
            class_name="seg",
            role="group",
            aria_label=t("people.which"),
        ),
        rx.fragment(),
    )


def _found() -> rx.Component:
    grid = rx.fragment(
        rx.el.div(rx.foreach(People.people, person_tile), class_name="face-grid"),
        rx.cond(
            People.more,
            rx.el.div(button(t("people.more"), on_click=People.show_more), class_name="p-more"),
            rx.fragment(),
        ),
    )
    return rx.el.section(
        rx.match(
            People.status,
            ("full", grid),
            (
                "nothing",
                empty_state(t("people.nothing_title", name=People.sought), t("people.nothing_text"), icon_name="search"),
            ),
            ("none_hidden", empty_state(t("people.none_hidden_title"), t("people.none_hidden_text"), icon_name="eyeoff")),
            skeleton_faces(18),
        ),
        aria_label=t("people.title"),
        aria_live="polite",
    )


def _form() -> rx.Component:
    def namesake(one: Any) -> rx.Component:
        return link(
            portrait(one.face, one.initials, one.state, size="sm"),
            rx.el.span(one.name, rx.el.small(t("count.photos", count=one.photos)), class_name="ad-name"),
            href=person_page(one.id),
            class_name="p-row",
        )

    return dialog(
        rx.el.form(
            field(
                t("field.name"),
                text_input("person_name", auto_complete="off", invalid=People.errors.contains("name")),
                name="person_name",
                error=remark(People.errors["name"]),
            ),
            rx.cond(
                People.same.length() > 0,
                notice(
                    rx.el.span(t("people.same_text")),
                    rx.el.div(rx.foreach(People.same, namesake), class_name="p-rows"),
                    title=t("people.same_title"),
                    kind="warn",
                    role="status",
                ),
                rx.fragment(),
            ),
            id=FORM,
            on_submit=People.add,
            class_name="stack-4",
            no_validate=True,
        ),
        title=t("people.new"),
        description=t("people.new_lead"),
        open=People.adding,
        on_close=People.close_form,
        footer=[
            button(t("act.cancel"), on_click=People.close_form),
            button(
                rx.cond(People.same.length() > 0, t("people.add_anyway"), t("act.add")),
                kind="primary",
                type="submit",
                custom_attrs={"form": FORM},
            ),
        ],
    )

"""What stands beside the photos of a person: recognition with its switch, who is often with them, what was merged."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.links import person_page
from components.people import portrait
from components.ui import button, card, icon, link
from components.ui.classes import classes
from state.person import PersonState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Page: Any = PersonState

P: Any = Page.person
R: Any = Page.recognition


def recognition() -> rx.Component:
    """Why this person is recognised by name or not, and the switch."""
    until = rx.cond(R.until, rx.fragment(" ", t("person.templates_until", date=t_date(R.until, "short"))), rx.fragment())
    switch = rx.cond(
        R.why == "off",
        button(t("person.recognition_switch_back"), size="sm", on_click=Page.switch_recognition(True)),
        button(t("person.recognition_switch"), size="sm", icon_name="eyeoff", on_click=Page.switch_recognition(False)),
    )
    inside = rx.el.div(
        rx.el.p(
            rx.cond(R.allowed, icon("review", 16), icon("eyeoff", 16)),
            rx.el.span(t_key(R.why, prefix="person.recognition_why.")),
        ),
        rx.el.span(t("person.templates", count=R.templates), until, class_name="muted small num"),
        rx.cond(P.may_edit, switch, rx.fragment()),
        class_name=classes("pe-recog", rx.cond(R.allowed, "on", "")),
    )
    return rx.cond(R.why, card(inside, title=t("person.recognition")), rx.fragment())


def beside() -> rx.Component:
    """People who are often on one photo with this one."""

    def one(other: Any) -> rx.Component:
        return link(
            portrait(other.face, other.initials, other.state, size="sm"),
            rx.el.span(other.name, rx.el.small(t("person.together_photos", count=other.photos)), class_name="ad-name"),
            href=person_page(other.id),
            class_name="p-row",
        )

    return rx.cond(
        Page.beside.length() > 0,
        card(rx.el.div(rx.foreach(Page.beside, one), class_name="pe-together"), title=t("person.together"), pad=False),
        rx.fragment(),
    )


def doubles() -> rx.Component:
    """Entries that may be of the same person: put together or told apart here, by people alone."""

    def one(other: Any) -> rx.Component:
        why = rx.fragment(
            rx.cond(other.same_address, t("person.double_address"), rx.fragment()),
            rx.cond(other.same_address & (other.percent > 0), " · ", rx.fragment()),
            rx.cond(other.percent > 0, t("person.double_alike", percent=other.percent), rx.fragment()),
        )
        return rx.el.li(
            link(
                portrait(other.face, other.initials, "", size="sm"),
                rx.el.span(other.name, rx.el.small(why), class_name="ad-name"),
                href=person_page(other.id),
                class_name="p-row",
            ),
            rx.el.span(
                rx.cond(
                    other.later,
                    rx.fragment(),
                    button(t("person.double_compare"), size="sm", icon_name="merge", on_click=Page.compare(other.id)),
                ),
                button(t("person.double_apart"), size="sm", kind="quiet", on_click=Page.tell_apart(other.id)),
                class_name="row",
            ),
        )

    return rx.cond(
        Page.doubles.length() > 0,
        card(
            rx.el.ul(rx.foreach(Page.doubles, one), class_name="pe-doubles"),
            title=t("person.doubles"),
            pad=False,
        ),
        rx.fragment(),
    )


def merges() -> rx.Component:
    """Entries that went into this one."""

    def one(gone: Any) -> rx.Component:
        return rx.el.li(
            icon("merge", 16),
            rx.el.span(gone.name, rx.el.small(t("person.merged_on", date=t_date(gone.at, "date"))), class_name="grow"),
            button(t("person.unmerge"), size="sm", on_click=Page.ask_unmerge(gone.id)),
        )

    return rx.cond(
        Page.merged.length() > 0,
        card(rx.el.ul(rx.foreach(Page.merged, one), class_name="pe-list"), title=t("person.merged_in"), pad=False),
        rx.fragment(),
    )

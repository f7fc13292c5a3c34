"""One's own alerts, drawn: whose consent ends, for what, when, and why one is told."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.layout import body, head
from components.links import person_page
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.people import portrait, use_name
from components.ui import button, empty_state, error_state, icon, link, link_button, skeleton_rows, styles
from state.endings import EndingsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
E: Any = EndingsState


def endings() -> rx.Component:
    """The page."""
    return framed(
        t("endings.title"),
        styles("people.css", "endings.css"),
        body(
            head(t("endings.title")),
            rx.match(
                E.status,
                ("full", rx.fragment(rx.el.p(t("endings.lead"), class_name="muted"), _rows(), _more())),
                (
                    "empty",
                    empty_state(
                        t("endings.empty_title"),
                        t("endings.empty_text"),
                        link_button(t("nav.library"), href="/library/", kind="primary"),
                        icon_name="bell",
                    ),
                ),
                ("refused", not_for_you(t("endings.refused_title"), t("endings.refused_text"))),
                ("error", error_state(on_retry=E.load)),
                rx.el.section(skeleton_rows(5, faces=True), class_name="card"),
            ),
        ),
        current="endings",
    )


def _rows() -> rx.Component:
    return rx.el.section(
        rx.el.ul(rx.foreach(E.rows, _row), class_name="en-list", aria_live="polite", aria_relevant="additions"),
        class_name="card",
        aria_label=t("endings.title"),
    )


def _row(row: Any) -> rx.Component:
    left = rx.cond(row.left > 0, t("endings.left", count=row.left), t("endings.today"))
    return rx.el.li(
        portrait(row.face, row.initials, row.state, size="sm"),
        rx.el.div(
            link(row.name, href=person_page(row.person_id)),
            rx.el.span(
                rx.foreach(row.uses, lambda use: rx.el.span(use_name(use.nl, use.en), class_name="u")), class_name="en-uses"
            ),
            rx.el.small(t_key(row.why, prefix="endings.why."), " · ", t("count.photos", count=row.photos)),
            rx.cond(
                row.lacks != "",
                rx.el.small(
                    icon("alert", 14),
                    t_key(row.lacks, prefix="consents.lacks_"),
                    " · ",
                    link(t("consents.fill_in"), href="/consents/"),
                    class_name="en-lacks",
                ),
                rx.fragment(),
            ),
            class_name="en-who",
        ),
        rx.el.span(
            icon("clock", 14),
            rx.el.b(left),
            rx.el.small(t("endings.last_day", date=t_date(row.ends_at))),
            class_name=rx.cond(row.left > 7, "en-due", "en-due soon"),
        ),
        key=row.id,
    )


def _more() -> rx.Component:
    return rx.cond(E.more, rx.el.div(button(t("endings.more"), on_click=E.show_more), class_name="row"), rx.fragment())

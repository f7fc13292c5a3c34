"""Everybody's consents over time, drawn: one axis for all, a person above their bars, today as one line through the page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.layout import head
from components.links import person_page
from components.pages.consents import views
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.pages.timeline import axis_row, events_row, legend, track_row
from components.people import portrait
from components.ui import button, empty_state, error_state, link, skeleton_rows, styles
from state.consents_over_time import ConsentsOverTimeState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ConsentsOverTimeState


def consents_over_time() -> rx.Component:
    """The page."""
    return framed(
        t("consents.over_time_title"),
        styles("people.css", "consents.css", "timeline.css"),
        rx.el.div(
            head(t("consents.title"), views("over_time")),
            rx.match(
                S.status,
                ("full", _lines()),
                ("empty", empty_state(t("consents.no_lines_title"), t("consents.no_lines_text"), icon_name="consent")),
                ("refused", not_for_you(t("consents.refused_title"), t("consents.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                rx.el.section(skeleton_rows(8, faces=True), class_name="card"),
            ),
            class_name="wrap-page",
        ),
        current="consents",
    )


def _lines() -> rx.Component:
    back = button(t("consents.page_before"), icon_name="left", on_click=S.go_back, disabled=S.pages.length() == 0)
    on = button(t("consents.page_after"), icon_name="right", on_click=S.go_on, disabled=S.next_page == "")
    turning = rx.cond((S.pages.length() > 0) | (S.next_page != ""), rx.el.div(back, on, class_name="row ov-turn"), rx.fragment())
    return rx.fragment(
        rx.el.section(
            rx.el.div(axis_row(S.years, rx.el.div), class_name="tl ov-axis"),
            rx.foreach(S.lines, _line),
            legend(),
            class_name="card ov",
            style={"--today": S.today, "--step": S.step},
        ),
        turning,
    )


def _line(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(
            portrait(one.face, one.initials, one.state, size="sm"), link(one.name, href=person_page(one.id)), class_name="ov-who"
        ),
        rx.el.ul(
            rx.cond(one.line.marks.length() > 0, events_row(one.line.marks), rx.fragment()),
            rx.foreach(one.line.tracks, track_row),
            class_name="tl",
        ),
        rx.cond(one.line.tracks.length() == 0, rx.el.p(t("consents.nothing_now"), class_name="muted small ov-none"), rx.fragment()),
        class_name="ov-line",
        aria_label=one.name,
        key=one.id,
    )

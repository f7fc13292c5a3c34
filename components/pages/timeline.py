"""The consent timeline: one track per use, bars named by consent number, what happened on a track of its own, and today."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.people import use_name
from components.shield import shield
from components.ui import IconName, icon
from components.ui.classes import classes

USE_ICONS: dict[str, IconName] = {
    "internal": "home",
    "website": "globe",
    "social": "chat",
    "print": "print",
    "press": "press",
    "advertising": "ad",
    "research": "flask",
}


def use_icon(use: Any) -> rx.Component:
    """The sign of a use; uses of the organisation's own share one."""
    return rx.match(use, *[(name, icon(glyph, 16)) for name, glyph in USE_ICONS.items()], icon("tag", 16))


def timeline(line: Any) -> rx.Component:
    """The picture; `line` is a TimelineView."""
    return rx.el.div(
        rx.el.ul(
            axis_row(line.years),
            events_row(line.marks),
            rx.foreach(line.tracks, track_row),
            class_name="tl",
            style={"--today": line.today, "--step": line.step},
        ),
        legend(),
    )


def axis_row(years: Any, tag: Any = rx.el.li) -> rx.Component:
    """The years, and today."""
    return tag(
        rx.el.span(class_name="name"),
        rx.el.span(rx.foreach(years, _year), rx.el.span(t("time.today"), class_name="now"), class_name="trk", aria_hidden="true"),
        rx.el.span(class_name="endc"),
        class_name="r axis",
    )


def events_row(marks: Any) -> rx.Component:
    """What happened."""
    return rx.el.li(
        rx.el.span(t("timeline.events"), class_name="name"),
        rx.el.ol(rx.foreach(marks, _mark), rx.el.li(class_name="todayl", aria_hidden="true"), class_name="trk"),
        rx.el.span(class_name="endc"),
        class_name="r evrow",
    )


def legend() -> rx.Component:
    """What the looks of a bar mean."""
    return rx.el.div(
        _key("s-approved", "", t("timeline.held")),
        _key("s-expiring", "", t("timeline.soon")),
        _key("", "e hatch", t("timeline.ended")),
        _key("s-revoked", "v hatch", t("timeline.void")),
        class_name="legend",
    )


def _key(state: str, look: str, words: Any) -> rx.Component:
    return rx.el.span(rx.el.i(class_name=look, aria_hidden="true"), words, class_name=state)


def _year(year: Any) -> rx.Component:
    return rx.el.span(year.label, class_name="yr", style={"left": year.left})


def _mark(mark: Any) -> rx.Component:
    words = rx.el.span(t_key(mark.kind, prefix="timeline.did_"), " ", mark.label, ", ", t_date(mark.at, "date"), class_name="vh")
    glyph: Any = rx.match(mark.kind, ("withdrawn", icon("withdraw", 14)), ("renewed", icon("renew", 14)), icon("pen", 14))
    return rx.el.li(
        rx.cond(mark.count > 1, rx.el.span(mark.count, class_name="num"), glyph),
        words,
        class_name=rx.cond(mark.kind == "withdrawn", "ev s s-revoked", "ev"),
        style={"left": mark.left},
        title=t("timeline.mark", what=t_key(mark.kind, prefix="timeline.did_"), number=mark.label, date=t_date(mark.at, "date")),
    )


def _bar(bar: Any) -> rx.Component:
    look = rx.match(
        bar.kind,
        ("held", "s-approved"),
        ("soon", "s-expiring"),
        ("planned", "s-approved planned"),
        ("ended", "ended hatch"),
        ("cut", "s-revoked cutr"),
        "s-revoked void hatch",
    )
    until = rx.cond(bar.end, t_date(bar.end, "date"), t("timeline.no_end"))
    told = t(
        "timeline.bar", number=bar.label, what=t_key(bar.kind, prefix="timeline.is_"), start=t_date(bar.start, "date"), end=until
    )
    return rx.el.li(
        rx.el.span(rx.cond(bar.kind == "void", t("timeline.withdrawn"), bar.label), aria_hidden="true", class_name="t"),
        rx.el.span(told, rx.cond(bar.partial, rx.fragment(", ", t("timeline.partial")), ""), class_name="vh"),
        class_name=classes("bar2", f"{look}", rx.cond(bar.partial, "part", "")),
        style={"left": bar.left, "width": bar.width},
        title=told,
    )


def track_row(track: Any) -> rx.Component:
    """A use with its bars."""
    return rx.el.li(
        rx.el.span(use_icon(track.use), use_name(track.nl, track.en), class_name="name"),
        rx.el.ol(
            rx.foreach(track.bars, _bar),
            rx.el.li(class_name="todayl", aria_hidden="true"),
            class_name="trk",
            aria_label=use_name(track.nl, track.en),
        ),
        rx.el.span(shield(track.state, words=until_words(track), look="bare"), class_name="endc"),
        class_name="r",
    )


def until_words(track: Any) -> Any:
    """What the state means in days: until when, since when, or only the word."""
    return rx.cond(
        track.until,
        t("clearance.until", date=t_date(track.until, "short")),
        rx.cond(
            track.since & ((track.state == "revoked") | (track.state == "expired")),
            t("timeline.state_since", state=t_key(track.state, prefix="clearance."), date=t_date(track.since, "short")),
            rx.cond(track.state == "approved", t("timeline.no_end"), t_key(track.state, prefix="clearance.")),
        ),
    )

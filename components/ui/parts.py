"""Small parts: badge, chip, card, table, tabs, segmented control, progress, notice, facts, breadcrumb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import Component

from components.i18n import t
from components.ui.behave import LIBRARY
from components.ui.button import link
from components.ui.classes import classes
from components.ui.icon import IconName, icon


class _TabList(Component):
    library = LIBRARY
    tag = "TabList"
    label: rx.Var[str]


def badge(count: Any, *, kind: Literal["", "live", "alert"] = "", **props: Any) -> rx.Component:
    """A number beside a word."""
    return rx.el.span(count, class_name=classes("badge", kind), **props)


def chip(
    *children: Any,
    icon_name: IconName | None = None,
    on: rx.Var[bool] | bool = False,
    remove: bool = False,
    small: bool = False,
    dashed: bool = False,
    **props: Any,
) -> rx.Component:
    """A filter or fact. With `on_click` it is a button; `remove` adds the cross of an applied filter."""
    lead = [icon(icon_name, 14)] if icon_name else []
    tail = [rx.el.span(", ", t("act.remove"), class_name="vh"), icon("x", 14, class_name="x")] if remove else []
    state = ("on" if on else "") if isinstance(on, bool) else rx.cond(on, "on", "")
    looks = classes("chip", "chip-sm" if small else "", "dashed" if dashed else "", state)
    if "on_click" not in props:
        return rx.el.span(*lead, *children, *tail, class_name=looks, **props)
    if not remove:
        props.setdefault("aria_pressed", on)
    return rx.el.button(*lead, *children, *tail, type="button", class_name=looks, **props)


def card(*children: Any, title: Any = None, end: Any = None, pad: bool = True, class_name: str = "", **props: Any) -> rx.Component:
    """A surface with a title and, at its end, a link or button. `pad=False` for rows that reach the edges."""
    parts: list[Any] = []
    if title is not None:
        tail = [rx.el.span(end, class_name="end")] if end is not None else []
        parts.append(rx.el.div(rx.el.h2(title), *tail, class_name="card-head"))
    body = "card-body" if title is not None else "card-pad"
    parts.extend([rx.el.div(*children, class_name=body)] if pad else children)
    return rx.el.section(*parts, class_name=classes("card", class_name), **props)


def table(head: Sequence[Any], *rows: Any, caption: str | rx.Var[str], **props: Any) -> rx.Component:
    """A table with tabular figures; `caption` is for screen readers. Rows are `rx.el.tr`, or a foreach of them."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="vh"),
            rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in head])),
            rx.el.tbody(*rows),
            class_name="table",
            **props,
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        aria_label=caption,
    )


def tabs(
    items: Sequence[tuple[str, Any]],
    value: rx.Var[str],
    on_change: Callable[[str], Any],
    *,
    label: str | rx.Var[str],
    name: str = "tab",
) -> rx.Component:
    """A list of tabs. The panel shown has `role="tabpanel"` and `id=f"{name}-panel"`; `on_change("details")` returns the event."""
    return _TabList.create(
        *[
            rx.el.button(
                words,
                type="button",
                role="tab",
                id=f"{name}-{key}",
                aria_selected=value == key,
                aria_controls=f"{name}-panel",
                on_click=on_change(key),
            )
            for key, words in items
        ],
        label=label,
        class_name="tabs",
    )


def segmented(
    items: Sequence[tuple[str, Any]], value: rx.Var[str], on_change: Callable[[str], Any], *, label: str | rx.Var[str]
) -> rx.Component:
    """A small set of exclusive views."""
    return rx.el.span(
        *[rx.el.button(words, type="button", aria_pressed=value == key, on_click=on_change(key)) for key, words in items],
        class_name="seg",
        role="group",
        aria_label=label,
    )


def progress(value: Any, maximum: Any, *, label: str | rx.Var[str], **props: Any) -> rx.Component:
    """How far along something is; `label` says what."""
    width = f"calc(100% * {value} / {maximum})"
    return rx.el.div(
        rx.el.i(style={"width": width}),
        class_name="bar",
        role="progressbar",
        aria_label=label,
        aria_valuemin=0,
        aria_valuenow=value,
        aria_valuemax=maximum,
        **props,
    )


def spinner(label: str | rx.Var[str] | None = None) -> rx.Component:
    """Something is under way, briefly; for longer work use progress."""
    return rx.el.span(
        rx.el.span(class_name="spin", aria_hidden="true"), rx.el.span(label or t("state.loading"), class_name="vh"), role="status"
    )


def notice(*children: Any, title: Any = None, kind: Literal["", "good", "warn", "bad"] = "", **props: Any) -> rx.Component:
    """A remark that stays: what is the matter, and what to do."""
    symbols: dict[str, IconName] = {"": "info", "good": "check", "warn": "clock", "bad": "alert"}
    head = [rx.el.b(title)] if title is not None else []
    if kind == "bad":
        props.setdefault("role", "alert")
    return rx.el.div(icon(symbols[kind], 18), rx.el.div(*head, *children), class_name=classes("notice", kind), **props)


def facts(*pairs: tuple[Any, Any], **props: Any) -> rx.Component:
    """Terms and what they are: rows of (term, value)."""
    return rx.el.dl(*[part for term, value in pairs for part in (rx.el.dt(term), rx.el.dd(value))], class_name="kv", **props)


def breadcrumb(*places: tuple[Any, str], here: Any) -> rx.Component:
    """Where one is: links (words, path), then the present page."""
    parts: list[Any] = []
    for words, href in places:
        parts += [link(words, href=href), icon("right", 14)]
    return rx.el.nav(*parts, rx.el.span(here, aria_current="page"), class_name="crumb", aria_label=t("nav.breadcrumb"))

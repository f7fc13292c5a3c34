"""The four states of every list: loading (skeletons of the right shape), empty (what to do next), error (what is safe), full."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.ui.button import button
from components.ui.classes import classes
from components.ui.icon import IconName, icon

_WIDTHS = ("62%", "48%", "71%", "55%", "66%", "43%")


def _loading(*children: Any, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.span(t("state.loading"), class_name="vh"), *children, class_name=class_name, role="status", aria_busy="true"
    )


def skeleton_rows(count: int = 6, *, faces: bool = False) -> rx.Component:
    """Rows of a list or table to come."""
    rows = []
    for index in range(count):
        lead = [rx.el.span(class_name="skeleton sk-face")] if faces else []
        line = rx.el.span(class_name="skeleton sk-line", style={"width": _WIDTHS[index % len(_WIDTHS)]})
        rows.append(rx.el.div(*lead, line, class_name="sk-row"))
    return _loading(*rows)


def skeleton_faces(count: int = 12) -> rx.Component:
    """Round portraits with a name below, to come."""
    tiles = [
        rx.el.div(
            rx.el.span(class_name="skeleton sk-face", style={"--s": "72px"}),
            rx.el.span(class_name="skeleton sk-line", style={"width": "72px"}),
            class_name="face-tile",
        )
        for _ in range(count)
    ]
    return _loading(*tiles, class_name="face-grid")


def skeleton_grid(rows: int = 3) -> rx.Component:
    """Justified rows of photos to come."""
    ratios = ((1.5, 1.33, 0.75, 1.5), (1.33, 1.78, 1.0, 1.33), (0.75, 1.5, 1.33, 1.5))
    lines = [
        rx.el.div(
            *[rx.el.span(class_name="skeleton", style={"--ar": str(r), "aspectRatio": str(r)}) for r in ratios[i % 3]],
            class_name="jrow",
        )
        for i in range(rows)
    ]
    return _loading(*lines)


def empty_state(title: Any, text: Any, *actions: rx.Component, icon_name: IconName = "library") -> rx.Component:
    """Nothing here yet: says what to do next, with the button for it."""
    return _state(title, text, actions, icon_name, "")


def error_state(*, on_retry: Any = None, title: Any = None, text: Any = None) -> rx.Component:
    """It did not load: what happened, what is safe, try again."""
    actions = (button(t("act.retry"), icon_name="renew", on_click=on_retry),) if on_retry is not None else ()
    return _state(title or t("state.error_title"), text or t("state.error_text"), actions, "alert", "bad", role="alert")


def _state(title: Any, text: Any, actions: tuple[rx.Component, ...], name: IconName, kind: str, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(icon(name, 24), class_name="art"),
        rx.el.h2(title),
        rx.el.p(text),
        rx.el.div(*actions, class_name="acts") if actions else rx.fragment(),
        class_name=classes("state", kind),
        **props,
    )


def list_states(
    status: rx.Var[str], *, full: rx.Component, empty: rx.Component, loading: rx.Component | None = None, on_retry: Any = None
) -> rx.Component:
    """Shows one of the four by the state variable `status`: "loading", "empty", "error" or "full"."""
    return rx.match(
        status,
        ("full", full),
        ("empty", empty),
        ("error", error_state(on_retry=on_retry)),
        loading or skeleton_rows(),
    )

"""Trace a leak: a file is looked at, and the download it came from is named. For those who watch the audit log."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.i18n import t
from components.layout import body, head
from components.pages.framed import framed
from components.pages.house_scripts import TRACE
from components.pages.notices import not_for_you
from components.ui import styles
from state.trace import TraceState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
T: Any = TraceState


class _Trace(NoSSRComponent):
    library = TRACE
    tag = "Trace"


def trace() -> rx.Component:
    """The page."""
    return framed(
        t("trace.title"),
        styles("admin.css", "sizes.css"),
        body(
            head(t("trace.title")),
            rx.el.p(t("trace.text"), class_name="muted"),
            rx.cond(
                T.status == "refused",
                not_for_you(t("admin.refused_title"), t("admin.refused_text")),
                rx.cond(T.status == "full", _Trace.create(), rx.fragment()),
            ),
            narrow=True,
        ),
        current="trace",
    )

"""The remark on the upload page about photos that look like others."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.ui import link, notice
from state.alike import AlikeState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
A: Any = AlikeState


def alike() -> rx.Component:
    """Says how many, and leads to them; nothing when there are none."""
    said = notice(link(t("duplicates.look_at_them"), href="/duplicates/?mine=1"), title=t("duplicates.alike", count=A.alike))
    return rx.cond(A.alike > 0, rx.el.div(said, role="status"), rx.fragment())

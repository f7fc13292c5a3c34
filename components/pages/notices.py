"""What a page says in the place of its content: not for this role, or not here."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.ui import empty_state, link_button


def not_for_you(title: Any, text: Any) -> rx.Component:
    """The page exists and this role may not use it."""
    return empty_state(title, text, link_button(t("nav.library"), href="/library/", kind="primary"), icon_name="lock")


def gone(title: Any, text: Any, *, back: Any, href: str) -> rx.Component:
    """It is not there, or was never in sight: the page does not tell which."""
    return empty_state(title, text, link_button(back, href=href, kind="primary"), icon_name="search")

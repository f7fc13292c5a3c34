"""How the app looks as a whole: stylesheets, head, colour mode. Tokens live in assets/tokens.css and nowhere else."""

from __future__ import annotations

from typing import Any, Final, Literal

import reflex as rx
from reflex_base.style import color_mode, set_color_mode

from components.catalogues import words_path
from components.i18n import t
from components.ui.icon import IconName
from components.ui.menu import menu_choice
from photobank.i18n.rooms import HOUSE
from photobank.i18n.translate import DEFAULT_LANGUAGE

STYLESHEETS: Final = (
    "tokens.css",
    "base.css",
    "parts.css",
    "forms.css",
    "frame.css",
    "overlays.css",
    "photo.css",
    "pages.css",
    "organise.css",
)

_MODES: Final[tuple[tuple[Literal["system", "light", "dark"], IconName], ...]] = (
    ("system", "screen"),
    ("light", "sun"),
    ("dark", "moon"),
)


def app_look() -> dict[str, Any]:
    """Keyword arguments for rx.App: our styles instead of the framework's, and none of its toasts, which need eval."""
    return {
        "stylesheets": list(STYLESHEETS),
        "reset_style": False,
        "toaster": None,
        "app_wraps": {},
        "html_lang": DEFAULT_LANGUAGE,
        "head_components": [
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.link(rel="apple-touch-icon", href="/apple-touch-icon.png"),
            rx.el.link(
                rel="preload",
                href="/fonts/inter-latin-wght-normal.woff2",
                type="font/woff2",
                cross_origin="anonymous",
                custom_attrs={"as": "font"},
            ),
            rx.el.link(  # the words of the language that pages are prerendered in; others follow when the reader's choice is known
                rel="preload",
                href=words_path(DEFAULT_LANGUAGE, HOUSE),
                cross_origin="anonymous",
                custom_attrs={"as": "fetch"},
            ),
            rx.el.meta(name="color-scheme", content="light dark"),
            rx.el.meta(name="robots", content="noindex"),
        ],
    }


def theme_choices() -> list[rx.Component]:
    """Menu rows: like this device, light, dark."""
    return [
        menu_choice(t(f"theme.{mode}"), icon_name=glyph, checked=color_mode == mode, on_click=set_color_mode(mode))
        for mode, glyph in _MODES
    ]

"""Icons: one sprite (assets/icons.svg), drawn in the current ink at 12 to 32 px."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

SPRITE = "/icons.svg"

IconName = Literal[
    "ad", "admin", "alert", "audit", "back", "bell", "blur", "bookmark", "calendar", "camera", "chat", "check", "clock",
    "collect", "consent", "copy", "dashboard", "down", "download", "eye", "eyeoff", "face", "filter", "fit", "flask",
    "folder", "globe", "grid-l", "grid-s", "heart", "home", "info", "key", "keyboard", "left", "library", "lock", "login",
    "logout", "mail", "merge", "minus", "moon", "more", "move", "paper", "pause", "pen", "people", "pin", "play",
    "plus", "press", "print", "qr", "renew", "review", "right", "screen", "seal", "search", "server", "share", "star",
    "sun", "tablet", "tag", "trash", "undo", "up", "upload", "userplus", "users", "withdraw", "x", "zoom",
]  # fmt: skip
IconSize = Literal[12, 14, 16, 18, 20, 24, 32]


def icon(name: IconName, size: IconSize = 20, **props: Any) -> rx.Component:
    """One icon, hidden from screen readers: the words beside it, or the label of its button, say what it means."""
    return glyph(f"i-{name}", size, **props)


def glyph(symbol: str | rx.Var[str], size: IconSize = 20, *, class_name: str = "", **props: Any) -> rx.Component:
    """A symbol of the sprite by its full id, such as `mark` or `sh-approved`; the id may be a variable."""
    looks = " ".join(part for part in ("i", "" if size == 20 else f"i-{size}", class_name) if part)
    return rx.el.svg(rx.el.svg.use(href=f"{SPRITE}#{symbol}"), class_name=looks, aria_hidden="true", **props)


def mark(**props: Any) -> rx.Component:
    """The product's mark."""
    return rx.el.svg(rx.el.svg.use(href=f"{SPRITE}#mark"), class_name="mark", aria_hidden="true", **props)

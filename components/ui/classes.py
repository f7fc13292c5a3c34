"""Join class names, some of which may be variables."""

from __future__ import annotations

import reflex as rx


def classes(*parts: str | rx.Var[str]) -> str:
    """The given class names in one attribute; empty ones fall away. The framework finds variables inside the text again."""
    return " ".join(f"{part}" for part in parts if isinstance(part, rx.Var) or part)

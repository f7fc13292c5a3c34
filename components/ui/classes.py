"""Join class names, some of which may be variables."""

from __future__ import annotations

from typing import Any

import reflex as rx


def classes(*parts: str | rx.Var[str] | None) -> str | rx.Var[str]:
    """The given class names in one attribute; empty ones fall away."""
    words = [part for part in parts if isinstance(part, rx.Var) or part]
    if not any(isinstance(part, rx.Var) for part in words):
        return " ".join(str(part) for part in words)
    joined: Any = ""
    for part in words:
        joined = part if isinstance(joined, str) and not joined else joined + " " + part
    return joined  # type: ignore[no-any-return]

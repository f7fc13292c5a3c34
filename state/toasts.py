"""A message for the foot of the screen: a key, its parameters and perhaps one action. The page translates and shows it."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any, Literal


@dataclasses.dataclass(frozen=True)
class Toast:
    """One message. `action` is what the page's `on_toast` handler gets when the button is pressed (default words: Undo)."""

    key: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    kind: Literal["info", "done", "error"] = "info"
    action: str = ""
    action_key: str = ""
    seconds: int = 0
    id: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)


def with_toast(toasts: list[Toast], toast: Toast) -> list[Toast]:
    """The list to assign to the state: the last few messages, newest last, so that deltas stay small."""
    return [*toasts[-3:], toast]

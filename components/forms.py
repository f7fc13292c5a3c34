"""Pieces of forms that keep what was typed: fields are the browser's own, only remarks come from the server."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t_key
from components.ui import radio
from photobank.accounts.passwords import LONGEST, SHORTEST

LIMITS = {"shortest": SHORTEST, "longest": LONGEST}


def remark(key: rx.Var[str]) -> rx.Var[str]:
    """The sentence for a field's error; empty when there is none."""
    words: rx.Var[str] = rx.cond(key, t_key(key, rx.Var.create(LIMITS)), "")
    return words


def choice(name: str, value: str, label: Any, *, hint: Any = None, checked: bool = False, **props: Any) -> rx.Component:
    """One of several exclusive choices of a form; none is chosen unless `checked`."""
    return radio(label, hint=hint, name=name, value=value, default_checked=checked, **props)

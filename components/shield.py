"""The clearance shield: one glyph, one colour and one word per state, the same everywhere."""

from __future__ import annotations

from typing import Any, Final, Literal

import reflex as rx

from components.i18n import t_key
from components.ui.classes import classes
from components.ui.icon import SPRITE

STATES: Final = ("approved", "expiring", "expired", "revoked", "missing", "needs_review", "no_people", "blocked")
"""All states, in the order in which screens list them."""

ShieldLook = Literal["", "bare", "seal", "plate", "lg"]


def shield(
    state: str | rx.Var[str],
    *,
    look: ShieldLook = "",
    words: Any = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A shield for a state, which may be a variable.

    Looks: "" icon and word on soft ground · "bare" without ground · "lg" larger · on photos "plate" (icon and word on a white
    plate) and "seal" (icon only; the word is there for screen readers and in the tooltip). `words` replaces the state's word.
    """
    word = words if words is not None else t_key(state, prefix="clearance.")
    seal = look == "seal"
    if seal:
        props.setdefault("title", word)
    return rx.el.span(
        shield_icon(state),
        rx.el.span(word, class_name="vh" if seal else ""),
        class_name=classes("shield", look, f"s-{state}", class_name),
        **props,
    )


def shield_icon(state: str | rx.Var[str], *, class_name: str = "") -> rx.Component:
    """Only the glyph, in the ink around it; put the word beside it."""
    return rx.el.svg(rx.el.svg.use(href=f"{SPRITE}#sh-{state}"), class_name=classes("i", class_name), aria_hidden="true")


def state_class(state: str | rx.Var[str]) -> str:
    """The class that gives an element the state's ink (`--c`) and ground (`--cs`)."""
    return f"s-{state}"

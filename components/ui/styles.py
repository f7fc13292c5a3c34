"""Styles that only some pages need. A page is not shown before they are here, so that nothing is ever seen without them."""

from __future__ import annotations

import reflex as rx

AFTER = "page"
"""Where they stand among the others: after those of the house (components/lean.vite.js). React moves them into the head, once each."""


def styles(*names: str) -> rx.Component:
    """The sheets of these names in assets/. They stay when one leaves the page, so their classes must be theirs alone."""
    return rx.fragment(*[rx.el.link(rel="stylesheet", href=f"/{name}", custom_attrs={"precedence": AFTER}) for name in names])

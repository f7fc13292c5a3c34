"""The address without a path: nothing to see, it leads to the right door."""

from __future__ import annotations

import reflex as rx


def index() -> rx.Component:
    """What is there for the blink of an eye."""
    page: rx.Component = rx.el.main(rx.el.h1("Photobank", class_name="visually-hidden"), aria_busy="true")
    return page

"""Every page, and the address it lives at."""

from __future__ import annotations

import reflex as rx

from components.pages.index import index
from state.entrance import EntranceState


def register_pages(app: rx.App) -> None:
    """Add all pages to the app."""
    app.add_page(index, route="/", title="Photobank", on_load=EntranceState.enter)

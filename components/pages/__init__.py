"""Every page, and the address it lives at."""

from __future__ import annotations

import reflex as rx

from components.pages.doors import setup, sign_in
from components.pages.house_pages import register_house_pages
from components.pages.index import index
from state.doors import SetupState, SignInState
from state.entrance import EntranceState


def register_pages(app: rx.App) -> None:
    """Add all pages to the app."""
    app.add_page(index, route="/", title="Photobank", on_load=EntranceState.enter)
    app.add_page(sign_in, route="/sign-in", title="Photobank", on_load=SignInState.load)
    app.add_page(setup, route="/setup", title="Photobank", on_load=SetupState.load)
    register_house_pages(app)

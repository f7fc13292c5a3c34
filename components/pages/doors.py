"""Sign-in and first set-up, drawn."""

from __future__ import annotations

import reflex as rx
from reflex_base.components.component import Component

from components.i18n import t
from components.layout import plain_page
from components.pages.scripts import DOORS
from components.ui import button, link_button, skeleton_rows
from components.ui.states import error_state
from state.doors import SetupState


class _SignInForm(Component):
    library = DOORS
    tag = "SignInForm"
    home: rx.Var[str]


class _SetupForm(Component):
    library = DOORS
    tag = "SetupForm"
    next: rx.Var[str]


def sign_in() -> rx.Component:
    """The sign-in page."""
    return plain_page(t("signin.title"), _SignInForm.create(home="/library/"), lead=t("signin.lead"))


def setup() -> rx.Component:
    """The set-up page behind the one-time link."""
    return plain_page(
        t("setup.title"),
        rx.match(
            SetupState.link,
            ("open", _SetupForm.create(next="/upload/")),
            ("closed", _closed()),
            ("error", error_state(on_retry=SetupState.load)),
            skeleton_rows(3),
        ),
        lead=rx.cond(SetupState.link == "closed", t("setup.closed_text"), t("setup.lead")),
    )


def _closed() -> rx.Component:
    return rx.el.div(
        link_button(t("signin.title"), href="/sign-in/", kind="primary", size="lg"),
        button(t("act.retry"), kind="quiet", size="lg", on_click=SetupState.load),
        class_name="form-acts",
    )

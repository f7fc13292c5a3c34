"""The frame of a signed-in page, filled from the state that all pages share."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.http import sign_out
from components.layout import Viewer, page
from components.layout.navigation import PageKey
from state.base import PhotobankState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotobankState


def viewer() -> Viewer:
    """Who is signed in."""
    return Viewer(
        name=S.my_name,
        initials=S.my_initials,
        email=S.my_email,
        role=S.my_role,
        organisation=S.organisation,
        organisation_initials=S.organisation_initials,
        language=S.my_language,
        uses=S.own_uses,
        to_review=S.to_review,
        to_consents=S.to_consents,
        toasts=S.toasts,
        on_dismiss=S.dismiss_toast,
        on_sign_out=sign_out(),
        on_language=S.keep_language,
        busy=~S.is_hydrated,
    )


def framed(title: str | rx.Var[str], *children: Any, current: PageKey, **options: Any) -> rx.Component:
    """A page inside the frame. Options are those of `components.layout.page`: on_toast, slim, bare, search."""
    return page(title, *children, current=current, viewer=viewer(), **options)

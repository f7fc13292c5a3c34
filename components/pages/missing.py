"""What an address shows at which there is no page."""

from __future__ import annotations

import reflex as rx

from components.i18n import t
from components.layout import plain_page
from components.ui import link_button


def missing() -> rx.Component:
    """Says so, and leads back; the same for everybody, signed in or not."""
    return plain_page(
        t("missing.title"), link_button(t("missing.home"), href="/", kind="primary", size="lg"), lead=t("missing.lead")
    )

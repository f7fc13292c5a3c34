"""Settings of the gallery: a small app that shows every component, to look at and to run axe on. Never part of a release."""

import reflex as rx

from components.catalogues import Catalogues
from components.lean import Lean

config = rx.Config(
    app_name="gallery",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[Catalogues(), Lean()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)

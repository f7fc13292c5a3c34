"""Reflex's settings, filled from ours. Importing it opens nothing and needs no server and no key, so it also serves the build."""

import reflex as rx
from reflex.constants import StateManagerMode
from reflex_base.plugins.sitemap import SitemapPlugin

from components.catalogues import Catalogues
from components.lean import Lean
from photobank.settings import load
from photobank.web.origin import allowed_origins

_settings = load()
_redis = _settings.redis_url.get_secret_value() if _settings.redis_url else None

config = rx.Config(
    app_name="photobank",
    api_url=_settings.origin,
    backend_host=_settings.host,
    backend_port=_settings.port,
    frontend_port=_settings.port,
    trusted_proxy_hops=_settings.trusted_proxies,
    redis_url=_redis,
    # Without Redis the framework would write pickled state to disk. Memory serves the build; the app itself refuses to start on it.
    state_manager_mode=StateManagerMode.REDIS if _redis else StateManagerMode.MEMORY,
    cors_allowed_origins=list(allowed_origins(_settings)),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_compression_formats=["gzip", "brotli"],
    disable_plugins=[SitemapPlugin],
    plugins=[Catalogues(), Lean()],
)

"""How the house of this process is opened; tests put their own opener in place before the server starts."""

from __future__ import annotations

from photobank.kernel.errors import ConfigurationError
from photobank.settings import Settings
from photobank.web.house import House, Opener


def _none(settings: Settings) -> House:  # replaced by the adapter over bootstrap
    raise ConfigurationError("no opener")


opener: Opener = _none  # type: ignore[assignment]

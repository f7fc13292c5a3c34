"""Which web origins may talk to us: the public address, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from photobank.kernel.errors import Refused
from photobank.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost")
WILDCARDS = ("0.0.0.0", "::", "[::]")  # noqa: S104  these are recognised here, not listened on
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def allowed_origins(settings: Settings) -> tuple[str, ...]:
    """The public origin. On a machine of one's own, 127.0.0.1 and localhost are the same place, so both are taken."""
    parts = urlsplit(settings.origin)
    host = parts.hostname or ""
    if host not in (*LOOPBACK, *WILDCARDS):
        return (settings.origin,)
    port = f":{parts.port}" if parts.port else ""
    return tuple(f"{parts.scheme}://{name}{port}" for name in LOOPBACK)


def socket_origins(settings: Settings) -> tuple[str, ...]:
    """The same places as WebSocket addresses, for connect-src."""
    return tuple("ws" + origin.removeprefix("http") for origin in allowed_origins(settings))


def require_same_origin(headers: Mapping[str, str], allowed: Iterable[str], *, missing_is_fine: bool) -> None:
    """Refuse what a page of another site made the browser send.

    Browsers put Origin on every socket and on every unsafe request, so a missing one comes from a script or from an old browser's
    same-site request. `missing_is_fine` says whether that will do; Sec-Fetch-Site, where sent, is believed in either case.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Refused("the request comes from another site", action="origin:check")
    origin = headers.get("origin")
    if origin is None:
        if missing_is_fine or site == "same-origin":
            return
        raise Refused("the request does not say where it comes from", action="origin:check")
    if origin not in tuple(allowed):
        raise Refused("the request comes from another origin", action="origin:check")

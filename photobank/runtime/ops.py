"""The counting of requests and open sockets around the whole web app, and who may read the counters."""

from __future__ import annotations

import hmac
import ipaddress
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank.runtime import metrics
from photobank.settings import Settings

# Parts of a path that are worth a line of their own in the counters; everything else would grow without end.
_AREAS = re.compile(
    r"^/(api/v1/(?:assets|uploads|folders|people|faces|consents|users|keys|audit|search|shares)|api|_event|assets|auth"
    r"|healthz|readyz|metrics)(?:/|$)"
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")


def area(path: str) -> str:
    """The part of the house a path belongs to: `api/v1/people`, `assets`, `pages`. Never an id."""
    found = _AREAS.match(path)
    return found.group(1) if found else "pages"


class Counted:
    """The outermost layer: counts, and changes nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "websocket":
            with metrics.SOCKETS.track_inprogress():
                await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, started = 500, time.perf_counter()
        where, method = area(scope["path"]), scope["method"] if scope["method"] in _METHODS else "OTHER"

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            metrics.REQUESTS.labels(method, where, str(status)).inc()
            metrics.REQUEST_SECONDS.labels(method, where).observe(time.perf_counter() - started)


def may_look_inside(scope: Scope, settings: Settings) -> bool:
    """Who may read counters and details: this machine itself (not through a proxy on it), or who brings the metrics token."""
    headers = dict(scope["headers"])
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        if hmac.compare_digest(headers.get(b"authorization", b""), expected):
            return True
    client = scope.get("client")
    if client is None or settings.trusted_proxies or any(name in headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False

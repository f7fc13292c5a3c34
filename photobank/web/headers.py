"""Security headers on every answer, the outermost wrapper: static files, pages and API alike."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank.settings import Settings
from photobank.web.csp import API_POLICY, DOCS_POLICY, Pages

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
# Vite puts a hash of the content into the name: name-Ab12_xyZ.js. Sentences lie in a folder named by their digest.
_HASHED = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$|^/words/[0-9a-f]{12}/")
# The address of the server is written into this one at start-up, so its name says nothing about its content.
_REWRITTEN = re.compile(r"^/assets/reflex-env-")
# Served by our own routes, never by the front end.
_OURS = ("/api/", "/healthz", "/readyz", "/metrics", "/s/", "/c/", "/embed/", "/bring/", "/calendar/")


class SecurityHeaders:
    """ASGI wrapper that completes the headers of every answer. What a route has set itself is kept."""

    def __init__(self, app: ASGIApp, settings: Settings, pages: Pages) -> None:
        self._app, self._pages = app, pages
        self._https = settings.secure_cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a `send` that adds headers to the start of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope.get("path", ""))

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                self._complete(MutableHeaders(scope=message), path, int(message["status"]))
            await send(message)

        await self._app(scope, receive, complete)

    def _complete(self, headers: MutableHeaders, path: str, status: int) -> None:
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        if self._https:
            headers.setdefault("strict-transport-security", HSTS)
        if path.startswith(_OURS):
            headers.setdefault("content-security-policy", DOCS_POLICY if path.rstrip("/") == "/api/docs" else API_POLICY)
            headers.setdefault("cache-control", PRIVATE)
        elif status == 200 and _HASHED.match(path) and not _REWRITTEN.match(path):
            headers["cache-control"] = IMMUTABLE
        else:
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("content-security-policy", self._pages.policy(path))
            # Pages and their start-up chunk change with a new version: ask each time, a 304 costs next to nothing.
            headers.setdefault("cache-control", "no-cache")

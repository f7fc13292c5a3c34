"""`/healthz`, `/readyz` and `/metrics`, and the counting of requests: an ASGI layer around the whole web app."""

from __future__ import annotations

import hmac
import ipaddress
import json
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank import __version__
from photobank.runtime import metrics
from photobank.runtime.health import Readiness
from photobank.settings import Settings

# Parts of a path that are worth a line of their own in the counters; everything else would grow without end.
_AREAS = re.compile(r"^/(api/v1/[a-z-]+|api|_event|assets|auth|healthz|readyz|metrics)(?:/|$)")
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")


def area(path: str) -> str:
    """The part of the house a path belongs to: `api/v1/people`, `assets`, `pages`."""
    found = _AREAS.match(path)
    return found.group(1) if found else "pages"


class Operations:
    """The outermost layer. Answers for this process before the UI framework is asked anything."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.readiness = Readiness(settings)

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
        status, started, where = 500, time.perf_counter(), area(scope["path"])

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if scope["method"] in ("GET", "HEAD") and scope["path"] in ("/healthz", "/readyz", "/metrics"):
                await self._answer(scope, watch)
            else:
                await self.app(scope, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "OTHER"
            metrics.REQUESTS.labels(method, where, str(status)).inc()
            metrics.REQUEST_SECONDS.labels(method, where).observe(time.perf_counter() - started)

    async def _answer(self, scope: Scope, send: Send) -> None:
        if scope["path"] == "/healthz":
            await _json(scope, send, 200, {"status": "ok", "version": __version__})
        elif scope["path"] == "/readyz":
            findings = await self.readiness.findings()
            ready = all(finding.ok for finding in findings)
            parts = {finding.name: "ok" if finding.ok else "failed" for finding in findings}
            if self._may_look_inside(scope):
                parts = {finding.name: finding.detail for finding in findings}
            await _json(scope, send, 200 if ready else 503, {"status": "ready" if ready else "not ready", "parts": parts})
        elif self._may_look_inside(scope):
            await _respond(scope, send, 200, metrics.render(), metrics.CONTENT_TYPE)
        else:
            await _json(scope, send, 404, {"status": "not found"})

    def _may_look_inside(self, scope: Scope) -> bool:
        """This machine itself (not through a proxy on it), or who brings the metrics token."""
        headers = dict(scope["headers"])
        token = self.settings.metrics_token
        if token is not None:
            expected = f"Bearer {token.get_secret_value()}".encode()
            if hmac.compare_digest(headers.get(b"authorization", b""), expected):
                return True
        client = scope.get("client")
        if client is None or any(name in headers for name in _FORWARDED):
            return False
        try:
            return ipaddress.ip_address(client[0]).is_loopback
        except ValueError:
            return False


async def _json(scope: Scope, send: Send, status: int, body: object) -> None:
    await _respond(scope, send, status, json.dumps(body).encode(), "application/json")


async def _respond(scope: Scope, send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

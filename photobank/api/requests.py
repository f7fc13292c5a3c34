"""A request id on every answer and every log line of a request."""

from __future__ import annotations

import re
from contextvars import ContextVar
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
request_id: ContextVar[str] = ContextVar("request_id", default="")
_FINE = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class RequestId:
    """Takes the id that a proxy gave, when it is a plain one, or makes a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        mine = given if _FINE.match(given) else token_hex(8)
        scope.setdefault("state", {})["request_id"] = mine
        token = request_id.set(mine)

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[HEADER] = mine
            await send(message)

        try:
            await self._app(scope, receive, mark)
        finally:
            request_id.reset(token)

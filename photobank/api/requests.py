"""Around every request: an id on its answer and its log lines, and a limit to what is read into memory."""

from __future__ import annotations

import re
from contextvars import ContextVar
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank.api import problems
from photobank.kernel.errors import TooLarge

HEADER = "x-request-id"
request_id: ContextVar[str] = ContextVar("request_id", default="")
# A JSON body is read whole before anybody is asked who they are. The largest one that is of use, a consent for 10 000 photos, is a
# fifth of this. Photos are streamed and have a limit of their own.
MAX_BODY = 2 * 2**20
STREAMED = re.compile(r"^/api/v1/(assets|uploads|uploads/[^/]+)/?$")
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


class BodyLimit:
    """Refuses bodies beyond MAX_BODY, announced or not, except where photos come in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer 413."""
        if scope["type"] != "http" or STREAMED.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > MAX_BODY:
            await problems.problem(Request(scope), 413, TooLarge.code)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise TooLarge("the body is too large")
            return message

        await self._app(scope, counted, send)

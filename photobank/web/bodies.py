"""How large a request body may be, and how long it may take, before anybody has looked at it.

The web framework reads a JSON body whole before it asks who is calling, so without a bound a stranger could fill the memory. Only the
routes that take files stream; they ask who is calling before they read, bound their own size, and here the wait for more. That all of them
are among these is checked against the API's own description (tests/web/test_bodies.py).
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1024 * 1024
READ_ON = 8 * LARGEST
"""What is too large is read a little further and thrown away: a connection closed in the middle loses the answer on its way."""
WHOLE_SECONDS = 30.0
PIECE_SECONDS = 60.0
STREAMED = re.compile(
    r"^/api/v1/(?:assets(?:/[0-9a-f-]{36}/versions)?|uploads(?:/[0-9a-f-]{36})?|traces|consents/[0-9a-f-]{36}/papers|watermarks/logo"
    r"|people/find-by-picture|face-models/packs/[a-z0-9-]{1,60})/?$"
    r"|^/bring/[\w-]{1,128}/files$|^/c/[\w-]{16,64}/selfie$"
)


class BoundedBodies:
    """ASGI wrapper; sockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a `receive` that gives up."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif STREAMED.match(str(scope.get("path", ""))):
            await self._app(scope, _Patient(receive), send)
        else:
            await self._bounded(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "")
        if length.isascii() and length.isdecimal() and (len(length) > 12 or int(length) > LARGEST):
            await _throw_away(receive)
            await _refuse(send, 413, "too_large")
            return
        # The exception becomes an answer where the body is read: FastAPI passes on its own kind only.
        await self._app(scope, _Counted(receive), send)


class _Counted:
    """A `receive` for a body that is read whole."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._until = asyncio.get_running_loop().time() + WHOLE_SECONDS
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # what follows is the wait for the client to go away
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._size += len(message.get("body", b""))
        if self._size > LARGEST:
            if message.get("more_body", False):
                await _throw_away(self._receive)
            raise HTTPException(413)
        self._complete = not message.get("more_body", False)
        return message


class _Patient:
    """A `receive` for a body that streams: it may take as long as it likes, as long as something comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                message = await self._receive()
        except TimeoutError:
            # As if the line had gone: what arrived of a resumable upload is kept.
            message = {"type": "http.disconnect"}
        self._complete = not message.get("more_body", False)
        return message


async def _throw_away(receive: Receive) -> None:
    """Read to the end of the body, or up to READ_ON bytes, or for as long as a body may take."""
    left, more = READ_ON, True
    with suppress(TimeoutError):
        async with asyncio.timeout(WHOLE_SECONDS):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = bool(message.get("more_body", False))


async def _refuse(send: Send, status: int, code: str) -> None:
    body = json.dumps({"type": f"urn:photobank:problem:{code}", "title": "Refused", "status": status, "code": code}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""The web app, and beside it what a plain server does with a PUT: write the body to a file and sync it. For benchmarks/uploads.py."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

PLACE = "BENCH_PLAIN_FOLDER"
PREFIX = "/plain/"
PIECE = 256 * 1024


class PlainPut:
    """Takes `PUT /plain/NAME` before the app sees it: no rights, no encryption, no database."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app, self._folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not str(scope["path"]).startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        target = os.open(self._folder / str(scope["path"]).removeprefix(PREFIX), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            held, more = bytearray(), True
            while more:
                message = await receive()
                held += message.get("body", b"")
                more = bool(message.get("more_body", False))
                if len(held) >= PIECE or not more:
                    await asyncio.to_thread(os.write, target, held)
                    held = bytearray()
            await asyncio.to_thread(os.fsync, target)
        finally:
            os.close(target)
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def create() -> ASGIApp:
    """Factory for the server."""
    from photobank.photobank import app

    return PlainPut(app(), Path(os.environ[PLACE]))

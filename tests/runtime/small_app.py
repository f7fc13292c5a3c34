"""A small web app and worker that stand in for the real ones where a test is about the processes, not what they do."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket


async def healthz(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def who(request: Request) -> JSONResponse:
    return JSONResponse({"pid": os.getpid(), "database": "PHOTOBANK_DATABASE_URL" in os.environ})


async def slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(2)
    return PlainTextResponse("done")


async def counters(request: Request) -> PlainTextResponse:
    from photobank.runtime import metrics

    return PlainTextResponse(metrics.render().decode())


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())


def app() -> ASGIApp:
    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/who", who),
            Route("/slow", slow),
            Route("/counters", counters),
            WebSocketRoute("/echo", echo),
        ]
    )


def main() -> None:
    """The command line of the real `photobank`, with a worker that only waits and says when it is told to stop."""
    if sys.argv[1] == "worker":

        async def work() -> None:
            stopped = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
            await stopped.wait()
            sys.stderr.write(f"worker {sys.argv[3]} gave back its work\n")

        asyncio.run(work())
    else:
        from photobank.cli.main import main as photobank

        photobank()


if __name__ == "__main__":
    main()

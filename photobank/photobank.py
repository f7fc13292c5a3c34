"""The web app put together: pages, state, REST API, and the wrappers that guard them. `reflex` and the server start from here."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import reflex as rx
from reflex.istate.manager.redis import StateManagerRedis
from reflex.utils.prerequisites import get_redis, get_web_dir
from reflex_base.constants import Dirs
from starlette.types import ASGIApp

from components.pages import register_pages
from components.theme import app_look
from photobank.api.app import create_api
from photobank.kernel.errors import ConfigurationError
from photobank.settings import load
from photobank.web import opening
from photobank.web.bodies import BoundedBodies
from photobank.web.csp import Pages
from photobank.web.headers import SecurityHeaders
from photobank.web.house import opened
from photobank.web.news import listening
from photobank.web.origin import socket_origins
from photobank.web.socket_door import SocketDoor
from state import guard
from state.broadcaster import Broadcaster
from state.errors import backend_problem, frontend_problem, quieten
from state.fanout import FanOut
from state.live import watches
from state.rules import unruled_handlers
from state.sealing import SealedStates, seal_socket_records
from state.sockets import sockets

settings = load()


def _door(inner: ASGIApp) -> ASGIApp:
    return SocketDoor(inner, settings)


def _headers(inner: ASGIApp) -> ASGIApp:
    pages = Pages(get_web_dir() / Dirs.STATIC, socket_origins(settings), https=settings.secure_cookies)
    return SecurityHeaders(inner, settings, pages)


app = rx.App(
    **app_look(),
    backend_exception_handler=backend_problem,
    frontend_exception_handler=frontend_problem,
    # In this order: the API in front of the pages, the door in front of the socket, bounded bodies, headers on all of it.
    api_transformer=[create_api(), _door, BoundedBodies, _headers],
)
register_pages(app)


@asynccontextmanager
async def _open_house(app: rx.App) -> AsyncIterator[None]:
    """Runs for as long as the server does."""
    if forgotten := unruled_handlers():
        raise ConfigurationError(f"event handlers without a rule (see state/rules.py): {', '.join(forgotten)}")
    if not isinstance(app.state_manager, SealedStates):
        raise ConfigurationError("PHOTOBANK_REDIS_URL is not set: without Redis the web server would keep state in the clear")
    if app.sio is None:
        raise ConfigurationError("the socket server is off")
    async with (
        opened(opening.opener, settings) as house,
        listening(house.redis),
        Broadcaster(house, FanOut(app.sio), sockets, watches).running(),
    ):
        # What start-up made stays for ever: looking through it for garbage again and again holds everybody up for a quarter of a second.
        gc.freeze()
        yield


def _harden() -> None:
    """Replace the parts of the framework that trust the browser or Redis."""
    quieten()
    guard.install(app)
    seal_socket_records()
    redis = get_redis()
    if redis is not None and isinstance(app.state_manager, StateManagerRedis):
        app._state_manager = cast(Any, SealedStates)(redis=redis)  # abstract only to type checkers: its base is made with overloads
    app.register_lifespan_task(_open_house)


_harden()

"""Deny by default. Every event, sent by a browser or chained by a handler, passes here before a handler sees it.

Two parts: `GuardedSocket` looks at what arrives (known handler, right shape) before anything is queued, loaded or logged; `Guard`
looks at who is asking, each time anew, right before the handler runs. Neither believes anything that the browser sent.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter
from reflex.app import App, EventNamespace
from reflex.event import Event, redirect
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.registry import RegisteredEventHandler, RegistrationContext

from photobank.access.actor import Actor
from photobank.kernel.errors import PhotobankError, Refused
from photobank.web.house import house
from photobank.web.socket_door import ANONYMOUS, SCOPE_KEY, Caller
from state.base import PhotobankState
from state.caller import someone_on
from state.live import watches
from state.rules import FRAMEWORK, HYDRATE, ON_LOAD, Kind, client_storage_vars, rule_of
from state.sockets import NAMESPACE, SIGN_IN, sockets

log = logging.getLogger(__name__)

REFUSED = Counter("photobank_ui_events_refused_total", "UI events refused before a handler ran.", ["reason"])

# Headers that handlers and pages may see. The cookie is not among them: the session is kept beside the socket, in this process
# only, and so never reaches a state, Redis or a log line.
HEADERS = frozenset({"host", "user-agent", "accept-language"})
ROUTER_KEYS = frozenset({RouteVar.PATH, RouteVar.ORIGIN, RouteVar.QUERY})
MAX_STORED = 200
_NAME = re.compile(r"^[a-z0-9_.]{1,300}$")


class GuardedSocket(EventNamespace):
    """The framework's socket namespace with a gate in front."""

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> bool | None:
        """Register who opened the socket; only the door can have said so."""
        caller = environ.get("asgi.scope", {}).get(SCOPE_KEY)
        if not isinstance(caller, Caller):
            return False
        sockets.add(sid, caller)
        try:
            await super().on_connect(sid, environ, auth)
        except BaseException:
            sockets.remove(sid)
            raise
        return None

    def on_disconnect(self, sid: str) -> Any:
        """Forget the socket and what it watched."""
        sockets.remove(sid)
        watches.leave(sid)
        return super().on_disconnect(sid)

    async def on_event(self, sid: str, data: Any) -> None:
        """Let an event through to the queue, or drop it. Nothing of a dropped event is logged but its name, if that is harmless."""
        problem = _problem(data)
        if problem is None:
            router = data.get("router_data")
            kept = {key: value for key, value in router.items() if key in ROUTER_KEYS} if isinstance(router, dict) else {}
            await super().on_event(sid, {"name": data["name"], "payload": data.get("payload") or {}, "router_data": kept})
            return
        name = data.get("name") if isinstance(data, dict) else None
        refuse(problem, name if isinstance(name, str) and _NAME.match(name) else "?")

    def _build_static_router_data(self, sid: str, environ: dict[str, Any]) -> dict[str, Any]:
        data = super()._build_static_router_data(sid, environ)
        caller = sockets.caller(sid)
        headers = {name: value for name, value in data[RouteVar.HEADERS].items() if name in HEADERS}
        return {**data, RouteVar.HEADERS: headers, RouteVar.CLIENT_IP: caller.ip if caller else ""}


class Guard(Middleware):
    """Runs before every handler, also those that other handlers chain and those that load a page."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the handler run; an update stops it and is sent instead."""
        sid = _socket_of(state, event)
        handler = RegistrationContext.get().event_handlers.get(event.name)
        if event.name in FRAMEWORK:
            if event.name == ON_LOAD:
                watches.leave(sid)
            if event.name in HYDRATE and await _session_ended(sid):
                state._get_root_state().reset()  # type: ignore[no-untyped-call]
                return await _send_away(app, sid)
            return None
        rule = rule_of(handler) if handler is not None else None
        if handler is None or rule is None:
            refuse("no_rule", event.name)
            return StateUpdate()
        if rule.kind is Kind.INTERNAL or rule.kind is Kind.PUBLIC:
            return None
        someone = await someone_on(sid)
        if rule.allows(someone):
            return None
        if someone is not None:
            refuse("role", event.name, someone)
            await house().on_refusal(someone, Refused("this role may not call it", action=f"ui:{event.name.rpartition('.')[2]}"))
            return StateUpdate(events=_toast_refused())
        refuse("signed_out", event.name)
        if await _session_ended(sid):
            return await _send_away(app, sid)
        return StateUpdate(events=Event.from_event_type(redirect(SIGN_IN, replace=True)))


def refuse(reason: str, name: str, someone: Actor | None = None) -> None:
    """Count and log a refusal. Names of handlers only, never arguments."""
    REFUSED.labels(reason).inc()
    log.warning("ui event refused: %s %s user=%s", reason, name, someone.user_id if someone else "-")


def _socket_of(state: BaseState, event: Event) -> str:
    """The socket an event belongs to. What a handler chains has no route of its own and inherits that of its cause."""
    for source in (event.router_data, EventContext.get().router_data, state._get_root_state().router_data):
        sid = source.get(RouteVar.SESSION_ID) if source else None
        if isinstance(sid, str) and sid:
            return sid
    return ""


async def _session_ended(sid: str) -> bool:
    caller = sockets.caller(sid)
    return caller is not None and caller.session_id != ANONYMOUS and await someone_on(sid) is None


async def _send_away(app: App, sid: str) -> StateUpdate:
    caller = sockets.caller(sid)
    if caller is not None and app.sio is not None:
        await sockets.cut(app.sio, [caller.session_id])
    return StateUpdate()


def _toast_refused() -> list[Event]:
    return Event.from_event_type(PhotobankState.report("errors.refused"))


def _problem(data: Any) -> str | None:
    """Why an arriving event is not even queued; None when it may be."""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return "malformed"
    payload = data.get("payload")
    if payload is not None and not (isinstance(payload, dict) and all(isinstance(key, str) for key in payload)):
        return "malformed"
    name = data["name"]
    handler = RegistrationContext.get().event_handlers.get(name)
    if handler is None:
        return "unknown"
    if name in FRAMEWORK:
        return None if _storage_is_ours(payload or {}) and _fits(handler, payload or {}) else "malformed"
    rule = rule_of(handler)
    if rule is None:
        return "no_rule"
    if rule.kind is Kind.INTERNAL:
        return "internal"
    return None if _fits(handler, payload or {}) else "malformed"


def _fits(handler: RegisteredEventHandler, payload: Mapping[str, Any]) -> bool:
    """True when the arguments are those that the handler takes: others would only make a traceback."""
    try:
        inspect.signature(handler.handler.fn).bind(None, **payload)
    except TypeError:
        return False
    return True


def _storage_is_ours(payload: Mapping[str, Any]) -> bool:
    """True when `vars`, where given, name vars that browsers keep, with short texts as values."""
    stored = payload.get("vars")
    if stored is None:
        return True
    if not isinstance(stored, dict):
        return False
    ours = client_storage_vars()
    return all(
        isinstance(name, str) and name.removesuffix("_rx_state_") in ours and isinstance(value, str) and len(value) <= MAX_STORED
        for name, value in stored.items()
    )


def install(app: App) -> None:
    """Put the guarded namespace and the middleware in place; the app must have been made and not yet started."""
    if app.sio is None:
        raise PhotobankError("the app has no socket server")
    guarded = GuardedSocket(NAMESPACE, app)
    app._event_namespace = guarded
    app.sio.register_namespace(guarded)
    app.add_middleware(Guard(), index=0)

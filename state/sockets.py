"""The live sockets of this process: who opened each, and how to cut those of a session that has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from reflex.event import Event, redirect
from reflex.state import StateUpdate
from reflex_base.constants.state import FIELD_MARKER

from photobank.web.socket_door import Caller

NAMESPACE = "/_event"
EVENT = "event"
SIGN_IN = "/sign-in/"


class Emitter(Protocol):
    """The part of the socket server that is used here."""

    async def emit(self, event: str, data: Any = None, to: Any = None, *, namespace: str | None = None) -> None:
        """Send to one socket or several; the message is encoded once."""
        ...

    async def disconnect(self, sid: str, namespace: str | None = None) -> None:
        """Close a socket."""
        ...


def delta(state: type, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Values of a state's vars in the shape browsers take them in; the one place that knows the framework's marker.

    Refuses names that the state does not declare itself: a value for a parent's var would be dropped silently by the browser.
    """
    own: Collection[str] = state.base_vars  # type: ignore[attr-defined]
    unknown = sorted(set(values) - set(own))
    if unknown:
        raise KeyError(f"{state.__name__} has no var of its own named {', '.join(unknown)}")
    name: str = state.get_full_name()  # type: ignore[attr-defined]
    return {name: {key + FIELD_MARKER: value for key, value in values.items()}}


class Sockets:
    """Register of live sockets, by socket id, and by session."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}
        self._by_session: dict[str, set[str]] = defaultdict(set)

    def add(self, sid: str, caller: Caller) -> None:
        """A socket was opened."""
        self._callers[sid] = caller
        self._by_session[caller.session_id].add(sid)

    def remove(self, sid: str) -> None:
        """A socket was closed."""
        caller = self._callers.pop(sid, None)
        if caller is None:
            return
        mine = self._by_session[caller.session_id]
        mine.discard(sid)
        if not mine:
            del self._by_session[caller.session_id]

    def caller(self, sid: str) -> Caller | None:
        """Who opened this socket, if it is open in this process."""
        return self._callers.get(sid)

    def of_session(self, session_id: str) -> tuple[str, ...]:
        """All sockets of a session."""
        return tuple(self._by_session.get(session_id, ()))

    def session_tokens(self) -> dict[str, str]:
        """Every session with a live socket here: id → token."""
        return {one.session_id: one.session_token for one in self._callers.values() if one.session_token is not None}

    def __len__(self) -> int:
        return len(self._callers)

    async def cut(self, emitter: Emitter, session_ids: Iterable[str]) -> int:
        """Send the pages of these sessions to the sign-in page and close their sockets. Returns how many there were."""
        leave = StateUpdate(events=Event.from_event_type(redirect(SIGN_IN, replace=True)))
        sids = [sid for session_id in session_ids for sid in self.of_session(session_id)]
        for sid in sids:
            await emitter.emit(EVENT, leave, to=sid, namespace=NAMESPACE)
            await emitter.disconnect(sid, namespace=NAMESPACE)
            self.remove(sid)
        return len(sids)


sockets = Sockets()
"""Those of this process."""

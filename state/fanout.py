"""One message to many sockets: encoded once, and laid into each connection's queue without a task per connection.

What the socket server does for a list of receivers costs two tasks and several turns of the loop per screen, which at two hundred
screens is longer than everything before it. The order of messages on a connection stays: they all pass through its queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import socketio
from engineio import packet as frames
from socketio import packet as messages


class FanOut:
    """The socket server as the broadcaster uses it (`Emitter`)."""

    def __init__(self, server: socketio.AsyncServer) -> None:
        self._server = server

    async def emit(self, event: str, data: Any = None, to: Any = None, *, namespace: str | None = None) -> None:
        """Send to one socket or several; those that are gone are left out."""
        receivers: Sequence[str] = [to] if isinstance(to, str) else to
        made = self._server.packet_class(messages.EVENT, namespace=namespace, data=[event, data])
        frame = frames.Packet(frames.MESSAGE, made.encode())
        manager, connections = self._server.manager, self._server.eio.sockets
        for sid in receivers:
            connection = connections.get(manager.eio_sid_from_sid(sid, namespace))
            if connection is not None and not connection.closed:
                connection.queue.put_nowait(frame)

    async def disconnect(self, sid: str, namespace: str | None = None) -> None:
        """Close a socket."""
        await self._server.disconnect(sid, namespace=namespace)

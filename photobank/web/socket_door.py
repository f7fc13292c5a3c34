"""The door in front of the UI socket: right origin, a token bound to the session, and messages of a sane size and pace.

The framework keys all UI state by a token that the client puts in the address (see design 7). Behind this door the token is always
HMAC(token, session), so knowing somebody's token is worth nothing without their session, and nothing after it was revoked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank.access.limits import network_of
from photobank.kernel.errors import PhotobankError
from photobank.settings import Settings
from photobank.web.buckets import Bucket
from photobank.web.client import client_ip
from photobank.web.cookies import session_token
from photobank.web.house import house
from photobank.web.origin import allowed_origins, require_same_origin

PATH = "/_event"
SCOPE_KEY = "photobank.caller"
ANONYMOUS = "anon"

MAX_MESSAGE = 256 * 1024
MAX_TOKEN = 64
MESSAGES_PER_SECOND, MESSAGE_BURST = 40.0, 200.0
BYTES_PER_SECOND, BYTE_BURST = 256 * 1024.0, 2 * 1024 * 1024.0
MAX_ANONYMOUS_PER_ADDRESS = 100

CLOSE_POLICY, CLOSE_TOO_BIG, CLOSE_NOT_READY = 1008, 1009, 1013


@dataclass(frozen=True, slots=True)
class Caller:
    """Who opened this socket, as seen at the handshake. The session may end later: every use resolves it again."""

    session_token: str | None
    session_id: str
    ip: str
    user_agent: str


class SocketDoor:
    """ASGI wrapper; everything but the socket passes untouched."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._proxies = settings.trusted_proxies
        self._origins = allowed_origins(settings)
        self._anonymous: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket in or close it."""
        path = str(scope.get("path", ""))
        if scope["type"] not in ("http", "websocket") or not (path == PATH or path.startswith(PATH + "/")):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            # Only the websocket transport is used; the polling one would be a second door.
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._socket(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        tokens = [value for name, value in query if name == "token"]
        try:
            require_same_origin(headers, self._origins, missing_is_fine=False)
            if len(tokens) != 1 or not 0 < len(tokens[0]) <= MAX_TOKEN:
                raise PhotobankError("a socket names exactly one token")
            caller = await self._caller(scope, headers)
        except PhotobankError as error:
            await _close(receive, send, CLOSE_NOT_READY if error.status == 503 else CLOSE_POLICY)
            return
        bound = house().secrets.bound_token(tokens[0], caller.session_id)
        rest = [(name, value) for name, value in query if name != "token"]
        inner = {**scope, "query_string": urlencode([*rest, ("token", bound)]).encode(), SCOPE_KEY: caller}
        if caller.session_id != ANONYMOUS:
            await self._app(inner, _Paced(receive, send), send)
            return
        whence = network_of(caller.ip)
        if self._anonymous[whence] >= MAX_ANONYMOUS_PER_ADDRESS:
            await _close(receive, send, CLOSE_POLICY)
            return
        self._anonymous[whence] += 1
        try:
            await self._app(inner, _Paced(receive, send), send)
        finally:
            self._anonymous[whence] -= 1
            self._anonymous += Counter()  # drops the zeros

    async def _caller(self, scope: Scope, headers: Headers) -> Caller:
        ip, agent = client_ip(scope, self._proxies), headers.get("user-agent", "")[:300]
        token = session_token(headers.get("cookie"))
        someone = await house().identity.of_session(token, ip=ip, user_agent=agent) if token else None
        if token is None or someone is None or someone.session_id is None:
            return Caller(None, ANONYMOUS, ip, agent)
        return Caller(token, str(someone.session_id), ip, agent)


class _Paced:
    """A `receive` that closes the socket on messages too large or too many."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._messages = Bucket(MESSAGES_PER_SECOND, MESSAGE_BURST)
        self._bytes = Bucket(BYTES_PER_SECOND, BYTE_BURST)

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        size = len(message.get("text") or "") + len(message.get("bytes") or b"")
        if size > MAX_MESSAGE:
            return await self._cut(CLOSE_TOO_BIG)
        if not (self._messages.take() and self._bytes.take(size)):
            return await self._cut(CLOSE_POLICY)
        return message

    async def _cut(self, code: int) -> Message:
        await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


async def _close(receive: Receive, send: Send, code: int) -> None:
    """Refuse the handshake: the server answers it with 403."""
    await receive()
    await send({"type": "websocket.close", "code": code})

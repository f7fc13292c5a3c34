"""Keys of the web layer, each derived from one root for one purpose: they are never stored."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from photobank.kernel.errors import Refused


class Sealer(Protocol):
    """Authenticated encryption of what the UI framework keeps in Redis, bound to the name it is kept under."""

    def seal(self, name: str, data: bytes) -> bytes:
        """`data` encrypted for `name`."""
        ...

    def open(self, name: str, blob: bytes) -> bytes:
        """What was sealed for `name`; raises Damaged on anything else."""
        ...


@dataclass(frozen=True, slots=True)
class WebSecrets:
    """Root key of the web layer and the sealer made from it."""

    root: bytes
    sealer: Sealer

    def _mac(self, purpose: str, text: str) -> bytes:
        key = hmac.digest(self.root, b"photobank/web/" + purpose.encode(), hashlib.sha256)
        return hmac.digest(key, text.encode(), hashlib.sha256)

    def bound_token(self, client_token: str, session_id: str) -> str:
        """The key under which the UI state of this tab in this session lies.

        The browser chooses `client_token` freely, so by itself it proves nothing. Mixed with the session that the server saw, a
        stolen token or a revoked session opens an empty state.
        """
        return str(UUID(bytes=self._mac("socket", f"{client_token}|{session_id}")[:16], version=4))

    def csrf_token(self, session_token: str) -> str:
        """The token that a page of ours sends back; it can be made from the session alone, so nothing is stored."""
        return self._mac("csrf", session_token).hex()

    def require_csrf(self, session_token: str, sent: str | None) -> None:
        """Refuse an unsafe request that does not carry the session's CSRF token."""
        if not sent or not hmac.compare_digest(sent.encode(), self.csrf_token(session_token).encode()):
            raise Refused("the CSRF token is missing or wrong", action="csrf:check")

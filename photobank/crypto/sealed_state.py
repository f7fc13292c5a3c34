"""Session state sealed before it goes to Redis, bound to the key it is kept under. Format: docs/formats/field.md."""

from __future__ import annotations

from photobank.crypto.binding import bind
from photobank.crypto.xaes import Xaes
from photobank.kernel.errors import Damaged

VERSION = b"\x01"


class StateSealer:
    """Seals bytes for a named place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Xaes(key)

    def seal(self, name: str, state: bytes) -> bytes:
        """The state as it is stored under `name`."""
        return VERSION + self._cipher.seal(state, bind("photobank/state/v1", name))

    def open(self, name: str, sealed: bytes) -> bytes:
        """The state; raises Damaged when it was altered, or sealed for another name or under another key."""
        if sealed[:1] != VERSION:
            raise Damaged("not a sealed state")
        return self._cipher.open(sealed[1:], bind("photobank/state/v1", name))

"""Values of database fields, sealed and bound to table, column and row. Format: docs/formats/field.md."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from photobank.crypto.binding import bind
from photobank.crypto.providers import KeyId, KeyRing
from photobank.crypto.xaes import OVERHEAD, Xaes
from photobank.kernel.errors import Damaged

VERSION = 1
_HEAD = 5

RowId = UUID | str


class FieldCipher:
    """Seals with the current key of a ring, opens with whichever key a value names."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._ciphers: dict[KeyId, Xaes] = {}

    def seal(self, table: str, column: str, row_id: RowId, plaintext: bytes) -> bytes:
        """The value as it is stored."""
        name, key = self._keys.current()
        head = bytes([VERSION]) + bytes.fromhex(name)
        return head + self._cipher(name, key).seal(plaintext, _aad(head, table, column, row_id))

    def open(self, table: str, column: str, row_id: RowId, sealed: bytes) -> bytes:
        """The plaintext; raises Damaged unless the value was sealed for this very field."""
        name = key_of(sealed)
        return self._cipher(name).open(sealed[_HEAD:], _aad(sealed[:_HEAD], table, column, row_id))

    def seal_text(self, table: str, column: str, row_id: RowId, text: str) -> bytes:
        """A text as it is stored."""
        return self.seal(table, column, row_id, text.encode())

    def open_text(self, table: str, column: str, row_id: RowId, sealed: bytes) -> str:
        """A text; raises Damaged."""
        return self.open(table, column, row_id, sealed).decode()

    def seal_json(self, table: str, column: str, row_id: RowId, value: Any) -> bytes:
        """A JSON value as it is stored."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
        return self.seal(table, column, row_id, text.encode())

    def open_json(self, table: str, column: str, row_id: RowId, sealed: bytes) -> Any:
        """A JSON value; raises Damaged."""
        return json.loads(self.open(table, column, row_id, sealed))

    def is_current(self, sealed: bytes) -> bool:
        """False when a rotation has still to reseal this value."""
        return key_of(sealed) == self._keys.current()[0]

    def _cipher(self, name: KeyId, key: bytes | None = None) -> Xaes:
        cipher = self._ciphers.get(name)
        if cipher is None:
            cipher = self._ciphers[name] = Xaes(self._keys.get(name) if key is None else key)
        return cipher


def key_of(sealed: bytes) -> KeyId:
    """Id of the key that sealed a value; raises Damaged for what is no sealed value."""
    if len(sealed) < _HEAD + OVERHEAD or sealed[0] != VERSION:
        raise Damaged("not a sealed field")
    return sealed[1:_HEAD].hex()


def _aad(head: bytes, table: str, column: str, row_id: RowId) -> bytes:
    return bind("photobank/field/v1", bytes(head), table, column, row_id)

"""Keys wrapped under keys. Format: docs/formats/keys.md. Deleting a wrapped key shreds what it opens."""

from __future__ import annotations

import secrets
from uuid import UUID

from photobank.crypto.binding import KEY_BYTES, bind, require_key, subkey
from photobank.crypto.providers import KeyId, KeyRing, StaticKeys
from photobank.crypto.xaes import OVERHEAD, open_, seal
from photobank.kernel.errors import Damaged

VERSION = 1
_HEAD = 5
WRAPPED_BYTES = _HEAD + OVERHEAD + KEY_BYTES

__all__ = ["WRAPPED_BYTES", "kek_id", "new_key", "rewrap", "subkey", "unwrap", "wrap", "wrapping_of"]


def new_key() -> bytes:
    """A fresh random key."""
    return secrets.token_bytes(KEY_BYTES)


def wrapping_of(kind: str, thing_id: UUID | str) -> bytes:
    """The associated data that ties a wrapped key to the thing it is the key of."""
    return bind(kind, thing_id)


def wrap(kek_id: KeyId, kek: bytes, dek: bytes, aad: bytes) -> bytes:
    """`dek` under `kek`, bound to `aad` (see `wrapping_of`)."""
    require_key(dek)
    head = bytes([VERSION]) + bytes.fromhex(kek_id)
    return head + seal(kek, dek, _aad(head, aad))


def unwrap(keys: KeyRing | bytes, wrapped: bytes, aad: bytes) -> bytes:
    """The key inside, by the ring (or the single key) above it; raises Damaged unless it was wrapped for `aad`."""
    name = kek_id(wrapped)
    ring = StaticKeys(keys) if isinstance(keys, bytes) else keys
    dek = open_(ring.get(name), wrapped[_HEAD:], _aad(wrapped[:_HEAD], aad))
    if len(dek) != KEY_BYTES:
        raise Damaged("a wrapped key of the wrong length")
    return dek


def rewrap(keys: KeyRing, wrapped: bytes, aad: bytes) -> bytes:
    """The same key under the current key of the ring; unchanged when it is already."""
    name, kek = keys.current()
    if kek_id(wrapped) == name:
        return wrapped
    return wrap(name, kek, unwrap(keys, wrapped, aad), aad)


def kek_id(wrapped: bytes) -> KeyId:
    """Id of the key that wrapped it; raises Damaged for what is no wrapped key."""
    if len(wrapped) != WRAPPED_BYTES or wrapped[0] != VERSION:
        raise Damaged("not a wrapped key")
    return wrapped[1:_HEAD].hex()


def _aad(head: bytes, aad: bytes) -> bytes:
    return bind("photobank/wrap/v1", bytes(head)) + aad

"""Unambiguous encoding of lists (associated data, derivation labels) and sub-keys. Format: docs/formats/field.md, keys.md."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32

Part = bytes | str | UUID
Buffer = bytes | bytearray | memoryview


def bind(*parts: Part) -> bytes:
    """The parts, each after its length, so that no two lists of parts give the same bytes."""
    out = bytearray()
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode()
        out += len(raw).to_bytes(4, "big") + raw
    return bytes(out)


def subkey(key: bytes, name: str) -> bytes:
    """The sub-key of `key` for one purpose. Keys of different names know nothing of each other or of `key`."""
    require_key(key)
    return HKDFExpand(algorithm=hashes.SHA512(), length=KEY_BYTES, info=bind("photobank/subkey/v1", name)).derive(key)


def require_key(key: bytes) -> None:
    """Refuse anything but 32 bytes; a wrong length is a mistake in the program, never of data."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")

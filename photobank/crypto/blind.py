"""Equality search on encrypted values: a keyed digest per purpose. Format: docs/formats/field.md."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from photobank.crypto.binding import bind, require_key


class BlindIndex:
    """Digests of values under one key. Equal values of one purpose give equal digests; nothing else can be told from them."""

    def __init__(self, key: bytes) -> None:
        require_key(key)
        self._key = key

    def of(self, purpose: str, value: str | bytes) -> bytes:
        """32 bytes for a value that needs no normalising."""
        return hmac.new(self._key, bind("photobank/blind/v1", purpose, value), hashlib.sha256).digest()

    def email(self, purpose: str, address: str) -> bytes:
        """32 bytes for an e-mail address, however it was typed."""
        return self.of(purpose, normalise_email(address))


def normalise_email(address: str) -> str:
    """One spelling per address: no white space around it, NFKC, no case."""
    folded = unicodedata.normalize("NFKC", address.strip()).casefold()
    return unicodedata.normalize("NFKC", folded)

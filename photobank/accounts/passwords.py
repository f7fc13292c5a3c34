"""Passwords: argon2id, and a check against common ones.

Parameters follow OWASP ASVS 5.0 (46 MiB, t=1, p=1). The list of 19 640 common passwords is the one that Django ships
(by Royce Williams, public domain).
"""

from __future__ import annotations

import asyncio
import gzip
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from photobank.kernel.errors import Invalid

SHORTEST = 10
LONGEST = 256
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_LIST = Path(__file__).with_name("common_passwords.txt.gz")


@cache
def _common() -> frozenset[str]:
    with gzip.open(_LIST, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)


@cache
def _nobodys_hash() -> str:
    # Verified when no such account exists, so that the answer takes as long as for one that does.
    return _HASHER.hash("nobody's password")


def check(password: str, *, about: tuple[str, ...] = ()) -> str:
    """The password, normalised (NFKC), if it may be used; raises Invalid with the reason. `about`: name, e-mail of its owner."""
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST:
        raise Invalid("too short", fields={"password": "errors.password_short"}, shortest=SHORTEST)
    if len(normal) > LONGEST:
        raise Invalid("too long", fields={"password": "errors.password_long"}, longest=LONGEST)
    plain = normal.casefold()
    personal = {part for text in about for part in (text.casefold(), text.casefold().split("@")[0]) if part}
    if plain in _common() or plain in personal or len(set(plain)) < 4:
        raise Invalid("too common", fields={"password": "errors.password_common"})
    return normal


async def hash_password(password: str) -> str:
    """The argon2id hash, computed off the event loop."""
    return await asyncio.to_thread(_HASHER.hash, unicodedata.normalize("NFKC", password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one; takes the same time when there is no account (`stored` None or empty)."""
    normal = unicodedata.normalize("NFKC", password)[:LONGEST]

    def verify() -> bool:
        try:
            return _HASHER.verify(stored or _nobodys_hash(), normal) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)


def is_stale(stored: str) -> bool:
    """True when the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)

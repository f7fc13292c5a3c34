"""The link that a signer gets, and the code that confirms them. Both follow from the system key, so neither is kept anywhere.

What is stored of a link is a hash, to find the signer by; of a code only its number. A new number makes the older ones worthless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from photobank.accounts.sessions import hash_token
from photobank.vault import Vault

TOKEN_BYTES = 24
CODE_DIGITS = 6
PAGE = "/c/"


def token(vault: Vault, signer_id: UUID, number: int) -> str:
    """What stands in a signer's link: 192 bits that nobody can work out without the system key."""
    mac = hmac.digest(vault.secret("consent links"), f"{signer_id}|{number}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac[:TOKEN_BYTES]).decode()


def kept(vault: Vault, signer_id: UUID, number: int) -> bytes:
    """What is stored of that link."""
    return hash_token(token(vault, signer_id, number))


def address(origin: str, vault: Vault, signer_id: UUID, number: int) -> str:
    """The whole link."""
    return f"{origin}{PAGE}{token(vault, signer_id, number)}/"


def code(vault: Vault, signer_id: UUID, number: int) -> str:
    """The digits mailed to a signer."""
    mac = hmac.digest(vault.secret("consent codes"), f"{signer_id}|{number}".encode(), hashlib.sha256)
    return f"{int.from_bytes(mac[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def is_code(vault: Vault, signer_id: UUID, number: int, typed: str) -> bool:
    """Whether these are the digits; blanks are forgiven."""
    digits = "".join(typed.split())
    return number > 0 and hmac.compare_digest(digits.encode(), code(vault, signer_id, number).encode())

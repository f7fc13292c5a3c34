"""The token of a share: derived from a key of the house, so that its maker can be shown it again and the database holds a hash only."""

from __future__ import annotations

import base64
import hmac
import secrets
from uuid import UUID

from photobank.accounts.sessions import hash_token
from photobank.models.shares import ShareKind
from photobank.scope import Scope

PLACES = {ShareKind.link: "s", ShareKind.embed: "embed", ShareKind.request: "bring"}
LONGEST = 128


def token_of(scope: Scope, share_id: UUID) -> str:
    """The token of a share. As hard to guess as the key that it comes from; the share's id is no secret and of no help."""
    mac = hmac.digest(scope.vault.secret("share"), share_id.bytes, "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def url_of(scope: Scope, share_id: UUID, kind: ShareKind) -> str:
    """The address to hand out."""
    return f"{scope.settings.origin}/{PLACES[kind]}/{token_of(scope, share_id)}/"


def new_visit() -> str:
    """A token for one visitor's browser."""
    return secrets.token_urlsafe(32)


__all__ = ["LONGEST", "PLACES", "hash_token", "new_visit", "token_of", "url_of"]

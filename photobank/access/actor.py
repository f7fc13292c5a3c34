"""Who asks: a user, a program with a key, the system itself, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from photobank.models.accounts import Role


class ActorKind(StrEnum):
    """The kinds of asker; goes into every audit event."""

    user = "user"
    api_key = "api_key"
    subject = "subject"
    visitor = "visitor"
    system = "system"
    anonymous = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """One asker, resolved on the server from a session cookie or a key, never from arguments.

    `key_scopes` is None where nothing narrows the role (sessions, the system); else the set of scopes of the API key.
    """

    kind: ActorKind
    user_id: UUID | None = None
    name: str = ""
    role: Role | None = None
    language: str = "nl"
    session_id: UUID | None = None
    confirmed_until: datetime | None = None
    """Until when a fresh proof of who they are counts for this session (accounts/stepup.py)."""
    api_key_id: UUID | None = None
    key_scopes: frozenset[str] | None = None
    share_id: UUID | None = None
    """The share through which somebody without an account asks. Such an actor is the sender of the share, narrowed to sharing: it may
    nothing that the sender may not at this moment (sharing/guests.py)."""
    departments: frozenset[UUID] = field(default_factory=frozenset)
    address: str = ""
    device: str = ""

    @property
    def is_authenticated(self) -> bool:
        """True for everybody who has shown who they are, and for the system."""
        return self.kind is not ActorKind.anonymous

    @property
    def is_system(self) -> bool:
        """True for jobs and for commands on the server itself."""
        return self.kind is ActorKind.system

    @property
    def id(self) -> UUID | None:
        """The pseudonymous id that audit events carry: of a user, or of the share that a visitor came through."""
        return self.share_id or self.user_id


def system(name: str = "photobank") -> Actor:
    """The house itself: jobs, and commands typed on the server."""
    return Actor(kind=ActorKind.system, name=name)


def anonymous(address: str = "", device: str = "") -> Actor:
    """Nobody in particular."""
    return Actor(kind=ActorKind.anonymous, address=address, device=device)

"""What the frame of every page says beside the name: whose account it is and whose house."""

from __future__ import annotations

from dataclasses import dataclass

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.models.accounts import Organisation, User
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """The signed-in user's own address, and the organisation; either may be empty before set-up is done."""

    email: str
    organisation: str


async def place(scope: Scope) -> Place:
    """Where the signed-in user is."""
    require(scope, Action.library_view)
    house = await scope.db.get(Organisation, 1)
    user = await scope.db.get(User, scope.actor.user_id) if scope.actor.user_id else None
    email = scope.vault.fields.open_text("users", "email_ct", user.id, user.email_ct) if user else ""
    return Place(email, house.name if house else "")

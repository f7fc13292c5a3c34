"""A fresh proof of who one is, for what a session left open on a desk must not do: opening locked folders.

A way to prove it is one line in `WAYS`; a second factor is one more. The proof opens the session for a few minutes, and nothing else:
API keys, and other sessions of the same user, stay closed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import closed_folders, is_confirmed, require_own_account
from photobank.accounts import passwords
from photobank.audit import refusals
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotFound, Refused, StepUpNeeded
from photobank.messaging.events import UserChanged
from photobank.models.accounts import User, UserSession
from photobank.scope import Scope

Prove = Callable[[User, str], Awaitable[bool]]


async def _by_password(user: User, proof: str) -> bool:
    return await passwords.matches(proof, user.password_hash)


WAYS: dict[str, Prove] = {"password": _by_password}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Until when this session is confirmed (None: it is not), the ways to confirm it, and how many folders it would open."""

    until: datetime | None
    ways: tuple[str, ...]
    waiting: int


async def state(scope: Scope) -> Confirmed:
    """Where this session stands. Of locked folders only the number is told, and only of those one was granted."""
    require_own_account(scope)
    until = scope.actor.confirmed_until if is_confirmed(scope) else None
    return Confirmed(until, tuple(WAYS), len(await closed_folders(scope)))


async def confirm(scope: Scope, way: str, proof: str) -> datetime:
    """Prove who one is; gives until when it counts. Raises Invalid for a wrong proof, which the audit log keeps."""
    mine = require_own_account(scope)
    if scope.actor.session_id is None:
        raise Refused("only a session can be confirmed", action=Tag.session_confirmed, targets={"user_id": mine})
    if way not in WAYS:
        raise Invalid("no such way", fields={"way": "errors.way"})
    # A stolen session must not become a place to guess the password in.
    await scope.container.rates.hit(limits.PASSWORD, str(mine))
    user = await scope.db.get(User, mine)
    if user is None:
        raise NotFound("no such user")
    if not await WAYS[way](user, proof):
        await refusals.keep(scope.container, scope.actor, Tag.session_confirmed, {"way": way}, user_id=mine)
        raise Invalid("wrong proof", fields={"proof": "errors.password_wrong"})
    until = scope.now() + timedelta(minutes=scope.settings.confirmed_minutes)
    await _keep(scope, until)
    record(scope, Tag.session_confirmed, user_id=mine, payload={"way": way})
    return until


async def end(scope: Scope) -> None:
    """Close locked folders again, before the time is up."""
    mine = require_own_account(scope)
    if scope.actor.session_id is not None:
        await _keep(scope, None)
        record(scope, Tag.session_confirmation_ended, user_id=mine)


def require_confirmed(scope: Scope, action: str) -> None:
    """Raise StepUpNeeded unless this session was confirmed a moment ago."""
    if not scope.actor.is_system and not is_confirmed(scope):
        raise StepUpNeeded("confirm who you are", action=action)


async def _keep(scope: Scope, until: datetime | None) -> None:
    mine = col(UserSession.id) == scope.actor.session_id
    await scope.db.execute(update(UserSession).where(mine).values(confirmed_until=until))
    if scope.actor.user_id is not None:
        scope.announce(UserChanged(user_id=scope.actor.user_id))

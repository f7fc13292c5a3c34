"""Signing in with e-mail and password. The answer never tells whether the account exists, and takes as long when it does not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.accounts import passwords, sessions
from photobank.audit.record import record
from photobank.audit.refusals import keep
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotAuthenticated
from photobank.models.accounts import User
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: `session_token` goes into the cookie and nowhere else."""

    session_token: str
    user: User


async def sign_in(scope: Scope, email: str, password: str) -> SignedIn:
    """Start a session; raises NotAuthenticated for any wrong pair, RateLimited after too many of them."""
    address = limits.network_of(scope.actor.address)
    index = scope.vault.blind.email("users.email", email.strip()[:320])
    await scope.container.rates.hit(limits.SIGN_IN_ADDRESS, address)
    await scope.container.rates.hit(limits.SIGN_IN_ACCOUNT, address, index.hex())
    user = await scope.db.scalar(select(User).where(col(User.email_index) == index))
    known = user is not None and user.disabled_at is None
    right = await passwords.matches(password, user.password_hash if user and known else None)
    if user is None or not right:
        await keep(scope.container, scope.actor, Tag.sign_in_failed, user_id=user.id if user else None)
        raise NotAuthenticated("wrong e-mail or password")
    await scope.container.rates.forget(limits.SIGN_IN_ACCOUNT, address, index.hex())
    if passwords.is_stale(user.password_hash):
        user.password_hash = await passwords.hash_password(password)
    token = await sessions.create(scope, user)
    record(scope, Tag.signed_in, user_id=user.id)
    return SignedIn(token, user)

"""Sessions: made at sign-in, resolved afresh for every request and UI event, listed and revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, LargeBinary, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from photobank.access.actor import Actor, ActorKind
from photobank.access.authorise import require_own_account
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotAuthenticated, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.messaging.events import SessionsRevoked
from photobank.models.accounts import ApiKey, DepartmentMember, Role, User, UserSession
from photobank.models.shares import Share
from photobank.scope import Container, Scope

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as its owner sees it."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    device: str
    is_this: bool


def hash_token(token: str) -> bytes:
    """What is kept of a token. Tokens are random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


async def create(scope: Scope, user: User) -> str:
    """Start a session for a user who has shown who they are; gives the cookie's token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    id_ = new_id()
    where = " | ".join(part for part in (scope.actor.address, scope.actor.device) if part)
    scope.db.add(
        UserSession(
            id=id_,
            user_id=user.id,
            token_hash=hash_token(token),
            created_at=scope.now(),
            seen_at=scope.now(),
            ends_at=scope.now() + timedelta(days=scope.settings.session_days),
            device_ct=scope.vault.fields.seal_text("sessions", "device_ct", id_, where) if where else None,
        )
    )
    return token


async def resolve(container: Container, token: str, address: str = "", device: str = "") -> Actor | None:
    """Who a cookie's token stands for; None when it is unknown, ended, idle too long or its user disabled."""
    if not token or len(token) > 128:
        return None
    now = container.clock.now()
    async with container.lookups() as db:
        query = (
            select(UserSession, User, departments_column())
            .join(User, col(User.id) == col(UserSession.user_id))
            .where(col(UserSession.token_hash) == hash_token(token), *_holds(container, now))
        )
        found = (await db.execute(query)).first()
    if found is None:
        return None
    session, user, departments = found
    if now - session.seen_at >= SEEN_EVERY:
        async with container.sessions.begin() as db:
            await db.execute(update(UserSession).where(col(UserSession.id) == session.id).values(seen_at=now))
    actor = actor_of(user, frozenset(departments), session_id=session.id, address=address, device=device)
    return replace(actor, confirmed_until=session.confirmed_until)


async def resolve_many(container: Container, tokens: Iterable[str]) -> dict[str, Actor]:
    """The same for many tokens in one query; those that do not hold are left out. For refreshing open pages: no use is noted."""
    by_hash = {hash_token(token): token for token in tokens if 0 < len(token) <= 128}
    if not by_hash:
        return {}
    now = container.clock.now()
    query = (
        select(
            col(UserSession.token_hash),
            col(UserSession.id),
            col(UserSession.confirmed_until),
            col(User.id),
            col(User.name),
            col(User.role),
            col(User.language),
            departments_column(),
        )
        .join(User, col(User.id) == col(UserSession.user_id))
        # One array: two hundred single parameters would take longer to write than the query takes.
        .where(
            col(UserSession.token_hash) == func.any(bindparam("hashes", list(by_hash), ARRAY(LargeBinary))), *_holds(container, now)
        )
    )
    async with container.lookups() as db:
        found = (await db.execute(query)).all()
    return {
        by_hash[token_hash]: Actor(
            kind=ActorKind.user,
            user_id=user_id,
            name=name,
            role=Role(role),
            language=language,
            session_id=session_id,
            confirmed_until=confirmed_until if confirmed_until and confirmed_until > now else None,
            departments=frozenset(departments),
        )
        for token_hash, session_id, confirmed_until, user_id, name, role, language, departments in found
    }


def _holds(container: Container, now: datetime) -> list[ColumnElement[bool]]:
    """What must be true of a session and its user at this moment."""
    idle = timedelta(minutes=container.settings.session_idle_minutes)
    return [
        col(UserSession.revoked_at).is_(None),
        col(UserSession.ends_at) > now,
        col(UserSession.seen_at) > now - idle,
        col(User.disabled_at).is_(None),
    ]


def actor_of(
    user: User, departments: frozenset[UUID], *, session_id: UUID | None = None, address: str = "", device: str = ""
) -> Actor:
    """The actor for a signed-in user."""
    return Actor(
        kind=ActorKind.user,
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        language=user.language,
        session_id=session_id,
        departments=departments,
        address=address,
        device=device,
    )


def departments_column() -> ColumnElement[list[UUID]]:
    """The departments of the user of a row, for queries of users."""
    member = select(col(DepartmentMember.department_id)).where(col(DepartmentMember.user_id) == col(User.id)).correlate(User)
    return func.array(member.scalar_subquery())


async def departments_of(db: AsyncSession, user_id: UUID) -> frozenset[UUID]:
    """The departments a user belongs to."""
    query = select(col(DepartmentMember.department_id)).where(col(DepartmentMember.user_id) == user_id)
    return frozenset((await db.scalars(query)).all())


async def list_own(scope: Scope) -> list[SessionRow]:
    """The actor's live sessions, newest first."""
    query = (
        select(UserSession)
        .where(
            col(UserSession.user_id) == require_own_account(scope),
            col(UserSession.revoked_at).is_(None),
            col(UserSession.ends_at) > scope.now(),
        )
        .order_by(col(UserSession.seen_at).desc())
    )
    rows = (await scope.db.execute(query)).scalars().all()
    opened = scope.vault.fields.open_text
    return [
        SessionRow(
            row.id,
            row.created_at,
            row.seen_at,
            row.ends_at,
            opened("sessions", "device_ct", row.id, row.device_ct) if row.device_ct else "",
            row.id == scope.actor.session_id,
        )
        for row in rows
    ]


async def revoke(scope: Scope, session_id: UUID) -> None:
    """End one of the actor's own sessions; its sockets are cut."""
    mine = require_own_account(scope)
    row = await scope.db.get(UserSession, session_id)
    if row is None or row.user_id != mine:
        raise NotFound("no such session")
    if row.revoked_at is None:
        row.revoked_at = scope.now()
        tag = Tag.signed_out if session_id == scope.actor.session_id else Tag.session_revoked
        record(scope, tag, user_id=mine, payload={"session": str(session_id)})
        scope.announce(SessionsRevoked(session_ids=(session_id,)))


async def revoke_all_of(scope: Scope, user_id: UUID) -> None:
    """End every session of a user, as when the account is disabled. The caller has authorised this."""
    query = (
        update(UserSession)
        .where(col(UserSession.user_id) == user_id, col(UserSession.revoked_at).is_(None))
        .values(revoked_at=scope.now())
        .returning(col(UserSession.id))
    )
    ended = tuple((await scope.db.scalars(query)).all())
    if ended:
        record(scope, Tag.session_revoked, user_id=user_id, payload={"count": len(ended)})
        scope.announce(SessionsRevoked(session_ids=ended))


async def still_valid(scope: Scope) -> Actor:
    """The actor as of now, for work that outlasts its beginning: departments that were left and locked folders that were closed count.

    Raises unless what they came in with would still let them in, in the same role.
    """
    actor = scope.actor
    if actor.is_system:
        return actor
    now, came_with = scope.now(), actor.share_id or actor.session_id or actor.api_key_id
    if actor.user_id is None or came_with is None:
        raise NotAuthenticated("nobody")
    ticket: type[Share | UserSession | ApiKey] = Share if actor.share_id else UserSession if actor.session_id else ApiKey
    ends = or_(col(ticket.ends_at).is_(None), col(ticket.ends_at) > now)
    query = (
        select(col(User.role))
        .join(ticket, col(ticket.user_id) == col(User.id))
        .where(col(ticket.id) == came_with, col(ticket.revoked_at).is_(None), ends)
        .where(col(User.id) == actor.user_id, col(User.disabled_at).is_(None))
    )
    role = await scope.db.scalar(query)
    if role is None:
        raise NotAuthenticated("the session or key has ended")
    if role != actor.role:
        raise Refused("the role has changed meanwhile", action="session:changed", targets={"user_id": actor.user_id})
    opened = select(col(UserSession.confirmed_until)).where(col(UserSession.id) == actor.session_id)
    confirmed_until = await scope.db.scalar(opened) if actor.session_id else None
    return replace(actor, departments=await departments_of(scope.db, actor.user_id), confirmed_until=confirmed_until)

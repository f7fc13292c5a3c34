"""API keys: `pbk_…`, shown once, narrowed by scopes, never stronger than their owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from photobank.access.actor import Actor, ActorKind
from photobank.access.authorise import may, require
from photobank.access.permissions import LOCKED, SCOPE_ACTIONS, Action
from photobank.accounts.sessions import departments_column, hash_token
from photobank.accounts.stepup import require_confirmed
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.models.accounts import ApiKey, Role, User
from photobank.scope import Container, Scope

START = "pbk_"
USED_EVERY = timedelta(minutes=1)
_OF_SECRET = (
    select(
        col(ApiKey.id),
        col(ApiKey.scopes),
        col(ApiKey.used_at),
        col(ApiKey.ends_at),
        col(User.id),
        col(User.name),
        col(User.role),
        col(User.language),
        departments_column(),
    )
    .join(User, col(User.id) == col(ApiKey.user_id))
    .where(col(ApiKey.secret_hash) == bindparam("secret_hash"), col(ApiKey.revoked_at).is_(None), col(User.disabled_at).is_(None))
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as its owner sees it; the secret is not in it."""

    id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `key` is shown once and kept nowhere."""

    row: KeyRow
    key: str


def _row(key: ApiKey) -> KeyRow:
    scopes = tuple(part for part in key.scopes.split(",") if part)
    return KeyRow(key.id, key.user_id, key.name, key.prefix, scopes, key.created_at, key.used_at, key.ends_at)


async def create(
    scope: Scope, name: str, *, user_id: UUID | None = None, scopes: tuple[str, ...] = (), days: int | None = None
) -> NewKey:
    """Make a key for the actor, or for another user by an admin. Without `scopes` it may all that its owner may."""
    require(scope, Action.own_keys)
    owner = user_id or scope.actor.user_id
    if owner != scope.actor.user_id:
        require(scope, Action.user_manage)
    if owner is None or await scope.db.get(User, owner) is None:
        raise NotFound("no such user")
    if scope.actor.key_scopes is not None and not set(scopes or SCOPE_ACTIONS) <= scope.actor.key_scopes:
        # A narrowed key must not make a wider one.
        raise Refused("a key cannot make a stronger key", action=Tag.api_key_created)
    unknown = sorted(set(scopes) - SCOPE_ACTIONS.keys())
    if unknown or not name.strip():
        field = "scopes" if unknown else "name"
        raise Invalid("unknown scope" if unknown else "no name", fields={field: f"errors.{field}"}, unknown=", ".join(unknown))
    ends_at = scope.now() + timedelta(days=days) if days else None
    if scope.actor.api_key_id is not None:
        # Nor one that outlives it.
        made_by = await scope.db.get(ApiKey, scope.actor.api_key_id)
        if made_by is not None and made_by.ends_at is not None:
            ends_at = min(made_by.ends_at, ends_at or made_by.ends_at)
    if LOCKED in scopes:
        require_confirmed(scope, Tag.api_key_created)
    secret = START + secrets.token_urlsafe(32)
    key = ApiKey(
        id=new_id(),
        user_id=owner,
        name=name.strip()[:100],
        prefix=secret[:10],
        secret_hash=hash_token(secret),
        scopes=",".join(sorted(scopes)),
        created_at=scope.now(),
        ends_at=ends_at,
    )
    scope.db.add(key)
    record(scope, Tag.api_key_created, user_id=owner, payload={"key": str(key.id), "scopes": sorted(scopes)})
    return NewKey(_row(key), secret)


async def resolve(container: Container, key: str, address: str = "", device: str = "") -> Actor | None:
    """Who a key stands for; None when it is unknown, ended, revoked or its user disabled."""
    if not key.startswith(START) or len(key) > 128:
        return None
    now = container.clock.now()
    async with container.lookups() as db:
        found = (await db.execute(_OF_SECRET, {"secret_hash": hash_token(key)})).first()
    if found is None:
        return None
    key_id, key_scopes, used_at, ends_at, user_id, name, role, language, departments = found
    if ends_at and ends_at <= now:
        return None
    if used_at is None or now - used_at >= USED_EVERY:
        async with container.sessions.begin() as db:
            await db.execute(update(ApiKey).where(col(ApiKey.id) == key_id).values(used_at=now))
    scopes = frozenset(part for part in key_scopes.split(",") if part)
    return Actor(
        kind=ActorKind.api_key,
        user_id=user_id,
        name=name,
        role=Role(role),
        language=language,
        api_key_id=key_id,
        key_scopes=scopes or None,
        departments=frozenset(departments),
        address=address,
        device=device,
    )


async def list_own(scope: Scope) -> list[KeyRow]:
    """The actor's keys that still work."""
    require(scope, Action.own_keys)
    query = select(ApiKey).where(col(ApiKey.user_id) == scope.actor.user_id, col(ApiKey.revoked_at).is_(None))
    return [_row(key) for key in (await scope.db.execute(query.order_by(col(ApiKey.created_at).desc()))).scalars()]


async def revoke(scope: Scope, key_id: UUID) -> None:
    """End a key at once: one's own, or any by an admin."""
    require(scope, Action.own_keys)
    key = await scope.db.get(ApiKey, key_id)
    if key is None or (key.user_id != scope.actor.user_id and not may(scope.actor, Action.user_manage)):
        raise NotFound("no such key")
    if key.revoked_at is None:
        key.revoked_at = scope.now()
        record(scope, Tag.api_key_revoked, user_id=key.user_id, payload={"key": str(key.id)})

"""Users: made, listed, changed, disabled. E-mail addresses are sealed and found by blind index."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import require, require_own_account
from photobank.access.permissions import Action
from photobank.accounts import passwords, sessions
from photobank.audit.record import record
from photobank.audit.refusals import keep
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import Conflict, Invalid, NotAuthenticated, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import UserChanged
from photobank.models.accounts import Role, User
from photobank.scope import Scope

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
LANGUAGES = ("nl", "en")
THEMES = ("system", "light", "dark")
DIGESTS = ("daily", "weekly", "off")


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as admins see it."""

    id: UUID
    email: str
    name: str
    role: Role
    language: str
    theme: str
    digest: str
    created_at: datetime
    disabled_at: datetime | None


def row_of(scope: Scope, user: User) -> UserRow:
    """The user with the address opened."""
    email = scope.vault.fields.open_text("users", "email_ct", user.id, user.email_ct)
    return UserRow(
        user.id, email, user.name, Role(user.role), user.language, user.theme, user.digest, user.created_at, user.disabled_at
    )


async def create(scope: Scope, email: str, name: str, role: str, password: str | None = None, language: str = "nl") -> UserRow:
    """Make a user. Without a password the account cannot sign in until it gets one."""
    require(scope, Action.user_manage)
    fields: dict[str, str] = {}
    address = email.strip()
    if not EMAIL.fullmatch(address):
        fields["email"] = "errors.email"
    if not name.strip():
        fields["name"] = "errors.name"
    if role not in Role.__members__:
        fields["role"] = "errors.role"
    if language not in LANGUAGES:
        fields["language"] = "errors.language"
    if fields:
        raise Invalid("user", fields=fields)
    index = scope.vault.blind.email("users.email", address)
    if await scope.db.scalar(select(func.count()).where(col(User.email_index) == index)):
        raise Conflict("there is a user with this e-mail address")
    id_ = new_id()
    user = User(
        id=id_,
        email_ct=scope.vault.fields.seal_text("users", "email_ct", id_, address),
        email_index=index,
        name=name.strip()[:200],
        role=Role(role),
        language=language,
        password_hash=await passwords.hash_password(passwords.check(password, about=(address, name))) if password else "",
        created_at=scope.now(),
    )
    scope.db.add(user)
    await scope.db.flush()
    record(scope, Tag.user_created, user_id=id_, payload={"role": role})
    scope.announce(UserChanged(user_id=id_))
    return row_of(scope, user)


async def list_all(scope: Scope) -> list[UserRow]:
    """Every user, by name."""
    require(scope, Action.user_manage)
    rows = (await scope.db.execute(select(User).order_by(func.lower(col(User.name)), col(User.id)))).scalars()
    return [row_of(scope, user) for user in rows]


async def me(scope: Scope) -> UserRow:
    """The signed-in user."""
    user = await scope.db.get(User, scope.actor.user_id) if scope.actor.user_id else None
    if user is None:
        raise NotAuthenticated("me")
    return row_of(scope, user)


async def change(
    scope: Scope, user_id: UUID, *, name: str | None = None, role: str | None = None, disabled: bool | None = None
) -> UserRow:
    """Change what a user is called and may do. The last admin stays one; somebody disabled is signed out everywhere."""
    require(scope, Action.user_manage)
    # Two admins who demote each other at the same moment would both find the other one left.
    await one_at_a_time(scope.db, "admins")
    user = await scope.db.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound("no such user")
    if role is not None and role not in Role.__members__:
        raise Invalid("role", fields={"role": "errors.role"})
    stops_being_admin = user.role == Role.admin and ((role is not None and role != Role.admin) or disabled)
    if stops_being_admin and not await _other_admins(scope, user_id):
        raise Conflict("this is the last admin")
    if name is not None and name.strip():
        user.name = name.strip()[:200]
    if role is not None:
        user.role = Role(role)
    if disabled is not None and disabled != (user.disabled_at is not None):
        user.disabled_at = scope.now() if disabled else None
        if disabled:
            await sessions.revoke_all_of(scope, user_id)
    tag = Tag.user_disabled if disabled else Tag.user_changed
    record(scope, tag, user_id=user_id, payload={"role": user.role})
    scope.announce(UserChanged(user_id=user_id))
    return row_of(scope, user)


async def set_preferences(
    scope: Scope, *, language: str | None = None, theme: str | None = None, digest: str | None = None
) -> UserRow:
    """The signed-in user's own language and theme, and how often coming ends are mailed."""
    user = await _own(scope)
    if (language and language not in LANGUAGES) or (theme and theme not in THEMES):
        raise Invalid("preferences", fields={"language": "errors.language"})
    if digest and digest not in DIGESTS:
        raise Invalid("preferences", fields={"digest": "errors.digest"})
    user.digest = digest or user.digest
    user.language = language or user.language
    user.theme = theme or user.theme
    return row_of(scope, user)


async def set_password(scope: Scope, current: str, new: str) -> None:
    """Change one's own password; every other session ends."""
    user = await _own(scope)
    # A stolen session must not become a place to guess the password in.
    await scope.container.rates.hit(limits.PASSWORD, str(user.id))
    if not await passwords.matches(current, user.password_hash):
        await keep(scope.container, scope.actor, Tag.user_changed, {"password": True}, user_id=user.id)
        raise Invalid("wrong password", fields={"current": "errors.password_wrong"})
    row = row_of(scope, user)
    user.password_hash = await passwords.hash_password(passwords.check(new, about=(row.email, row.name)))
    for session in await sessions.list_own(scope):
        if not session.is_this:
            await sessions.revoke(scope, session.id)
    record(scope, Tag.user_changed, user_id=user.id, payload={"password": True})


async def names(scope: Scope, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """What colleagues are called, for whoever is signed in."""
    if scope.actor.user_id is None or not user_ids:
        return {}
    return dict((await scope.db.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids)))).all())


async def any_user_exists(scope: Scope) -> bool:
    """Whether set-up has been done: asked before anybody can sign in, so there is nobody to authorise."""
    return bool(await scope.db.scalar(select(func.count()).select_from(User)))


async def _own(scope: Scope) -> User:
    user = await scope.db.get(User, require_own_account(scope))
    if user is None:
        raise NotAuthenticated("own account")
    return user


async def _other_admins(scope: Scope, user_id: UUID) -> int:
    query = select(func.count()).where(col(User.role) == Role.admin, col(User.disabled_at).is_(None), col(User.id) != user_id)
    return await scope.db.scalar(query) or 0

"""Users, departments, and one's own account: sessions, keys, preferences, password."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from photobank.accounts import api_keys, departments, sessions, users
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out, Password
from photobank.models.accounts import Role

router = APIRouter(tags=["users"], responses=RESPONSES)


class UserOut(Out):
    """A user."""

    id: UUID
    email: str
    name: str
    role: Role
    language: str
    theme: str
    digest: str
    created_at: datetime
    disabled_at: datetime | None


class UserIn(Body):
    """A new user. Without a password the account waits for one."""

    email: str = Field(max_length=320)
    name: str = Field(min_length=1, max_length=200)
    role: Role
    password: Password | None = None
    language: Literal["nl", "en"] = "nl"


class UserPatch(Body):
    """What changes."""

    name: str | None = Field(None, min_length=1, max_length=200)
    role: Role | None = None
    disabled: bool | None = None


class PreferencesIn(Body):
    """How one's own screens look, and how often coming ends of consents are mailed."""

    language: Literal["nl", "en"] | None = None
    theme: Literal["system", "light", "dark"] | None = None
    digest: Literal["daily", "weekly", "off"] | None = None


class PasswordIn(Body):
    """The password one has, and the one one wants."""

    current: Password
    new: Password


class DepartmentOut(Out):
    """A department; `members` is empty for those who do not manage users."""

    id: UUID
    name: str
    members: list[UUID]


class DepartmentIn(Body):
    """A new department with its members."""

    name: str = Field(min_length=1, max_length=200)
    members: list[UUID] = Field(default_factory=list, max_length=1000)


class DepartmentPatch(Body):
    """What changes; `members` are then exactly these."""

    name: str | None = Field(None, min_length=1, max_length=200)
    members: list[UUID] | None = Field(None, max_length=1000)


class SessionOut(Out):
    """One of one's own sessions."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    device: str
    is_this: bool


class KeyOut(Out):
    """An API key, without its secret."""

    id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None


class NewKeyOut(KeyOut):
    """A key that was just made; `key` is shown this once."""

    key: str


class KeyIn(Body):
    """A new key. Without scopes it may all that its owner may; `days` until it ends."""

    name: str = Field(min_length=1, max_length=100)
    user_id: UUID | None = None
    scopes: list[str] = Field(default_factory=list, max_length=20)
    days: int | None = Field(None, ge=1, le=3650)


@router.get("/users")
async def list_users(scope: InScope) -> Listed[UserOut]:
    """All users."""
    return Listed(items=[UserOut.model_validate(row) for row in await users.list_all(scope)])


@router.post("/users", status_code=201)
async def create_user(body: UserIn, scope: InScope) -> UserOut:
    """Make a user."""
    row = await users.create(scope, body.email, body.name, body.role, body.password, body.language)
    return UserOut.model_validate(row)


@router.patch("/users/{user_id}")
async def change_user(user_id: UUID, body: UserPatch, scope: InScope) -> UserOut:
    """Rename a user, change the role, disable or enable the account."""
    return UserOut.model_validate(await users.change(scope, user_id, name=body.name, role=body.role, disabled=body.disabled))


@router.get("/me")
async def me(scope: InScope) -> UserOut:
    """One's own account."""
    return UserOut.model_validate(await users.me(scope))


@router.patch("/me")
async def preferences(body: PreferencesIn, scope: InScope) -> UserOut:
    """One's own language and theme."""
    return UserOut.model_validate(await users.set_preferences(scope, language=body.language, theme=body.theme, digest=body.digest))


@router.put("/me/password", status_code=204)
async def change_password(body: PasswordIn, scope: InScope) -> None:
    """Change one's own password; all other sessions end."""
    await users.set_password(scope, body.current, body.new)


@router.get("/me/sessions")
async def own_sessions(scope: InScope) -> Listed[SessionOut]:
    """One's own live sessions."""
    return Listed(items=[SessionOut.model_validate(row) for row in await sessions.list_own(scope)])


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, scope: InScope) -> None:
    """End one of one's own sessions."""
    await sessions.revoke(scope, session_id)


@router.get("/departments")
async def list_departments(scope: InScope) -> Listed[DepartmentOut]:
    """All departments."""
    return Listed(items=[DepartmentOut.model_validate(row) for row in await departments.list_all(scope)])


@router.post("/departments", status_code=201)
async def create_department(body: DepartmentIn, scope: InScope) -> DepartmentOut:
    """Make a department."""
    return DepartmentOut.model_validate(await departments.create(scope, body.name, body.members))


@router.patch("/departments/{department_id}")
async def change_department(department_id: UUID, body: DepartmentPatch, scope: InScope) -> DepartmentOut:
    """Rename a department, or say who belongs to it."""
    return DepartmentOut.model_validate(await departments.change(scope, department_id, name=body.name, members=body.members))


@router.delete("/departments/{department_id}", status_code=204)
async def remove_department(department_id: UUID, scope: InScope) -> None:
    """Remove a department, with what it was granted; its users stay."""
    await departments.remove(scope, department_id)


@router.get("/keys")
async def list_keys(scope: InScope) -> Listed[KeyOut]:
    """One's own keys."""
    return Listed(items=[KeyOut.model_validate(row) for row in await api_keys.list_own(scope)])


@router.post("/keys", status_code=201)
async def create_key(body: KeyIn, scope: InScope) -> NewKeyOut:
    """Make a key."""
    made = await api_keys.create(scope, body.name, user_id=body.user_id, scopes=tuple(body.scopes), days=body.days)
    return NewKeyOut(**KeyOut.model_validate(made.row).model_dump(), key=made.key)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: UUID, scope: InScope) -> None:
    """End a key at once."""
    await api_keys.revoke(scope, key_id)

"""The organisation, its users, their sessions and API keys."""

from __future__ import annotations

from enum import StrEnum

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    key,
    moment,
    optional_moment,
    optional_sealed,
    ref,
    sealed,
    text,
    text_with,
)


class Role(StrEnum):
    """What somebody is in the house; what a role may do stands in access/permissions.py."""

    viewer = "viewer"
    contributor = "contributor"
    reviewer = "reviewer"
    privacy_officer = "privacy_officer"
    admin = "admin"


class Organisation(Row, table=True):
    """The one organisation of this installation. The row exists once set-up is done."""

    __tablename__ = "organisation"

    id: int = Field(default=1, primary_key=True)
    name: str = text()
    language: str = text("nl")
    sector: str = text("general")
    territory: str = text("NL")
    alert_days: int | None = Field(default=None)
    """Days before the end of a consent at which people hear of it; None: what the settings of the installation say."""
    archive_days: int | None = Field(default=30)
    """Days after which a photo that nothing allows any more goes to the archive; None: never by itself (consents/rules.py)."""
    delete_days: int | None = Field(default=None)
    """Days after that at which it is deleted; None: never by itself."""
    created_at: datetime = moment()


class User(Row, table=True):
    """Somebody who can sign in. The e-mail address is sealed; `email_index` finds it (crypto/blind.py)."""

    __tablename__ = "users"

    id: UUID = key()
    email_ct: bytes = sealed()
    email_index: bytes = Field(unique=True)
    name: str = text()
    role: str = text(Role.viewer)
    language: str = text("nl")
    theme: str = text("system")
    digest: str = text("daily")
    """How often coming ends are mailed: daily, weekly, off."""
    password_hash: str = text("")
    created_at: datetime = moment()
    disabled_at: datetime | None = optional_moment()


class UserSession(Row, table=True):
    """One sign-in on one browser. Only the hash of the cookie's token is kept."""

    __tablename__ = "sessions"

    id: UUID = key()
    user_id: UUID = ref("users.id")
    token_hash: bytes = Field(unique=True)
    created_at: datetime = moment()
    seen_at: datetime = moment()
    ends_at: datetime = moment()
    revoked_at: datetime | None = optional_moment()
    confirmed_until: datetime | None = optional_moment()
    device_ct: bytes | None = optional_sealed()


class ApiKey(Row, table=True):
    """A key for programs. Only its hash is kept; `prefix` lets people tell keys apart."""

    __tablename__ = "api_keys"

    id: UUID = key()
    user_id: UUID = ref("users.id")
    name: str = text()
    prefix: str = text()
    secret_hash: bytes = Field(unique=True)
    scopes: str = text("")
    created_at: datetime = moment()
    used_at: datetime | None = optional_moment()
    ends_at: datetime | None = optional_moment()
    revoked_at: datetime | None = optional_moment()


class Department(Row, table=True):
    """A part of the organisation that folders can be granted to."""

    __tablename__ = "departments"

    id: UUID = key()
    name: str = text_with(unique=True)


class DepartmentMember(Row, table=True):
    """Who belongs to which department."""

    __tablename__ = "department_members"

    department_id: UUID = Field(foreign_key="departments.id", primary_key=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE", index=True)

"""The first start: the organisation, its first admin, a first folder. Possible once, with the one-time link."""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from photobank.access import actor as actors
from photobank.access import limits
from photobank.access.grants import PrincipalKind
from photobank.access.permissions import Permission
from photobank.accounts import users
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotFound
from photobank.library import folders
from photobank.models.accounts import Organisation, Role
from photobank.models.folders import Folder
from photobank.scope import Scope
from photobank.vault import Vault

FIRST_FOLDER = {"nl": "Foto's", "en": "Photos"}
UNNAMED = "Photobank"
LOCK = 0x5E70

# What everybody of a role gets on the first folder; admins change it as they like.
FIRST_GRANTS = {
    Role.viewer: Permission.view,
    Role.contributor: Permission.edit,
    Role.reviewer: Permission.edit,
    Role.privacy_officer: Permission.edit,
}


def token_of(vault: Vault) -> str:
    """The token in the one-time link. It follows from the system key, so nothing has to be kept; it dies with the first user."""
    return base64.urlsafe_b64encode(vault.secret("set-up link")[:24]).decode()


async def is_open(scope: Scope, token: str) -> bool:
    """Whether this link still works."""
    right = hmac.compare_digest(token.encode(), token_of(scope.vault).encode())
    return right and not await users.any_user_exists(scope)


async def set_up(
    scope: Scope, token: str, *, organisation: str, sector: str, language: str, name: str, email: str, password: str
) -> UUID:
    """Make the organisation and its first admin; gives the admin's id. Raises NotFound when the link is wrong or used."""
    await scope.container.rates.hit(limits.SET_UP, limits.network_of(scope.actor.address))
    await scope.db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not await is_open(scope, token):
        raise NotFound("this set-up link does not work any more")
    if not organisation.strip():
        raise Invalid("organisation", fields={"organisation": "errors.name"})
    asked = scope.actor
    scope.actor = actors.system("set-up")
    try:
        await ensure_house(scope, language=language)
        house = await scope.db.get_one(Organisation, 1)  # a command may have made it before anybody could say what it is called
        house.name, house.sector, house.language = organisation.strip(), sector, language
        admin = await users.create(scope, email, name, Role.admin, password, language)
    finally:
        scope.actor = asked
    record(scope, Tag.organisation_set_up, user_id=admin.id)
    return admin.id


async def ensure_house(scope: Scope, *, language: str = "nl") -> None:
    """Make the organisation, as yet without its name, and the first folder where they are missing; for set-up and the command line."""
    if await scope.db.get(Organisation, 1) is None:
        scope.db.add(Organisation(id=1, name=UNNAMED, language=language, created_at=scope.now()))
        await scope.db.flush()
    if await scope.db.scalar(select(col(Folder.id)).limit(1)) is None:
        folder = await folders.create(scope, FIRST_FOLDER.get(language, FIRST_FOLDER["en"]))
        for role, permission in FIRST_GRANTS.items():
            await folders.give(scope, folder.id, PrincipalKind.role, role.value, permission.name)

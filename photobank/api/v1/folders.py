"""Folders and the grants on them."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, field_validator

from photobank.access.permissions import Permission
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.library import folders

router = APIRouter(prefix="/folders", tags=["folders"], responses=RESPONSES)

PermissionName = Literal["view", "download", "edit", "manage"]


class FolderOut(Out):
    """A folder in sight. `permission` is what the caller holds on it, `photos` counts what the caller may see."""

    id: UUID
    parent_id: UUID | None
    name: str
    inherits: bool
    permission: PermissionName | None = None
    photos: int = 0

    @field_validator("permission", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return value.name if isinstance(value, Permission) else value


class FolderIn(Body):
    """A new folder."""

    name: str = Field(min_length=1, max_length=200)
    parent_id: UUID | None = None
    inherits: bool = True


class FolderPatch(Body):
    """What changes."""

    name: str | None = Field(None, min_length=1, max_length=200)
    inherits: bool | None = None


class GrantOut(Out):
    """A grant made on this very folder."""

    id: UUID
    folder_id: UUID
    principal_kind: Literal["user", "department", "role"]
    principal: str
    permission: PermissionName

    @field_validator("permission", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return value.name if isinstance(value, Permission) else value


class GrantIn(Body):
    """A permission for a user (id), a department (id) or a role (name)."""

    principal_kind: Literal["user", "department", "role"]
    principal: str = Field(min_length=1, max_length=100)
    permission: PermissionName


@router.get("")
async def list_folders(scope: InScope) -> Listed[FolderOut]:
    """All folders in sight."""
    return Listed(items=[FolderOut.model_validate(row) for row in await folders.list_all(scope)])


@router.post("", status_code=201)
async def create_folder(body: FolderIn, scope: InScope) -> FolderOut:
    """Make a folder."""
    return FolderOut.model_validate(await folders.create(scope, body.name, body.parent_id, inherits=body.inherits))


@router.patch("/{folder_id}")
async def change_folder(folder_id: UUID, body: FolderPatch, scope: InScope) -> FolderOut:
    """Rename a folder, or let it inherit or not."""
    return FolderOut.model_validate(await folders.change(scope, folder_id, name=body.name, inherits=body.inherits))


@router.delete("/{folder_id}", status_code=204)
async def remove_folder(folder_id: UUID, scope: InScope) -> None:
    """Delete an empty folder."""
    await folders.remove(scope, folder_id)


@router.get("/{folder_id}/grants")
async def list_grants(folder_id: UUID, scope: InScope) -> Listed[GrantOut]:
    """Who was granted what on this folder."""
    return Listed(items=[GrantOut.model_validate(row) for row in await folders.grants(scope, folder_id)])


@router.post("/{folder_id}/grants", status_code=201)
async def give(folder_id: UUID, body: GrantIn, scope: InScope) -> GrantOut:
    """Grant a permission; replaces what the same principal held."""
    return GrantOut.model_validate(await folders.give(scope, folder_id, body.principal_kind, body.principal, body.permission))


@router.delete("/{folder_id}/grants/{grant_id}", status_code=204)
async def take(folder_id: UUID, grant_id: UUID, scope: InScope) -> None:
    """Take a grant back."""
    await folders.take(scope, folder_id, grant_id)

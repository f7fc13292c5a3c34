"""Folders and the grants on them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, field_validator

from photobank.access.permissions import Permission
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.kernel.paging import DEFAULT_LIMIT
from photobank.library import choosing, folder_access, folders, foldertree

router = APIRouter(prefix="/folders", tags=["folders"], responses=RESPONSES)

PermissionName = Literal["view", "download", "edit", "manage"]


def _named(value: object) -> object:
    return value.name if isinstance(value, Permission) else value


class FolderOut(Out):
    """A folder in sight. `permission` is what the caller holds on it, `photos` counts what the caller may see."""

    id: UUID
    parent_id: UUID | None
    name: str
    inherits: bool
    locked: bool = False
    permission: PermissionName | None = None
    photos: int = 0

    _by_name = field_validator("permission", mode="before")(_named)


class ChoiceOut(Out):
    """A folder to choose. `above`: names of the folders above it that are in sight, topmost first. `branches`: some lie below it."""

    id: UUID
    name: str
    above: list[str]
    permission: PermissionName
    photos: int
    branches: bool

    _by_name = field_validator("permission", mode="before")(_named)


class FolderIn(Body):
    """A new folder."""

    name: str = Field(min_length=1, max_length=200)
    parent_id: UUID | None = None
    inherits: bool = True


class FolderPatch(Body):
    """What changes."""

    name: str | None = Field(None, min_length=1, max_length=200)
    inherits: bool | None = None
    locked: bool | None = Field(None, description="Takes a session that was confirmed a moment ago")


class FolderMove(Body):
    """Where it goes; null: to the top."""

    parent_id: UUID | None


class GrantOut(Out):
    """A grant made on this very folder."""

    id: UUID
    folder_id: UUID
    principal_kind: Literal["user", "department", "role"]
    principal: str
    permission: PermissionName

    _by_name = field_validator("permission", mode="before")(_named)


class GrantIn(Body):
    """A permission for a user (id), a department (id) or a role (name)."""

    principal_kind: Literal["user", "department", "role"]
    principal: str = Field(min_length=1, max_length=100)
    permission: PermissionName


class AccessOut(Out):
    """A line of the matrix; `source` is the folder above that it comes from, null when granted here."""

    grant: GrantOut
    source: UUID | None
    source_name: str


class WhyOut(Out):
    """One reason: a grant on a folder, or (`folder_id` null) the role itself."""

    kind: Literal["user", "department", "role"]
    principal: str
    permission: PermissionName
    folder_id: UUID | None
    folder_name: str

    _by_name = field_validator("permission", mode="before")(_named)


class SeenFolderOut(Out):
    """A folder as they would see it."""

    id: UUID
    name: str
    parent_id: UUID | None
    permission: PermissionName
    photos: int

    _by_name = field_validator("permission", mode="before")(_named)


class PreviewOut(Out):
    """What they would see: `permission` null is nothing at all; `locked` is how many folders a confirmation would open to them."""

    user_id: UUID
    name: str
    permission: PermissionName | None
    why: list[WhyOut]
    folders: list[SeenFolderOut]
    photos: int
    locked: int
    sample: list[UUID]

    _by_name = field_validator("permission", mode="before")(_named)


@router.get("")
async def list_folders(scope: InScope) -> Listed[FolderOut]:
    """All folders in sight."""
    return Listed(items=[FolderOut.model_validate(row) for row in await folders.list_all(scope)])


@router.get("/choices")
async def list_choices(
    scope: InScope,
    search: Annotated[str, Query(max_length=choosing.LONGEST, description="Words of the name, anywhere in the tree")] = "",
    below: Annotated[UUID | None, Query(description="Without `search`: the folders directly below this one")] = None,
    only: Annotated[UUID | None, Query(description="This one alone, with its place")] = None,
    permission: Annotated[PermissionName, Query(description="With `search`: only those you hold so much on")] = "view",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Listed[ChoiceOut]:
    """Folders to choose from: a level of the tree, or what a search finds."""
    if only is not None:
        found = await choosing.one(scope, only)
        return Listed(items=[ChoiceOut.model_validate(found)] if found else [])
    if search.strip():
        page = await choosing.search(scope, search, Permission[permission], cursor, limit)
    else:
        page = await choosing.below(scope, below, cursor, limit)
    return Listed(items=[ChoiceOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_folder(body: FolderIn, scope: InScope) -> FolderOut:
    """Make a folder."""
    return FolderOut.model_validate(await folders.create(scope, body.name, body.parent_id, inherits=body.inherits))


@router.patch("/{folder_id}")
async def change_folder(folder_id: UUID, body: FolderPatch, scope: InScope) -> FolderOut:
    """Rename a folder, let it inherit or not, lock it or not."""
    if body.locked is not None:
        await foldertree.lock(scope, folder_id, locked=body.locked)
    return FolderOut.model_validate(await folders.change(scope, folder_id, name=body.name, inherits=body.inherits))


@router.post("/{folder_id}/move")
async def move_folder(folder_id: UUID, body: FolderMove, scope: InScope) -> FolderOut:
    """Put a folder elsewhere in the tree, with all that is in it. 409 when that is below itself."""
    return FolderOut.model_validate(await foldertree.move(scope, folder_id, body.parent_id))


@router.get("/{folder_id}/access")
async def access(folder_id: UUID, scope: InScope) -> Listed[AccessOut]:
    """Grants made here, and those inherited from the folders above; for who manages the folder."""
    rows = await folder_access.matrix(scope, folder_id)
    return Listed(
        items=[AccessOut(grant=GrantOut.model_validate(row.grant), source=row.source, source_name=row.source_name) for row in rows]
    )


@router.get("/{folder_id}/preview")
async def preview(folder_id: UUID, user_id: UUID, scope: InScope) -> PreviewOut:
    """What somebody else would see of this folder and those below it, and why; for who manages the folder. Kept in the audit log."""
    return PreviewOut.model_validate(await folder_access.preview(scope, folder_id, user_id))


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

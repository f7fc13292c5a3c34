"""Folders: the tree, and who was granted what on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, require, require_on_folder
from photobank.access.grants import PrincipalKind
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.library import counting
from photobank.messaging.events import FolderChanged
from photobank.models.accounts import Department, Role, User
from photobank.models.assets import Asset
from photobank.models.folders import Folder, FolderGrant
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder as its viewer sees it: the parent only when that is in sight too, the count only of what is in sight."""

    id: UUID
    parent_id: UUID | None
    name: str
    inherits: bool
    permission: Permission
    photos: int
    locked: bool = False


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant on one folder."""

    id: UUID
    folder_id: UUID
    principal_kind: PrincipalKind
    principal: str
    permission: Permission


async def list_all(scope: Scope) -> list[FolderRow]:
    """Folders in sight, by name."""
    query = (await visibility.folders(scope)).order_by(func.lower(col(Folder.name)), col(Folder.id))
    columns = (col(Folder.id), col(Folder.parent_id), col(Folder.name), col(Folder.inherits), col(Folder.locked))
    rows = (await scope.db.execute(query.with_only_columns(*columns))).all()
    rights = await folder_rights(scope)
    photos = await counting.per_folder(scope)
    return [
        FolderRow(id_, parent_id if parent_id in rights else None, name, inherits, rights[id_], photos.get(id_, 0), locked)
        for id_, parent_id, name, inherits, locked in rows
    ]


async def create(scope: Scope, name: str, parent_id: UUID | None = None, *, inherits: bool = True) -> Folder:
    """Make a folder, with a key of its own. At the top of the tree only for those who set up the house."""
    require(scope, Action.folder_manage)
    if parent_id is None:
        require(scope, Action.settings_manage)
    else:
        await require_on_folder(scope, Action.folder_manage, Permission.manage, parent_id)
    clean = _name(name)
    await require_free(scope, clean, parent_id)
    folder = Folder(id=new_id(), parent_id=parent_id, name=clean, inherits=inherits, created_at=scope.now())
    scope.db.add(folder)
    await scope.db.flush()
    await scope.vault.new_folder_key(scope.db, folder.id, scope.now())
    scope.folder_rights = None
    record(scope, Tag.folder_created, folder_id=folder.id, payload={"parent": str(parent_id) if parent_id else None})
    scope.announce(FolderChanged(folder_id=folder.id))
    return folder


async def change(scope: Scope, folder_id: UUID, *, name: str | None = None, inherits: bool | None = None) -> Folder:
    """Rename a folder, or let it inherit grants or not."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    folder = await get(scope, folder_id)
    if name is not None and name != folder.name:
        clean = _name(name)
        await require_free(scope, clean, folder.parent_id)
        folder.name = clean
    if inherits is not None:
        folder.inherits = inherits
        scope.folder_rights = None
    record(scope, Tag.folder_changed, folder_id=folder_id, payload={"inherits": folder.inherits})
    scope.announce(FolderChanged(folder_id=folder_id))
    return folder


async def remove(scope: Scope, folder_id: UUID) -> None:
    """Delete an empty folder."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    folder = await get(scope, folder_id)
    used = await scope.db.scalar(select(func.count()).where(col(Asset.folder_id) == folder_id))
    below = await scope.db.scalar(select(func.count()).where(col(Folder.parent_id) == folder_id))
    if used or below:
        raise Conflict("the folder is not empty")
    await scope.db.delete(folder)
    record(scope, Tag.folder_deleted, folder_id=folder_id)
    scope.announce(FolderChanged(folder_id=folder_id))


async def grants(scope: Scope, folder_id: UUID) -> list[GrantRow]:
    """The grants made on this very folder; for those who manage it."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    return await grants_on(scope, folder_id)


async def grants_on(scope: Scope, folder_id: UUID) -> list[GrantRow]:
    """The same, for those who have authorised the look."""
    query = select(FolderGrant).where(col(FolderGrant.folder_id) == folder_id).order_by(col(FolderGrant.created_at))
    return [_grant_row(grant) for grant in (await scope.db.execute(query)).scalars()]


async def give(scope: Scope, folder_id: UUID, kind: str, principal: str, permission: str) -> GrantRow:
    """Grant a permission on a folder; replaces what the same principal held on it."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    if permission not in Permission.__members__:
        raise Invalid("permission", fields={"permission": "errors.permission"})
    await _require_principal(scope, kind, principal)
    await scope.db.execute(
        delete(FolderGrant).where(
            col(FolderGrant.folder_id) == folder_id,
            col(FolderGrant.principal_kind) == kind,
            col(FolderGrant.principal) == principal,
        )
    )
    grant = FolderGrant(
        id=new_id(), folder_id=folder_id, principal_kind=kind, principal=principal, permission=permission, created_at=scope.now()
    )
    scope.db.add(grant)
    await scope.db.flush()
    scope.folder_rights = None
    record(scope, Tag.grant_given, folder_id=folder_id, payload={"kind": kind, "principal": principal, "permission": permission})
    scope.announce(FolderChanged(folder_id=folder_id))
    return _grant_row(grant)


async def take(scope: Scope, folder_id: UUID, grant_id: UUID) -> None:
    """Take a grant back; it counts from this commit on."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    grant = await scope.db.get(FolderGrant, grant_id)
    if grant is None or grant.folder_id != folder_id:
        raise NotFound("no such grant")
    await scope.db.delete(grant)
    scope.folder_rights = None
    record(scope, Tag.grant_taken, folder_id=folder_id, payload={"kind": grant.principal_kind, "principal": grant.principal})
    scope.announce(FolderChanged(folder_id=folder_id))


async def upload_target(scope: Scope, folder_id: UUID | None) -> UUID:
    """Where an upload goes: the folder asked for, else the first one the actor may add to. Raises when there is none."""
    if folder_id is not None:
        await require_on_folder(scope, Action.asset_upload, Permission.edit, folder_id)
        return folder_id
    require(scope, Action.asset_upload)
    allowed = await visibility.folder_ids(scope, Permission.edit)
    query = select(col(Folder.id)).where(col(Folder.id).in_(allowed)).order_by(col(Folder.created_at), col(Folder.id)).limit(1)
    first = await scope.db.scalar(query)
    if first is None:
        raise NotFound("there is no folder that you may add to")
    return first


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > 200 or "\0" in clean:
        raise Invalid("name", fields={"name": "errors.name"})
    return clean


async def get(scope: Scope, folder_id: UUID) -> Folder:
    """A folder's row. The caller has authorised the look."""
    folder = await scope.db.get(Folder, folder_id)
    if folder is None:
        raise NotFound("no such folder")
    return folder


async def require_free(scope: Scope, name: str, parent_id: UUID | None) -> None:
    """Raise Conflict when a folder of that name lies there already."""
    same_place = col(Folder.parent_id).is_(None) if parent_id is None else col(Folder.parent_id) == parent_id
    if await scope.db.scalar(select(func.count()).where(same_place, col(Folder.name) == name)):
        raise Conflict("there is a folder with this name")


async def _require_principal(scope: Scope, kind: str, principal: str) -> None:
    if kind == PrincipalKind.role:
        found = principal in Role.__members__
    elif kind in (PrincipalKind.user, PrincipalKind.department):
        try:
            id_ = UUID(principal)
        except ValueError:
            raise Invalid("principal", fields={"principal": "errors.principal"}) from None
        found = await scope.db.get(User if kind == PrincipalKind.user else Department, id_) is not None
    else:
        found = False
    if not found:
        raise Invalid("principal", fields={"principal": "errors.principal"})


def _grant_row(grant: FolderGrant) -> GrantRow:
    kind = PrincipalKind(grant.principal_kind)
    return GrantRow(grant.id, grant.folder_id, kind, grant.principal, Permission.parse(grant.permission))

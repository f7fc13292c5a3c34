"""Who may do what in a folder, where that comes from, and what one of them would see: for those who manage it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from photobank.access import visibility
from photobank.access.actor import Actor
from photobank.access.authorise import require_on_folder, rights_of
from photobank.access.grants import PrincipalKind
from photobank.access.permissions import ROLE_FLOOR, Action, Permission
from photobank.accounts import sessions
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotFound
from photobank.library import assets, folders, foldertree
from photobank.library.assets import Filters
from photobank.library.folders import GrantRow
from photobank.models.accounts import User
from photobank.models.assets import Asset
from photobank.models.folders import Folder
from photobank.scope import Scope

SAMPLE = 12


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A line of the matrix. `source`: the folder above that it is inherited from; None when it was granted on this very one."""

    grant: GrantRow
    source: UUID | None
    source_name: str


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for what somebody holds: a grant on a folder, or (`folder_id` None) the role itself."""

    kind: PrincipalKind
    principal: str
    permission: Permission
    folder_id: UUID | None
    folder_name: str


@dataclass(frozen=True, slots=True)
class SeenFolder:
    """A folder as somebody else would see it: what they may, and how many photos."""

    id: UUID
    name: str
    parent_id: UUID | None
    permission: Permission
    photos: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What somebody would see of a folder and those below it. `locked`: how many more a confirmation would open to them."""

    user_id: UUID
    name: str
    permission: Permission | None
    why: list[Why]
    folders: list[SeenFolder]
    photos: int
    locked: int
    sample: list[UUID]


async def matrix(scope: Scope, folder_id: UUID) -> list[AccessRow]:
    """The grants made here and those inherited from above, nearest first."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    rows: list[AccessRow] = []
    for folder in await _chain(scope, folder_id):
        here = folder.id == folder_id
        held = await folders.grants_on(scope, folder.id)
        rows += [AccessRow(grant, None if here else folder.id, "" if here else folder.name) for grant in held]
    return rows


async def preview(scope: Scope, folder_id: UUID, user_id: UUID) -> Preview:
    """Read the folder as somebody else would at this moment. Kept in the audit log."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    user = await scope.db.get(User, user_id)
    if user is None or user.disabled_at is not None:
        raise NotFound("no such user")
    them = sessions.actor_of(user, await sessions.departments_of(scope.db, user.id))
    rights = await rights_of(scope, them)
    tree = set(await foldertree.below(scope, folder_id)) & await visibility.folder_ids(scope)
    as_them = Scope(container=scope.container, actor=them, db=scope.db, folder_rights=rights)
    seen = [
        SeenFolder(row.id, row.name, row.parent_id, row.permission, row.photos)
        for row in await folders.list_all(as_them)
        if row.id in tree
    ]
    held = rights.held.get(folder_id)
    sample: list[Asset] = []
    if held is not None:
        sample = list((await assets.page(as_them, Filters(folder_id=folder_id), limit=SAMPLE)).items)
    record(scope, Tag.grant_previewed, folder_id=folder_id, user_id=user_id)
    return Preview(
        user_id,
        user.name,
        held,
        await _why(scope, folder_id, them),
        seen,
        sum(one.photos for one in seen),
        len(rights.closed & tree),
        [asset.id for asset in sample],
    )


async def _why(scope: Scope, folder_id: UUID, them: Actor) -> list[Why]:
    mine = {(PrincipalKind.user, str(them.user_id)), (PrincipalKind.role, str(them.role))}
    mine |= {(PrincipalKind.department, str(one)) for one in them.departments}
    found: list[Why] = []
    floor = ROLE_FLOOR.get(them.role) if them.role else None
    if floor is not None:
        found.append(Why(PrincipalKind.role, str(them.role), floor, None, ""))
    for folder in await _chain(scope, folder_id):
        found += [
            Why(grant.principal_kind, grant.principal, grant.permission, folder.id, folder.name)
            for grant in await folders.grants_on(scope, folder.id)
            if (grant.principal_kind, grant.principal) in mine
        ]
    return found


async def _chain(scope: Scope, folder_id: UUID) -> list[Folder]:
    """The folder and those above it that it inherits from; only as far as the actor sees."""
    seen = await visibility.folder_ids(scope)
    found: list[Folder] = []
    at: UUID | None = folder_id
    while at is not None and at in seen and len(found) < len(seen):
        folder = await folders.get(scope, at)
        found.append(folder)
        at = folder.parent_id if folder.inherits else None
    return found

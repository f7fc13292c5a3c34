"""Moving folders within the tree, and locking them.

A folder's key hangs under the master key, not under its parent's, so moving a folder rewraps nothing and is as quick for a million
photos as for none (docs/formats/keys.md). What changes is who sees it: grants from above, and locks from above.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.accounts.stepup import require_confirmed
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import Conflict
from photobank.library import folders
from photobank.messaging.events import FolderChanged
from photobank.models.folders import Folder
from photobank.scope import Scope


async def move(scope: Scope, folder_id: UUID, parent_id: UUID | None) -> Folder:
    """Put a folder, with all that is in it, elsewhere; at the top for those who set up the house. Never below itself."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    if parent_id is None:
        require(scope, Action.settings_manage)
    else:
        await require_on_folder(scope, Action.folder_manage, Permission.manage, parent_id)
    # One move at a time: two that are each fine by themselves could close a ring together.
    await one_at_a_time(scope.db, "folder tree")
    folder = await folders.get(scope, folder_id)
    if folder.parent_id == parent_id:
        return folder
    if parent_id is not None and await _is_below(scope, parent_id, folder_id):
        raise Conflict("a folder cannot lie below itself")
    await folders.require_free(scope, folder.name, parent_id)
    folder.parent_id = parent_id
    await _changed(scope, folder_id, {"parent": str(parent_id) if parent_id else None})
    return folder


async def lock(scope: Scope, folder_id: UUID, *, locked: bool) -> Folder:
    """Lock a folder and what is below it, or open it for good. Takes a confirmed session: who locks it must be able to open it."""
    await require_on_folder(scope, Action.folder_manage, Permission.manage, folder_id)
    require_confirmed(scope, Tag.folder_changed)
    folder = await folders.get(scope, folder_id)
    if folder.locked != locked:
        folder.locked = locked
        await _changed(scope, folder_id, {"locked": locked})
    return folder


async def below(scope: Scope, folder_id: UUID) -> list[UUID]:
    """The folder and all below it, whoever may see them. For those who have authorised the look."""
    tree = select(col(Folder.id)).where(col(Folder.id) == folder_id).cte("tree", recursive=True)
    tree = tree.union(select(col(Folder.id)).join(tree, col(Folder.parent_id) == tree.c.id))
    return list((await scope.db.scalars(select(tree.c.id))).all())


async def _is_below(scope: Scope, folder_id: UUID, top: UUID) -> bool:
    return folder_id in await below(scope, top)


async def _changed(scope: Scope, folder_id: UUID, payload: dict[str, object]) -> None:
    await scope.db.flush()
    scope.folder_rights = None
    record(scope, Tag.folder_changed, folder_id=folder_id, payload=payload)
    scope.announce(FolderChanged(folder_id=folder_id))

"""Yes, or a typed refusal. The first line of every service asks here.

Two questions, both must be answered with yes: may this role (narrowed by the API key's scopes) do such a thing at all, and,
for what concerns photos, does a grant on the folder reach far enough? What one may not see is not found; what one may see
but not do is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from photobank.access.actor import Actor, ActorKind
from photobank.access.grants import FolderNode, Granted, PrincipalKind, Rights, effective
from photobank.access.permissions import LOCKED, ROLE_FLOOR, Action, Permission, actions_of
from photobank.access.remembered import Asker, Remembered, version
from photobank.db.among import among
from photobank.kernel.errors import NotAuthenticated, NotFound, Refused
from photobank.models.folders import Folder, FolderGrant


class Asking(Protocol):
    """What a decision needs: who asks, a database, and a place to remember folder rights for the rest of this scope."""

    @property
    def actor(self) -> Actor:
        """Who asks."""
        ...

    @property
    def db(self) -> AsyncSession:
        """The transaction to read rights from."""
        ...

    folder_rights: Rights | None

    @property
    def remembered(self) -> Remembered:
        """What this process has worked out for earlier scopes."""
        ...

    def now(self) -> datetime:
        """The present moment."""
        ...


def may(actor: Actor, action: Action) -> bool:
    """True when the actor's role and key allow the action somewhere. For what a screen offers; services use `require`."""
    return actor.is_system or action in actions_of(actor.role, actor.key_scopes)


def require(asking: Asking, action: Action, **targets: UUID) -> None:
    """Raise NotAuthenticated or Refused unless the actor's role allows the action."""
    if not asking.actor.is_authenticated:
        raise NotAuthenticated(str(action))
    if not may(asking.actor, action):
        raise Refused(f"{action} is not allowed for this account", action=action, targets=targets)


def require_own_account(asking: Asking) -> UUID:
    """The id of the user who asks about their own account; refused to an API key that was narrowed, whatever its scopes."""
    actor = asking.actor
    if actor.user_id is None:
        raise NotAuthenticated("own account")
    if actor.key_scopes is not None:
        raise Refused("a narrowed key may not touch its owner's account", action="account:own", targets={"user_id": actor.user_id})
    return actor.user_id


async def folder_rights(asking: Asking) -> Mapping[UUID, Permission]:
    """The actor's strongest permission per folder, read once per scope. Locked folders are in it only while they are open."""
    return (await all_rights(asking)).held


async def all_rights(asking: Asking) -> Rights:
    """What the actor holds, read once per scope."""
    if asking.folder_rights is None:
        asking.folder_rights = await _remembered(asking)
    return asking.folder_rights


def recall(asking: Asking, seen: int) -> None:
    """Take the rights of this scope from what is remembered, if they are still those of the version that a query of this transaction has
    just seen (`remembered.VERSION`). Else they are read when they are asked for, as always.
    """
    if asking.folder_rights is None:
        asking.folder_rights = asking.remembered.find(Asker.of(asking.actor, confirmed=is_confirmed(asking)), seen)


async def closed_folders(asking: Asking) -> frozenset[UUID]:
    """Locked folders that the actor was granted, and that a fresh confirmation would open. For what counts them, never for lists."""
    return (await all_rights(asking)).closed


async def sees_everything(asking: Asking) -> bool:
    """True for those who hold at least `view` on every folder, and to whom none is closed, so that queries need no folder list."""
    rights = await all_rights(asking)
    return holds_everywhere(asking.actor) and not rights.closed


def holds_everywhere(actor: Actor) -> bool:
    """True for roles that hold something on every folder by themselves."""
    return actor.is_system or (actor.role is not None and actor.role in ROLE_FLOOR)


def is_confirmed(asking: Asking) -> bool:
    """Has this session, or the maker of this key, freshly shown who they are: then locked folders are open."""
    actor = asking.actor
    if actor.kind is ActorKind.api_key:
        return actor.key_scopes is not None and LOCKED in actor.key_scopes
    return actor.session_id is not None and actor.confirmed_until is not None and actor.confirmed_until > asking.now()


async def require_on_folder(asking: Asking, action: Action, permission: Permission, folder_id: UUID, **targets: UUID) -> None:
    """Raise NotFound when the actor may not even see the folder, Refused when the permission is too weak."""
    if not asking.actor.is_authenticated:
        raise NotAuthenticated(str(action))
    held = (await folder_rights(asking)).get(folder_id)
    if held is None:
        raise NotFound("no such folder")
    targets.setdefault("folder_id", folder_id)
    require(asking, action, **targets)
    if held < permission:
        raise Refused(f"{permission.name} on this folder is needed", action=action, targets=targets)


async def rights_of(asking: Asking, actor: Actor) -> Rights:
    """What somebody holds, as if they asked: for the preview of grants. The caller has authorised the look."""
    if actor.is_system:
        return Rights({node.id: Permission.manage for node in await _nodes(asking, None)}, frozenset())
    if actor.user_id is None or actor.role is None:
        return Rights({}, frozenset())
    reaching = or_(
        and_(col(FolderGrant.principal_kind) == PrincipalKind.user, col(FolderGrant.principal) == str(actor.user_id)),
        and_(col(FolderGrant.principal_kind) == PrincipalKind.role, col(FolderGrant.principal) == actor.role.value),
        and_(
            col(FolderGrant.principal_kind) == PrincipalKind.department,
            col(FolderGrant.principal).in_([str(department) for department in actor.departments]),
        ),
    )
    held = await asking.db.execute(select(col(FolderGrant.folder_id), col(FolderGrant.permission)).where(reaching))
    grants = [Granted(folder_id, Permission.parse(permission)) for folder_id, permission in held]
    floor = ROLE_FLOOR.get(actor.role)
    granted = effective(await _nodes(asking, grants if floor is None else None), grants, floor)
    if actor is asking.actor and is_confirmed(asking):
        return Rights(granted, frozenset())
    closed = frozenset(granted.keys() & await under_lock(asking))
    return Rights({id_: held for id_, held in granted.items() if id_ not in closed}, closed)


async def _remembered(asking: Asking) -> Rights:
    asker = Asker.of(asking.actor, confirmed=is_confirmed(asking))
    before = await version(asking.db)
    found = asking.remembered.find(asker, before)
    if found is None:
        found = await rights_of(asking, asking.actor)
        if await version(asking.db) == before:  # nothing changed between the statements that this was read with
            asking.remembered.keep(asker, before, found)
    return found


async def under_lock(asking: Asking) -> set[UUID]:
    """Locked folders and everything below them: a lock holds downwards, also where grants are not inherited."""
    top = select(col(Folder.id)).where(col(Folder.locked)).cte("locked", recursive=True)
    shut = top.union(select(col(Folder.id)).join(top, col(Folder.parent_id) == top.c.id))  # ends whatever the tree looks like
    return set((await asking.db.scalars(select(shut.c.id))).all())


async def _nodes(asking: Asking, grants: Sequence[Granted] | None) -> list[FolderNode]:
    """Every folder; or, for somebody with nothing but grants, only the granted ones and what inherits from them."""
    node = select(col(Folder.id), col(Folder.parent_id), col(Folder.inherits))
    if grants is not None:
        top = node.where(among(col(Folder.id), {grant.folder_id for grant in grants})).cte("reached", recursive=True)
        below = node.join(top, col(Folder.parent_id) == top.c.id).where(col(Folder.inherits))
        reached = top.union(below)  # without duplicates, so that it ends whatever the tree looks like
        node = select(reached.c.id, reached.c.parent_id, reached.c.inherits)
    return [FolderNode(id_, parent, inherits) for id_, parent, inherits in await asking.db.execute(node)]

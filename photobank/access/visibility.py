"""The query that every list, count and facet starts from. What the actor may not see is not in it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, exists, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from photobank.access.authorise import Asking, closed_folders, folder_rights, holds_everywhere, require, sees_everything
from photobank.access.permissions import Action, Permission
from photobank.models.assets import Asset, AssetState
from photobank.models.folders import Folder
from photobank.models.people import Face, FaceState, Person


async def folder_ids(asking: Asking, at_least: Permission = Permission.view) -> frozenset[UUID]:
    """Folders on which the actor holds `at_least`."""
    rights = await folder_rights(asking)
    return frozenset(id_ for id_, held in rights.items() if held >= at_least)


async def in_sight(asking: Asking, at_least: Permission = Permission.view) -> ColumnElement[bool]:
    """Condition on assets: their folder is granted `at_least`. True for those who see every folder anyway."""
    if (asking.actor.is_system or at_least is Permission.view) and await sees_everything(asking):
        return true()
    return col(Asset.folder_id).in_(await folder_ids(asking, at_least))


async def assets(asking: Asking, *, at_least: Permission = Permission.view, trashed: bool = False) -> Select[Asset]:
    """Assets in sight: not in the trash unless asked for, and uploads under way only for who sends them."""
    require(asking, Action.library_view)
    query = select(Asset).where(await in_sight(asking, at_least))
    return query.where(
        col(Asset.state) == AssetState.trashed if trashed else col(Asset.state) != AssetState.trashed,
        or_(col(Asset.state) != AssetState.uploading, col(Asset.uploaded_by) == asking.actor.user_id),
    )


async def folders(asking: Asking) -> Select[Folder]:
    """Folders in sight."""
    require(asking, Action.library_view)
    return select(Folder).where(col(Folder.id).in_(await folder_ids(asking)))


async def people(asking: Asking, *, hidden: bool = False) -> Select[Person]:
    """People in sight: confirmed on a photo in sight, or entered by the actor. Merged people are gone.

    Hidden ones stay out of lists, but not (`hidden`) of what must reach them still: their consents can be withdrawn, and they can be
    shown again. Those who see every folder see everybody, but for who is known only from folders that are closed to them.
    """
    require(asking, Action.person_view)
    query = select(Person).where(col(Person.merged_into).is_(None))
    if not hidden:
        query = query.where(col(Person.hidden_at).is_(None))
    if await sees_everything(asking):
        return query
    on_a_photo = exists().where(
        col(Face.person_id) == col(Person.id),
        col(Face.state) == FaceState.confirmed,
        col(Face.asset_id) == col(Asset.id),
        col(Asset.state) != AssetState.trashed,
        await in_sight(asking),
    )
    ways = [on_a_photo, col(Person.created_by) == asking.actor.user_id]
    if holds_everywhere(asking.actor):
        behind_a_lock = exists().where(
            col(Face.person_id) == col(Person.id),
            col(Face.state) == FaceState.confirmed,
            col(Face.asset_id) == col(Asset.id),
            col(Asset.folder_id).in_(await closed_folders(asking)),
        )
        ways.append(~behind_a_lock)
    return query.where(or_(*ways))

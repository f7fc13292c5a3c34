"""The query that every list, count and facet starts from. What the actor may not see is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, and_, any_, column, exists, func, literal, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlmodel import col

from photobank.access.authorise import Asking, all_rights, closed_folders, holds_everywhere, may, require, sees_everything
from photobank.access.permissions import Action, Permission
from photobank.db.among import among
from photobank.models.assets import Asset, AssetCount, AssetState
from photobank.models.folders import Folder
from photobank.models.people import Face, FaceState, FaceSuggestion, Person, Selfie


async def folder_ids(asking: Asking, at_least: Permission = Permission.view) -> frozenset[UUID]:
    """Folders on which the actor holds `at_least`."""
    rights = await all_rights(asking)
    if at_least is Permission.view:
        return rights.seen
    return frozenset(id_ for id_, held in rights.held.items() if held >= at_least)


async def fingerprint(asking: Asking) -> str:
    """Changes whenever folders come into sight or go out of it, and says nothing else; for open lists."""
    if await sees_everything(asking):
        return "all"
    return (await all_rights(asking)).fingerprint


async def in_sight(asking: Asking, at_least: Permission = Permission.view) -> ColumnElement[bool]:
    """Condition on assets: their folder is granted `at_least`, which those who see every folder hold anyway.

    A file on its way to become a version of another photo is nobody's photo.
    """
    own = col(Asset.version_of).is_(None)
    if (asking.actor.is_system or at_least is Permission.view) and await sees_everything(asking):
        return own
    return and_(own, among(col(Asset.folder_id), await folder_ids(asking, at_least)))


async def assets(asking: Asking, *, at_least: Permission = Permission.view, trashed: bool = False) -> Select[Asset]:
    """Assets in sight: not in the trash unless asked for, and uploads under way only for who sends them."""
    require(asking, Action.library_view)
    return select(Asset).where(await in_sight(asking, at_least), *_shown(asking, trashed=trashed))


async def first_assets(
    asking: Asking,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    folder_id: UUID | None = None,
    trashed: bool = False,
    oldest_first: bool = False,
) -> Select[Asset]:
    """The first `limit` assets in sight that meet the conditions, newest first unless asked otherwise.

    For somebody who was granted some folders the library is not read in order until enough of it is theirs: each folder is asked for
    its own first ones, and these are merged. That costs folders × limit, however large the library is.
    """
    require(asking, Action.library_view)
    order = in_order(col(Asset.sort_at), col(Asset.id), oldest_first=oldest_first)
    if await sees_everything(asking):
        query = (await assets(asking, trashed=trashed)).where(*conditions)
        if folder_id is not None:
            query = query.where(col(Asset.folder_id) == folder_id)
        return query.order_by(*order).limit(limit)
    granted = await folder_ids(asking)
    folder = _each(granted if folder_id is None else granted & {folder_id})
    here = (
        select(col(Asset.id), col(Asset.sort_at))
        .where(col(Asset.folder_id) == folder.c.id, col(Asset.version_of).is_(None), *_shown(asking, trashed=trashed), *conditions)
        .order_by(*order)
        .limit(limit)
        .lateral("here")
    )
    merging = in_order(here.c.sort_at, here.c.id, oldest_first=oldest_first)
    merged = select(here.c.id).select_from(folder.join(here, true())).order_by(*merging).limit(limit)
    return select(Asset).where(col(Asset.id).in_(merged)).order_by(*order)


async def latest_assets(asking: Asking, limit: int) -> Select[UUID, datetime]:
    """Id and moment of the assets in sight that changed last, those in the trash among them; like `first_assets`, folder by folder."""
    require(asking, Action.library_view)
    sending = or_(col(Asset.state) != AssetState.uploading, col(Asset.uploaded_by) == asking.actor.user_id)
    query = (
        select(col(Asset.id), col(Asset.changed_at))
        .where(sending, col(Asset.version_of).is_(None))
        .order_by(col(Asset.changed_at).desc())
        .limit(limit)
    )
    if await sees_everything(asking):
        return query
    folder = _each(await folder_ids(asking))
    here = query.where(col(Asset.folder_id) == folder.c.id).lateral("here")
    joined = select(here.c.id, here.c.changed_at).select_from(folder.join(here, true()))
    return joined.order_by(here.c.changed_at.desc()).limit(limit)


def _each(folders: Iterable[UUID]) -> TableValuedAlias:
    return func.unnest(literal(list(folders), ARRAY(Uuid))).table_valued(column("id", Uuid), name="folder").render_derived()


def in_order(at: Any, key: Any, *, oldest_first: bool) -> tuple[ColumnElement[Any], ...]:
    """The order of every list of assets."""
    return (at.asc(), key.asc()) if oldest_first else (at.desc(), key.desc())


async def counts_in_sight(asking: Asking) -> ColumnElement[bool]:
    """Condition on the lines of `asset_counts`: those of folders in sight."""
    require(asking, Action.library_view)
    if await sees_everything(asking):
        return true()
    return among(col(AssetCount.folder_id), await folder_ids(asking))


def _shown(asking: Asking, *, trashed: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Asset.state) == AssetState.trashed if trashed else col(Asset.state) != AssetState.trashed,
        or_(col(Asset.state) != AssetState.uploading, col(Asset.uploaded_by) == asking.actor.user_id),
    )


async def folders(asking: Asking) -> Select[Folder]:
    """Folders in sight."""
    require(asking, Action.library_view)
    if await sees_everything(asking):
        return select(Folder)
    return select(Folder).where(among(col(Folder.id), await folder_ids(asking)))


async def people(asking: Asking, *, hidden: bool = False) -> Select[Person]:
    """People in sight: confirmed on a photo in sight, or entered by the actor; for who reviews faces also who asked, with a selfie, to be
    found on photos there. Merged people are gone.

    Hidden ones stay out of lists, but not (`hidden`) of what must reach them still: their consents can be withdrawn, and they can be
    shown again. Those who see every folder see everybody, but for who is known only from folders that are closed to them.
    """
    require(asking, Action.person_view)
    query = select(Person).where(col(Person.merged_into).is_(None))
    if not hidden:
        query = query.where(col(Person.hidden_at).is_(None))
    if await sees_everything(asking):
        return query
    ways = [await _on_a_photo(asking), col(Person.created_by) == asking.actor.user_id]
    if may(asking.actor, Action.face_review):
        ways.append(await _to_be_found(asking))
    if holds_everywhere(asking.actor):
        ways.append(~await _behind_a_lock(asking))
    return query.where(or_(*ways))


async def beyond_locks(asking: Asking) -> ColumnElement[bool]:
    """Condition on people: not known from folders alone that are closed to the actor. For naming people whose id one may see anyway."""
    if not await closed_folders(asking):
        return true()
    return or_(await _on_a_photo(asking), col(Person.created_by) == asking.actor.user_id, ~await _behind_a_lock(asking))


async def _on_a_photo(asking: Asking) -> ColumnElement[bool]:
    return exists().where(
        col(Face.person_id) == col(Person.id),
        col(Face.state) == FaceState.confirmed,
        col(Face.asset_id) == col(Asset.id),
        col(Asset.state) != AssetState.trashed,
        await in_sight(asking),
    )


async def _to_be_found(asking: Asking) -> ColumnElement[bool]:
    """Asked, with a selfie, to be found at an event: in a folder that one may edit, or above one where they were suggested for a photo."""
    mine = await folder_ids(asking, Permission.edit)
    at_the_event = exists().where(
        col(Selfie.person_id) == col(Person.id), col(Selfie.folders).op("&&")(literal(list(mine), ARRAY(Uuid)))
    )
    up: Select[UUID, UUID] = select(col(Folder.id).label("mine"), col(Folder.id).label("above")).where(among(col(Folder.id), mine))
    tree = up.cte("up", recursive=True)
    parents = select(tree.c.mine, col(Folder.parent_id)).join(Folder, col(Folder.id) == tree.c.above)
    tree = tree.union(parents.where(col(Folder.parent_id).is_not(None)))
    below = exists().where(
        col(Selfie.person_id) == col(Person.id),
        tree.c.above == any_(col(Selfie.folders)),
        col(Asset.folder_id) == tree.c.mine,
        col(Asset.state) != AssetState.trashed,
        col(Face.asset_id) == col(Asset.id),
        col(FaceSuggestion.face_id) == col(Face.id),
        col(FaceSuggestion.person_id) == col(Person.id),
    )
    return or_(at_the_event, below)


async def _behind_a_lock(asking: Asking) -> ColumnElement[bool]:
    return exists().where(
        col(Face.person_id) == col(Person.id),
        col(Face.state) == FaceState.confirmed,
        col(Face.asset_id) == col(Asset.id),
        among(col(Asset.folder_id), await closed_folders(asking)),
    )

"""Somebody says, on their own page, that a photo which was confirmed to show them is not of them.

The confirmation goes back to review and a no of theirs sticks, as a reviewer's would: the photo leaves their page, and is cleared for
nothing until somebody has looked again. A reviewer may confirm it all the same; who said what stays in the audit log.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.actor import ActorKind
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotFound, Refused
from photobank.messaging.events import FacesSettled
from photobank.models.assets import Asset
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion
from photobank.people import templates, unsuggesting
from photobank.scope import Scope


async def disown(scope: Scope, family: Collection[UUID], asset: Asset) -> int:
    """None of the faces confirmed as one of these entries on this photo is theirs; gives how many. The caller knows that they ask."""
    if scope.actor.kind is not ActorKind.subject:
        raise Refused("only for the people on the photo", action=Tag.face_disowned, targets={"asset_id": asset.id})
    query = select(Face).where(
        col(Face.asset_id) == asset.id, col(Face.person_id).in_(family), col(Face.state) == FaceState.confirmed
    )
    locked = query.order_by(col(Face.id)).with_for_update().execution_options(populate_existing=True)
    faces = list((await scope.db.scalars(locked)).all())
    if not faces:
        raise NotFound("no such photo")
    for face in faces:
        person_id = face.person_id
        no = insert(FaceRejection).values(face_id=face.id, person_id=person_id, rejected_at=scope.now(), own=True)
        await scope.db.execute(no.on_conflict_do_update(index_elements=["face_id", "person_id"], set_={"own": True}))
        face.state, face.person_id, face.settled_by = FaceState.unknown, None, None
        face.by_itself = None
        face.settled_at = face.changed_at = scope.now()
        record(scope, Tag.face_disowned, asset_id=asset.id, face_id=face.id, person_id=person_id, folder_id=asset.folder_id)
    await scope.db.flush()
    ids = [face.id for face in faces]
    await unsuggesting.forget(scope, and_(col(FaceSuggestion.face_id).in_(ids), col(FaceSuggestion.person_id).in_(family)))
    await templates.drop(scope, col(Face.id).in_(ids), why="settled")
    await templates.want(scope, col(Face.id).in_(ids))
    scope.announce(FacesSettled(face_ids=tuple(ids), asset_ids=(asset.id,)))
    return len(ids)

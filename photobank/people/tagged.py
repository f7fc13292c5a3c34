"""People who are on a photo without a face that can be boxed: from behind, masked, far away. Named by hand, and taken off by hand.

A tag is a face without a box. So whatever asks who is on a photo counts them like anybody: their consent is needed, they are on their
own page, and merging takes them along. Whatever needs to see a face leaves them out, and hiding faces does not take them off a photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import AlreadyOnPhoto, Conflict, NotFound
from photobank.kernel.ids import new_id
from photobank.library import assets
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState
from photobank.people import persons, review
from photobank.people.faces import is_on, tags_of
from photobank.scope import Scope

SOURCE = "tagged"


@dataclass(frozen=True, slots=True)
class Tagged:
    """Somebody on a photo without a visible face, and the action that undoes saying so."""

    face: Face
    person_id: UUID
    action_id: UUID


async def tag(scope: Scope, asset_id: UUID, *, person_id: UUID | None = None, name: str = "") -> Tagged:
    """This person, or somebody new of this name, is on the photo though no face of theirs can be seen."""
    asset = await _mine(scope, asset_id)
    if asset.state not in (AssetState.ready, AssetState.processing):
        raise Conflict("this photo takes no people now")
    person = await persons.find(scope, person_id) if person_id else await persons.create(scope, name)
    # One after the other, so that two reviewers do not both name them.
    await scope.db.execute(select(col(Asset.id)).where(col(Asset.id) == asset_id).with_for_update())
    if await is_on(scope, asset_id, person.id):
        raise AlreadyOnPhoto("this person is on the photo already")
    now = scope.now()
    # What undo goes back to: nobody.
    face = Face(id=new_id(), asset_id=asset_id, source=SOURCE, state=FaceState.ignored, created_at=now, changed_at=now)
    scope.db.add(face)
    await scope.db.flush()

    async def settle(face: Face, asset: Asset) -> None:
        face.state = FaceState.confirmed
        face.person_id = person.id
        record(scope, Tag.person_tagged, asset_id=asset.id, face_id=face.id, person_id=person.id, folder_id=asset.folder_id)

    return Tagged(face, person.id, await review.decide(scope, "tag", [face.id], settle))


async def untag(scope: Scope, asset_id: UUID, person_id: UUID) -> UUID:
    """They are not on the photo after all; gives the action for undo. Who is on it with a face is left alone: that face is decided anew."""
    await _mine(scope, asset_id)
    here = await tags_of(scope, [asset_id], (await persons.find(scope, person_id)).id)
    if not here:
        raise NotFound("nobody tagged")

    async def settle(face: Face, asset: Asset) -> None:
        review.take_off(scope, face, asset)

    return await review.decide(scope, "untag", here, settle)


async def _mine(scope: Scope, asset_id: UUID) -> Asset:
    """A photo on which the actor decides about faces."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
    return asset

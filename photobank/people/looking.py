"""Have faces looked for once more, on one photo or on all: asked here, done by the vision worker (detection.look_again)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from photobank.access import limits
from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import Conflict
from photobank.library import assets
from photobank.messaging.events import LookAgain
from photobank.messaging.jobs import Job
from photobank.models.assets import Asset, AssetState
from photobank.scope import Scope

JOB = Job.look_again
LOOKED_AT = (AssetState.ready, AssetState.archived)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Photos that wait to be looked at again, of how many there are."""

    waiting: int
    photos: int


async def again(scope: Scope, asset_id: UUID) -> None:
    """One photo."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.state not in LOOKED_AT:
        raise Conflict("this photo cannot be looked at now")
    asset.look_again_at = scope.now()
    scope.announce(LookAgain(asset_id=asset_id))


async def all_again(scope: Scope) -> Waiting:
    """Every photo. They are worked through while the house goes on; asking twice is asking once."""
    require(scope, Action.recognition_manage)
    await scope.container.rates.hit(limits.LOOK_AGAIN, str(scope.actor.user_id or scope.actor.kind))
    await one_at_a_time(scope.db, "look again")
    mark = update(Asset).where(col(Asset.state).in_(LOOKED_AT), col(Asset.look_again_at).is_(None))
    await scope.db.execute(mark.values(look_again_at=scope.now(), attempts=0))
    found = await waiting(scope)
    record(scope, Tag.faces_looked_again, payload={"asked": found.waiting})
    scope.wake("models")
    return found


async def waiting(scope: Scope) -> Waiting:
    """How far it is."""
    require(scope, Action.recognition_manage)
    usable = col(Asset.state).in_(LOOKED_AT)
    query = select(func.count().filter(col(Asset.look_again_at).is_not(None)), func.count()).where(usable)
    still, photos = (await scope.db.execute(query)).one()
    return Waiting(still, photos)


async def due(scope: Scope, limit: int = 100) -> list[UUID]:
    """The next photos to look at again, for the schedule: those asked for first."""
    require(scope, Action.asset_edit)
    query = select(col(Asset.id)).where(col(Asset.look_again_at).is_not(None)).order_by(col(Asset.look_again_at), col(Asset.id))
    return list((await scope.db.scalars(query.limit(limit))).all())

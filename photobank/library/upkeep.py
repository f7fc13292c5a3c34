"""What the library puts right by itself: unfinished assets queued again, dead uploads forgotten, bytes without a key removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, exists, or_, select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.blobs.names import ORIGINAL, place
from photobank.db.locks import is_locked
from photobank.imaging.renditions import WORKING
from photobank.library import incoming
from photobank.library.processing import lock_name
from photobank.messaging.events import AssetPurged
from photobank.messaging.jobs import Job
from photobank.models.assets import Asset, AssetState, Rendition, Stage, Upload
from photobank.models.keys import ShreddedKey
from photobank.models.versions import AssetVersion
from photobank.scope import Scope
from photobank.vault import ASSET

UNFINISHED_AFTER = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)
RAW_UPLOAD_AFTER = timedelta(hours=6)
JOB_OF = {Stage.decode: Job.decode_asset, Stage.faces: Job.find_faces, Stage.done: Job.adopt_version}
NAMES = (ORIGINAL, *(copy.name for copy in WORKING), "thumb", "preview", "large")


async def unfinished(scope: Scope, limit: int = 500) -> list[tuple[Job, UUID, int]]:
    """What nobody is working on although it waits: the job it needs, and the minutes it has waited.

    A queue or worker was lost, or its turn has not come yet. The minutes go into the job's name, so that a photo whose turn is
    still to come does not fill the queue with copies, and one whose worker died before it began waits no longer than that.
    """
    require(scope, Action.asset_edit)
    waits = or_(
        col(Asset.state) == AssetState.processing, and_(col(Asset.state) == AssetState.ready, col(Asset.version_of).is_not(None))
    )
    query = (
        select(Asset).where(waits, col(Asset.stage_at) < scope.now() - UNFINISHED_AFTER).order_by(col(Asset.stage_at)).limit(limit)
    )
    return [
        (
            JOB_OF[Stage(asset.stage)],
            asset.id,
            1 + int((scope.now() - asset.stage_at) / MINUTE),
        )
        for asset in (await scope.db.execute(query)).scalars()
        if not await is_locked(scope.db, lock_name(asset.id))
    ]


async def forget_dead_uploads(scope: Scope, limit: int = 200) -> list[UUID]:
    """Give up uploads nobody will finish: past their end, or sent in one request that is long over. Their blobs are to be removed."""
    require(scope, Action.asset_edit)
    live = exists().where(col(Upload.asset_id) == col(Asset.id), col(Upload.ends_at) > scope.now())
    query = (
        select(col(Asset.id))
        .where(col(Asset.state) == AssetState.uploading, col(Asset.created_at) < scope.now() - RAW_UPLOAD_AFTER, ~live)
        .limit(limit)
    )
    dead = list((await scope.db.scalars(query)).all())
    for asset_id in dead:
        await incoming.abandon(scope, asset_id)
        scope.announce(AssetPurged(asset_id=asset_id))
    await scope.db.execute(delete(Upload).where(col(Upload.ends_at) < scope.now()))
    return dead


async def forget_orphans(scope: Scope) -> int:
    """Throw away what arrived of uploads whose asset is gone, and what broken writes left. Gives how many."""
    require(scope, Action.asset_purge)
    found = {key: UUID(key.split("/")[1]) for key in await scope.blobs.unfinished("assets/")}
    known = set((await scope.db.scalars(select(col(Asset.id)).where(col(Asset.id).in_(set(found.values()))))).all())
    orphans = [key for key, asset_id in found.items() if asset_id not in known]
    for key in orphans:
        await scope.blobs.forget_unfinished(key)
    return len(orphans) + await scope.blobs.sweep(scope.now() - RAW_UPLOAD_AFTER)


async def remove_blobs(scope: Scope, asset_id: UUID) -> int:
    """Remove the bytes of an asset whose row is gone; leaves those of a living asset alone. Gives the number of blobs."""
    require(scope, Action.asset_purge)
    if await scope.db.get(Asset, asset_id) is not None:
        return 0
    shredded = await scope.db.get(ShreddedKey, (ASSET, str(asset_id)))
    return await _remove(scope, asset_id, range(1, 1 + (shredded.versions if shredded else 1)))


async def remove_versions(scope: Scope, asset_id: UUID) -> int:
    """Remove the bytes of versions of a living asset that were forgotten. Gives the number of blobs."""
    require(scope, Action.asset_purge)
    asset = await scope.db.get(Asset, asset_id)
    if asset is None:
        return 0
    kept = set(await scope.db.scalars(select(col(AssetVersion.number)).where(col(AssetVersion.asset_id) == asset_id)))
    return await _remove(scope, asset_id, sorted({*range(1, asset.versions + 1)} - kept - {asset.version}))


async def _remove(scope: Scope, asset_id: UUID, numbers: Iterable[int]) -> int:
    names = sorted({*NAMES, *(await scope.db.scalars(select(col(Rendition.name)).distinct())).all()})
    return sum([await scope.blobs.delete(place(asset_id, number, name)[0]) for number in numbers for name in names])

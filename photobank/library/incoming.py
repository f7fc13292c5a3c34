"""Originals coming in: begun, completed, abandoned. What is written in between goes straight through the encrypting writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, case, delete, exists, or_, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import closed_folders, recall, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.access.permits import to_upload
from photobank.access.remembered import VERSION
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, context_for, key_for
from photobank.crypto.permits import Permit
from photobank.db.locks import only_one
from photobank.kernel.errors import Conflict, DuplicateAsset, Invalid, NotFound, TooLarge
from photobank.kernel.filenames import safe_filename
from photobank.kernel.ids import new_id
from photobank.library import batch_files, batches, folders, versions
from photobank.messaging.events import AssetReceived, UploadMoved, VersionMoved
from photobank.models.assets import Asset, AssetState, Stage
from photobank.models.batches import Outcome
from photobank.models.duplicates import Answer, DuplicateAnswer
from photobank.models.versions import AssetVersion
from photobank.scope import Scope

_CONTENT: BindParameter[bytes] = bindparam("content")
_EVER_HERE = select(
    or_(
        exists().where(col(Asset.content_index) == _CONTENT),
        exists().where(col(AssetVersion.content_index) == _CONTENT),
        exists().where(or_(col(DuplicateAnswer.low) == _CONTENT, col(DuplicateAnswer.high) == _CONTENT)),
    )
)


class OnDuplicate(StrEnum):
    """What the sender wants when the very same picture is here already."""

    ask = "ask"
    skip = "skip"
    keep = "keep"
    version = "version"


@dataclass(frozen=True, slots=True)
class Completed:
    """The asset that the upload ended in: its own, or with `skip` the one that was here before."""

    asset: Asset
    skipped: bool


def parse_on_duplicate(text: str) -> OnDuplicate:
    """The wish, from outside; raises Invalid."""
    if text not in OnDuplicate.__members__:
        raise Invalid("on_duplicate", fields={"on_duplicate": "errors.on_duplicate"})
    return OnDuplicate(text)


async def begin(
    scope: Scope,
    filename: str,
    folder_id: UUID | None,
    size: int | None = None,
    batch_id: UUID | None = None,
    version_of: UUID | None = None,
) -> Asset:
    """Make the asset and its key before the first byte. Authorises the upload. With a batch it takes over what was said of that.

    With `version_of` it lies beside the photo that it is to become a version of, whatever folder is named.
    """
    batch = None if batch_id is None else await batches.get(scope, batch_id)
    if version_of is not None:
        folder_id = (await versions.replaceable(scope, version_of)).folder_id
    target = await folders.upload_target(scope, folder_id or (batch.folder_id if batch else None))
    if size is not None and size > scope.settings.max_upload_bytes:
        raise TooLarge("the file is too large", limit=scope.settings.max_upload_bytes)
    now = scope.now()
    asset = Asset(
        id=new_id(),
        folder_id=target,
        uploaded_by=scope.actor.user_id,
        filename=safe_filename(filename),
        version_of=version_of,
        stage_at=now,
        sort_at=now,
        created_at=now,
        changed_at=now,
    )
    scope.db.add(asset)
    await scope.db.flush()
    await scope.vault.new_asset_key(scope.db, asset.id, target, now)
    if batch is not None:
        await batches.join(scope, batch, asset)
        await batch_files.retract_here(scope, batch.id, asset.filename, size or 0)
        batch_files.add(scope, batch.id, asset.filename, size or 0, asset.id)
    return asset


async def writing_key(scope: Scope, asset_id: UUID) -> bytes:
    """The asset's key, for who is sending it, while it is being sent."""
    asset = await scope.db.get(Asset, asset_id)
    if asset is None:
        raise NotFound("no such upload")
    permit: Permit = to_upload(scope, asset, scope.container.clock)
    return await scope.vault.asset_key(scope.db, permit, scope.now())


def blob_of(asset_id: UUID) -> tuple[str, bytes]:
    """Key and context of an asset's original in the blob store."""
    return key_for(asset_id, ORIGINAL), context_for(asset_id, ORIGINAL)


async def duplicates_of(scope: Scope, digest: bytes, *, skipped: bool = True) -> list[Asset]:
    """Assets in sight of which a version has exactly these bytes (`digest`: SHA-256), oldest first.

    With `skipped`, of a file that is not here but was skipped as a copy before: those it was skipped for.
    """
    index = content_index(scope, digest)
    found = await _having(scope, [index])
    return found if found or not skipped else await _having(scope, await _skipped_for(scope, index))


async def _ever_here(scope: Scope, digest: bytes) -> bool:
    """Whether anybody ever sent these bytes. Mostly nobody did, and that needs no look at what is in sight."""
    return bool(await scope.db.scalar(_EVER_HERE, {"content": content_index(scope, digest)}))


async def _having(scope: Scope, indexes: Sequence[bytes]) -> list[Asset]:
    """Assets in sight of which a version has one of these contents, oldest first."""
    if not indexes:
        return []
    earlier = exists().where(col(AssetVersion.asset_id) == col(Asset.id), col(AssetVersion.content_index).in_(indexes))
    query = (await visibility.assets(scope)).where(
        or_(col(Asset.content_index).in_(indexes), earlier), col(Asset.state).not_in([AssetState.uploading, AssetState.rejected])
    )
    return list((await scope.db.execute(query.order_by(col(Asset.created_at)).limit(20))).scalars())


async def _skipped_for(scope: Scope, index: bytes) -> list[bytes]:
    """Contents that were kept when this file was skipped, by the actor or out of a folder in sight: others never hear that it was here."""
    low, high = col(DuplicateAnswer.low), col(DuplicateAnswer.high)
    bin_ = (await visibility.assets(scope, trashed=True)).where(col(Asset.content_index) == index)
    known = or_(col(DuplicateAnswer.answered_by) == scope.actor.user_id, exists(bin_.with_only_columns(col(Asset.id))))
    query = select(case((low == index, high), else_=low)).where(
        or_(low == index, high == index), col(DuplicateAnswer.answer) == Answer.skip, known
    )
    return list((await scope.db.scalars(query.limit(20))).all())


def content_index(scope: Scope, digest: bytes) -> bytes:
    """What is kept of a file's SHA-256: a keyed index, so that the database alone cannot confirm that a known file is here."""
    return scope.vault.blind.of("assets.sha256", digest)


async def complete(scope: Scope, asset_id: UUID, digest: bytes, size: int, on_duplicate: OnDuplicate) -> Completed:
    """The last byte is durable: decide about duplicates, then hand the asset to processing.

    Raises DuplicateAsset with `ask`, Conflict with `version` (an identical file is no new version); the caller then abandons.
    """
    # In one statement: the asset, what may be done to it, and until the end of this transaction the word about these bytes.
    query = select(Asset, VERSION, only_one(f"content:{digest.hex()}")).where(col(Asset.id) == asset_id).with_for_update(of=Asset)
    found = (await scope.db.execute(query.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound("no such upload")
    asset: Asset = found[0]
    recall(scope, found[1])
    if asset.uploaded_by != scope.actor.user_id:
        raise NotFound("no such upload")
    if asset.state != AssetState.uploading:
        return Completed(asset, skipped=False)
    await _require_still(scope, asset)
    # What is to be a version may look like the photo, and have been skipped for it before: then only the very same bytes count.
    version = on_duplicate is OnDuplicate.version or asset.version_of is not None
    wanted = version or on_duplicate is not OnDuplicate.keep
    same = await duplicates_of(scope, digest, skipped=not version) if wanted and await _ever_here(scope, digest) else []
    if asset.version_of is not None:
        if any(other.id == asset.version_of for other in same):
            raise Conflict("an identical file is no new version")
        # That another photo has these bytes as well is no reason to ask: whoever sends it has said what it is.
        same = []
    if same and on_duplicate is OnDuplicate.ask:
        raise DuplicateAsset("this photo is already here", existing=[str(other.id) for other in same])
    if same and on_duplicate is OnDuplicate.version:
        raise Conflict("an identical file is no new version")
    if same:
        file = await batch_files.leave(scope, asset_id)
        if file is not None:
            batch_files.add(scope, file.batch_id, file.filename, size, same[0].id, Outcome.here)
        await abandon(scope, asset_id)
        return Completed(same[0], skipped=True)
    asset.state = AssetState.processing
    asset.stage = Stage.decode
    asset.stage_at = asset.changed_at = scope.now()
    asset.content_index = content_index(scope, digest)
    asset.size = size
    record(scope, Tag.asset_received, asset_id=asset.id, folder_id=asset.folder_id, payload={"bytes": size})
    scope.announce(AssetReceived(asset_id=asset.id))
    if asset.version_of is not None:
        scope.announce(VersionMoved(asset_id=asset.id, of=asset.version_of))
    if scope.actor.user_id:
        scope.announce(UploadMoved(user_id=scope.actor.user_id))
    return Completed(asset, skipped=False)


async def _require_still(scope: Scope, asset: Asset) -> None:
    """What it took to begin, it takes to end: rights may have been withdrawn, and the photo of a version moved, while it was sent.

    A locked folder that has shut meanwhile takes what was begun while it was open.
    """
    aim = None if asset.version_of is None else await scope.db.get(Asset, asset.version_of)
    shut = await closed_folders(scope)
    wanted = [(Action.asset_upload, asset.folder_id), *([(Action.asset_edit, aim.folder_id)] if aim else [])]
    for action, folder_id in wanted:
        if folder_id not in shut:
            await require_on_folder(scope, action, Permission.edit, folder_id, asset_id=asset.id)


async def abandon(scope: Scope, asset_id: UUID) -> bool:
    """Forget an upload that will not be finished. Its key goes with this transaction; the blob is unreadable from then on.

    Gives whether its bytes are nobody's any more. An upload that was completed after all keeps them: whoever sent it may be cut
    off, or the database lost, between the commit and the answer.
    """
    # Locked: the last byte may be landing at this moment, and what landed is a photo, not an upload.
    state = await scope.db.scalar(select(col(Asset.state)).where(col(Asset.id) == asset_id).with_for_update())
    if state == AssetState.uploading:
        await batch_files.leave(scope, asset_id)
        await scope.vault.shred_assets(scope.db, {asset_id: 1}, "upload abandoned", scope.now())
        await scope.db.execute(delete(Asset).where(col(Asset.id) == asset_id))
    return state is None or state == AssetState.uploading

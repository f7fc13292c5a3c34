"""From original to renditions: what the IO worker does with an asset. Safe to run twice; a killed worker loses nothing.

While an asset is worked on its advisory lock is held; the lock goes with the process. `workers/reconcile.py` finds assets
that are unfinished and unlocked, and queues them again.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from photobank.access.actor import system
from photobank.access.permits import to_process
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import place
from photobank.crypto.binding import subkey
from photobank.crypto.fields import FieldCipher
from photobank.crypto.providers import StaticKeys
from photobank.db.locks import try_lock
from photobank.imaging.results import Processed
from photobank.kernel.errors import Damaged, ImageRejected, Unavailable
from photobank.library.incoming import blob_of
from photobank.messaging.events import AssetDecoded, AssetSettled, UploadMoved, VersionMoved
from photobank.models.assets import Asset, AssetState, Rendition, Stage
from photobank.scope import Container, Scope

WORKER = system("worker")
MOST_ATTEMPTS = 4


def lock_name(asset_id: UUID) -> str:
    """The name of the lock that is held while an asset is worked on."""
    return f"asset:{asset_id}"


async def decode(container: Container, asset_id: UUID) -> None:
    """Make the renditions of an asset that waits for it; anything else is left alone."""
    async with try_lock(container.engine, lock_name(asset_id)) as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            key = await _start(scope, asset_id)
        if key is None:
            return
        try:
            blob, context = blob_of(asset_id)
            processed = await container.decoder.process(await container.blobs.read_all(blob, key, context))
        except ImageRejected as rejected:
            await _reject(container, asset_id, rejected.reason)
            return
        except Damaged:
            await _reject(container, asset_id, "damaged")
            return
        except Unavailable:
            await give_back_attempt(container, asset_id)
            raise
        await _store(container, asset_id, key, processed)


async def settle(scope: Scope, asset: Asset) -> None:
    """All stages are done: the asset is ready."""
    asset.stage = Stage.done
    asset.state = AssetState.ready
    asset.stage_at = asset.changed_at = scope.now()
    record(scope, Tag.asset_ready, asset_id=asset.id, folder_id=asset.folder_id)
    scope.announce(AssetSettled(asset_id=asset.id))
    if asset.version_of is not None:
        scope.announce(VersionMoved(asset_id=asset.id, of=asset.version_of))
    _tell_sender(scope, asset)


async def key_to_process(scope: Scope, asset_id: UUID) -> bytes:
    """The asset's key, for the system's own work on it."""
    return await scope.vault.asset_key(scope.db, to_process(scope, asset_id, scope.container.clock), scope.now())


async def give_back_attempt(container: Container, asset_id: UUID) -> None:
    """It was this machine that could not, not the photo: that does not count against it."""
    async with container.scope(WORKER) as scope:
        asset = await scope.db.get(Asset, asset_id, with_for_update=True)
        if asset is not None and asset.attempts > 0:
            asset.attempts -= 1


def metadata_cipher(asset_key: bytes) -> FieldCipher:
    """Seals embedded metadata under the asset's own key, so that shredding the key takes the metadata along."""
    return FieldCipher(StaticKeys(subkey(asset_key, "metadata")))


async def _start(scope: Scope, asset_id: UUID) -> bytes | None:
    asset = await scope.db.get(Asset, asset_id, with_for_update=True)
    if asset is None or asset.state != AssetState.processing or asset.stage != Stage.decode:
        return None
    if asset.attempts >= MOST_ATTEMPTS:
        # It took the worker along every time: keep the original, stop trying.
        _mark_rejected(scope, asset, "crashed")
        return None
    asset.attempts += 1
    asset.stage_at = scope.now()
    _tell_sender(scope, asset)
    return await key_to_process(scope, asset_id)


async def _store(container: Container, asset_id: UUID, key: bytes, processed: Processed) -> None:
    for name, rendition in processed.renditions.items():
        blob, context = place(asset_id, 1, name)
        await container.blobs.write(blob, key, context, rendition.data)
    for name, copy in processed.working.items():
        blob, context = place(asset_id, 1, name)
        await container.blobs.write(blob, key, context, copy)
    async with container.scope(WORKER) as scope:
        asset = await scope.db.get(Asset, asset_id, with_for_update=True)
        if asset is None or asset.state != AssetState.processing:
            return
        await scope.db.execute(delete(Rendition).where(col(Rendition.asset_id) == asset_id))
        scope.db.add_all(
            Rendition(asset_id=asset_id, name=name, media_type=made.mime, width=made.width, height=made.height, size=len(made.data))
            for name, made in processed.renditions.items()
        )
        details = processed.metadata | {"gps": processed.gps, "taken_source": processed.taken_source, "notes": processed.notes}
        asset.metadata_ct = metadata_cipher(key).seal_json("assets", "metadata_ct", asset_id, details)
        asset.media_type = processed.mime
        asset.width, asset.height = processed.width, processed.height
        asset.phash = processed.phash
        asset.placeholder = processed.thumbhash
        asset.taken_at = processed.taken_at
        asset.sort_at = processed.taken_at or asset.created_at
        asset.title = asset.title or str(processed.metadata.get("title") or "")[:300]
        asset.caption = asset.caption or str(processed.metadata.get("caption") or "")[:5000]
        asset.credit = asset.credit or _credit(processed)[:300]
        asset.photographer = asset.photographer or ", ".join(processed.metadata.get("creator", []))[:300]
        asset.stage_at = asset.changed_at = scope.now()
        asset.attempts = 0
        if container.settings.faces_enabled:
            asset.stage = Stage.faces
            scope.announce(AssetDecoded(asset_id=asset_id))
            _tell_sender(scope, asset)
        else:
            await settle(scope, asset)


def _credit(processed: Processed) -> str:
    return str(processed.metadata.get("credit") or ", ".join(processed.metadata.get("creator", [])))


async def _reject(container: Container, asset_id: UUID, reason: str) -> None:
    async with container.scope(WORKER) as scope:
        asset = await scope.db.get(Asset, asset_id, with_for_update=True)
        if asset is not None and asset.state == AssetState.processing:
            _mark_rejected(scope, asset, reason)


def _mark_rejected(scope: Scope, asset: Asset, reason: str) -> None:
    asset.state = AssetState.rejected
    asset.stage = Stage.done
    asset.rejection = reason
    if asset.version_of is not None:
        # It is no version of anything; as a photo of its own its sender can fetch it back or throw it away.
        scope.announce(VersionMoved(asset_id=asset.id, of=asset.version_of))
        asset.version_of = None
    asset.stage_at = asset.changed_at = scope.now()
    record(scope, Tag.asset_rejected, asset_id=asset.id, folder_id=asset.folder_id, payload={"reason": reason})
    scope.announce(AssetSettled(asset_id=asset.id))
    _tell_sender(scope, asset)


def _tell_sender(scope: Scope, asset: Asset) -> None:
    if asset.uploaded_by:
        scope.announce(UploadMoved(user_id=asset.uploaded_by))

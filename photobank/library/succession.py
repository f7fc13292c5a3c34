"""A new version takes its place: what the IO worker does once it is processed. Safe to run twice; killed at any moment, it leaves
either the old version or the new one, whole.

The bytes are sealed again under the photo's own key, under names and contexts with the number of the version, which nobody reads
before the one transaction that makes that number the one shown.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.db.locks import try_lock
from photobank.imaging import registration
from photobank.imaging.registration import Match
from photobank.imaging.renditions import WORKING
from photobank.library import carrying, versions
from photobank.library.processing import WORKER, key_to_process, lock_name, metadata_cipher
from photobank.messaging.events import AssetPurged, AssetsChanged
from photobank.models.assets import Asset, AssetState, Rendition
from photobank.models.batches import BatchFile
from photobank.models.consents import Download
from photobank.models.versions import AssetVersion
from photobank.scope import Container, Scope

LOOKED_AT = "preview"
COPIES = tuple(copy.name for copy in WORKING)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One succession as it was found before the bytes were copied; what differs afterwards starts it anew."""

    asset_id: UUID
    new_id: UUID
    shown: int
    new_shown: int
    number: int
    key: bytes
    new_key: bytes
    renditions: tuple[str, ...]


async def adopt(container: Container, new_id: UUID) -> None:
    """Give the place of a photo to the version that waits for it; anything else is left alone."""
    async with try_lock(container.engine, lock_name(new_id)) as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            plan = await _plan(scope, new_id)
        if plan is None:
            return
        async with try_lock(container.engine, lock_name(plan.asset_id)) as free:
            if not free:
                return
            match = await _compare(container, plan)
            await _copy(container, plan)
            async with container.scope(WORKER) as scope:
                await _switch(scope, plan, match)


async def _plan(scope: Scope, new_id: UUID) -> _Plan | None:
    new = await scope.db.get(Asset, new_id, with_for_update=True)
    if new is None or new.version_of is None or new.state != AssetState.ready:
        return None
    new.stage_at = scope.now()
    asset = await scope.db.get(Asset, new.version_of)
    if asset is None or asset.state in (AssetState.trashed, AssetState.archived, AssetState.rejected):
        # Nothing to be a version of: it is a photo of its own after all, and nothing is lost.
        new.version_of = None
        new.changed_at = scope.now()
        scope.announce(AssetsChanged(asset_ids=(new.id,)))
        return None
    if asset.state != AssetState.ready:
        return None
    names = await scope.db.scalars(select(col(Rendition.name)).where(col(Rendition.asset_id) == new_id))
    return _Plan(
        asset_id=asset.id,
        new_id=new_id,
        shown=asset.version,
        new_shown=new.version,
        number=asset.versions + 1,
        key=await key_to_process(scope, asset.id),
        new_key=await key_to_process(scope, new_id),
        renditions=tuple(sorted(names)),
    )


async def _compare(container: Container, plan: _Plan) -> Match | None:
    """Where the picture shown so far lies in the new one."""
    blob, context = place(plan.asset_id, plan.shown, LOOKED_AT)
    new_blob, new_context = place(plan.new_id, plan.new_shown, LOOKED_AT)
    old = await container.decoder.pixels(await container.blobs.read_all(blob, plan.key, context), registration.SIDE)
    new = await container.decoder.pixels(await container.blobs.read_all(new_blob, plan.new_key, new_context), registration.SIDE)
    return await asyncio.to_thread(registration.match, old, new)


async def _copy(container: Container, plan: _Plan) -> None:
    """Seal everything again under the photo's key. Read to its end, which proves it, before it counts."""
    for name in (ORIGINAL, *COPIES, *plan.renditions):
        source, source_context = place(plan.new_id, plan.new_shown, name)
        target, context = place(plan.asset_id, plan.number, name)
        if name in COPIES and not await container.blobs.exists(source):
            continue
        pieces = container.blobs.read_range(source, plan.new_key, source_context)
        await container.blobs.write(target, plan.key, context, pieces)


async def _switch(scope: Scope, plan: _Plan, match: Match | None) -> None:
    """The one moment: from this commit on the new version is shown, with the faces that are on it."""
    rows = select(Asset).where(col(Asset.id).in_([plan.asset_id, plan.new_id])).order_by(col(Asset.id)).with_for_update()
    found = {one.id: one for one in (await scope.db.execute(rows)).scalars()}
    asset, new = found.get(plan.asset_id), found.get(plan.new_id)
    if asset is None or new is None or new.version_of != asset.id:
        if asset is None:
            for name in (ORIGINAL, *COPIES, *plan.renditions):
                await scope.blobs.delete(place(plan.asset_id, plan.number, name)[0])
        return
    if (asset.state, asset.version, asset.versions) != (AssetState.ready, plan.shown, plan.number - 1):
        return
    was = await versions.keep_current(scope, asset)
    faces = await carrying.succeed(scope, asset.id, new.id, match)
    same = match is not None
    row = AssetVersion(
        asset_id=asset.id,
        number=plan.number,
        **{name: getattr(new, name) for name in versions.OWN},
        renditions=await versions.renditions_of(scope, new.id),
        came_from=plan.shown,
        shift=match.shift.numbers() if match else None,
        picture=was.picture if same else plan.number,
        made_by=new.uploaded_by,
        made_at=new.created_at,
    )
    row.metadata_ct = _resealed(plan, new)
    if same:
        row.taken_at = row.taken_at or asset.taken_at
    scope.db.add(row)
    asset.versions = plan.number
    versions.show(scope, asset, row)
    asset.faces_done = new.faces_done
    for name in ("title", "caption", "credit"):
        setattr(asset, name, getattr(asset, name) or getattr(new, name))
    if not same:
        asset.sort_at = new.sort_at
        versions.another_picture(scope, asset, row.picture)
    if not same or faces.found or faces.opened:
        # Somebody may be on it of whom nobody has said anything.
        asset.no_people_by = asset.no_people_at = None
    await versions.put_renditions(scope, asset.id, row.renditions)
    # What was handed over of it, and sent with what, is told of the photo that it is now.
    await scope.db.execute(update(Download).where(col(Download.asset_id) == new.id).values(asset_id=asset.id))
    await scope.db.execute(update(BatchFile).where(col(BatchFile.asset_id) == new.id).values(asset_id=asset.id))
    await scope.vault.shred_assets(scope.db, {new.id: new.versions}, "became a version of another photo", scope.now())
    await scope.db.execute(delete(Asset).where(col(Asset.id) == new.id))
    told: dict[str, Any] = {"version": plan.number, "instead_of": plan.shown, "same_picture": same}
    told |= {"faces_kept": faces.kept, "faces_opened": faces.opened, "faces_found": faces.found, "by": str(row.made_by or "")}
    record(scope, Tag.asset_version_added, asset_id=asset.id, folder_id=asset.folder_id, payload=told)
    scope.announce(AssetPurged(asset_id=plan.new_id))
    scope.announce(AssetsChanged(asset_ids=(asset.id,)))


def _resealed(plan: _Plan, new: Asset) -> bytes | None:
    """The metadata that came with the file, under the key of the photo that it is a version of now."""
    if new.metadata_ct is None:
        return None
    known = metadata_cipher(plan.new_key).open_json("assets", "metadata_ct", plan.new_id, new.metadata_ct)
    return metadata_cipher(plan.key).seal_json("assets", "metadata_ct", plan.asset_id, known)

"""Finding faces: what the vision worker does with a decoded asset, and once more when somebody asks. Safe to run twice.

It looks at our own `large` rendition, never at the original, so that no untrusted bytes reach an engine. A face that was found before
keeps its row, and with it everything people decided: the new look is matched to the old one by how the boxes overlap. Only faces
that nobody ever said anything of go away when they are not found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import place
from photobank.db.locks import try_lock
from photobank.imaging.results import Pixels
from photobank.kernel.errors import Damaged, Unavailable
from photobank.kernel.ids import new_id
from photobank.library.processing import MOST_ATTEMPTS, WORKER, give_back_attempt, key_to_process, lock_name, settle
from photobank.messaging.events import AssetsChanged
from photobank.models.assets import Asset, AssetState, Stage
from photobank.models.people import Face, FaceLink, FaceRejection, FaceTemplate
from photobank.people import templates
from photobank.people.recognition import Recognition
from photobank.scope import Container, Scope
from photobank.vision import matching
from photobank.vision.engine import Detected, FaceEngine, Vectors

SOURCE = "large"
SIDE = 2560
LOOKED_AT = (AssetState.ready, AssetState.archived)


async def find_faces(container: Container, recognition: Recognition, asset_id: UUID) -> None:
    """Detect, describe, cluster and suggest; then the asset is ready."""
    async with try_lock(container.engine, lock_name(asset_id)) as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            key = await _start(scope, asset_id)
        if key is None:
            return
        try:
            pixels = await picture(container, asset_id, key, 1)
        except Unavailable:
            await give_back_attempt(container, asset_id)
            raise
        detected, vectors = await recognition.run(look, pixels)
        async with container.scope(WORKER) as scope:
            asset = await scope.db.get(Asset, asset_id, with_for_update=True)
            if asset is None or asset.state != AssetState.processing or asset.stage != Stage.faces:
                return
            await _keep(scope, asset, detected, vectors, recognition)
            await settle(scope, asset)


async def look_again(container: Container, recognition: Recognition, asset_id: UUID) -> None:
    """Look once more at a photo that somebody asked it of; the photo stays what it is meanwhile. Gives up after a few crashes."""
    async with try_lock(container.engine, lock_name(asset_id)) as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            started = await _start_again(scope, asset_id)
        if started is None:
            return
        key, version = started
        try:
            pixels = await picture(container, asset_id, key, version)
        except Unavailable:
            await give_back_attempt(container, asset_id)
            raise
        except Damaged:
            await _give_up(container, asset_id)
            raise
        detected, vectors = await recognition.run(look, pixels)
        async with container.scope(WORKER) as scope:
            asset = await scope.db.get(Asset, asset_id, with_for_update=True)
            if asset is None or asset.look_again_at is None or asset.state not in LOOKED_AT or asset.version != version:
                return
            new, gone = await _keep(scope, asset, detected, vectors, recognition)
            asset.look_again_at = None
            asset.changed_at = scope.now()
            record(scope, Tag.faces_looked_again, asset_id=asset.id, folder_id=asset.folder_id, payload={"new": new, "gone": gone})
            scope.announce(AssetsChanged(asset_ids=(asset.id,)))
            scope.wake("models")


def look(engine: FaceEngine, pixels: Pixels) -> tuple[list[Detected], Vectors]:
    """The faces in a picture and a unit vector for each. Takes a core for as long as it takes."""
    rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
    detected = engine.detect(rgb)
    return detected, engine.embed(rgb, detected)


async def picture(container: Container, asset_id: UUID, key: bytes, version: int) -> Pixels:
    """The pixels that engines look at."""
    blob, context = place(asset_id, version, SOURCE)
    sealed = await container.blobs.read_all(blob, key, context)
    return await container.decoder.pixels(sealed, SIDE)


async def _start(scope: Scope, asset_id: UUID) -> bytes | None:
    asset = await scope.db.get(Asset, asset_id, with_for_update=True)
    if asset is None or asset.state != AssetState.processing or asset.stage != Stage.faces:
        return None
    asset.stage_at = scope.now()
    if asset.attempts >= MOST_ATTEMPTS:
        # Looking for faces took the worker along every time. Without `faces_done` the photo is cleared for nothing outside,
        # and a reviewer can draw the faces.
        await settle(scope, asset)
        return None
    asset.attempts += 1
    return await key_to_process(scope, asset_id)


async def _start_again(scope: Scope, asset_id: UUID) -> tuple[bytes, int] | None:
    asset = await scope.db.get(Asset, asset_id, with_for_update=True)
    if asset is None or asset.look_again_at is None:
        return None
    if asset.state not in LOOKED_AT or asset.attempts >= MOST_ATTEMPTS:
        asset.look_again_at = None
        return None
    asset.attempts += 1
    return await key_to_process(scope, asset_id), asset.version


async def _give_up(container: Container, asset_id: UUID) -> None:
    async with container.scope(WORKER) as scope:
        asset = await scope.db.get(Asset, asset_id, with_for_update=True)
        if asset is not None:
            asset.look_again_at = None


async def _keep(
    scope: Scope, asset: Asset, detected: Sequence[Detected], vectors: Vectors, recognition: Recognition
) -> tuple[int, int]:
    """Bring the asset's faces in line with what was found; gives how many are new and how many went."""
    now = scope.now()
    # Who is tagged without a box is none of a detector's business.
    query = select(Face).where(col(Face.asset_id) == asset.id, col(Face.box).is_not(None)).order_by(col(Face.id))
    old = list((await scope.db.execute(query)).scalars())
    same = matching.pair([face.box or () for face in old], [one.box for one in detected])
    faces: list[Face] = []
    for at, one in enumerate(detected):
        face = old[same[at]] if at in same else Face(id=new_id(), asset_id=asset.id, box=[], created_at=now, changed_at=now)
        if face.source != "manual" or not face.box:
            face.box = [float(part) for part in one.box]
            face.score = float(one.score)
        face.landmarks = [float(part) for point in one.landmarks for part in point]
        face.quality = float(one.quality)
        face.changed_at = now
        faces.append(face)
    scope.db.add_all(faces)
    await scope.db.flush()
    lost = [face.id for at, face in enumerate(old) if at not in same.values()]
    gone = await _remove_unsaid(scope, lost)
    asset.faces_done = True
    asset.attempts = 0
    kept = dict(zip((face.id for face in faces), vectors, strict=True))
    await store(scope, recognition, kept)
    await recognition.arrived(scope, faces)
    return len(faces) - len(same), gone


async def store(scope: Scope, recognition: Recognition, vectors: dict[UUID, Vectors]) -> list[UUID]:
    """Keep the vectors of those faces that may have one; gives which."""
    may = select(col(Face.id)).where(col(Face.id).in_(list(vectors)), templates.allowed(await templates.rule(scope), scope.now()))
    ids = sorted((await scope.db.scalars(may)).all())
    if ids:
        model = recognition.engine.tag
        rows = [
            {"face_id": id_, "model": model, "vector_ct": recognition.seal(scope, id_, vectors[id_]), "created_at": scope.now()}
            for id_ in ids
        ]
        made = insert(FaceTemplate).values(rows)
        await scope.db.execute(
            made.on_conflict_do_update(
                index_elements=["face_id", "model"],
                set_={"vector_ct": made.excluded.vector_ct, "created_at": made.excluded.created_at},
            )
        )
    return ids


async def _remove_unsaid(scope: Scope, face_ids: Sequence[UUID]) -> int:
    """Remove faces that were not found again, save those of which people said anything."""
    if not face_ids:
        return 0
    said = or_(
        col(Face.source) != "detected",
        col(Face.settled_at).is_not(None),
        exists().where(col(FaceRejection.face_id) == col(Face.id)),
        exists().where(or_(col(FaceLink.one) == col(Face.id), col(FaceLink.other) == col(Face.id))),
    )
    removed = delete(Face).where(col(Face.id).in_(face_ids), ~said).returning(col(Face.id))
    return len((await scope.db.scalars(removed)).all())

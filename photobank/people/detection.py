"""Finding faces: what the vision worker does with a decoded asset. Safe to run twice.

It looks at our own `large` rendition, never at the original, so that no untrusted bytes reach an engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from sqlalchemy import delete
from sqlmodel import col

from photobank.blobs.names import place
from photobank.db.locks import try_lock
from photobank.imaging.results import Pixels
from photobank.kernel.errors import Unavailable
from photobank.kernel.ids import new_id
from photobank.library.processing import MOST_ATTEMPTS, WORKER, give_back_attempt, key_to_process, lock_name, settle
from photobank.models.assets import Asset, AssetState, Stage
from photobank.models.people import Face, FaceTemplate
from photobank.people.recognition import Recognition
from photobank.scope import Container, Scope
from photobank.vision.engine import Detected, FaceEngine, Vectors

SOURCE = "large"
SIDE = 2560


async def find_faces(container: Container, recognition: Recognition, asset_id: UUID) -> None:
    """Detect, describe, cluster and suggest; then the asset is ready."""
    async with try_lock(container.engine, lock_name(asset_id)) as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            key = await _start(scope, asset_id)
        if key is None:
            return
        blob, context = place(asset_id, 1, SOURCE)
        sealed = await container.blobs.read_all(blob, key, context)
        try:
            pixels = await container.decoder.pixels(sealed, SIDE)
        except Unavailable:
            await give_back_attempt(container, asset_id)
            raise
        detected, vectors = await asyncio.to_thread(look, recognition.engine, pixels)
        async with container.scope(WORKER) as scope:
            asset = await scope.db.get(Asset, asset_id, with_for_update=True)
            if asset is None or asset.state != AssetState.processing or asset.stage != Stage.faces:
                return
            await _keep(scope, asset, detected, vectors, recognition)
            await settle(scope, asset)


def look(engine: FaceEngine, pixels: Pixels) -> tuple[list[Detected], Vectors]:
    """The faces in a picture and a unit vector for each. Takes a core for as long as it takes."""
    rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
    detected = engine.detect(rgb)
    return detected, engine.embed(rgb, detected)


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


async def _keep(scope: Scope, asset: Asset, detected: Sequence[Detected], vectors: Vectors, recognition: Recognition) -> None:
    now = scope.now()
    await scope.db.execute(
        delete(Face).where(col(Face.asset_id) == asset.id, col(Face.source) == "detected", col(Face.settled_at).is_(None))
    )
    faces = [
        Face(
            id=new_id(),
            asset_id=asset.id,
            box=[float(part) for part in one.box],
            landmarks=[float(part) for point in one.landmarks for part in point],
            score=float(one.score),
            quality=float(one.quality),
            created_at=now,
            changed_at=now,
        )
        for one in detected
    ]
    scope.db.add_all(faces)
    await scope.db.flush()
    tag = recognition.engine.tag
    scope.db.add_all(
        FaceTemplate(face_id=face.id, model=tag, vector_ct=recognition.seal(scope, face.id, vector), created_at=now)
        for face, vector in zip(faces, vectors, strict=True)
    )
    await scope.db.flush()
    asset.faces_done = True
    asset.attempts = 0
    await recognition.arrived(scope, faces)

"""Templates made afterwards: of faces somebody drew, of people who opted in since, after an undo, and for a second model.

The boxes stay as they are; only vectors are computed. Which faces may have one is for templates.py to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import try_lock
from photobank.kernel.errors import Damaged, NotFound
from photobank.library.processing import WORKER, key_to_process, lock_name
from photobank.models.assets import Asset
from photobank.models.people import Face
from photobank.people import templates
from photobank.people.detection import picture, store
from photobank.people.recognition import Recognition
from photobank.scope import Container, Scope
from photobank.vision import matching
from photobank.vision.engine import Detected, FaceEngine, Pixels, Vectors

MARGIN = 0.6  # surroundings in which points of a drawn face are looked for, in parts of its size
# Where eyes, nose and mouth corners lie in an ordinary frontal box, for a drawn face in which no detector finds any.
USUAL = ((0.31, 0.40), (0.69, 0.40), (0.50, 0.60), (0.35, 0.79), (0.65, 0.79))


async def make_templates(container: Container, recognitions: Sequence[Recognition], asset_id: UUID) -> int:
    """The templates that faces on this photo may have and lack, for each of these models; gives how many were made."""
    async with try_lock(container.engine, lock_name(asset_id)) as mine:
        if not mine:
            return 0
        async with container.scope(WORKER) as scope:
            rule = await templates.rule(scope)
            wanted: dict[str, list[Face]] = {}
            for one in recognitions:
                query = select(Face).where(col(Face.asset_id) == asset_id, templates.lacking(rule, scope.now(), one.engine.tag))
                wanted[one.engine.tag] = list((await scope.db.execute(query.order_by(col(Face.id)))).scalars())
            if not any(wanted.values()):
                return 0
            key = await key_to_process(scope, asset_id)
            asset = await scope.db.get(Asset, asset_id)
            version = asset.version if asset else 1
        try:
            pixels = await picture(container, asset_id, key, version)
        except (Damaged, NotFound):
            return 0
        rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
        made = 0
        for one in recognitions:
            faces = wanted[one.engine.tag]
            if not faces:
                continue
            described, vectors = await one.run(describe, rgb, faces)
            async with container.scope(WORKER) as scope:
                made += await _keep(scope, one, faces, described, vectors)
        return made


def describe(engine: FaceEngine, rgb: Pixels, faces: Sequence[Face]) -> tuple[list[Detected], Vectors]:
    """Points and a vector for each of these boxes. Takes a core for as long as it takes."""
    described = [_points(engine, rgb, face) for face in faces]
    return described, engine.embed(rgb, described)


async def _keep(
    scope: Scope, recognition: Recognition, faces: Sequence[Face], described: Sequence[Detected], vectors: Vectors
) -> int:
    query = select(Face).where(col(Face.id).in_([face.id for face in faces])).with_for_update()
    here = {face.id: face for face in (await scope.db.execute(query)).scalars()}
    for face, one in zip(faces, described, strict=True):
        if (row := here.get(face.id)) is None:
            continue
        if not row.landmarks and one.score:
            row.landmarks = [float(part) for point in one.landmarks for part in point]
            row.quality = one.quality
        row.changed_at = scope.now()  # how the index hears of it
    await scope.db.flush()
    vector_of = {face.id: vector for face, vector in zip(faces, vectors, strict=True) if face.id in here}
    made = await store(scope, recognition, vector_of)
    if made:
        record(scope, Tag.templates_made, asset_id=faces[0].asset_id, payload={"faces": len(made), "model": recognition.engine.tag})
        for topic in ("models", "biometrics"):  # whoever watches a model being filled, or what is kept
            scope.wake(topic)
        if recognition.leads:
            await recognition.arrived(scope, [here[id_] for id_ in made])
    return len(made)


def _points(engine: FaceEngine, rgb: Pixels, face: Face) -> Detected:
    assert face.box is not None, "a face without a box has no template (templates.allowed)"
    x, y, w, h = face.box
    if len(face.landmarks) == 10:
        points = tuple(zip(face.landmarks[::2], face.landmarks[1::2], strict=True))
        return Detected(x, y, w, h, points, face.score, face.quality)
    height, width = rgb.shape[:2]
    left, top = max(0, int((x - MARGIN * w) * width)), max(0, int((y - MARGIN * h) * height))
    right, bottom = min(width, int((x + w + MARGIN * w) * width) + 1), min(height, int((y + h + MARGIN * h) * height) + 1)
    across, down = right - left, bottom - top
    best, found = 0.0, None
    for one in engine.detect(np.ascontiguousarray(rgb[top:bottom, left:right])):
        points = tuple(((left + px * across) / width, (top + py * down) / height) for px, py in one.landmarks)
        here = Detected(
            (left + one.x * across) / width,
            (top + one.y * down) / height,
            one.w * across / width,
            one.h * down / height,
            points,
            one.score,
            one.quality,
        )
        if (sureness := matching.overlap(face.box, here.box)) > best:
            best, found = sureness, here
    if found is not None:
        return found
    return Detected(x, y, w, h, tuple((x + px * w, y + py * h) for px, py in USUAL), 0.0, 0.0)

"""A model measured on this organisation's own faces: those that people confirmed, so that two models can be told apart before a switch."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import numpy as np
from sqlalchemy import select
from sqlmodel import col

from photobank.library.processing import WORKER
from photobank.models.people import Face, FaceState, FaceTemplate
from photobank.models.recognition import FaceModel
from photobank.people.recognition import Recognition
from photobank.scope import Container
from photobank.vision import scoring

MOST = 1500  # faces measured, the latest; 1,500 make a million pairs
FEWEST = 20


async def measure(container: Container, recognition: Recognition) -> bool:
    """Write down how good the model is; False when there are too few confirmed faces to say anything."""
    async with container.scope(WORKER) as scope:
        query = (
            select(col(Face.id), col(Face.person_id), col(FaceTemplate.vector_ct))
            .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
            .where(
                col(FaceTemplate.model) == recognition.engine.tag,
                col(Face.state) == FaceState.confirmed,
                col(Face.by_itself).is_(None),
                col(Face.person_id).is_not(None),
            )
            .order_by(col(Face.id).desc())
            .limit(MOST)
        )
        rows = (await scope.db.execute(query)).all()
        if len(rows) < FEWEST:
            return False
        vectors = np.stack([recognition.unseal(scope, face_id, sealed) for face_id, _, sealed in rows])
    people = [person_id for _, person_id, _ in rows]
    pairs = await asyncio.to_thread(scoring.verification, vectors, people)
    first, asked = await asyncio.to_thread(scoring.first_right, vectors, people)
    async with container.scope(WORKER) as scope:
        model = await scope.db.scalar(select(FaceModel).where(col(FaceModel.tag) == recognition.engine.tag))
        if model is not None:
            model.scores = {
                "faces": len(rows),
                "people": len(set(people)),
                "first_right": first,
                "asked": asked,
                "verification": asdict(pairs) if pairs else None,
                "measured_at": scope.now().isoformat(),
            }
        scope.wake("models")
    return True

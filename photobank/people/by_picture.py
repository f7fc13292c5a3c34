"""Who is on this picture, and on which photos: for a picture that somebody holds up and that is never kept. Selfies come this way too.

It goes sealed from the web process to a vision worker's memory and is forgotten with the answer; no disk, queue or log sees it, and no
template is stored of it. The worker answers with ids; what of it the asker may see is decided here, as for every list.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits, visibility
from photobank.access.actor import Actor
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.imaging.results import Pixels
from photobank.kernel.errors import ImageRejected, Invalid, TooLarge, Unavailable
from photobank.kernel.ids import new_id
from photobank.library.processing import WORKER
from photobank.messaging import asking
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState, Person
from photobank.people import persons
from photobank.people.detection import SIDE, look
from photobank.people.persons import PersonRow
from photobank.people.recognition import Recognition
from photobank.scope import Container
from photobank.vision.engine import Detected, FaceEngine
from photobank.vision.engine import Pixels as Image

LARGEST = 20 * 2**20
PATIENCE = 40.0
SURE = 0.5
MOST_PHOTOS = 120
NEAR = 0.15
"""Of the picture's width or height that a face on a selfie takes at least."""
WHO, ONE = b"w", b"1"
TABLE, PICTURE, FOUND = "by_picture", "picture", "found"


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody in sight who it may be."""

    person: PersonRow
    probability: float


@dataclass(frozen=True, slots=True)
class Found:
    """`faces` on the picture, of which the largest was looked for; photos in sight with a face like it, the most alike first."""

    faces: int
    people: tuple[Match, ...]
    photos: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class OneFace:
    """What there is to see on a selfie: how many faces, whether the only one is near enough, and then its vector by model."""

    faces: int
    near: bool
    vectors: dict[str, bytes]


async def find(container: Container, actor: Actor, pieces: AsyncIterator[bytes]) -> Found:
    """Who it may be and where else they are, as far as the actor may see. Nothing is read of a picture from who may not ask."""
    async with container.scope(actor) as scope:
        require(scope, Action.face_review)
        await container.rates.hit(limits.BY_PICTURE, str(actor.user_id or actor.id))
    told = await _ask(container, WHO, await read(pieces, LARGEST))
    async with container.scope(actor) as scope:
        sure = {UUID(id_): float(probability) for id_, probability in told["people"]}
        in_sight = (await visibility.people(scope)).where(col(Person.id).in_(list(sure)))
        rows = await persons.rows(scope, list((await scope.db.execute(in_sight)).scalars()))
        people = sorted((Match(row, sure[row.id]) for row in rows), key=lambda match: -match.probability)
        alike = [UUID(id_) for id_ in told["alike"]]
        here = (
            select(col(Face.id), col(Face.asset_id))
            .join(Asset, col(Asset.id) == col(Face.asset_id))
            .where(
                col(Face.id).in_(alike),
                col(Face.state) != FaceState.ignored,
                col(Asset.state) == AssetState.ready,
                await visibility.in_sight(scope),
            )
        )
        photo_of = dict((await scope.db.execute(here)).all())
        photos = tuple(dict.fromkeys(photo_of[face] for face in alike if face in photo_of))[:MOST_PHOTOS]
        record(scope, Tag.person_sought, payload={"faces": told["faces"], "people": len(people), "photos": len(photos)})
    return Found(told["faces"], tuple(people), photos)


async def the_one_face(container: Container, picture: bytes) -> OneFace:
    """The only face on a picture, as the model in use sees it and those being filled: for a selfie. The caller has made sure who asks,
    and how often."""
    told = await _ask(container, ONE, picture)
    return OneFace(told["faces"], told["near"], {model: base64.b64decode(one) for model, one in told["vectors"].items()})


async def read(pieces: AsyncIterator[bytes], most: int) -> bytes:
    """A picture that is sent, in memory."""
    picture = bytearray()
    async for piece in pieces:
        picture += piece
        if len(picture) > most:
            raise TooLarge(f"a picture of at most {most // 2**20} MB")
    if not picture:
        raise Invalid("picture", fields={"picture": "errors.picture"})
    return bytes(picture)


async def answer(container: Container, models: Sequence[Recognition], question: UUID, sealed: bytes) -> None:
    """The worker's half: look, compare, answer with ids or with vectors, forget. The first of the models is the one in use."""
    fields = container.vault.fields
    asked = fields.open(TABLE, PICTURE, question, sealed)
    try:
        pixels = await container.decoder.pixels(asked[1:], SIDE)
    except ImageRejected:
        told: dict[str, object] = {"rejected": True}
    else:
        told = await _one_face(models, pixels) if asked[:1] == ONE else await _who(container, models[0], pixels)
    await asking.answer(container.redis, question, fields.seal(TABLE, FOUND, question, json.dumps(told).encode()))


async def _ask(container: Container, what: bytes, picture: bytes) -> dict[str, Any]:
    """Put a question to a vision worker; Unavailable when none answers, Invalid for what is no picture."""
    question, fields = new_id(), container.vault.fields
    sealed = await asking.ask(container.redis, question, fields.seal(TABLE, PICTURE, question, what + picture), PATIENCE)
    if not sealed:
        raise Unavailable("the vision worker could not look")
    told: dict[str, Any] = json.loads(fields.open(TABLE, FOUND, question, sealed))
    if told.get("rejected"):
        raise Invalid("not a picture", fields={"picture": "errors.picture"})
    return told


async def _who(container: Container, recognition: Recognition, pixels: Pixels) -> dict[str, object]:
    detected, vectors = await recognition.run(look, pixels)
    if not detected:
        return {"faces": 0, "people": [], "alike": []}
    largest = max(range(len(detected)), key=lambda at: detected[at].w * detected[at].h)
    async with container.scope(WORKER) as scope:
        await one_at_a_time(scope.db, "recognition")
        await recognition.catch_up(scope)
        people, alike = recognition.like(vectors[largest], SURE)
    likely = [[str(one.person_id), one.probability] for one in people]
    return {"faces": len(detected), "people": likely, "alike": [str(face) for face in alike]}


async def _one_face(models: Sequence[Recognition], pixels: Pixels) -> dict[str, object]:
    """Nobody's face is measured where there are several: whoever stands behind has not opted in."""
    rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
    detected = await models[0].run(_detect, rgb)
    near = len(detected) == 1 and max(detected[0].w, detected[0].h) >= NEAR
    vectors = {one.engine.tag: await one.run(_measure, rgb, detected) for one in models} if near else {}
    return {"faces": len(detected), "near": near, "vectors": vectors}


def _detect(engine: FaceEngine, rgb: Image) -> list[Detected]:
    return engine.detect(rgb)


def _measure(engine: FaceEngine, rgb: Image, detected: list[Detected]) -> str:
    return base64.b64encode(np.ascontiguousarray(engine.embed(rgb, detected)[0], dtype="<f4").tobytes()).decode()

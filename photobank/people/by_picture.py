"""Who is on this picture, and on which photos: for a picture that somebody holds up and that is never kept.

It goes sealed from the web process to a vision worker's memory and is forgotten with the answer; no disk, queue or log sees it, and no
template is stored of it. The worker answers with ids; what of it the asker may see is decided here, as for every list.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits, visibility
from photobank.access.actor import Actor
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
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

LARGEST = 20 * 2**20
PATIENCE = 40.0
SURE = 0.5
MOST_PHOTOS = 120
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


async def find(container: Container, actor: Actor, pieces: AsyncIterator[bytes]) -> Found:
    """Who it may be and where else they are, as far as the actor may see. Nothing is read of a picture from who may not ask."""
    async with container.scope(actor) as scope:
        require(scope, Action.face_review)
        await container.rates.hit(limits.BY_PICTURE, str(actor.user_id or actor.id))
    question = new_id()
    sealed = container.vault.fields.seal(TABLE, PICTURE, question, await _read(pieces))
    told_sealed = await asking.ask(container.redis, question, sealed, PATIENCE)
    if not told_sealed:
        raise Unavailable("the vision worker could not look")
    async with container.scope(actor) as scope:
        told = json.loads(scope.vault.fields.open(TABLE, FOUND, question, told_sealed))
        if told.get("rejected"):
            raise Invalid("not a picture", fields={"picture": "errors.picture"})
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


async def _read(pieces: AsyncIterator[bytes]) -> bytes:
    picture = bytearray()
    async for piece in pieces:
        picture += piece
        if len(picture) > LARGEST:
            raise TooLarge("a picture of at most 20 MB")
    if not picture:
        raise Invalid("picture", fields={"picture": "errors.picture"})
    return bytes(picture)


async def answer(container: Container, recognition: Recognition, question: UUID, sealed: bytes) -> None:
    """The worker's half: look, compare, answer with ids, forget."""
    fields = container.vault.fields
    try:
        pixels = await container.decoder.pixels(fields.open(TABLE, PICTURE, question, sealed), SIDE)
    except ImageRejected:
        told: dict[str, object] = {"rejected": True}
    else:
        detected, vectors = await recognition.run(look, pixels)
        told = {"faces": len(detected), "people": [], "alike": []}
        if detected:
            largest = max(range(len(detected)), key=lambda at: detected[at].w * detected[at].h)
            async with container.scope(WORKER) as scope:
                await one_at_a_time(scope.db, "recognition")
                await recognition.catch_up(scope)
                people, alike = recognition.like(vectors[largest], SURE)
            told |= {"people": [[str(one.person_id), one.probability] for one in people], "alike": [str(face) for face in alike]}
    await asking.answer(container.redis, question, fields.seal(TABLE, FOUND, question, json.dumps(told).encode()))

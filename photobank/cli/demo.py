"""`photobank demo`: a small library of public-domain and CC0 pictures, with people and consents in several states; `--remove` ends it.

The pictures come with scikit-image: the astronaut Eileen Collins and a rocket (NASA, public domain), the cameraman, a cat and a cup
of coffee (CC0). They lie in one folder, "Demo", and so does everything that is removed again.
"""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from PIL import Image
from sqlalchemy import delete, func, select
from sqlmodel import col

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, show, show_json
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.errors import ConfigurationError
from photobank.library import assets, folders, processing, setup, trash, uploads
from photobank.library.describing import Description
from photobank.library.incoming import OnDuplicate
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Consent
from photobank.models.folders import Folder
from photobank.models.people import Face, Person
from photobank.people import detection, persons, review
from photobank.people.engines import Engines, from_disk
from photobank.people.recognition import Recognition
from photobank.scope import Container

FOLDER = "Demo"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Picture:
    """A picture of the demo: its file, what to call it, the part of it to take, and who is the largest face on it."""

    file: str
    title: str
    part: Box = (0, 0, 1, 1)
    who: str = ""


PICTURES = (
    Picture("astronaut.png", "Eileen Collins, official portrait", who="Eileen Collins"),
    Picture("astronaut.png", "Eileen Collins, close-up", (0.2, 0.0, 0.75, 0.55), who="Eileen Collins"),
    Picture("camera.png", "Cameraman on the lawn", who="The cameraman"),
    Picture("camera.png", "Cameraman, detail", (0.2, 0.0, 0.8, 0.6)),
    Picture("rocket.jpg", "Falcon 9 on the pad"),
    Picture("chelsea.png", "Chelsea the cat"),
    Picture("coffee.png", "A cup of coffee"),
)


def demo(
    remove: Annotated[bool, typer.Option("--remove", help="Take the demo away again, for good.")] = False, as_json: Json = False
) -> None:
    """A demo library with people and consents."""
    count = run(_remove if remove else _make)
    if as_json:
        show_json({"photos": count, "removed": remove})
    else:
        show(f"{count} photos {'removed' if remove else f'in the folder {FOLDER}'}.")


async def _make(container: Container) -> int:
    async with container.scope(OPERATOR) as scope:
        await setup.ensure_house(scope)
        if await _folder(container) is not None:
            raise ConfigurationError("The demo is there already; take it away first: photobank demo --remove")
        folder = await folders.create(scope, FOLDER)
        for role, permission in setup.FIRST_GRANTS.items():
            await folders.give(scope, folder.id, "role", role.value, permission.name)
    recognition = await Engines(from_disk(container.settings.data_dir / "models")).lead(container)
    people: dict[str, UUID] = {}
    for picture in PICTURES:
        done = await uploads.receive(
            container,
            OPERATOR,
            _stream(_bytes(picture)),
            filename=f"{picture.title.lower().replace(' ', '-').replace(',', '')}.jpg",
            folder_id=folder.id,
            on_duplicate=OnDuplicate.keep,
        )
        await _processed(container, recognition, done.asset.id)
        await _tell(container, done.asset.id, picture, people)
    await _consents(container, people)
    return len(PICTURES)


async def _processed(container: Container, recognition: Recognition, asset_id: UUID) -> None:
    """Process it here and now, or wait while a running worker does."""
    for _ in range(600):
        await processing.decode(container, asset_id)
        await detection.find_faces(container, recognition, asset_id)
        async with container.sessions() as db:
            state = await db.scalar(select(col(Asset.state)).where(col(Asset.id) == asset_id))
        if state != AssetState.processing:
            return
        await asyncio.sleep(0.2)


async def _tell(container: Container, asset_id: UUID, picture: Picture, people: dict[str, UUID]) -> None:
    async with container.scope(OPERATOR) as scope:
        await assets.edit(scope, asset_id, Description(title=picture.title))
        query = select(Face).where(col(Face.asset_id) == asset_id, col(Face.box).is_not(None))
        faces = sorted((await scope.db.execute(query)).scalars(), key=lambda face: math.prod((face.box or ())[2:]), reverse=True)
        if picture.who and faces:
            if picture.who not in people:
                people[picture.who] = (await persons.create(scope, picture.who)).id
                await scope.db.flush()
            await review.confirm(scope, [faces[0].id], people[picture.who])
            faces = faces[1:]
        if faces and not picture.who and "camera" not in picture.file:
            # A detector may see a face in a cup of coffee; a human does not.
            await review.ignore(scope, [face.id for face in faces])
            faces = []
        await scope.db.flush()
        if not picture.who and not faces:
            await assets.say_no_people(scope, [asset_id])


async def _consents(container: Container, people: dict[str, UUID]) -> None:
    async with container.scope(OPERATOR) as scope:
        now = scope.now()
        if collins := people.get("Eileen Collins"):
            year = now + timedelta(days=365)
            await recording.record(scope, NewConsent(person_id=collins, uses=("internal", "website", "print"), valid_until=year))
            await recording.record(scope, NewConsent(person_id=collins, uses=("social",), valid_until=now + timedelta(days=20)))
        if cameraman := people.get("The cameraman"):
            given = await recording.record(
                scope, NewConsent(person_id=cameraman, uses=("internal", "press"), valid_until=now + timedelta(days=730))
            )
            await scope.db.flush()
            await withdrawal.withdraw(scope, given.id, ("press",))


async def _remove(container: Container) -> int:
    folder_id = await _folder(container)
    if folder_id is None:
        raise ConfigurationError("There is no demo to remove.")
    async with container.scope(OPERATOR) as scope:
        ids = list((await scope.db.scalars(select(col(Asset.id)).where(col(Asset.folder_id) == folder_id))).all())
        shown = select(col(Face.person_id)).where(col(Face.asset_id).in_(ids), col(Face.person_id).is_not(None))
        people = set((await scope.db.scalars(shown)).all())
        for asset_id in ids:
            await trash.trash(scope, asset_id)
            await scope.db.flush()
            await trash.purge(scope, asset_id)
        await scope.db.flush()
        left = select(col(Face.person_id)).where(col(Face.person_id).in_(people))
        gone = people - set((await scope.db.scalars(left)).all())
        await scope.db.execute(delete(Consent).where(col(Consent.person_id).in_(gone)))
        await scope.db.execute(delete(Person).where(col(Person.id).in_(gone)))
        await folders.remove(scope, folder_id)
    return len(ids)


async def _folder(container: Container) -> UUID | None:
    async with container.sessions() as db:
        query = select(col(Folder.id)).where(col(Folder.name) == FOLDER, col(Folder.parent_id).is_(None))
        return await db.scalar(query.order_by(func.lower(col(Folder.name))))


def _bytes(picture: Picture) -> bytes:
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise ConfigurationError("The demo pictures come with scikit-image, which is not installed.")
    with Image.open(Path(spec.origin).parent / "data" / picture.file) as image:
        left, top, right, bottom = picture.part
        width, height = image.size
        part = image.convert("RGB").crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
    out = io.BytesIO()
    part.resize((part.width * 2, part.height * 2), Image.Resampling.LANCZOS).save(out, "JPEG", quality=92)
    return out.getvalue()


async def _stream(data: bytes) -> AsyncIterator[bytes]:
    yield data

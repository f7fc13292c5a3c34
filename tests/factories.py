"""Photos, faces and people as they lie in the house after processing: real rows, real encrypted bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import update
from sqlmodel import col

from photobank.access.actor import Actor, system
from photobank.blobs.names import ORIGINAL, context_for, key_for
from photobank.consents import recording
from photobank.consents.recording import NewConsent
from photobank.consents.records import ConsentRow
from photobank.kernel.ids import new_id
from photobank.models.assets import Asset, AssetState, Rendition, Stage
from photobank.models.people import Face, FaceState, Person
from photobank.scope import Container

RENDITIONS = {"thumb": 96, "preview": 240, "large": 360}


@cache
def picture(seed: int = 0, size: tuple[int, int] = (480, 360), fmt: str = "JPEG") -> bytes:
    """A small picture that differs per seed."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    shift = (seed * 37) % 200
    image = image.point([min(255, value + shift) for value in range(256)] * 3)
    out = io.BytesIO()
    image.save(out, fmt)
    return out.getvalue()


async def add_person(container: Container, name: str = "Anna", *, born: date | None = None, **more: Any) -> UUID:
    """Somebody recognisable."""
    async with container.scope(system()) as scope:
        id_ = new_id()
        sealed = scope.vault.fields.seal_text("people", "birth_date_ct", id_, born.isoformat()) if born else None
        now = scope.now()
        scope.db.add(Person(id=id_, name=name, birth_date_ct=sealed, created_at=now, changed_at=now, **more))
        return id_


async def add_photo(
    container: Container,
    folder_id: UUID,
    people: Sequence[UUID] = (),
    *,
    by: Actor | None = None,
    state: AssetState = AssetState.ready,
    unknown_faces: int = 0,
    seed: int = 0,
    with_bytes: bool = True,
    original: bytes | None = None,
    drawn: Callable[[tuple[int, int]], bytes] | None = None,
    **more: Any,
) -> UUID:
    """A photo with one confirmed face per person, its original and renditions (`drawn` in their sizes) encrypted in the store."""
    id_ = new_id()
    original = original or picture(seed)
    async with container.scope(system()) as scope:
        now = scope.now()
        fields: dict[str, Any] = {
            "stage": Stage.done,
            "faces_done": True,
            "filename": f"IMG_{seed:04}.jpg",
            "media_type": "image/jpeg",
            "width": 480,
            "height": 360,
            "size": len(original),
        }
        fields |= {"stage_at": now, "sort_at": now + timedelta(seconds=seed), "created_at": now, "changed_at": now}
        asset = Asset(id=id_, folder_id=folder_id, uploaded_by=by.user_id if by else None, state=state, **(fields | more))
        scope.db.add(asset)
        await scope.db.flush()
        key = await scope.vault.new_asset_key(scope.db, id_, folder_id, now)
        for person_id in people:
            scope.db.add(face_on(id_, person_id, now=now))
        for _ in range(unknown_faces):
            scope.db.add(face_on(id_, None, FaceState.unknown, now=now))
        if with_bytes:
            await container.blobs.write(key_for(id_, ORIGINAL), key, context_for(id_, ORIGINAL), original)
            for name, side in RENDITIONS.items():
                data = drawn((side, side * 3 // 4)) if drawn else picture(seed, (side, side * 3 // 4), "WEBP")
                await container.blobs.write(key_for(id_, name), key, context_for(id_, name), data)
                size = {"width": side, "height": side * 3 // 4, "size": len(data)}
                scope.db.add(Rendition(asset_id=id_, name=name, media_type="image/webp", **size))
    return id_


async def add_consent(container: Container, by: Actor, person_id: UUID, *uses: str, **more: Any) -> ConsentRow:
    """A record entered by a member of the cast."""
    async with container.scope(by) as scope:
        return await recording.record(scope, NewConsent(person_id=person_id, uses=uses, **more))


def face_on(asset_id: UUID, person_id: UUID | None, state: FaceState = FaceState.confirmed, *, now: Any) -> Face:
    """A face row, not yet saved."""
    return Face(asset_id=asset_id, box=[0.4, 0.3, 0.2, 0.3], state=state, person_id=person_id, created_at=now, changed_at=now)


async def change_asset(container: Container, asset_id: UUID, **values: Any) -> None:
    """Change columns of an asset behind the services' back."""
    async with container.scope(system()) as scope:
        await scope.db.execute(update(Asset).where(col(Asset.id) == asset_id).values(**values))

"""Photos with a real picture, as they lie in the house after decoding, and near-copies of them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image
from skimage import data
from sqlalchemy import select
from sqlmodel import col

from benchmarks.near_copies import webp
from photobank.access.actor import Actor, system
from photobank.access.permits import to_process
from photobank.blobs.names import context_for, key_for
from photobank.duplicates import match
from photobank.models.assets import Rendition
from photobank.models.duplicates import DuplicatePair
from photobank.scope import Container
from tests.factories import add_photo
from tests.house import TODAY

ASTRONAUT = Image.fromarray(data.astronaut())
CHELSEA = Image.fromarray(data.chelsea())
COFFEE = Image.fromarray(data.coffee())
CROP = ASTRONAUT.crop((30, 20, 490, 480))


async def add_picture(
    container: Container,
    folder_id: UUID,
    image: Image.Image,
    *,
    at: int = 0,
    content: bytes | None = None,
    by: Actor | None = None,
    **more: Any,
) -> UUID:
    """A photo of this picture, `at` seconds after the first ones. `content` stands for the bytes of its file."""
    small = webp(image)
    fields: dict[str, Any] = {
        "width": image.width * 4,
        "height": image.height * 4,
        "size": image.width * image.height,
        "created_at": TODAY + timedelta(seconds=at),
    }
    async with container.scope(system()) as scope:
        index = scope.vault.blind.of("assets.sha256", content or hashlib.sha256(np.asarray(image).tobytes()).digest())
    id_ = await add_photo(container, folder_id, with_bytes=False, by=by, **(fields | {"content_index": index} | more))
    async with container.scope(system("worker")) as scope:
        key = await scope.vault.asset_key(scope.db, to_process(scope, id_, container.clock), scope.now())
        await container.blobs.write(key_for(id_, "thumb"), key, context_for(id_, "thumb"), small)
        scope.db.add(Rendition(asset_id=id_, name="thumb", media_type="image/webp", width=480, height=480, size=len(small)))
    return id_


async def look(container: Container, *asset_ids: UUID) -> None:
    """Look at these photos, in this order."""
    for asset_id in asset_ids:
        await match.look(container, asset_id)


async def pair_of(container: Container, one: UUID, other: UUID) -> DuplicatePair | None:
    """The pair of these two, if it was found."""
    async with container.sessions() as db:
        both = col(DuplicatePair.older_id).in_([one, other]) & col(DuplicatePair.newer_id).in_([one, other])
        return await db.scalar(select(DuplicatePair).where(both))


async def found_pair(container: Container, older: UUID, newer: UUID) -> UUID:
    """Look at both and give the id of their pair."""
    await look(container, older, newer)
    pair = await pair_of(container, older, newer)
    assert pair is not None
    return pair.id

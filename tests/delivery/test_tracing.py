"""A leak names its download, and nothing names a wrong one."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from PIL import Image
from skimage import data

from photobank.access.actor import anonymous
from photobank.audit.tags import Tag
from photobank.delivery import tracing
from photobank.kernel.errors import ImageRejected, NotAuthenticated, Refused
from tests.delivery.given import downloads, take
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, audit_of


@pytest.fixture
async def photo(cast: Cast) -> UUID:
    anna = await add_person(cast.container, "Anna de Vries")
    photo = await add_photo(cast.container, cast.shared, [anna], seed=3, original=_portrait())
    await add_consent(cast.container, cast.rita, anna, "website")
    return photo


def _portrait() -> bytes:
    out = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((900, 900)).save(out, "JPEG", quality=92)
    return out.getvalue()


def _leaked(taken: bytes, quality: int = 60, factor: float = 0.75) -> bytes:
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    out = io.BytesIO()
    image.resize((int(image.width * factor), int(image.height * factor))).save(out, "JPEG", quality=quality)
    return out.getvalue()


async def _traced(cast: Cast, leaked: bytes) -> tracing.Traced | None:
    async with cast.scope(cast.petra) as scope:
        return await tracing.trace(scope, leaked)


async def test_a_leak_names_its_download_among_others(cast: Cast, photo: UUID) -> None:
    taken = [await take(cast, cast.bob, photo, preset="web") for _ in range(3)]
    logged = await downloads(cast.container)
    assert len({*taken}) == 3
    for number in range(3):
        found = await _traced(cast, _leaked(taken[number]))
        assert found is not None
        assert (found.download_id, found.asset_id, found.user_id) == (logged[number].id, photo, cast.bob.user_id)
        assert found.confidence > 1 - 1e-6
    events = await audit_of(cast.container, Tag.download_traced)
    assert [event.download_id for event in events] == [row.id for row in logged]


async def test_an_original_or_a_stranger_names_none(cast: Cast, photo: UUID) -> None:
    await take(cast, cast.bob, photo, preset="web")
    assert await _traced(cast, await take(cast, cast.bob, photo)) is None
    (event,) = await audit_of(cast.container, Tag.download_traced)
    assert (event.payload, event.download_id) == ({"found": False}, None)


async def test_only_those_who_watch_the_log_may_ask(cast: Cast) -> None:
    for actor in (cast.bob, cast.rita, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await tracing.trace(scope, _portrait())
    with pytest.raises(NotAuthenticated):
        async with cast.scope(anonymous()) as scope:
            await tracing.trace(scope, _portrait())


async def test_what_is_no_picture_is_told(cast: Cast) -> None:
    with pytest.raises(ImageRejected):
        await _traced(cast, b"no picture at all")

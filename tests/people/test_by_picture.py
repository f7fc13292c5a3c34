"""A picture held up: who it is and on which photos, as far as one may see, and nothing of it stays anywhere."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlmodel import col

from photobank.access import limits
from photobank.kernel.errors import Invalid, RateLimited, Refused, TooLarge, Unavailable
from photobank.messaging import asking
from photobank.models.accounts import Role
from photobank.models.audit import AuditEvent
from photobank.models.people import FaceTemplate
from photobank.people import by_picture, persons, review, templates
from photobank.vision.fake import paint
from tests.house import Cast, add_user
from tests.people.studio import LEFT, Studio
from workers.faces import answer


async def sent(content: bytes, read: list[int] | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 4096):
        if read is not None:
            read.append(start)
        yield content[start : start + 4096]


def held_up(person: int, shade: int = 40) -> AsyncIterator[bytes]:
    return sent(painted(person, shade))


def painted(person: int, shade: int = 40) -> bytes:
    rgb = np.full((480, 640, 3), shade, dtype=np.uint8)
    paint(rgb, LEFT, person)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=92)
    return out.getvalue()


@asynccontextmanager
async def worker(cast: Cast, studio: Studio) -> AsyncIterator[None]:
    context: dict[str, Any] = {"container": cast.container, "engines": studio.engines}
    task = asyncio.create_task(answer(context))
    while dict(await cast.container.redis.pubsub_numsub(asking.QUESTIONS)).get(asking.QUESTIONS.encode(), 0) < 1:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        task.cancel()


async def test_it_says_who_and_where_and_keeps_nothing(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (first,), (second,), _ = await studio.photo(1), await studio.photo(1), await studio.photo(2)
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
    await studio.act(review.confirm, [first.id], anna)
    async with cast.container.sessions() as db:
        before = await db.scalar(select(func.count()).select_from(FaceTemplate))
    keys = set(await cast.container.redis.keys("*"))
    async with worker(cast, studio):
        found = await by_picture.find(cast.container, cast.rita, held_up(1))
        assert found.faces == 1
        assert [(match.person.id, match.probability > 0.5) for match in found.people] == [(anna, True)]
        assert set(found.photos) == {first.asset_id, second.asset_id}
        nobody = await by_picture.find(cast.container, cast.rita, held_up(7))
        assert (nobody.people, nobody.photos) == ((), ())
        read: list[int] = []
        with pytest.raises(Refused):
            await by_picture.find(cast.container, cast.bob, sent(painted(1), read))
        assert read == [], "nothing is read from who may not ask"
        with pytest.raises(TooLarge):
            await by_picture.find(cast.container, cast.rita, sent(b"x" * (by_picture.LARGEST + 1)))
        with pytest.raises(Invalid):
            await by_picture.find(cast.container, cast.rita, sent(b"no picture at all"))
    async with cast.container.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(FaceTemplate)) == before, "no template of what was held up"
        events = (
            (
                await db.execute(
                    select(AuditEvent).where(col(AuditEvent.tag) == "person:find-by-picture").order_by(col(AuditEvent.id))
                )
            )
            .scalars()
            .all()
        )
    assert [event.payload for event in events] == [{"faces": 1, "people": 1, "photos": 2}, {"faces": 1, "people": 0, "photos": 0}]
    left = {key for key in set(await cast.container.redis.keys("*")) - keys if b"rates" not in key and b"taken" not in key}
    assert left == set(), "the picture lies nowhere in Redis"


async def test_only_people_and_photos_in_sight_are_told(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (face,) = await studio.photo(1)
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
    await studio.act(review.confirm, [face.id], anna)
    stranger = await add_user(cast.container, "Sam", Role.reviewer)
    async with worker(cast, studio):
        found = await by_picture.find(cast.container, stranger, held_up(1))
    assert (found.faces, found.people, found.photos) == (1, (), ())


async def test_after_a_withdrawal_of_the_basis_nobody_is_recognised(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (face,) = await studio.photo(1)
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
    await studio.act(review.confirm, [face.id], anna)
    async with cast.scope(cast.rita) as scope:
        await templates.switch(scope, anna, on=False)
    async with worker(cast, studio):
        assert (await by_picture.find(cast.container, cast.rita, held_up(1))).people == ()


async def test_without_a_worker_it_says_so_and_nobody_asks_without_end(cast: Cast, studio: Studio) -> None:
    with pytest.raises(Unavailable):
        await by_picture.find(cast.container, cast.rita, held_up(1))
    for _ in range(limits.BY_PICTURE.item.amount - 1):
        await cast.container.rates.hit(limits.BY_PICTURE, str(cast.rita.user_id))
    with pytest.raises(RateLimited):
        await by_picture.find(cast.container, cast.rita, held_up(1))

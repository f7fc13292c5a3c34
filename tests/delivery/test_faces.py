"""One face, cut from its photo: for whoever may be shown the photo, and for nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import Actor, anonymous
from photobank.audit.tags import Tag
from photobank.delivery import showing
from photobank.kernel.errors import ClearanceRefused, NotAuthenticated, NotFound
from photobank.kernel.ids import new_id
from photobank.models.people import Face
from tests.delivery.given import taken
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import Cast, audit_of


async def face_on(cast: Cast, photo: UUID) -> UUID:
    async with cast.container.sessions() as db:
        found = await db.scalar(select(col(Face.id)).where(col(Face.asset_id) == photo))
    assert found is not None
    return found


async def look(cast: Cast, actor: Actor, face: UUID) -> bytes:
    async with cast.scope(actor) as scope:
        return await taken(await showing.show_face(scope, face))


async def test_who_works_on_a_photo_sees_its_faces(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, [await add_person(cast.container)])
    face = await face_on(cast, photo)
    for actor in (cast.alice, cast.bob, cast.rita):
        assert (await look(cast, actor, face))[8:12] == b"WEBP"
    assert await audit_of(cast.container, Tag.asset_viewed) == []  # an avatar is no look at the photo


async def test_others_see_it_once_the_photo_is_cleared_for_internal_use(cast: Cast) -> None:
    anna = await add_person(cast.container)
    face = await face_on(cast, await add_photo(cast.container, cast.shared, [anna]))
    await cast.grant(cast.charlie, cast.shared, "view")
    with pytest.raises(ClearanceRefused):
        await look(cast, cast.charlie, face)
    await add_consent(cast.container, cast.rita, anna, "internal")
    assert await look(cast, cast.charlie, face)


async def test_who_may_not_know_of_the_photo_is_told_nothing(cast: Cast) -> None:
    hidden = await face_on(cast, await add_photo(cast.container, cast.closed, [await add_person(cast.container)]))
    for actor in (cast.bob, cast.charlie):
        for face in (hidden, new_id()):
            with pytest.raises(NotFound, match="no such face"):
                await look(cast, actor, face)
    with pytest.raises(NotAuthenticated):
        await look(cast, anonymous(), hidden)


async def test_a_face_leaves_with_its_photo(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, [await add_person(cast.container)])
    face = await face_on(cast, photo)
    await change_asset(cast.container, photo, state="trashed")
    with pytest.raises(NotFound):
        await look(cast, cast.petra, face)

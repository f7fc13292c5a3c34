"""Which assets are decided together: every fact is looked at, and what differs in one of them is kept apart."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from photobank.access.actor import system
from photobank.clearance import alike
from photobank.clearance.facts_types import AssetFacts
from photobank.models.people import Face
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast


def test_every_fact_of_an_asset_tells_it_apart_or_is_said_not_to() -> None:
    assert set(alike.TELLS_APART) == {one.name for one in fields(AssetFacts)}


async def kinds(cast: Cast, *photos: UUID) -> list[set[UUID]]:
    async with cast.scope(system()) as scope:
        return [set(ids) for ids in await alike.kinds(scope, photos)]


async def test_photos_of_the_same_people_are_one_kind(cast: Cast) -> None:
    anna, ben = [await add_person(cast.container, name) for name in ("Anna", "Ben")]
    both = [await add_photo(cast.container, cast.shared, who, with_bytes=False) for who in ([anna, ben], [ben, anna])]
    alone = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    found = await kinds(cast, *both, alone, UUID(int=5))
    assert sorted(found, key=len) == [{alone}, set(both)]


OTHERWISE: list[dict[str, Any]] = [
    {"state": "archived"},
    {"faces_done": False},
    {"no_people_at": TODAY},
    {"locked_at": TODAY},
    {"hold_at": TODAY},
    {"unknown_faces": 1},
    {"pictures": [{"at": TODAY.isoformat(), "picture": 2}]},
]


@pytest.mark.parametrize("more", OTHERWISE, ids=lambda more: next(iter(more)))
async def test_what_differs_is_another_kind(cast: Cast, more: dict[str, Any]) -> None:
    anna = await add_person(cast.container)
    one = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    other = await add_photo(cast.container, cast.shared, [anna], with_bytes=False, **more)
    assert len(await kinds(cast, one, other)) == 2


async def test_who_is_there_without_a_face_that_could_be_hidden_is_another_kind(cast: Cast) -> None:
    anna = await add_person(cast.container)
    one, other = [await add_photo(cast.container, cast.shared, [anna], with_bytes=False) for _ in range(2)]
    async with cast.scope(system()) as scope:
        await scope.db.execute(update(Face).where(col(Face.asset_id) == other).values(box=None))
    assert len(await kinds(cast, one, other)) == 2


async def test_another_folder_is_another_kind_and_so_is_a_photo_that_a_consent_names(cast: Cast) -> None:
    anna = await add_person(cast.container)
    plain, same, named = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=False) for n in range(3)]
    elsewhere = await add_photo(cast.container, cast.closed, [anna], with_bytes=False)
    await add_consent(cast.container, cast.alice, anna, "website", extent="photos", extent_ids=(named,))
    found = await kinds(cast, plain, same, named, elsewhere)
    assert sorted(map(sorted, found)) == sorted([sorted([plain, same]), [named], [elsewhere]])

"""Entries put together and taken apart: what is said before, what moves, and what goes back also much later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.consents import records
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, NotFound, Refused
from photobank.models.people import Face, FaceRejection, Person
from photobank.people import faces, merging, persons, review, templates
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast


@pytest.fixture
async def two(cast: Cast) -> tuple[UUID, UUID]:
    """Ann on two photos, Anna on one."""
    ann, anna = await add_person(cast.container, "Ann"), await add_person(cast.container, "Anna de Vries")
    for seed in range(2):
        await add_photo(cast.container, cast.shared, [ann], seed=seed, with_bytes=False)
    await add_photo(cast.container, cast.shared, [anna], seed=9, with_bytes=False)
    return ann, anna


async def act(cast: Cast, verb: Any, *args: Any, **kw: Any) -> Any:
    async with cast.scope(cast.rita) as scope:
        return await verb(scope, *args, **kw)


async def faces_of(cast: Cast, person: UUID) -> set[UUID]:
    async with cast.container.sessions() as db:
        return set((await db.scalars(select(col(Face.id)).where(col(Face.person_id) == person))).all())


async def noes(cast: Cast) -> set[tuple[UUID, UUID]]:
    async with cast.container.sessions() as db:
        return {(row.face_id, row.person_id) for row in (await db.execute(select(FaceRejection))).scalars()}


async def test_what_a_merge_would_do_is_said_before(cast: Cast, two: tuple[UUID, UUID]) -> None:
    ann, anna = two
    await add_consent(cast.container, cast.rita, ann, "website")
    await act(cast, persons.change, ann, is_minor=True)
    await act(cast, templates.switch, ann, on=False)
    seen = await act(cast, merging.preview, ann, anna)
    assert (seen.gone.name, seen.kept.name, seen.gone.photos, seen.faces, seen.consents) == ("Ann", "Anna de Vries", 2, 2, 1)
    assert (seen.together, seen.becomes_minor, seen.recognition_off) == (0, True, True)
    await add_photo(cast.container, cast.shared, [ann, anna], seed=20, with_bytes=False)
    assert (await act(cast, merging.preview, ann, anna)).together == 1
    with pytest.raises(Conflict):
        await act(cast, merging.merge, ann, anna)
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await merging.preview(scope, ann, anna)


async def test_taken_apart_everything_is_as_it_was(cast: Cast, two: tuple[UUID, UUID]) -> None:
    ann, anna = two
    papers = await add_consent(cast.container, cast.rita, ann, "website")
    other = await add_photo(cast.container, cast.shared, unknown_faces=1, seed=30, with_bytes=False)
    (open_face,) = (await act(cast, faces.of_assets, [other]))[other]
    await act(cast, review.reject, open_face.id, ann)
    (hers,) = await faces_of(cast, anna)
    await act(cast, review.reject_all, sorted(await faces_of(cast, ann)), anna)
    before = await faces_of(cast, ann), await faces_of(cast, anna), await noes(cast)
    assert before[1] == {hers}
    await act(cast, merging.merge, ann, anna)
    assert await faces_of(cast, ann) == set()
    assert (open_face.id, anna) in await noes(cast)
    (row,) = await act(cast, merging.merged_in, anna)
    assert (row.name, row.faces, row.consents) == ("Ann", 2, 1)
    back = await act(cast, merging.unmerge, anna, row.id)
    assert back.id == ann
    assert (await faces_of(cast, ann), await faces_of(cast, anna), await noes(cast)) == before
    assert [one.id for one in await act(cast, records.of_person, ann)] == [papers.id]
    assert await act(cast, records.of_person, anna) == []
    assert await act(cast, merging.merged_in, anna) == []
    with pytest.raises(NotFound):
        await act(cast, merging.unmerge, anna, row.id)


async def test_what_was_decided_since_stays_where_it_was_put(cast: Cast, two: tuple[UUID, UUID], clock: TurnableClock) -> None:
    ann, anna = two
    one, other = sorted(await faces_of(cast, ann))
    await act(cast, merging.merge, ann, anna)
    clock.turn(timedelta(days=40))
    await act(cast, review.unassign, one)
    await act(cast, review.confirm, [one], anna)
    later = await add_photo(cast.container, cast.shared, [anna], seed=40, with_bytes=False)
    (row,) = await act(cast, merging.merged_in, anna)
    assert row.faces == 1
    await act(cast, merging.unmerge, anna, row.id)
    assert await faces_of(cast, ann) == {other}
    assert one in await faces_of(cast, anna)
    assert (await act(cast, faces.of_assets, [later]))[later][0].person_id == anna


async def test_whatever_protected_either_protects_both_until_they_come_apart(cast: Cast, two: tuple[UUID, UUID]) -> None:
    ann, anna = two
    await act(cast, persons.change, ann, is_minor=True, guardians_needed=2)
    await act(cast, templates.switch, ann, on=False)
    await act(cast, merging.merge, ann, anna)
    async with cast.container.sessions() as db:
        kept = await db.get(Person, anna)
        assert kept is not None
        assert (kept.is_minor, kept.guardians_needed, kept.biometrics_off_at is not None) == (True, 2, True)
    (row,) = await act(cast, merging.merged_in, anna)
    await act(cast, merging.unmerge, anna, row.id)
    async with cast.container.sessions() as db:
        kept, gone = await db.get(Person, anna), await db.get(Person, ann)
        assert kept is not None
        assert gone is not None
        assert (kept.is_minor, kept.guardians_needed, kept.biometrics_off_at) == (False, 1, None)
        assert gone.is_minor
        assert gone.biometrics_off_at is not None


async def test_a_chain_comes_apart_from_its_end(cast: Cast, two: tuple[UUID, UUID]) -> None:
    ann, anna = two
    bea = await add_person(cast.container, "Bea")
    await add_photo(cast.container, cast.shared, [bea], seed=50, with_bytes=False)
    mine = await faces_of(cast, ann)
    await act(cast, merging.merge, ann, anna)
    await act(cast, merging.merge, anna, bea)
    (last,) = await act(cast, merging.merged_in, bea)
    assert (last.name, last.faces) == ("Anna de Vries", 3)
    with pytest.raises(NotFound):
        await act(cast, merging.merged_in, anna)
    await act(cast, merging.unmerge, bea, last.id)
    (first,) = await act(cast, merging.merged_in, anna)
    await act(cast, merging.unmerge, anna, first.id)
    assert await faces_of(cast, ann) == mine


async def test_only_who_deals_with_people_takes_them_apart(cast: Cast, two: tuple[UUID, UUID]) -> None:
    ann, anna = two
    await act(cast, merging.merge, ann, anna)
    (row,) = await act(cast, merging.merged_in, anna)
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await merging.unmerge(scope, anna, row.id)
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises((NotFound, Refused)):
            await merging.unmerge(scope, anna, row.id)

"""Which face templates may exist, why and until when: looked for in the database and in the worker's memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from photobank.consents import withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid, Refused
from photobank.models.people import Face, FaceTemplate, Person
from photobank.models.recognition import Basis
from photobank.people import merging, persons, review, templates
from photobank.people.faces import FaceRow
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, audit_of
from tests.people.studio import Studio, likely
from workers import faces as jobs

REASON = "Impact assessment 2026-11, board of De Lelie."


@pytest.fixture
async def listening(cast: Cast, studio: Studio) -> AsyncIterator[None]:
    """The vision worker hears of deletions, as it does when it runs."""
    task = asyncio.create_task(jobs.listen({"container": cast.container, "engines": studio.engines}))
    await asyncio.sleep(0.2)
    yield
    task.cancel()


async def in_database(cast: Cast, *faces: FaceRow) -> int:
    async with cast.container.sessions() as db:
        query = select(func.count()).select_from(FaceTemplate).where(col(FaceTemplate.face_id).in_([face.id for face in faces]))
        return await db.scalar(query) or 0


async def in_memory(cast: Cast, studio: Studio, *faces: FaceRow) -> int:
    """As it lies there, without the worker being asked to catch up."""
    index = (await studio.engines.lead(cast.container))._memory.index
    return sum(face.id in index for face in faces)


async def eventually(check: Any, wanted: int) -> None:
    for _ in range(100):
        if await check() == wanted:
            return
        await asyncio.sleep(0.02)
    assert await check() == wanted


async def anna(cast: Cast) -> UUID:
    async with cast.scope(cast.rita) as scope:
        return (await persons.create(scope, "Anna")).id


async def test_without_a_basis_naming_a_face_deletes_its_template_and_undo_makes_it_again(
    cast: Cast, studio: Studio, listening: None
) -> None:
    (one,), (other,) = await studio.photo(0), await studio.photo(0)
    person = await anna(cast)
    assert await in_database(cast, one, other) == 2
    assert await in_memory(cast, studio, one, other) == 2
    opened = (await studio.engines.lead(cast.container))._memory.index.vector(one.id)
    async with cast.container.sessions() as db:
        sealed = await db.scalar(select(col(FaceTemplate.vector_ct)).where(col(FaceTemplate.face_id) == one.id))
    assert opened is not None
    assert sealed is not None
    assert len(sealed) > opened.nbytes
    assert opened.tobytes()[:16] not in sealed
    async with cast.scope(cast.rita) as scope:
        action = await review.confirm(scope, [one.id], person)
    # At once: no job has run.
    assert await in_database(cast, one) == 0
    await eventually(lambda: in_memory(cast, studio, one), 0)
    assert await in_memory(cast, studio, other) == 1
    await studio.work()
    assert likely(await studio.face(other)) == [], "nobody is recognised who did not allow it"
    assert (await studio.face(other)).cluster_id == one.cluster_id, "unknown faces are still put together"
    await studio.act(review.undo, action)
    assert await in_database(cast, one) == 1
    assert await in_memory(cast, studio, one) == 1


async def test_an_opt_in_allows_and_its_withdrawal_deletes_at_once_in_database_and_index(
    cast: Cast, studio: Studio, listening: None
) -> None:
    (one,), (other,), (later,) = await studio.photo(0), await studio.photo(0), await studio.photo(0)
    person = await anna(cast)
    await studio.act(review.confirm, [one.id, other.id], person)
    assert await in_database(cast, one, other) == 0
    consent = await add_consent(cast.container, cast.rita, person, "website", biometric=True)
    await studio.work()
    assert await in_database(cast, one, other) == 2
    assert await in_memory(cast, studio, one, other) == 2
    async with cast.scope(cast.rita) as scope:
        found = await templates.of_person(scope, person)
        assert (found.allowed, found.why, found.templates) == (True, "opt_in", 2)
    assert likely(await studio.face(later)) == [person]
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent.id)
    await jobs.apply_biometrics({"container": cast.container}, str(person))
    assert await in_database(cast, one, other) == 0
    await eventually(lambda: in_memory(cast, studio, one, other), 0)
    face = await studio.face(later)
    assert (face.state, face.suggestions) == ("unknown", ()), "and nobody is suggested by what is gone"
    await studio.work()
    assert await in_database(cast, one, other) == 0
    assert [(await studio.face(row)).person_id for row in (one, other)] == [person] * 2, "the names stay"
    (event,) = [row for row in await audit_of(cast.container, "template:delete") if row.payload["why"] == "consent"]
    assert (event.person_id, event.payload["faces"]) == (person, 2)


async def test_a_worker_that_heard_nothing_forgets_when_it_looks_next(cast: Cast, studio: Studio) -> None:
    (one,) = await studio.photo(0)
    person = await anna(cast)
    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [one.id], person)
    assert await in_memory(cast, studio, one) == 1
    await studio.photo(3)
    assert await in_memory(cast, studio, one) == 0


async def test_templates_of_people_never_named_are_purged_and_boxes_and_review_stay(
    cast: Cast, studio: Studio, clock: TurnableClock, listening: None
) -> None:
    (old,) = await studio.photo(0)
    clock.turn(timedelta(days=20))
    (young,) = await studio.photo(1)
    clock.turn(timedelta(days=11))
    await jobs.purge_templates({"container": cast.container})
    assert await in_database(cast, old) == 0
    assert await in_database(cast, young) == 1
    await eventually(lambda: in_memory(cast, studio, old), 0)
    face = await studio.face(old)
    assert (face.state, face.box, face.cluster_id) == ("unknown", old.box, old.cluster_id)
    await jobs.catch_up({"container": cast.container, "engines": studio.engines})
    await studio.work()
    assert await in_database(cast, old) == 0, "and are not made again"
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.opt_in, "", 7)
    assert await in_database(cast, young) == 0, "a shorter time holds from its saving on"


async def test_the_rule_is_set_by_who_may_with_a_reason_and_is_on_record(cast: Cast, studio: Studio) -> None:
    await studio.photo(0)
    (one,) = await studio.photo(1)
    person = await anna(cast)
    await studio.act(review.confirm, [one.id], person)
    async with cast.scope(cast.petra) as scope:
        assert await templates.get_rule(scope) == templates.Rule()
        for reason, days in (("", 30), ("short", 30), (REASON, 0), (REASON, 366)):
            with pytest.raises(Invalid):
                await templates.set_rule(scope, Basis.documented, reason, days)
    for actor in (cast.rita, cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await templates.set_rule(scope, Basis.documented, REASON, 30)
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await templates.report(scope)
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, REASON, 60)
    await studio.work()
    assert await in_database(cast, one) == 1
    async with cast.scope(cast.alice) as scope:
        assert (await templates.get_rule(scope)).reason == REASON
        counts = await templates.report(scope)
        assert [(row.model, row.why, row.templates, row.people) for row in counts] == [
            ("fake/hue/1", "documented", 1, 1),
            ("fake/hue/1", "unsettled", 1, 0),
        ]
        assert counts[0].first_end is None
        assert counts[1].last_end is not None
        assert counts[1].last_end > scope.now() + timedelta(days=59)
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.opt_in, "", 30)
    assert await in_database(cast, one) == 0, "taking the basis away deletes in the same transaction"
    assert [row.payload["basis"] for row in await audit_of(cast.container, "biometrics:rule")] == ["documented", "opt_in"]


async def test_one_person_is_switched_off_whatever_the_basis(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (one,) = await studio.photo(0)
    person = await anna(cast)
    await studio.act(review.confirm, [one.id], person)
    assert await in_database(cast, one) == 1
    async with cast.scope(cast.alice) as scope:  # of a photo out of Rita's sight she is told nothing, not even in a count
        hidden = await add_photo(cast.container, cast.closed, [person], with_bytes=False)
        face = (await scope.db.execute(select(Face).where(col(Face.asset_id) == hidden))).scalar_one()
        scope.db.add(FaceTemplate(face_id=face.id, model="fake/hue/1", vector_ct=b"sealed", created_at=scope.now()))
        await scope.db.flush()
        assert (await templates.of_person(scope, person)).templates == 2
    async with cast.scope(cast.rita) as scope:
        assert (await templates.of_person(scope, person)).templates == 1
        off = await templates.switch(scope, person, on=False)
        assert (off.allowed, off.why, off.templates) == (False, "off", 0)
    assert await in_database(cast, one) == 0
    await studio.work()
    assert await in_database(cast, one) == 0
    await studio.act(switch_on, person)
    assert await in_database(cast, one) == 1
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await templates.switch(scope, person, on=False)


async def switch_on(scope: Any, person: UUID) -> templates.PersonTemplates:
    return await templates.switch(scope, person, on=True)


async def test_a_merge_follows_the_rule_of_the_entry_that_stays(cast: Cast, studio: Studio) -> None:
    await studio.document()
    (one,), (other,) = await studio.photo(0), await studio.photo(0)
    person, twin = await anna(cast), await anna(cast)
    await studio.act(review.confirm, [one.id], person)
    await studio.act(review.confirm, [other.id], twin)
    async with cast.scope(cast.rita) as scope:
        await templates.switch(scope, person, on=False)
    await studio.act(merging.merge, twin, person)
    assert await in_database(cast, one, other) == 0


@pytest.mark.parametrize(("guardians", "allowed"), [(0, False), (1, True)])
async def test_a_minor_needs_a_guardian_and_a_guardians_word_ends_at_sixteen(
    cast: Cast, studio: Studio, clock: TurnableClock, guardians: int, allowed: bool
) -> None:
    (one,) = await studio.photo(0)
    born = date(2010, 12, 24)
    person = await add_person(cast.container, "Kim", born=born, is_minor=True, created_by=cast.rita.user_id)
    await studio.act(review.confirm, [one.id], person)
    await add_consent(cast.container, cast.rita, person, "website", biometric=True, guardians_signed=guardians)
    await studio.work()
    assert await in_database(cast, one) == int(allowed)
    clock.turn(timedelta(days=40))
    await jobs.purge_templates({"container": cast.container})
    assert await in_database(cast, one) == 0
    async with cast.container.sessions() as db:
        kim = await db.get(Person, person)
        assert kim is not None
        assert (kim.biometrics_off_at is not None) == allowed


async def test_a_face_that_was_drawn_is_described_too(cast: Cast, studio: Studio) -> None:
    (one,) = await studio.photo(0)
    x, y, w, h = one.box
    drawn = await studio.act(review.draw, one.asset_id, (0.05, 0.05, 0.05, 0.05))
    around = await studio.act(review.draw, one.asset_id, (x - 0.02, y - 0.02, w + 0.04, h + 0.04))
    async with cast.container.sessions() as db:
        rows = {face.id: face for face in (await db.execute(select(Face))).scalars()}
        assert (rows[drawn.id].landmarks, rows[drawn.id].quality) == ([], 0.0)
        assert len(rows[around.id].landmarks) == 10
        assert rows[around.id].box != list(one.box), "the box stays as it was drawn"
    assert await in_database(cast, await studio.face(one)) == 1
    async with cast.container.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(FaceTemplate)) == 3

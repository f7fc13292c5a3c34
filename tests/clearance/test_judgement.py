"""Answers for whoever asks: of what they may see, with names only of whom they may see."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from photobank.access.actor import anonymous
from photobank.clearance import judgement, uses
from photobank.clearance.facts_types import Rules
from photobank.clearance.verdicts import ClearanceState, ReasonCode
from photobank.consents import days, withdrawal
from photobank.kernel.errors import Invalid, NotAuthenticated, NotFound, Refused
from tests.clearance.test_facts import Counter
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, with_key


async def test_only_photos_in_sight_are_answered_for(cast: Cast) -> None:
    photo, closed = [await add_photo(cast.container, folder, with_bytes=False) for folder in (cast.shared, cast.closed)]
    gone = await add_photo(cast.container, cast.shared, with_bytes=False, state="trashed")  # type: ignore[arg-type]
    for actor, seen in ((cast.bob, {photo}), (cast.charlie, set()), (cast.petra, {photo, closed}), (cast.alice, {photo, closed})):
        async with cast.scope(actor) as scope:
            assert set(await judgement.verdicts(scope, [photo, closed, gone, uuid4()])) == seen
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(NotFound):
            await judgement.matrix(scope, photo)
    with pytest.raises(NotAuthenticated):
        async with cast.scope(anonymous()) as scope:
            await judgement.verdicts(scope, [photo])


async def test_the_matrix_says_where_everybody_stands_and_what_to_do(cast: Cast) -> None:
    anna, carl = await add_person(cast.container, "Anna"), await add_person(cast.container, "Carl")
    photo = await add_photo(cast.container, cast.shared, [carl, anna], with_bytes=False)
    row = await add_consent(cast.container, cast.rita, anna, "website", "social")
    await add_consent(cast.container, cast.rita, carl, "website", valid_until=TODAY + timedelta(days=9))
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id, ["social"])
    async with cast.scope(cast.bob) as scope:
        found = await judgement.matrix(scope, photo)
        in_order = [use.key for use in await uses.facts(scope)]
    assert [use.id for use in found.uses] == in_order == list(found.verdicts)
    assert [line.name for line in found.people] == ["Anna", "Carl"]
    website, social = found.verdicts["website"], found.verdicts["social"]
    assert (website.state, website.valid_until) == (ClearanceState.EXPIRING, TODAY + timedelta(days=9))
    assert social.state is ClearanceState.REVOKED
    assert [(reason.code, reason.person_id) for reason in social.reasons] == [
        (ReasonCode.WITHDRAWN, anna),
        (ReasonCode.USE_NOT_GRANTED, carl),
    ]
    cells = {line.name: line.cells["social"] for line in found.people}
    assert cells["Anna"].reason is not None
    assert cells["Anna"].reason.next_step.value == "redact"


async def test_who_may_not_see_people_learns_that_somebody_is_in_the_way_and_not_who(cast: Cast) -> None:
    anna = await add_person(cast.container, "Anna")
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_consent(cast.container, cast.rita, anna, "website")
    await cast.grant(cast.charlie, cast.shared, "view")
    for actor in (cast.charlie, with_key(cast.bob, "download")):
        async with cast.scope(actor) as scope:
            found = await judgement.matrix(scope, photo)
            told = (await judgement.verdicts(scope, [photo]))[photo]
        assert [(line.person_id, line.name) for line in found.people] == [(None, "")]
        assert str(anna) not in str(found)
        assert str(anna) not in str(told)
        assert [reason.code for reason in told["press"].reasons] == [ReasonCode.USE_NOT_GRANTED]
        assert told["website"].allowed
        assert told["website"].grounds == ()


async def test_a_person_apart_from_any_photo(cast: Cast) -> None:
    anna, hidden = await add_person(cast.container, "Anna"), await add_person(cast.container, "Directeur")
    await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    await add_consent(cast.container, cast.rita, anna, "website")
    await add_consent(cast.container, cast.rita, anna, "press", extent="folder", extent_ids=(cast.shared,))
    async with cast.scope(cast.bob) as scope:
        states = await judgement.person_states(scope, anna)
        with pytest.raises(NotFound):
            await judgement.person_states(scope, hidden)
    assert [(states[use].state.value, states[use].partial) for use in ("website", "press", "social")] == [
        ("approved", False),
        ("approved", True),
        ("missing", False),
    ]
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await judgement.person_states(scope, anna)


async def test_asking_about_two_hundred_costs_as_many_queries_as_about_two(cast: Cast) -> None:
    people = [await add_person(cast.container, f"Persoon {n}") for n in range(4)]
    for person_id in people:
        await add_consent(cast.container, cast.alice, person_id, "website")
    photos = [await add_photo(cast.container, cast.shared, people[n % 4 :], seed=n, with_bytes=False) for n in range(200)]
    counts = []
    async with cast.scope(cast.bob) as scope:
        await judgement.verdicts(scope, photos[:1])  # from now on his rights on folders are remembered
    for ids in (photos[:2], photos):
        async with cast.scope(cast.bob) as scope:
            with Counter(cast.container) as statements:
                found = await judgement.verdicts(scope, ids)
        assert len(found) == len(ids)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 14


@pytest.mark.parametrize("territory", ["nl", "", "Mars", "NLD", "NL,BE"])
async def test_a_territory_must_be_one(cast: Cast, territory: str) -> None:
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Invalid):
            await judgement.verdicts(scope, [], "website", territory=territory)


def test_days_of_papers_are_the_days_of_birthdays() -> None:
    assert days.ZONE.key == Rules().time_zone
    assert days.last_day(days.end_of(TODAY.date())) == TODAY.date()

"""Entries that may be of one person: said to staff who see both, never to who scanned, and never merged by itself."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.kernel.errors import NotFound, Refused
from photobank.people import doubles, merging, persons
from tests.consents.asking import catch_mail, code_in, run_jobs, somebody
from tests.consents.test_event_codes import come_in, hang_up, scan
from tests.factories import add_person
from tests.house import Cast, Door, audit_of


async def pairs(cast: Cast) -> list[tuple[UUID, UUID]]:
    async with cast.scope(cast.alice) as scope:
        return [(one.later.id, one.earlier.id) for one in await doubles.listed(scope)]


async def test_who_is_known_and_scans_a_code_is_offered_to_staff_once_it_was_signed(cast: Cast, door: Door) -> None:
    anna = await somebody(cast, "Anna de Vries", "anna@post.example")
    _, path = await hang_up(cast)
    mail, answers = catch_mail(cast.container), {}
    for address in ("Anna@post.example", "nobody@post.example"):
        phone = await scan(door, path)
        answer = await come_in(phone, name="Annemiek", email=address)
        answers[address] = (answer.status_code, phone.page.replace(phone.link, "").split("csrf")[0])
        if address == "nobody@post.example":
            break
        assert await pairs(cast) == [], "anybody may have typed her address"
        await phone.send(uses=["website"], months="12", typed="Anna")
        await run_jobs(cast.container)
        await phone.send("code", code=code_in(mail.letters))
        assert "Getekend, bedankt" in phone.page
    assert answers["Anna@post.example"] == answers["nobody@post.example"], "who scans learns nothing"
    ((later, earlier),) = await pairs(cast)
    assert earlier == anna
    async with cast.scope(cast.alice) as scope:
        (pair,) = await doubles.listed(scope, anna)
        assert (pair.same_address, pair.alike, pair.later.name) == (True, None, "Annemiek")
        await merging.merge(scope, later, earlier)
    assert await pairs(cast) == []
    async with cast.scope(cast.alice) as scope:
        (merge,) = await merging.merged_in(scope, anna)
        await merging.unmerge(scope, anna, merge.id)
    assert await pairs(cast) == [], "taken apart by people: two people"


async def test_two_people_with_one_address_are_told_apart_for_good(cast: Cast) -> None:
    one, other = await somebody(cast, "Jan", "jansen@post.example"), await somebody(cast, "Jet", "jansen@post.example")
    assert await pairs(cast) == [(other, one)]
    async with cast.scope(cast.alice) as scope:
        await doubles.tell_apart(scope, one, other)
        await doubles.tell_apart(scope, other, one)
    assert await pairs(cast) == []
    (event,) = await audit_of(cast.container, "person:tell-apart")
    assert event.payload == {"other": str(other)}


async def test_only_of_two_in_sight_and_only_to_who_may_put_them_together(cast: Cast) -> None:
    one, other = [await add_person(cast.container, name) for name in ("Jan", "Jet")]
    async with cast.scope(cast.alice) as scope:
        for id_ in (one, other):
            await persons.change(scope, id_, email="jansen@post.example")
    for actor in (cast.bob, cast.charlie):
        async with cast.scope(actor) as scope:
            with pytest.raises(Refused):
                await doubles.listed(scope)
            with pytest.raises(Refused):
                await doubles.tell_apart(scope, one, other)
    async with cast.scope(cast.rita) as scope:
        assert await doubles.listed(scope) == [], "she sees neither"
        with pytest.raises(NotFound):
            await doubles.tell_apart(scope, one, other)
    hers = await add_person(cast.container, "Jo", created_by=cast.rita.user_id)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, hers, email="jansen@post.example")
        assert await doubles.listed(scope) == [], "nor whether others have the address of one she sees"
        with pytest.raises(NotFound):
            await doubles.tell_apart(scope, hers, one)
    assert len(await pairs(cast)) == 3

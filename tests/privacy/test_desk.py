"""What people ask about their own data: from their page or through staff, due in a month, answered once, with a reason where it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from photobank.audit.tags import Tag
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.mail.sender import MemorySender
from photobank.privacy import deadlines, desk
from photobank.privacy.desk import Outcome
from tests.consents.asking import on_own_page, run_jobs, somebody
from tests.factories import add_person
from tests.house import TODAY, Cast, Door, audit_of, with_key


@pytest.mark.parametrize(
    ("asked", "last"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2027, 3, 31), date(2027, 4, 30)),
    ],
)
def test_an_answer_is_due_within_a_month(asked: date, last: date) -> None:
    assert deadlines.last_day(asked) == last


def test_the_last_day_holds_to_its_end_where_the_house_is() -> None:
    assert deadlines.due(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == datetime(2026, 12, 24, 23, 0, tzinfo=UTC)


async def test_asked_on_ones_own_page_and_answered(cast: Cast, door: Door, clock: TurnableClock) -> None:
    anna = await somebody(cast)
    phone = await on_own_page(cast, await door.client(), anna, "website")
    sender = cast.container.mailer
    assert isinstance(sender, MemorySender)
    await phone.send("ask", kind="access")
    assert "Uw verzoek is binnen" in phone.page
    assert "antwoord uiterlijk op 23 december 2026" in phone.page
    assert 'value="access"' not in phone.page, "asked already"
    await phone.send("ask", kind="access")
    await phone.send("ask", kind="erasure")
    await run_jobs(cast.container)
    assert [letter.subject for letter in sender.letters].count("Uw verzoek over uw gegevens") == 2
    assert "Inzage: gevraagd op 23 november 2026, antwoord uiterlijk op 23 december 2026" in sender.letters[-1].text
    async with cast.scope(cast.petra) as scope:
        assert await desk.count_waiting(scope) == 2
        waiting = (await desk.page(scope)).items
        assert [(one.person_id, one.person_name, str(one.kind), one.own_page) for one in waiting] == [
            (anna, "Anna de Vries", "access", True),
            (anna, "Anna de Vries", "erasure", True),
        ]
    clock.turn(timedelta(days=31))
    async with cast.scope(cast.petra) as scope:
        assert all(one.late for one in (await desk.page(scope)).items)
        with pytest.raises(Invalid):
            await desk.close(scope, waiting[1].id, "refused", "  ")
        with pytest.raises(Invalid):
            await desk.close(scope, waiting[1].id, "perhaps")
        refused = await desk.close(scope, waiting[1].id, "refused", "De wet zegt dat wij dit bewaren.")
        assert refused.outcome is Outcome.refused
    async with cast.scope(cast.petra) as scope:
        await desk.close(scope, waiting[0].id, "granted")
        with pytest.raises(Conflict):
            await desk.close(scope, waiting[0].id, "granted")
        assert (await desk.page(scope)).items == []
        assert len((await desk.page(scope, waiting=False)).items) == 2
    await run_jobs(cast.container)
    assert "Wissen: afgewezen op 24 december 2026" in sender.letters[-1].text
    assert "De wet zegt" not in sender.letters[-1].text, "the reason is read behind the code"
    asked = await audit_of(cast.container, Tag.privacy_asked)
    assert [event.actor_kind for event in asked] == ["subject", "subject"]
    assert [event.payload["late"] for event in await audit_of(cast.container, Tag.privacy_answered)] == [True, True]


async def test_the_reason_is_read_on_the_page(cast: Cast, door: Door) -> None:
    anna = await somebody(cast)
    phone = await on_own_page(cast, await door.client(), anna, "website")
    await phone.send("ask", kind="erasure")
    async with cast.scope(cast.petra) as scope:
        (row,) = (await desk.page(scope)).items
        await desk.close(scope, row.id, "refused", "Wij moeten <dit> bewaren.")
    await phone.open("me/")
    assert "Wij moeten &lt;dit&gt; bewaren." in phone.page
    assert "afgewezen op 23 november 2026" in phone.page
    assert 'value="erasure"' in phone.page, "it may be asked again"
    assert (await phone.send("ask", kind="everything")).status_code == 422


async def test_staff_enter_what_came_by_letter(cast: Cast) -> None:
    anna = await add_person(cast.container)
    with pytest.raises(Invalid):
        async with cast.scope(cast.petra) as scope:
            await desk.enter(scope, anna, "access", TODAY + timedelta(days=1))
    async with cast.scope(cast.petra) as scope:
        row = await desk.enter(scope, anna, "access")
        assert (row.own_page, row.asked_at) == (False, TODAY)
        with pytest.raises(Conflict):
            await desk.enter(scope, anna, "access")
        with pytest.raises(NotFound):
            await desk.enter(scope, uuid4(), "access")
        with pytest.raises(NotFound):
            await desk.close(scope, uuid4(), "granted")


async def test_only_the_privacy_officer_and_admins_deal_with_them(cast: Cast) -> None:
    anna = await add_person(cast.container)
    for actor in (cast.bob, cast.charlie, cast.rita, with_key(cast.petra, "consent")):
        for work in (desk.page, desk.count_waiting):
            with pytest.raises(Refused):
                async with cast.scope(actor) as scope:
                    await work(scope)
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await desk.enter(scope, anna, "access")
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await desk.close(scope, uuid4(), "granted")
    async with cast.scope(with_key(cast.alice, "privacy")) as scope:
        await desk.enter(scope, anna, "erasure")


async def test_the_list_goes_on_where_it_stopped(cast: Cast, clock: TurnableClock) -> None:
    for number in range(7):
        person = await add_person(cast.container, f"Persoon {number}")
        clock.turn(timedelta(days=1 if number % 2 else 0))
        async with cast.scope(cast.petra) as scope:
            row = await desk.enter(scope, person, "access")
            if number > 3:
                await desk.close(scope, row.id, "granted")
    for waiting, names in ((True, ["0", "1", "2", "3"]), (False, ["6", "5", "4"])):
        seen: list[str] = []
        cursor = None
        while True:
            async with cast.scope(cast.petra) as scope:
                page = await desk.page(scope, waiting=waiting, cursor=cursor, limit=2)
            seen += [one.person_name[-1] for one in page.items]
            if (cursor := page.next_cursor) is None:
                break
        assert sorted(seen) == sorted(names)
        assert len(seen) == len(names)

"""Asked by the clock: thirty days before the end, the child once it has grown, again after a week, and never after a reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from photobank.consents import alerts as coming
from photobank.consents import asking, days, records, requests, series, timeline, withdrawal
from photobank.kernel.birthdays import birthday
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.mail.sender import MemorySender
from photobank.people import persons
from state.consents import reach, read_board
from tests.consents.asking import Phone, ask, catch_mail, code_in, form_named, link_in, run_jobs, somebody
from tests.factories import add_consent
from tests.house import TODAY, Cast, Door, audit_of
from workers import alerts
from workers import consents as jobs

END = TODAY + timedelta(days=365)


async def by_the_clock(cast: Cast) -> None:
    await jobs.ask_again({"container": cast.container})
    await run_jobs(cast.container)


def subjects(mail: MemorySender) -> list[str]:
    return [letter.subject for letter in mail.letters]


async def recorded(cast: Cast) -> tuple[UUID, UUID]:
    anna = await somebody(cast)
    await form_named(cast)
    row = await add_consent(cast.container, cast.rita, anna, "website", valid_until=END)
    return anna, row.id


async def test_to_renew_thirty_days_before_the_end_and_once(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, consent_id = await recorded(cast)
    clock.turn_to(END - timedelta(days=31))
    await by_the_clock(cast)
    assert subjects(mail) == []
    clock.turn(timedelta(days=2))
    for _ in range(3):
        await by_the_clock(cast)
    assert subjects(mail) == ["Uw toestemming voor foto’s loopt af"]
    async with cast.scope(cast.rita) as scope:
        (row,) = (await requests.page(scope)).items
    assert row.renews == consent_id


async def test_a_reminder_after_a_week_twice_and_then_silence(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    await ask(cast, await somebody(cast))
    await by_the_clock(cast)
    for _ in range(28):
        clock.turn(timedelta(days=1))
        await by_the_clock(cast)
    assert subjects(mail) == ["Mogen wij uw foto’s gebruiken?"] + ["Herinnering: mogen wij uw foto’s gebruiken?"] * 2
    assert link_in(mail.letters[0]) == link_in(mail.letters[2])


async def test_any_reply_ends_the_series(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, consent_id = await recorded(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    phone = Phone(await door.client(), link_in(mail.letters[0]))
    await phone.open()
    await phone.send("decline")
    for _ in range(20):
        clock.turn(timedelta(days=1))
        await by_the_clock(cast)
    assert len(mail.letters) == 1
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent_id)


@pytest.mark.parametrize("how", ["withdrawn", "on paper"])
async def test_whoever_answers_in_another_way_is_reminded_of_nothing(cast: Cast, clock: TurnableClock, how: str) -> None:
    mail = catch_mail(cast.container)
    anna, consent_id = await recorded(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    assert len(mail.letters) == 1
    if how == "withdrawn":
        async with cast.scope(cast.rita) as scope:
            await withdrawal.withdraw(scope, consent_id, ["website"])
    else:
        await add_consent(cast.container, cast.rita, anna, "website", valid_until=END + timedelta(days=365), signed_at=clock.now())
    for _ in range(20):
        clock.turn(timedelta(days=1))
        await by_the_clock(cast)
    assert len(mail.letters) == 1


async def test_what_was_withdrawn_is_not_asked_for(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, consent_id = await recorded(cast)
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent_id)
    clock.turn_to(END - timedelta(days=10))
    await by_the_clock(cast)
    assert mail.letters == []


async def test_signed_anew_it_takes_the_place_of_the_old_one(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    anna, consent_id = await recorded(cast)
    clock.turn_to(END - timedelta(days=20))
    await by_the_clock(cast)
    phone = Phone(await door.client(), link_in(mail.letters[0]))
    await phone.open()
    await phone.send(uses=["website"], months="12", typed="Anna")
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in phone.page
    async with cast.scope(cast.rita) as scope:
        new, old = await records.of_person(scope, anna)
    assert (old.id, old.superseded_by) == (consent_id, new.id)


async def test_the_child_is_asked_once_it_has_grown(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    child = await somebody(cast, "Lot", "", born=date(2011, 2, 3))
    await ask(cast, child, starter="education_minor", guardians=(asking.Guardian("Mieke", "mieke@post.example"),))
    await run_jobs(cast.container)
    phone = Phone(await door.client(), link_in(mail.letters[0]))
    await phone.open()
    await phone.send(uses=["website"], months="12", typed="Mieke")
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(mail.letters))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, child, email="lot@post.example")
    sent = len(mail.letters)
    clock.turn(timedelta(days=60))
    await by_the_clock(cast)
    assert len(mail.letters) == sent, "not the guardian, who could sign for days only"
    clock.turn(timedelta(days=13))
    await by_the_clock(cast)
    (letter,) = mail.letters[sent:]
    assert (letter.to, letter.subject) == ("lot@post.example", "Mogen wij uw foto’s gebruiken? Vanaf nu beslist u zelf")
    phone = Phone(await door.client(), link_in(letter))
    await phone.open()
    assert "Vanaf 16 jaar beslist u zelf" in phone.page, "and not the form that is written for parents"


async def test_no_to_a_renewal_says_what_still_holds(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, consent_id = await recorded(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    phone = Phone(await door.client(), link_in(mail.letters[0]))
    await phone.open()
    await phone.send("decline")
    assert "geldt nog tot de einddatum" in phone.page
    assert f'href="{phone.link}' in phone.page, "the way to stop now"
    async with cast.scope(cast.rita) as scope:
        assert (await records.get(scope, consent_id)).status.in_force


async def parents_said_yes(cast: Cast, door: Door, mail: MemorySender, name: str = "Lot", email: str = "") -> tuple[UUID, UUID]:
    """A child of fifteen for whom a parent signed; gives the child and the record."""
    child = await somebody(cast, name, email, born=date(2011, 2, 3))
    await ask(cast, child, starter="education_minor", guardians=(asking.Guardian("Mieke", "mieke@post.example"),))
    await run_jobs(cast.container)
    phone = Phone(await door.client(), link_in(mail.letters[-1]))
    await phone.open()
    await phone.send(uses=["website"], months="12", typed="Mieke")
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(mail.letters))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        (row,) = await records.of_person(scope, child)
    mail.letters.clear()
    return child, row.id


async def test_a_child_without_an_address_of_its_own_is_not_asked_and_staff_are_told_what_to_do(
    cast: Cast, door: Door, clock: TurnableClock
) -> None:
    mail = catch_mail(cast.container)
    # What stands with the child is its mother's address: she decides no more.
    child, consent_id = await parents_said_yes(cast, door, mail, email="Mieke@post.example")

    async def board() -> Mapping[str, Any]:
        async with cast.scope(cast.rita) as scope:
            return await read_board.read(scope, cards=20)

    clock.turn_to(birthday(date(2011, 2, 3), 16, str(days.ZONE)) - timedelta(days=10))
    await by_the_clock(cast)
    (soon,) = (await board())["expiring"]
    assert (soon.lacks, soon.renews) == ("own_address", str(consent_id)), "told before it ends"
    clock.turn(timedelta(days=11))
    await by_the_clock(cast)
    shown = await board()
    (card,) = shown["unasked"]
    assert (card.person_id, card.note, card.lacks, card.renews) == (str(child), "outgrown", "own", str(consent_id))
    assert shown["counts"]["unasked"] == 1
    assert mail.letters == []
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, child, email="lot@post.example")
    (card,) = (await board())["unasked"]
    assert card.lacks == "", "it is asked by the next half hour, or at once by hand"
    await by_the_clock(cast)
    assert [letter.to for letter in mail.letters] == ["lot@post.example"]
    assert (await board())["unasked"] == []


async def test_the_address_that_staff_fill_in_is_ones_own_and_the_question_goes_there(
    cast: Cast, door: Door, clock: TurnableClock
) -> None:
    mail = catch_mail(cast.container)
    child, consent_id = await parents_said_yes(cast, door, mail)
    grown = birthday(date(2011, 2, 3), 16, str(days.ZONE))
    for wrong, why in (("", "field.required"), ("Mieke@Post.example", "errors.guardians_address")):
        with pytest.raises(Invalid) as refused:
            async with cast.scope(cast.rita) as scope:
                await reach(scope, await records.get(scope, consent_id), wrong)
        assert refused.value.fields == {"email": why}
    async with cast.scope(cast.rita) as scope:
        assert (await persons.detail(scope, child)).email == "", "what was refused is not kept"
        assert not await reach(scope, await records.get(scope, consent_id), "lot@post.example"), "parents decide until the birthday"
    clock.turn_to(grown + timedelta(hours=1))
    async with cast.scope(cast.rita) as scope:
        assert await reach(scope, await records.get(scope, consent_id), "lot@own.example")
    await run_jobs(cast.container)
    assert [letter.to for letter in mail.letters] == ["lot@own.example"]
    for nobody in (cast.charlie, cast.bob):
        with pytest.raises((Refused, NotFound)):
            async with cast.scope(nobody) as scope:
                await reach(scope, await records.get(scope, consent_id), "else@own.example")


async def test_people_who_cannot_be_mailed_keep_nobody_else_from_being_asked(
    cast: Cast, clock: TurnableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "AT_ONCE", 2)
    mail = catch_mail(cast.container)
    await form_named(cast)
    for number in range(3):  # of a child on paper nobody's address is known; they end first
        nobody = await somebody(cast, f"Kind {number}", "", born=date(2016, 2, number + 1))
        await add_consent(cast.container, cast.rita, nobody, "website", valid_until=END, guardians_signed=1)
    await add_consent(cast.container, cast.rita, await somebody(cast, "Bas", ""), "website", valid_until=END)
    await recorded(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    assert [letter.to for letter in mail.letters] == ["anna@post.example"]
    async with cast.scope(cast.rita) as scope:
        shown = await read_board.read(scope, cards=20)
    assert sorted(card.lacks for card in shown["expiring"]) == ["", "address", "guardian", "guardian", "guardian"]


async def test_a_paper_of_parents_without_an_end_ends_at_sixteen_like_any_other(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    await form_named(cast)
    child = await somebody(cast, "Lot", "lot@post.example", born=date(2011, 2, 3))
    row = await add_consent(cast.container, cast.rita, child, "website", guardians_signed=1)
    grown = birthday(date(2011, 2, 3), 16, str(days.ZONE))

    async def until() -> datetime | None:
        await alerts.tell({"container": cast.container})
        async with cast.scope(cast.rita) as scope:
            return (await records.get(scope, row.id)).valid_until

    assert await until() is None
    async with cast.scope(cast.rita) as scope:
        (card,) = (await read_board.read(scope, cards=20))["signed"]
    assert card.note == "until_of_age"
    async with cast.scope(cast.rita) as scope:
        assert [bar.end for bar in (await timeline.timeline(scope, child)).bars] == [grown]
    clock.turn_to(grown - timedelta(days=29))
    assert await until() == grown
    assert len(await audit_of(cast.container, "consent:end-of-age")) == 1
    async with cast.scope(cast.alice) as scope:
        assert [one.ends_at for one in (await coming.mine(scope)).items] == [grown], "and is told in time"
    await by_the_clock(cast)
    assert mail.letters == []
    clock.turn(timedelta(days=30))
    await by_the_clock(cast)
    assert [letter.to for letter in mail.letters] == ["lot@post.example"]
    assert await until() == grown
    assert len(await audit_of(cast.container, "consent:end-of-age")) == 1

"""Asked by the clock: thirty days before the end, the child once it has grown, again after a week, and never after a reply."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from photobank.consents import asking, records, requests, withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.mail.sender import MemorySender
from photobank.people import persons
from tests.consents.asking import Phone, ask, catch_mail, code_in, form_named, link_in, run_jobs, somebody
from tests.factories import add_consent
from tests.house import TODAY, Cast, Door
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
    assert [(letter.to, letter.subject) for letter in mail.letters[sent:]] == [
        ("lot@post.example", "Uw toestemming voor foto’s loopt af")
    ]


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

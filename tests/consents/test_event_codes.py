"""A code at an event: strangers scan it, sign for that event's photos, and whoever does not sign is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from photobank.access import limits
from photobank.consents import event_codes, records, requests
from photobank.consents.event_codes import CodeRow
from photobank.consents.progress import Progress
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Gone, Invalid, NotFound, Refused
from photobank.library.processing import WORKER
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner
from photobank.people import persons
from tests.consents.asking import Phone, catch_mail, code_in, form_named, run_jobs, somebody
from tests.house import TODAY, Cast, Door, audit_of

FRIDAY = TODAY.date() + timedelta(days=4)
GUEST = {"name": "Gijs van Dam", "email": "gijs@post.example", "of_age": "yes"}


async def hang_up(cast: Cast, **more: Any) -> tuple[CodeRow, str]:
    """A code by Rita, for an event in the shared folder, and the path it leads to."""
    catch_mail(cast.container)
    form = await form_named(cast, "tourism_event")
    given: dict[str, Any] = {"template_id": form, "folder_id": cast.shared, "title": "Open dag", "last_day": FRIDAY} | more
    async with cast.scope(cast.rita) as scope:
        row = await event_codes.make(scope, **given)
        url = await event_codes.address_of(scope, row.id)
    return row, url.removeprefix(cast.container.settings.origin)


async def scan(door: Door, path: str) -> Phone:
    """A guest's phone, on the code's page."""
    phone = Phone(await door.client(), path)
    await phone.open()
    return phone


async def come_in(phone: Phone, **fields: str) -> Any:
    """Say who one is; the phone is on the form then."""
    answer = await phone.send(**(GUEST | fields))
    phone.link = answer.url.path
    return answer


async def people(cast: Cast) -> int:
    async with cast.container.sessions() as db:
        return await db.scalar(select(func.count()).select_from(Person)) or 0


async def test_a_stranger_signs_for_the_photos_of_the_event(cast: Cast, door: Door) -> None:
    row, path = await hang_up(cast)
    mail = catch_mail(cast.container)
    phone = await scan(door, path)
    assert "Open dag" in phone.page
    assert " checked>" not in phone.page
    await come_in(phone)
    assert phone.link.startswith("/c/")
    assert "Gijs van Dam" in phone.page
    assert " checked>" not in phone.page, "nothing is ticked for them"
    await phone.send(uses=["website"], months="12", typed="Gijs")
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in phone.page
    async with cast.scope(cast.rita) as scope:
        (asked,) = (await requests.page(scope)).items
        (paper,) = (await records.page(scope)).items
        assert (asked.person_name, asked.progress, asked.signers[0].email) == ("Gijs van Dam", Progress.signed, "gijs@post.example")
        assert (paper.extent, paper.extent_ids) == ("folder", (cast.shared,))
        assert (await event_codes.get(scope, row.id)).signed == 1
    (used,) = await audit_of(cast.container, "event-code:use")
    assert used.payload == {"code": str(row.id)}, "and no name"


async def test_who_is_known_already_is_told_and_shown_nothing(cast: Cast, door: Door) -> None:
    anna = await somebody(cast, "Anna de Vries", "anna@post.example")
    _, path = await hang_up(cast)
    phone = await scan(door, path)
    await come_in(phone, name="Iemand anders", email="anna@post.example")
    assert "Iemand anders" in phone.page
    assert "Anna" not in phone.page
    async with cast.scope(cast.rita) as scope:
        (asked,) = (await requests.page(scope)).items
    assert asked.person_id != anna, "whether it is she is for staff to say"


@pytest.mark.parametrize(
    ("fields", "word"), [({"name": " "}, "naam"), ({"email": "gijs"}, "e-mailadres"), ({"of_age": ""}, "16 jaar")]
)
async def test_what_is_missing_is_said_and_nobody_is_entered(cast: Cast, door: Door, fields: dict[str, str], word: str) -> None:
    _, path = await hang_up(cast)
    phone, before = await scan(door, path), await people(cast)
    answer = await phone.send(**(GUEST | fields))
    assert answer.status_code == 422
    assert word in answer.text.split('class="wrong"')[1][:200]
    assert await people(cast) == before


async def test_over_is_over(cast: Cast, door: Door, clock: TurnableClock) -> None:
    row, path = await hang_up(cast)
    other, later = await hang_up(cast, title="Zomerfeest")
    for nobodys in (f"/e/{'t' * 32}/", "/e/short/"):
        assert (await (await door.client()).get(nobodys, headers={"accept": "text/html"})).status_code == 404
    phone = await scan(door, path)
    await come_in(phone)
    async with cast.scope(cast.rita) as scope:
        await event_codes.close(scope, row.id)
        await event_codes.close(scope, row.id)
        with pytest.raises(Gone):
            await event_codes.address_of(scope, row.id)
        assert [(one.id, one.open) for one in await event_codes.listed(scope)] == [(other.id, True), (row.id, False)]
    assert len(await audit_of(cast.container, "event-code:close")) == 1
    before = await people(cast)
    for late in (path, later):
        if late == later:
            clock.turn(timedelta(days=5))
        stranger = Phone(await door.client(), late)
        assert (await stranger.open()).status_code == 410
        assert "Open dag" not in stranger.page
        assert (await stranger.client.post(late, data=GUEST)).status_code == 410
    assert await people(cast) == before


async def test_who_does_not_sign_is_forgotten_and_who_signed_or_is_known_stays(
    cast: Cast, door: Door, clock: TurnableClock
) -> None:
    _, path = await hang_up(cast)
    mail = catch_mail(cast.container)
    at_first = await people(cast)
    signs, looks, declines, edited = [await scan(door, path) for _ in range(4)]
    for number, phone in enumerate((signs, looks, declines, edited)):
        await come_in(phone, name=f"Gast {number}", email=f"gast{number}@post.example")
    await signs.send(uses=["website"], months="12", typed="Gast")
    await run_jobs(cast.container)
    await signs.send("code", code=code_in(mail.letters))
    await declines.send("decline")
    async with cast.scope(cast.rita) as scope:
        known = next(one.person_id for one in (await requests.page(scope)).items if one.person_name == "Gast 3")
        clock.turn(timedelta(minutes=1))
        await persons.change(scope, known, note="Spreker")
    for days, left in ((1, 4), (2, 2)):
        clock.turn(timedelta(days=days))
        async with cast.scope(WORKER) as scope:
            await event_codes.forget_unsigned(scope)
        assert await people(cast) - at_first == left
    async with cast.container.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(ConsentRequest)) == 2
        assert await db.scalar(select(func.count()).select_from(ConsentSigner)) == 2
        assert set((await db.scalars(select(col(Person.name)).where(col(Person.name).startswith("Gast")))).all()) == {
            "Gast 0",
            "Gast 3",
        }
    assert (await looks.open()).status_code == 404


async def test_a_hall_may_come_at_once_and_a_script_may_not(cast: Cast, door: Door) -> None:
    row, path = await hang_up(cast)
    phone = await scan(door, path)
    for _ in range(limits.EVENT_GUEST.item.amount - 1):
        await cast.container.rates.hit(limits.EVENT_GUEST, str(row.id), "203.0.113.9")
    await come_in(phone)
    phone.link = path
    await phone.open()
    before = await people(cast)
    assert (await phone.send(**GUEST)).status_code == 429
    assert await people(cast) == before
    other, way = await hang_up(cast, title="Zomerfeest")
    for _ in range(limits.EVENT_ADDRESS.item.amount):
        await cast.container.rates.hit(limits.EVENT_ADDRESS, "victim@post.example")
    assert (await Phone(await door.client(), way).send(**(GUEST | {"email": "Victim@post.example"}))).status_code == 429
    assert other.open
    assert await people(cast) == before
    assert (await phone.client.post(path, data=GUEST, headers={"sec-fetch-site": "cross-site"})).status_code == 403


async def test_who_may_and_for_what(cast: Cast) -> None:
    row, _ = await hang_up(cast)
    for actor in (cast.bob, cast.charlie):
        for work in (
            event_codes.listed,
            lambda scope: event_codes.address_of(scope, row.id),
            lambda scope: event_codes.close(scope, row.id),
        ):
            with pytest.raises(Refused):
                async with cast.scope(actor) as scope:
                    await work(scope)
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await event_codes.get(scope, uuid4())
    for more, field in (
        ({"folder_id": cast.closed}, "folder_id"),
        ({"title": " "}, "title"),
        ({"last_day": TODAY.date() - timedelta(days=1)}, "last_day"),
        ({"last_day": TODAY.date() + timedelta(days=120)}, "last_day"),
    ):
        with pytest.raises(Invalid) as told:
            await hang_up(cast, **more)
        assert field in told.value.fields
    async with cast.scope(cast.alice) as scope:
        hidden = await event_codes.make(scope, row.template_id, cast.closed, "Bestuur", FRIDAY)
    async with cast.scope(cast.rita) as scope:
        assert hidden.id not in {one.id for one in await event_codes.listed(scope)}
        with pytest.raises(NotFound):
            await event_codes.address_of(scope, hidden.id)
    assert isinstance(hidden.id, UUID)

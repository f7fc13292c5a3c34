"""Asking from a list: who is known, who is entered, what is left out and why; looked at first it changes nothing."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from photobank.consents import requests
from photobank.integrations import request_lists
from photobank.integrations.request_lists import Fate, Told
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.models.people import Person
from tests.consents.asking import catch_mail, form_named, run_jobs, somebody
from tests.house import Cast

LIST = """Naam;E-mail;Geboortedatum;Ouder;E-mail ouder\r
Anna de Vries;anna@post.example;;;\r
Bea Bakker;bea@post.example;;;\r
 ;leeg@post.example;;;\r
Cor;geen adres;;;\r
Sem Smit;;2015-05-05;Mieke Smit;mieke@post.example\r
Lot;;;Jan;jan@post.example\r
Dick;dick@post.example;;;\r
dick;DICK@post.example;;;\r
"""


async def given(cast: Cast, text: str | bytes, form: UUID, **more: bool) -> Told:
    data = text.encode() if isinstance(text, str) else text
    async with cast.scope(cast.rita) as scope:
        return await request_lists.ask_from(scope, form, data, **more)


async def people(cast: Cast) -> int:
    async with cast.container.sessions() as db:
        return await db.scalar(select(func.count()).select_from(Person)) or 0


async def test_a_list_is_looked_at_and_asked(cast: Cast) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    form = await form_named(cast, "education_minor")
    before = await people(cast)
    looked = await given(cast, LIST, form, check=True)
    assert await people(cast) == before
    fates = [(line.number, line.fate, line.fault, line.known) for line in looked.lines]
    assert fates == [
        (2, Fate.asked, "", True),
        (3, Fate.asked, "", False),
        (4, Fate.fault, "errors.name", False),
        (5, Fate.fault, "errors.email", False),
        (6, Fate.asked, "", False),
        (7, Fate.fault, "errors.list_guardian", False),
        (8, Fate.fault, "errors.list_twice", False),
        (9, Fate.fault, "errors.list_twice", False),
    ]
    done = await given(cast, LIST, form)
    assert (done.count(Fate.asked), done.count(Fate.fault)) == (3, 5)
    assert await people(cast) == before + 2
    await run_jobs(cast.container)
    assert {letter.to for letter in mail.letters} == {"anna@post.example", "bea@post.example", "mieke@post.example"}
    async with cast.scope(cast.rita) as scope:
        asked = (await requests.page(scope)).items
    assert {one.person_name for one in asked} == {"Anna de Vries", "Bea Bakker", "Sem Smit"}
    assert anna in {one.person_id for one in asked}
    again = await given(cast, LIST, form)
    assert (again.count(Fate.asked), again.count(Fate.waiting)) == (0, 3)
    assert await people(cast) == before + 2


async def test_a_family_that_shares_an_address_is_told_apart_by_name(cast: Cast) -> None:
    catch_mail(cast.container)
    form = await form_named(cast)
    text = "name,email\nMarijke,smit@post.example\nJoost,smit@post.example\n"
    assert (await given(cast, text, form)).count(Fate.asked) == 2
    before = await people(cast)
    assert (await given(cast, text, form)).count(Fate.waiting) == 2
    assert await people(cast) == before


async def test_what_is_no_list(cast: Cast) -> None:
    catch_mail(cast.container)
    form = await form_named(cast)
    for data in (b"", b"name,email\n", b"voornaam,mail\nAnna,a@b.example\n", b"name,email\nAn\0na,a@b.example\n", b"x" * 600_000):
        with pytest.raises(Invalid):
            await given(cast, data, form)
    long = "name,email\n" + "".join(f"P{n},p{n}@post.example\n" for n in range(501))
    with pytest.raises(Invalid):
        await given(cast, long, form)
    with pytest.raises(NotFound):
        await given(cast, "name,email\nAnna,anna@post.example\n", UUID(int=1))
    latin = "name;email\nZoë;zoe@post.example\n".encode("cp1252")
    (line,) = (await given(cast, latin, form, check=True)).lines
    assert line.name == "Zoë"


async def test_who_may(cast: Cast) -> None:
    catch_mail(cast.container)
    form = await form_named(cast)
    for actor in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await request_lists.ask_from(scope, form, LIST.encode(), check=True)

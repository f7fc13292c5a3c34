"""A fresh link to one's own page: at the address that holds now, with the earlier links dead; nothing for who was never asked."""

from __future__ import annotations

from datetime import date

import pytest

from photobank.consents import lost_links
from photobank.consents.asking import Guardian
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.mail.sender import MemorySender
from photobank.people import persons
from tests.consents.asking import Phone, ask, catch_mail, code_in, link_in, on_own_page, run_jobs, somebody
from tests.factories import add_person, add_photo
from tests.house import Cast, Door


async def test_the_new_address_gets_a_link_that_opens_the_page(cast: Cast, door: Door) -> None:
    anna = await somebody(cast)
    phone = await on_own_page(cast, await door.client(), anna, "website")
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, email="nieuw@post.example")
    assert (await phone.open("me/")).status_code == 404
    async with cast.scope(cast.rita) as scope:
        assert await lost_links.send(scope, anna) == 1
    await run_jobs(cast.container)
    sender = cast.container.mailer
    assert isinstance(sender, MemorySender)
    letter = sender.letters[-1]
    assert (letter.to, letter.subject) == ("nieuw@post.example", "Uw pagina over uw foto’s")
    assert (await phone.open()).status_code == 404, "the earlier link is dead"
    other = Phone(await door.client(), link_in(letter))
    await other.open()
    assert "Anna" not in other.page
    await other.send("knock")
    await run_jobs(cast.container)
    assert sender.letters[-1].to == "nieuw@post.example"
    await other.send("enter", code=code_in(sender.letters))
    assert "Anna de Vries" in other.page
    assert "Intrekken wat is aangekruist" in other.page


async def test_guardians_get_it_for_a_child(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    child = await somebody(cast, "Sem", "", born=date(2015, 5, 5))
    await ask(cast, child, starter="education_minor", guardians=(Guardian("Mieke", "mieke@post.example"),))
    await run_jobs(cast.container)
    phone = Phone(await door.client(), link_in(mail.letters[0]))
    await phone.open()
    await phone.send("decline")
    async with cast.scope(cast.rita) as scope:
        assert await lost_links.send(scope, child) == 1
    await run_jobs(cast.container)
    assert mail.letters[-1].to == "mieke@post.example"


async def test_who_may_and_for_whom(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    await ask(cast, anna)
    with pytest.raises(Invalid, match="never asked"):
        async with cast.scope(cast.rita) as scope:
            await lost_links.send(scope, anna)
    for actor in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await lost_links.send(scope, anna)
    hidden = await add_person(cast.container, "Directeur")
    await add_photo(cast.container, cast.closed, [hidden], with_bytes=False)
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await lost_links.send(scope, hidden)

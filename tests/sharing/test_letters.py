"""Mail with the address of a share: to each recipient once, without the password, and only while the share is open."""

from __future__ import annotations

from datetime import timedelta
from typing import cast as typed
from uuid import UUID

import pytest
from sqlalchemy import select

from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid
from photobank.mail.sender import MemorySender
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.shares import ShareLetter
from photobank.notices.mails import PAUSES
from photobank.sharing import letters, links
from photobank.sharing.links import Made
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast
from tests.sharing.given import share
from workers import sharing as jobs

PASSWORD = "zonnebloem-in-mei"


@pytest.fixture
def post(cast: Cast) -> MemorySender:
    sender = MemorySender()
    cast.container.mailer = sender
    return sender


@pytest.fixture
async def photo(cast: Cast) -> UUID:
    anna = await add_person(cast.container, "Anna de Vries")
    made = await add_photo(cast.container, cast.shared, [anna])
    await add_consent(cast.container, cast.rita, anna, "website")
    return made


async def run(cast: Cast) -> None:
    queue = typed(MemoryQueue, cast.container.queue)
    while mine := [one for one in queue.jobs if one[0] is Job.send_share_letter]:
        for one in mine:
            queue.jobs.remove(one)
            await jobs.send_share_letter({"container": cast.container}, *one[1])


async def test_each_recipient_gets_the_link_and_nobody_the_password(cast: Cast, photo: UUID, post: MemorySender) -> None:
    to = ("mirjam@kade.example", " mirjam@kade.example ", "joost@kade.example")
    made: Made = await share(cast, cast.bob, photo, title="Open dag", password=PASSWORD, mail_to=to)
    await run(cast)
    assert sorted(letter.to for letter in post.letters) == ["joost@kade.example", "mirjam@kade.example"]
    for letter in post.letters:
        assert letter.subject == "Open dag"
        for text in (letter.text, letter.html):
            assert made.url in text
            assert PASSWORD not in text
            assert "wachtwoord" in text
            assert "Bob van Ziekenhuis De Lelie" in text
    await run(cast)
    await jobs.catch_up({"container": cast.container})
    await run(cast)
    assert len(post.letters) == 2
    async with cast.container.sessions() as db:
        stored = (await db.execute(select(ShareLetter))).scalars().all()
    assert all(b"kade" not in row.address_ct for row in stored)


async def test_a_link_that_has_ended_is_mailed_to_nobody(cast: Cast, photo: UUID, post: MemorySender) -> None:
    made = await share(cast, cast.bob, photo, mail_to=("mirjam@kade.example",))
    async with cast.scope(cast.bob) as scope:
        await links.end(scope, made.row.id)
    await run(cast)
    assert post.letters == []


async def test_a_mail_server_that_is_away_is_tried_again(cast: Cast, photo: UUID, post: MemorySender, clock: TurnableClock) -> None:
    post.away = True
    await share(cast, cast.bob, photo, mail_to=("mirjam@kade.example",))
    await run(cast)
    post.away = False
    await jobs.catch_up({"container": cast.container})
    await run(cast)
    assert post.letters == [], "not before its time"
    clock.turn(timedelta(seconds=PAUSES[0]))
    await jobs.catch_up({"container": cast.container})
    await run(cast)
    assert len(post.letters) == 1


async def test_addresses_are_addresses_and_a_server_is_needed(cast: Cast, photo: UUID, post: MemorySender) -> None:
    for wrong in ("mirjam", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"):
        with pytest.raises(Invalid):
            await share(cast, cast.bob, photo, mail_to=(wrong,))
    with pytest.raises(Invalid):
        await share(cast, cast.bob, photo, mail_to=tuple(f"a{n}@b.example" for n in range(letters.MOST + 1)))
    await run(cast)
    assert post.letters == []


async def test_without_a_server_it_says_so(cast: Cast, photo: UUID) -> None:
    with pytest.raises(Invalid) as found:
        await share(cast, cast.bob, photo, mail_to=("mirjam@kade.example",))
    assert found.value.fields == {"mail_to": "errors.no_mail_server"}

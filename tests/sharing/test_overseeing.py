"""Who oversees all links sees that they are there and how much they are used, ends them, and learns neither for whom nor who looked."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.audit.tags import Tag
from photobank.kernel.errors import NotFound, Refused
from photobank.mail.sender import Bounced, Letter, MemorySender
from photobank.sharing import letters, links, listing
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door, audit_of, with_key
from tests.sharing.given import names, outsider, share


@pytest.fixture
async def photo(cast: Cast, door: Door) -> UUID:
    anna = await add_person(cast.container, "Anna de Vries")
    made = await add_photo(cast.container, cast.shared, [anna], seed=7)
    await add_consent(cast.container, cast.alice, anna, "website")
    return made


async def test_admins_and_privacy_officers_see_everybodys_and_others_do_not(cast: Cast, photo: UUID) -> None:
    bobs = await share(cast, cast.bob, photo, title="Open dag", recipient="De Krant")
    alices = await share(cast, cast.alice, photo)
    for overseer in (cast.alice, cast.petra):
        async with cast.scope(overseer) as scope:
            rows = {row.id: row for row in (await listing.page(scope, everybodys=True)).items}
        assert set(rows) == {bobs.row.id, alices.row.id}
        seen = rows[bobs.row.id]
        assert (seen.maker, seen.mine, seen.title, seen.recipient, seen.photos) == ("Bob", False, "Open dag", "", 1)
    async with cast.scope(cast.bob) as scope:
        (mine,) = (await listing.page(scope)).items
        assert (mine.mine, mine.recipient) == (True, "De Krant")
        with pytest.raises(Refused):
            await listing.page(scope, everybodys=True)
    async with cast.scope(with_key(cast.alice, "share")) as scope:
        with pytest.raises(Refused):
            await listing.page(scope, everybodys=True)


async def test_they_end_it_and_get_neither_its_address_nor_who_looked(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    guest = outsider(made)
    assert names(await guest.look())
    for ask in (links.url, listing.visits):
        async with cast.scope(cast.petra) as scope:
            with pytest.raises(NotFound):
                await ask(scope, made.row.id)
    async with cast.scope(cast.petra) as scope:
        ended = await links.end(scope, made.row.id)
    assert ended.ended_at is not None
    assert (await guest.look()).status_code == 410
    (event,) = await audit_of(cast.container, Tag.share_ended)
    assert event.actor_id == cast.petra.user_id


async def test_others_end_nothing_and_learn_nothing(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    async with cast.scope(cast.rita) as scope:
        for ask in (links.end, listing.get):
            with pytest.raises(NotFound):
                await ask(scope, made.row.id)
    async with cast.scope(cast.charlie) as scope:
        for id_ in (made.row.id, UUID(int=1)):
            with pytest.raises(Refused):
                await links.end(scope, id_)


async def test_over_rest(cast: Cast, photo: UUID, door: Door) -> None:
    made = await share(cast, cast.bob, photo, recipient="De Krant")
    petra, bob = await door.client(cast.petra), await door.client(cast.bob)
    listed = (await petra.get("/api/v1/shares?everybodys=true")).json()["items"]
    assert [(one["id"], one["maker"], one["recipient"]) for one in listed] == [(str(made.row.id), "Bob", "")]
    assert (await bob.get("/api/v1/shares?everybodys=true")).status_code == 403
    assert (await petra.get("/api/v1/shares")).json()["items"] == []
    assert (await petra.post(f"/api/v1/shares/{made.row.id}/end")).json()["standing"] == "ended"


class Wrong(MemorySender):
    """A server that knows some addresses not."""

    async def send(self, letter: Letter) -> None:
        if letter.to.startswith("typo"):
            raise Bounced("no such mailbox")
        await super().send(letter)


async def test_an_address_that_bounces_is_told_to_who_shared_it_and_to_nobody_else(cast: Cast, photo: UUID) -> None:
    cast.container.mailer = Wrong()
    made = await share(cast, cast.bob, photo, mail_to=["eva@krant.example", "typo@krant.example"])
    async with cast.scope(cast.bob) as scope:
        waiting = await letters.due(scope)
    for id_ in waiting:
        async with cast.scope(cast.bob) as scope:
            await letters.send(scope, id_)
    async with cast.scope(cast.bob) as scope:
        row = await listing.get(scope, made.row.id)
    assert (row.mailed, row.undelivered) == (1, ("typo@krant.example",))
    (event,) = await audit_of(cast.container, Tag.mail_bounced)
    assert event.payload == {"share": str(made.row.id)}
    async with cast.scope(cast.alice) as scope:
        (seen,) = (await listing.page(scope, everybodys=True)).items
    assert (seen.mailed, seen.undelivered) == (0, ())

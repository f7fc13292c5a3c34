"""A person's own page: photos of them and nobody else to be recognised, where these were used, and no names of others anywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from photobank.access.actor import system
from photobank.consents.signing import signer_actor
from photobank.delivery import release, subjects
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.library.holding import Bolt
from photobank.mail.sender import MemorySender
from photobank.models.assets import AssetState
from photobank.models.consents import Download
from photobank.models.folders import Folder
from photobank.models.people import Face, FaceState
from photobank.people import faces, merging, review
from photobank.sharing import links
from photobank.sharing.links import NewShare
from tests.consents.asking import Phone, code_in, on_own_page, run_jobs, somebody
from tests.factories import add_consent, add_person, add_photo, change_asset, face_on
from tests.house import Cast, Door, audit_of

ME = signer_actor("203.0.113.9", "Telefoon")


async def own(cast: Cast, person_id: UUID, photo: UUID) -> subjects.Own:
    async with cast.scope(ME) as scope:
        return await subjects.find(scope, person_id, photo)


async def listed(cast: Cast, person_id: UUID) -> set[UUID]:
    async with cast.scope(ME) as scope:
        found = {one.id for one in (await subjects.page(scope, person_id)).items}
        assert await subjects.count(scope, person_id) == len(found)
    return found


async def test_ones_own_photos_are_those_where_one_was_confirmed(cast: Cast) -> None:
    anna, bea = await add_person(cast.container), await add_person(cast.container, "Bea")
    alone = await add_photo(cast.container, cast.shared, [anna], seed=1)
    together = await add_photo(cast.container, cast.closed, [anna, bea], seed=2)
    archived = await add_photo(cast.container, cast.shared, [anna], seed=3, state=AssetState.archived)
    hers = await add_photo(cast.container, cast.shared, [bea], seed=4)
    perhaps = await add_photo(cast.container, cast.shared, seed=5)
    async with cast.scope(system()) as scope:
        face = face_on(perhaps, anna, FaceState.suggested, now=scope.now())
        scope.db.add(face)
    assert await listed(cast, anna) == {alone, together, archived}
    for photo in (hers, perhaps, new_id()):
        with pytest.raises(NotFound):
            await own(cast, anna, photo)


async def test_what_is_kept_in_for_everybody_is_not_among_them(cast: Cast) -> None:
    anna = await add_person(cast.container)
    seen = await add_photo(cast.container, cast.shared, [anna], seed=1)
    for place, state in enumerate((AssetState.trashed, AssetState.processing, AssetState.rejected), 2):
        await add_photo(cast.container, cast.shared, [anna], seed=place, state=state)
    for place, bolt in enumerate(Bolt, 10):
        photo = await add_photo(cast.container, cast.shared, [anna], seed=place)
        await change_asset(cast.container, photo, **{f"{'hold' if bolt is Bolt.hold else 'locked'}_at": cast.container.clock.now()})
    await add_photo(cast.container, cast.closed, [anna], seed=20)
    async with cast.scope(system()) as scope:
        await scope.db.execute(update(Folder).where(col(Folder.id) == cast.closed).values(locked=True))
    assert await listed(cast, anna) == {seen}


async def test_in_company_only_ones_own_face_is_sharp(cast: Cast) -> None:
    anna, bea = await add_person(cast.container), await add_person(cast.container, "Bea")
    alone = await add_photo(cast.container, cast.shared, [anna], seed=1)
    assert await own(cast, anna, alone) == subjects.Own((await own(cast, anna, alone)).asset, alone=True, sharp=None)
    together = await add_photo(cast.container, cast.shared, [anna, bea], seed=2)
    async with cast.scope(system()) as scope:
        await scope.db.execute(update(Face).where(col(Face.person_id) == bea).values(box=[0.05, 0.3, 0.2, 0.3]))
    found = await own(cast, anna, together)
    assert not found.alone
    assert found.sharp is not None
    assert found.sharp.left >= 0.25, "nothing of Bea's face"
    stranger = await add_photo(cast.container, cast.shared, [anna], unknown_faces=1, seed=3)
    assert (await own(cast, anna, stranger)).sharp is None, "two faces in one place: nothing is sharp"
    unfinished = await add_photo(cast.container, cast.shared, [anna], seed=4, faces_done=False)
    assert not (await own(cast, anna, unfinished)).alone, "there may be faces that nobody found yet"


async def test_the_bytes_come_only_to_who_is_on_it(cast: Cast) -> None:
    anna, bea = await add_person(cast.container), await add_person(cast.container, "Bea")
    alone = await add_photo(cast.container, cast.shared, [anna], seed=1)
    together = await add_photo(cast.container, cast.shared, [anna, bea], seed=2)
    async with cast.scope(ME) as scope:
        whole = await subjects.show(scope, anna, alone)
        assert b"".join([piece async for piece in whole.stream])[8:12] == b"WEBP"
    async with cast.scope(ME) as scope:
        masked = await subjects.show(scope, anna, together)
        assert b"".join([piece async for piece in masked.stream])[8:12] == b"WEBP"
    for person, photo in ((bea, alone), (new_id(), alone)):
        with pytest.raises(NotFound):
            async with cast.scope(ME) as scope:
                await subjects.show(scope, person, photo)
    for actor in (cast.alice, system()):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await subjects.show(scope, anna, alone)


async def entered(cast: Cast, door: Door) -> tuple[UUID, Phone]:
    anna = await somebody(cast)
    return anna, await on_own_page(cast, await door.client(), anna, "website", "internal")


async def test_the_page_shows_photos_and_uses_without_a_name_of_anybody_else(cast: Cast, door: Door) -> None:
    anna, phone = await entered(cast, door)
    bea = await add_person(cast.container, "Bea Bakker")
    await add_consent(cast.container, cast.alice, bea, "website")
    named = {"title": "Bruiloft van Bea", "event": "Feest Bea", "photographer": "Piet Fotograaf"}
    alone = await add_photo(cast.container, cast.shared, [anna], seed=1, filename="Bea en Anna.jpg", **named)
    together = await add_photo(cast.container, cast.shared, [anna, bea], seed=2, **named)
    async with cast.scope(cast.alice) as scope:
        await release.download(scope, alone, "original", "website")
    async with cast.scope(cast.alice) as scope:
        await links.create(scope, NewShare(use="website", asset_ids=(alone, together), title="Voor Bea", recipient="Krant van Bea"))
    await phone.open("me/")
    assert set(re.findall(r"photos/([0-9a-f-]{36})", phone.page)) >= {str(alone), str(together)}
    assert "1 foto, opgehaald door een medewerker" in phone.page
    assert "2 foto’s, gedeeld via een link, open tot en met" in phone.page
    for word in ("Bea", "Bakker", "Piet", "Alice", "Krant", "Bruiloft", ".jpg"):
        assert word not in phone.page, word
    for photo, right in ((alone, 200), (together, 200), (await add_photo(cast.container, cast.shared, [bea], seed=3), 404)):
        answer = await phone.client.get(f"{phone.link}photos/{photo}")
        assert answer.status_code == right
        assert answer.headers["cache-control"] == "private, no-store"
        assert (answer.content[8:12] == b"WEBP") == (right == 200)
    for rest in ("photos/", "used/"):
        assert (await phone.open(rest)).status_code == 200
        assert "Bea" not in phone.page


async def test_who_says_this_is_not_me_has_it_looked_at_again(cast: Cast, door: Door) -> None:
    anna, phone = await entered(cast, door)
    bea = await add_person(cast.container, "Bea")
    photo = await add_photo(cast.container, cast.shared, [anna, bea], seed=1)
    hers = await add_photo(cast.container, cast.shared, [bea], seed=2)
    await phone.open("me/")
    assert f'photos/{photo}"' in phone.page
    assert "Dit ben ik niet" in phone.page
    assert (await phone.client.post(f"{phone.link}photos/{photo}/not-me", data={"csrf": "guess"})).status_code == 403
    await phone.open("me/")
    page = phone.page
    assert (await phone.send(f"photos/{hers}/not-me")).status_code == 404, "nobody speaks for somebody else"
    phone.page = page
    await phone.send(f"photos/{photo}/not-me")
    assert "de foto is weg van uw pagina" in phone.page
    assert str(photo) not in phone.page
    assert (await phone.client.get(f"{phone.link}photos/{photo}")).status_code == 404
    assert photo not in await listed(cast, anna)
    async with cast.scope(cast.rita) as scope:
        rows = (await faces.of_assets(scope, [photo]))[photo]
        with pytest.raises(ClearanceRefused):
            await release.download(scope, photo, "original", "internal")
    open_, settled = sorted(rows, key=lambda row: row.state == FaceState.confirmed)
    assert (open_.state, open_.person_id, open_.disowned_by) == (FaceState.unknown, None, "Anna de Vries")
    assert (settled.person_name, settled.disowned_by) == ("Bea", "")
    (event,) = await audit_of(cast.container, "face:disown")
    assert (event.actor_kind, event.asset_id, event.person_id) == ("subject", photo, anna)
    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [open_.id], anna)
        (again,) = [row for row in (await faces.of_assets(scope, [photo]))[photo] if row.id == open_.id]
    assert (again.person_id, again.disowned_by) == (anna, ""), "a reviewer has the last word; the log keeps both"
    await phone.open("me/")
    assert str(photo) in phone.page


async def test_a_stranger_with_the_link_sees_no_photo(cast: Cast, door: Door) -> None:
    anna, phone = await entered(cast, door)
    photo = await add_photo(cast.container, cast.shared, [anna], seed=1)
    stranger = Phone(await door.client(), phone.link)
    answer: httpx.Response = await stranger.client.get(f"{phone.link}photos/{photo}")
    assert (answer.status_code, answer.content) == (404, b"")
    for rest in ("photos/", "used/", "me/"):
        await stranger.open(rest)
        assert "Bent u het?" in stranger.page
        assert "Anna" not in stranger.page
        assert str(photo) not in stranger.page


async def test_lists_go_on_where_they_stopped(cast: Cast, door: Door, clock: TurnableClock) -> None:
    anna, phone = await entered(cast, door)
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n, with_bytes=n == 1) for n in range(1, 31)]
    shown = await every_page(phone, "photos/", r"photos/([0-9a-f-]{36})\"")
    assert len(shown) == len(set(shown)) == 31, "the one she was asked about, and these"
    assert {str(one) for one in photos} < set(shown)
    async with cast.scope(system()) as scope:
        for day in range(20):
            when = clock.now() - timedelta(days=day)
            for use in ("website", "internal", "website"):
                taken = Download(
                    id=new_id(), asset_id=photos[day % 3], use_id=use, preset="web", media_type="", size=1, created_at=when
                )
                scope.db.add(taken)
    for _ in range(3):
        async with cast.scope(cast.alice) as scope:
            await links.create(scope, NewShare(use="website", asset_ids=(photos[0], photos[1])))
    lines = await every_page(phone, "used/", r"(?s)<li>.*?</li>")
    assert len(lines) == 2 * 20 + 3
    assert sum("2 foto’s, gedeeld via een link" in line for line in lines) == 3


async def every_page(phone: Phone, rest: str, wanted: str) -> list[str]:
    """What the pages of a list hold, one after the other."""
    await phone.open(rest)
    found = re.findall(wanted, phone.page)
    while after := re.search(r"after=([\w-]+)", phone.page):
        phone.page = (await phone.client.get(f"{phone.link}{rest}?after={after[1]}")).text
        found += re.findall(wanted, phone.page)
    return found


async def test_after_a_merge_the_page_is_that_of_the_one_person(cast: Cast, door: Door) -> None:
    anna, phone = await entered(cast, door)
    twin = await somebody(cast, "A. de Vries", "")
    hers = await add_photo(cast.container, cast.shared, [twin], seed=1)
    async with cast.scope(cast.rita) as scope:
        await merging.merge(scope, anna, twin)
    await phone.open("me/")
    assert str(hers) in phone.page
    assert "Toestemming " in phone.page
    await phone.send("withdraw", uses=["website", "internal"])
    assert "Ingetrokken" in phone.page
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Exception, match="not cleared"):
            await release.download(scope, hers, "original", "website")


async def test_an_address_that_was_put_right_opens_nothing_any_more(cast: Cast, door: Door) -> None:
    anna, phone = await entered(cast, door)
    from photobank.people import persons

    await phone.open("me/")
    assert "Anna" in phone.page
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, email="anna.devries@post.example")
    answer = await phone.open("me/")
    assert answer.status_code == 404
    assert "Anna" not in phone.page


async def test_what_ends_soon_and_what_is_for_some_photos_says_so(cast: Cast, door: Door, clock: TurnableClock) -> None:
    anna, phone = await entered(cast, door)
    await add_consent(cast.container, cast.rita, anna, "press", extent="folder", extent_ids=(cast.shared,))
    await phone.open("me/")
    assert "alleen voor bepaalde foto’s" in phone.page
    assert "Loopt af" not in phone.page
    clock.turn(timedelta(days=340))
    await phone.open()
    await phone.send("knock")
    await run_jobs(cast.container)
    sender = cast.container.mailer
    assert isinstance(sender, MemorySender)
    await phone.send("enter", code=code_in(sender.letters))
    assert "Loopt af: 23 november 2027 is de laatste dag" in phone.page

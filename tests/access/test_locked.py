"""Locked folders: for nobody without a fresh confirmation, by any way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from photobank.access import visibility
from photobank.access.actor import Actor, system
from photobank.accounts import api_keys, passwords, sessions, stepup
from photobank.audit import feed
from photobank.clearance import changes
from photobank.delivery import release, showing
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, RateLimited, Refused, StepUpNeeded
from photobank.library import assets, bulk, collections, folder_access, folders, foldertree, tags
from photobank.library.assets import Filters
from photobank.library.bulk import Change, Kind, Left
from photobank.library.describing import Description
from photobank.models.accounts import User
from photobank.models.collections import CollectionKind
from photobank.people import faces, persons, review
from tests.api.given import V1, browser, problem
from tests.factories import add_person, add_photo
from tests.house import Cast, Door, audit_of, with_key

PASSWORD = "een heel lang wachtwoord"


@pytest.fixture
async def locked(cast: Cast) -> UUID:
    """A locked folder inside the shared one, so that Bob holds edit on it."""
    async with cast.scope(system()) as scope:
        folder = await folders.create(scope, "Directie besloten", cast.shared)
        await foldertree.lock(scope, folder.id, locked=True)
        for actor in (cast.alice, cast.bob):
            user = await scope.db.get(User, actor.user_id)
            assert user is not None
            user.password_hash = await passwords.hash_password(PASSWORD)
    return folder.id


def confirmed(actor: Actor, clock: TurnableClock) -> Actor:
    return replace(actor, confirmed_until=clock.now() + timedelta(minutes=10))


async def test_a_lock_holds_downwards_also_where_grants_do_not(cast: Cast, locked: UUID) -> None:
    async with cast.scope(system()) as scope:
        below = (await folders.create(scope, "Apart", locked, inherits=False)).id
        await folders.give(scope, below, "user", str(cast.charlie.user_id), "view")
    photo = await add_photo(cast.container, below, with_bytes=False)
    for actor in (cast.charlie, cast.alice):
        async with cast.scope(actor) as scope:
            with pytest.raises(NotFound):
                await assets.find(scope, photo)
    async with cast.scope(cast.charlie) as scope:
        assert (await stepup.state(scope)).waiting == 1


async def test_closed_it_is_in_no_list_count_search_face_person_tag_collection_or_event(
    cast: Cast, clock: TurnableClock, locked: UUID
) -> None:
    anna = await add_person(cast.container, "Anna")
    photo, other = await add_photo(cast.container, locked, [anna], unknown_faces=1), await add_photo(cast.container, cast.shared)
    for actor in (cast.bob, cast.alice, cast.petra):
        opened = confirmed(actor, clock)
        async with cast.scope(opened) as scope:
            assert await assets.count(scope, Filters()) == 2
            assert {row.name for row in await folders.list_all(scope)} >= {"Directie besloten"}
            assert [row.id for row in (await persons.page(scope)).items] == [anna]
        async with cast.scope(actor) as scope:
            assert await assets.count(scope, Filters()) == 1
            assert await assets.count(scope, Filters(folder_id=locked)) == 0
            assert [asset.id for asset in (await assets.page(scope, Filters())).items] == [other]
            assert sum(n for _, n in await assets.months(scope, Filters())) == 1
            assert "Directie besloten" not in {row.name for row in await folders.list_all(scope)}
            assert [row.photos for row in await folders.list_all(scope) if row.id == cast.shared] == [1]
            assert {id_ for id_, _ in await changes.latest(scope)} == {other}
            assert (await persons.page(scope)).items == []
            assert (await faces.page(scope)).items == []
            for ask in (
                assets.find(scope, photo),
                showing.show(scope, photo, "thumb"),
                release.download(scope, photo, "original", "internal"),
                folders.grants(scope, locked),
                persons.find(scope, anna),
            ):
                with pytest.raises(NotFound):
                    await ask
    async with cast.scope(confirmed(cast.bob, clock)) as scope:
        await assets.edit(scope, photo, Description(tags=("geheim",)))
        team = (await collections.create(scope, "Team", CollectionKind.team)).id
        await collections.add(scope, team, [photo, other])
        assert (await showing.show(scope, photo, "thumb")).size > 0
    async with cast.scope(cast.bob) as scope:
        assert (await collections.get(scope, team)).photos == 1
        assert (await tags.page(scope)).items == []
        done = await bulk.apply(scope, [photo, other], Change(kind=Kind.favour))
        assert (done.touched, done.left) == (1, {Left.gone: 1})
    async with cast.scope(cast.alice) as scope:
        told = await feed.page(scope, feed.Narrow())
        assert all(
            "besloten" not in row.folder_name and row.asset_name != "IMG_0000.jpg" for row in told.items if row.asset_id == photo
        )
    async with cast.scope(confirmed(cast.alice, clock)) as scope:
        told = await feed.page(scope, feed.Narrow(asset_id=photo))
        assert {row.folder_name for row in told.items} == {"Directie besloten"}


async def test_time_closes_it_again(cast: Cast, clock: TurnableClock, locked: UUID) -> None:
    await add_photo(cast.container, locked, with_bytes=False)
    opened = confirmed(cast.bob, clock)
    async with cast.scope(opened) as scope:
        assert await assets.count(scope, Filters()) == 1
    clock.turn(timedelta(minutes=10))
    async with cast.scope(opened) as scope:
        assert await assets.count(scope, Filters()) == 0
        assert (await stepup.state(scope)).waiting == 1


async def test_no_key_opens_it_unless_scoped_and_making_such_a_key_takes_a_confirmation(
    cast: Cast, clock: TurnableClock, locked: UUID
) -> None:
    await add_photo(cast.container, locked, with_bytes=False)
    for scopes, count in (((), 0), (("read",), 0), (("read", "locked"), 1)):
        async with cast.scope(with_key(cast.bob, *scopes)) as scope:
            assert await assets.count(scope, Filters()) == count
    for maker in (cast.bob, with_key(cast.bob), with_key(cast.bob, "read")):
        with pytest.raises(Refused):
            async with cast.scope(maker) as scope:
                await api_keys.create(scope, "x", scopes=("read", "locked"))
    async with cast.scope(confirmed(cast.bob, clock)) as scope:
        assert (await api_keys.create(scope, "x", scopes=("read", "locked"))).key


async def test_the_password_opens_it_for_this_session_alone(cast: Cast, door: Door, clock: TurnableClock, locked: UUID) -> None:
    photo = await add_photo(cast.container, locked, by=cast.bob)
    async with await browser(door, cast, cast.bob) as here, await browser(door, cast, cast.bob) as elsewhere:
        problem(await here.get(f"{V1}/assets/{photo}"), 404, "not_found")
        problem(await here.get(f"{V1}/assets/{photo}/renditions/thumb"), 404, "not_found")
        assert (await here.get(f"{V1}/me/confirmation")).json() == {"until": None, "ways": ["password"], "waiting": 1}
        problem(await here.post(f"{V1}/me/confirmation", json={"proof": "wrong"}), 422, "invalid")
        problem(await here.post(f"{V1}/me/confirmation", json={"way": "telepathy", "proof": PASSWORD}), 422, "invalid")
        assert (await here.post(f"{V1}/me/confirmation", json={"proof": PASSWORD})).status_code == 200
        assert (await here.get(f"{V1}/assets/{photo}")).status_code == 200
        assert (await here.get(f"{V1}/assets/{photo}/renditions/thumb")).status_code == 200
        assert (await here.get(f"{V1}/me/confirmation")).json()["waiting"] == 0
        problem(await elsewhere.get(f"{V1}/assets/{photo}"), 404, "not_found")
        assert (await here.delete(f"{V1}/me/confirmation")).status_code == 204
        problem(await here.get(f"{V1}/assets/{photo}"), 404, "not_found")
        await here.post(f"{V1}/me/confirmation", json={"proof": PASSWORD})
        clock.turn(timedelta(minutes=10, seconds=1))
        problem(await here.get(f"{V1}/assets/{photo}"), 404, "not_found")
        for _ in range(6):
            last = await here.post(f"{V1}/me/confirmation", json={"proof": "wrong"})
        assert last.status_code == 429
    assert [one.payload for one in await audit_of(cast.container, "session:confirm", "done")] == [{"way": "password"}] * 2


async def test_resolving_many_sessions_says_the_same_as_one(cast: Cast, door: Door, locked: UUID) -> None:
    async with await browser(door, cast, cast.bob) as here:
        token = here.cookies.get("__Host-photobank") or next(iter(here.cookies.values()))
        await here.post(f"{V1}/me/confirmation", json={"proof": PASSWORD})
        one = await sessions.resolve(cast.container, token)
        many = await sessions.resolve_many(cast.container, [token])
        assert one is not None
        assert one.confirmed_until is not None
        assert many[token].confirmed_until == one.confirmed_until


async def test_locking_takes_a_confirmation(cast: Cast, clock: TurnableClock) -> None:
    with pytest.raises(StepUpNeeded):
        async with cast.scope(cast.alice) as scope:
            await foldertree.lock(scope, cast.closed, locked=True)
    async with cast.scope(confirmed(cast.alice, clock)) as scope:
        await foldertree.lock(scope, cast.closed, locked=True)
    with pytest.raises(NotFound):
        async with cast.scope(cast.alice) as scope:
            await foldertree.lock(scope, cast.closed, locked=False)


async def test_guessing_the_password_is_slow(cast: Cast, locked: UUID) -> None:
    for expected in (*[Invalid] * 6, RateLimited):
        with pytest.raises(expected):
            async with cast.scope(cast.bob) as scope:
                await stepup.confirm(scope, "password", "wrong")
    wrong = await audit_of(cast.container, "session:confirm", "refused")
    assert [(event.user_id, event.payload) for event in wrong] == [(cast.bob.user_id, {"way": "password"})] * 6
    with pytest.raises(Refused):
        async with cast.scope(with_key(cast.bob)) as scope:
            await stepup.confirm(scope, "password", PASSWORD)


async def test_folders_move_with_their_photos_but_never_below_themselves(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        top = (await folders.create(scope, "A")).id
        mid = (await folders.create(scope, "B", top)).id
        low = (await folders.create(scope, "C", mid)).id
    photo = await add_photo(cast.container, low)
    for target in (top, mid, low):
        with pytest.raises(Conflict):
            async with cast.scope(cast.alice) as scope:
                await foldertree.move(scope, top, target)
    async with cast.scope(cast.bob) as scope:
        assert await assets.count(scope, Filters()) == 0
    async with cast.scope(cast.alice) as scope:
        await foldertree.move(scope, mid, cast.shared)
    async with cast.scope(cast.bob) as scope:
        assert await assets.count(scope, Filters()) == 1, "the grant on the new parent reaches it"
        assert (await showing.show(scope, photo, "thumb")).size > 0
        with pytest.raises(Refused):
            await foldertree.move(scope, mid, None)
    await cast.grant(cast.bob, mid, "manage")
    for target in (None, cast.shared, top):
        with pytest.raises((Refused, NotFound)):
            async with cast.scope(cast.bob) as scope:
                await foldertree.move(scope, low, target)


async def test_the_matrix_and_the_preview_say_what_somebody_sees_and_why(cast: Cast, clock: TurnableClock, locked: UUID) -> None:
    photo = await add_photo(cast.container, cast.shared)
    await add_photo(cast.container, locked)
    async with cast.scope(cast.alice) as scope:
        below = (await folders.create(scope, "Zaal", cast.shared)).id
        await folders.give(scope, below, "role", "viewer", "view")
        rows = await folder_access.matrix(scope, below)
        assert [(row.grant.principal_kind, row.source_name) for row in rows] == [
            ("role", ""),
            ("user", "Open dag"),
            ("user", "Open dag"),
        ]
    async with cast.scope(confirmed(cast.alice, clock)) as scope:
        bob = await folder_access.preview(scope, cast.shared, cast.bob.user_id)  # type: ignore[arg-type]
        assert (bob.photos, bob.locked, bob.sample) == (1, 1, [photo])
        assert [(why.kind, why.permission.name, why.folder_name) for why in bob.why] == [("user", "edit", "Open dag")]
        charlie = await folder_access.preview(scope, cast.shared, cast.charlie.user_id)  # type: ignore[arg-type]
        assert (charlie.permission, charlie.photos, [one.name for one in charlie.folders]) == (None, 0, ["Zaal"])
        petra = await folder_access.preview(scope, cast.shared, cast.petra.user_id)  # type: ignore[arg-type]
        assert [(why.kind, why.folder_id) for why in petra.why] == [("role", None)]
    for actor in (cast.bob, cast.petra):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await folder_access.preview(scope, cast.shared, cast.charlie.user_id)  # type: ignore[arg-type]
    await cast.grant(cast.bob, cast.shared, "manage")
    async with cast.scope(cast.bob) as scope:
        assert (await folder_access.preview(scope, cast.shared, cast.charlie.user_id)).photos == 0  # type: ignore[arg-type]
        assert await visibility.folder_ids(scope)
    assert len(await audit_of(cast.container, "grant:preview", "done")) == 4


async def test_the_audit_log_does_not_name_who_is_known_from_closed_folders_alone(
    cast: Cast, clock: TurnableClock, locked: UUID
) -> None:
    hidden, open_ = await add_person(cast.container, "Verborgen"), await add_person(cast.container, "Openbaar")
    photo = await add_photo(cast.container, locked, [hidden, open_])
    await add_photo(cast.container, cast.shared, [open_])
    async with cast.scope(confirmed(cast.alice, clock)) as scope:
        faces_on = [row.id for row in (await faces.page(scope, asset_id=photo)).items]
        for face_id, person in zip(faces_on, (hidden, open_), strict=True):
            await review.confirm(scope, [face_id], person)
    for actor, names in ((cast.petra, {"", "Openbaar"}), (confirmed(cast.petra, clock), {"Verborgen", "Openbaar"})):
        async with cast.scope(actor) as scope:
            told = [event for event in (await feed.page(scope, feed.Narrow())).items if event.tag == "face:confirm"]
        assert {event.person_name for event in told} == names

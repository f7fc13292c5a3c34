"""Handing over: only what is cleared for the stated use, decided at that moment, logged in the same transaction."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import delete, text, update
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import anonymous, system
from photobank.accounts import api_keys, stepup, users
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, key_for
from photobank.bootstrap import open_container
from photobank.clearance import index
from photobank.consents import withdrawal
from photobank.delivery import release, showing, streams
from photobank.imaging.results import Rendition
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, Invalid, NotAuthenticated, NotFound, RateLimited, Refused
from photobank.kernel.ids import new_id
from photobank.library import folders, foldertree
from photobank.models.accounts import Department, DepartmentMember, UserSession
from photobank.models.assets import AssetState
from tests.delivery.given import downloads, take, taken
from tests.factories import add_consent, add_person, add_photo, change_asset, picture
from tests.house import TODAY, Cast, audit_of, with_key


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def photo(cast: Cast, anna: UUID) -> UUID:
    return await add_photo(cast.container, cast.shared, [anna], seed=7)


async def test_a_cleared_photo_is_handed_over_and_logged(cast: Cast, anna: UUID, photo: UUID) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.bob) as scope:
        released = await release.download(scope, photo, "original", "website")
    assert await taken(released) == picture(7)
    assert (released.media_type, released.filename) == ("image/jpeg", "IMG_0007.jpg")
    (logged,) = await downloads(cast.container)
    assert logged.id == released.download_id
    assert (logged.asset_id, logged.user_id, logged.preset, logged.use_id) == (photo, cast.bob.user_id, "original", "website")
    assert logged.size == len(picture(7))
    (event,) = await audit_of(cast.container, Tag.asset_downloaded)
    assert (event.outcome, event.asset_id, event.download_id, event.actor_id) == ("done", photo, logged.id, cast.bob.user_id)
    assert event.payload["consents"] == [str(row.id)]


async def test_another_use_is_refused_with_the_reason_and_the_next_step(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.bob, photo, "press")
    assert (refused.value.use, refused.value.state) == ("press", "missing")
    (reason,) = refused.value.reasons
    assert (reason["code"], reason["next_step"]) == ("use_not_granted", "request_consent")
    assert (reason["person_id"], reason["person_name"]) == (str(anna), "Anna de Vries")
    assert await downloads(cast.container) == []
    (event,) = await audit_of(cast.container, Tag.asset_downloaded)
    assert (event.outcome, event.asset_id, event.actor_id) == ("refused", photo, cast.bob.user_id)
    assert event.payload == {
        "code": "clearance_refused",
        "action": "asset:download",
        "state": "missing",
        "use": "press",
        "reasons": ["use_not_granted"],
    }


async def test_every_obstacle_is_named(cast: Cast, anna: UUID) -> None:
    carl = await add_person(cast.container, "Carl")
    both = await add_photo(cast.container, cast.shared, [anna, carl], unknown_faces=1)
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.bob, both)
    assert refused.value.state == "needs_review"
    assert [(one["code"], one["person_name"]) for one in refused.value.reasons] == [
        ("face_unknown", None),
        ("never_asked", "Anna de Vries"),
        ("never_asked", "Carl"),
    ]


async def test_nobody_takes_without_download_on_the_folder(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    with pytest.raises(NotFound):
        await take(cast, cast.charlie, photo)
    await cast.grant(cast.charlie, cast.shared, "view")
    with pytest.raises(Refused, match="download on this folder"):
        await take(cast, cast.charlie, photo)
    with pytest.raises(Refused):
        await take(cast, cast.petra, photo)
    with pytest.raises(NotAuthenticated):
        await take(cast, anonymous(), photo)
    with pytest.raises(Refused):
        await take(cast, with_key(cast.bob, "read"), photo)
    await cast.grant(cast.charlie, cast.shared, "download")
    assert await take(cast, cast.charlie, photo)
    assert await take(cast, with_key(cast.bob, "download"), photo)
    assert [row.api_key_id is not None for row in await downloads(cast.container)] == [False, True]


async def test_rights_to_the_house_are_no_consent(cast: Cast, photo: UUID) -> None:
    for actor in (cast.alice, cast.rita, system()):
        with pytest.raises(ClearanceRefused):
            await take(cast, actor, photo)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"preset": "poster"}, "preset"), ({"use": "fun"}, "use"), ({"territory": "Mars"}, "territory")],
)
async def test_what_is_asked_must_exist(cast: Cast, photo: UUID, more: Any, field: str) -> None:
    with pytest.raises(Invalid) as found:
        await take(cast, cast.bob, photo, **more)
    assert list(found.value.fields) == [field]


async def test_after_withdrawal_the_next_download_is_refused_in_another_process_at_once(
    cast: Cast, anna: UUID, photo: UUID
) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    async with open_container(cast.container.settings, clock=cast.container.clock) as elsewhere:
        async with elsewhere.scope(cast.bob) as scope:
            assert await taken(await release.download(scope, photo, "original", "website"))
        async with cast.container.scope(system()) as scope:
            await index.refresh(scope, [photo])
        async with cast.scope(cast.rita) as scope:
            await withdrawal.withdraw(scope, row.id)
        # No job has run: the stored verdict still says approved.
        async with elsewhere.scope(cast.bob) as scope:
            assert (await index.shields(scope, [photo]))[photo]["website"].allowed
        with pytest.raises(ClearanceRefused) as refused:
            async with elsewhere.scope(cast.bob) as scope:
                await release.download(scope, photo, "original", "website")
    assert (refused.value.state, refused.value.reasons[0]["code"]) == ("revoked", "withdrawn")


async def test_a_release_goes_on_after_a_withdrawal_of_consent(cast: Cast, anna: UUID, photo: UUID) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    await add_consent(cast.container, cast.rita, anna, "website", regime="release")
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id)
    assert await take(cast, cast.bob, photo)


async def test_time_alone_ends_it(cast: Cast, anna: UUID, photo: UUID, clock: TurnableClock) -> None:
    await add_consent(cast.container, cast.rita, anna, "website", valid_until=TODAY + timedelta(days=10))
    clock.turn(timedelta(days=10, microseconds=-1))
    assert await take(cast, cast.bob, photo)
    clock.turn(timedelta(microseconds=1))
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.bob, photo)
    assert (refused.value.state, refused.value.reasons[0]["next_step"]) == ("expired", "renew")


async def test_a_minor_needs_guardians_and_grows_up(cast: Cast, clock: TurnableClock) -> None:
    child = await add_person(cast.container, "Daan", born=date(2010, 12, 1), guardians_needed=2)
    photo = await add_photo(cast.container, cast.shared, [child])
    await add_consent(cast.container, cast.rita, child, "website")
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.bob, photo)
    assert refused.value.reasons[0]["code"] == "guardian_missing"
    await add_consent(cast.container, cast.rita, child, "website", guardians_signed=1)
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo)
    await add_consent(cast.container, cast.rita, child, "website", guardians_signed=2)
    assert await take(cast, cast.bob, photo)
    clock.turn(timedelta(days=8))
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.bob, photo)
    assert refused.value.reasons[0]["code"] == "came_of_age"


async def test_a_consent_for_a_folder_or_photos_opens_those_only(cast: Cast, anna: UUID, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        below = (await folders.create(scope, "Zaal 1", cast.shared)).id
        beside = (await folders.create(scope, "Anders")).id
    inside, outside, named = [
        await add_photo(cast.container, folder, [anna], seed=n) for n, folder in enumerate((below, beside, beside))
    ]
    await add_consent(cast.container, cast.alice, anna, "website", extent="folder", extent_ids=(cast.shared,))
    await add_consent(cast.container, cast.alice, anna, "website", extent="photos", extent_ids=(named,))
    for one in (photo, inside, named):
        assert await take(cast, cast.alice, one)
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.alice, outside)
    assert refused.value.reasons[0]["code"] == "out_of_scope"


async def test_a_consent_holds_where_it_was_given(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website", territories=("NL", "BE"))
    assert await take(cast, cast.bob, photo)
    assert await take(cast, cast.bob, photo, territory="BE")
    for elsewhere in ("DE", "EU", "WORLD"):
        with pytest.raises(ClearanceRefused):
            await take(cast, cast.bob, photo, territory=elsewhere)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hold_at": TODAY}, "held"),
        ({"locked_at": TODAY}, "locked"),
        ({"state": "archived"}, "archived"),
        ({"faces_done": False}, "faces_pending"),
    ],
)
async def test_what_blocks_blocks_everybody(cast: Cast, anna: UUID, photo: UUID, change: Any, code: str) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    await change_asset(cast.container, photo, **change)
    with pytest.raises(ClearanceRefused) as refused:
        await take(cast, cast.alice, photo)
    assert code in [one["code"] for one in refused.value.reasons]


async def test_the_web_preset_is_a_small_picture_without_metadata(cast: Cast, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    photo = await add_photo(cast.container, cast.shared, [anna], filename="Kop van Jut.heic")
    async with cast.scope(cast.bob) as scope:
        released = await release.download(scope, photo, "web", "website")
    image = Image.open(io.BytesIO(await taken(released)))
    assert (image.format, released.media_type, released.filename) == ("JPEG", "image/jpeg", "Kop van Jut.jpg")
    assert max(image.size) <= 1920
    assert not image.getexif()
    (logged,) = await downloads(cast.container)
    assert (logged.preset, logged.size) == ("web", released.size)


class SlowDecoder:
    """Somebody withdraws while the picture is being made."""

    def __init__(self, cast: Cast, consent_id: UUID) -> None:
        self._cast, self._consent_id = cast, consent_id

    async def make(self, data: bytes, recipe: object, **more: object) -> Rendition:
        assert data == picture(7)
        async with self._cast.scope(self._cast.rita) as scope:
            await withdrawal.withdraw(scope, self._consent_id)
        return Rendition(b"jpeg", 1, 1, "image/jpeg")

    async def close(self) -> None:
        """Nothing runs."""


async def test_a_withdrawal_while_the_picture_is_made_counts(cast: Cast, anna: UUID, photo: UUID) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    cast.container.decoder = SlowDecoder(cast, row.id)  # type: ignore[assignment]
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo, preset="web")
    assert await downloads(cast.container) == []
    assert len(await audit_of(cast.container, Tag.asset_downloaded, "refused")) == 1


async def test_a_withdrawal_during_a_long_transfer_ends_it(cast: Cast, anna: UUID, photo: UUID, clock: TurnableClock) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.bob) as scope:
        released = await release.download(scope, photo, "original", "website")

    async def slowly() -> Any:
        for piece in (b"one", b"two", b"three"):
            yield piece
            clock.turn(streams.CHECK_AGAIN_EVERY * 0.6)

    checks: list[int] = []

    async def check() -> None:
        checks.append(1)

    assert [piece async for piece in streams.watched(slowly(), clock, check)] == [b"one", b"two", b"three"]
    assert len(checks) == 1
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id)
    clock.turn(timedelta(seconds=6))
    with pytest.raises(ClearanceRefused):
        await taken(released)
    assert len(await audit_of(cast.container, Tag.asset_downloaded, "refused")) == 1


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "viewer"}])
async def test_who_is_no_longer_let_in_does_not_get_the_rest(
    cast: Cast, anna: UUID, photo: UUID, clock: TurnableClock, change: dict[str, Any]
) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.bob) as scope:
        made = await api_keys.create(scope, "script")
    by_key = await api_keys.resolve(cast.container, made.key)
    assert by_key is not None
    begun = []
    for actor in (cast.bob, by_key):
        async with cast.scope(actor) as scope:
            begun.append(await release.download(scope, photo, "original", "website"))
    async with cast.scope(cast.alice) as scope:
        await users.change(scope, cast.bob.user_id, **change)  # type: ignore[arg-type]
    clock.turn(timedelta(seconds=6))
    for released in begun:
        with pytest.raises((NotAuthenticated, Refused)):
            await taken(released)


async def test_a_revoked_key_does_not_get_the_rest(cast: Cast, anna: UUID, photo: UUID, clock: TurnableClock) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.bob) as scope:
        made = await api_keys.create(scope, "script")
    by_key = await api_keys.resolve(cast.container, made.key)
    assert by_key is not None
    async with cast.scope(by_key) as scope:
        released, other = [await release.download(scope, photo, "original", "website") for _ in range(2)]
    clock.turn(timedelta(seconds=6))
    assert await taken(other) == picture(7)
    async with cast.scope(cast.bob) as scope:
        await api_keys.revoke(scope, made.row.id)
    with pytest.raises(NotAuthenticated):
        await taken(released)


async def test_one_decision_sees_one_state_of_the_house(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website", "internal")
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        await release.download(scope, photo, "original", "website")
        assert await scope.db.scalar(text("SHOW transaction_isolation")) == "repeatable read"
    async with cast.scope(cast.charlie) as scope:
        await showing.show(scope, photo, "thumb")
        assert await scope.db.scalar(text("SHOW transaction_isolation")) == "repeatable read"
    async with cast.scope(cast.bob) as scope:
        assert await scope.db.scalar(text("SHOW transaction_isolation")) == "read committed"


async def test_what_cannot_be_read_is_not_logged_as_taken(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    await cast.container.blobs.delete(key_for(photo, ORIGINAL))
    with pytest.raises(NotFound):
        await take(cast, cast.bob, photo)
    assert await downloads(cast.container) == []
    assert await audit_of(cast.container, Tag.asset_downloaded) == []


async def test_a_shredded_photo_is_gone(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.container.scope(system()) as scope:
        await scope.vault.shred_assets(scope.db, {photo: 1}, "test", TODAY)
    with pytest.raises(NotFound):
        await take(cast, cast.bob, photo)
    with pytest.raises(NotFound):
        await take(cast, cast.bob, uuid4())


async def test_the_file_of_a_rejected_photo_goes_back_to_who_sent_it_only(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, by=cast.bob, state=AssetState.rejected, rejection="damaged", seed=5)
    async with cast.scope(cast.bob) as scope:
        released = await release.fetch_original_of_rejected(scope, photo)
    assert await taken(released) == picture(5)
    assert released.media_type == "application/octet-stream"
    for actor in (cast.alice, cast.rita, system()):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await release.fetch_original_of_rejected(scope, photo)
    with pytest.raises(NotFound):
        async with cast.scope(cast.charlie) as scope:
            await release.fetch_original_of_rejected(scope, photo)
    ready = await add_photo(cast.container, cast.shared, by=cast.bob)
    with pytest.raises(NotFound):
        async with cast.scope(cast.bob) as scope:
            await release.fetch_original_of_rejected(scope, ready)
    assert [event.outcome for event in await audit_of(cast.container, Tag.asset_original_fetched)] == ["done", *["refused"] * 3]


async def test_who_left_the_department_or_closed_the_folder_does_not_get_the_rest(
    cast: Cast, anna: UUID, photo: UUID, clock: TurnableClock
) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.alice) as scope:
        department = Department(id=new_id(), name="Pers")
        scope.db.add(department)
        await scope.db.flush()
        scope.db.add(DepartmentMember(department_id=department.id, user_id=cast.charlie.user_id))
        await folders.give(scope, cast.shared, "department", str(department.id), "download")
    member = replace(cast.charlie, departments=frozenset({department.id}))
    async with cast.scope(member) as scope:
        stays = await release.download(scope, photo, "original", "website")
    async with cast.scope(member) as scope:
        leaves = await release.download(scope, photo, "original", "website")
    clock.turn(timedelta(seconds=6))
    assert await taken(stays) == picture(7)
    async with cast.scope(cast.alice) as scope:
        await scope.db.execute(delete(DepartmentMember).where(col(DepartmentMember.user_id) == cast.charlie.user_id))
    with pytest.raises(NotFound):
        await taken(leaves)

    until = clock.now() + timedelta(minutes=10)
    opened = replace(cast.bob, confirmed_until=until)
    async with cast.scope(system()) as scope:
        await foldertree.lock(scope, cast.shared, locked=True)
        await scope.db.execute(update(UserSession).where(col(UserSession.id) == cast.bob.session_id).values(confirmed_until=until))
    async with cast.scope(opened) as scope:
        kept, cut = [await release.download(scope, photo, "original", "website") for _ in range(2)]
    clock.turn(timedelta(seconds=6))
    assert await taken(kept) == picture(7)
    async with cast.scope(opened) as scope:
        await stepup.end(scope)
    with pytest.raises(NotFound):
        await taken(cut)


async def test_derived_pictures_have_a_rate_of_their_own(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website")
    for _ in range(120):
        await cast.container.rates.hit(limits.DERIVED, str(cast.bob.user_id), "")
    with pytest.raises(RateLimited):
        await take(cast, cast.bob, photo, preset="web")
    assert await take(cast, cast.bob, photo, preset="original"), "nothing is made for an original"
    assert await take(cast, cast.rita, photo, preset="web"), "each asker counts alone"
    (refused,) = await audit_of(cast.container, "request:refuse", "refused")
    assert refused.payload["action"] == "rate:derived"

"""What a screen may show, to whom."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from limits import RateLimitItemPerMinute
from PIL import Image
from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import Actor, anonymous, system
from photobank.audit.tags import Tag
from photobank.clearance import index
from photobank.consents import withdrawal
from photobank.delivery import screens, showing
from photobank.imaging.sandbox import Decoder
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, Conflict, NotAuthenticated, NotFound
from photobank.models.assets import Asset, AssetState, Stage
from tests.delivery.given import taken
from tests.factories import RENDITIONS, add_consent, add_person, add_photo, change_asset, picture
from tests.house import Cast, audit_of, with_key


async def look(cast: Cast, actor: Actor, photo: object, rendition: str = "preview") -> bytes:
    async with cast.scope(actor) as scope:
        return await taken(await showing.show(scope, photo, rendition))  # type: ignore[arg-type]


async def test_who_works_on_a_photo_sees_it_before_it_is_cleared(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, unknown_faces=1, seed=3)
    for actor in (cast.alice, cast.bob, cast.rita, cast.petra):
        data = await look(cast, actor, photo)
        assert data == picture(3, (RENDITIONS["preview"], 180), "WEBP")


async def test_others_see_it_once_it_is_cleared_for_internal_use(cast: Cast) -> None:
    anna = await add_person(cast.container, "Anna")
    photo = await add_photo(cast.container, cast.shared, [anna])
    await cast.grant(cast.charlie, cast.shared, "download")
    with pytest.raises(ClearanceRefused) as refused:
        await look(cast, cast.charlie, photo)
    assert (refused.value.use, refused.value.state) == ("internal", "missing")
    assert [(one["code"], one["person_id"], one["person_name"]) for one in refused.value.reasons] == [("never_asked", None, None)]
    row = await add_consent(cast.container, cast.rita, anna, "internal")
    assert await look(cast, cast.charlie, photo, "thumb")
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id)
    with pytest.raises(ClearanceRefused):
        await look(cast, cast.charlie, photo, "thumb")
    kept = await audit_of(cast.container, Tag.asset_viewed, "refused")
    assert [event.payload["state"] for event in kept] == ["missing", "revoked"]
    assert {event.actor_id for event in kept} == {cast.charlie.user_id}


@pytest.mark.parametrize("rendition", ["thumb", "preview", "large"])
async def test_who_may_not_know_of_it_is_told_nothing(cast: Cast, rendition: str) -> None:
    photo = await add_photo(cast.container, cast.closed)
    for actor in (cast.bob, cast.charlie, cast.rita):
        with pytest.raises(NotFound):
            await look(cast, actor, photo, rendition)
    with pytest.raises(NotAuthenticated):
        await look(cast, anonymous(), photo, rendition)


async def test_a_narrowed_key_sees_what_is_cleared_only(cast: Cast) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna])
    for actor in (with_key(cast.alice, "read"), with_key(cast.rita, "read", "download")):
        with pytest.raises(ClearanceRefused):
            await look(cast, actor, photo)
    assert await look(cast, with_key(cast.rita, "read", "review"), photo)
    assert await look(cast, with_key(cast.bob), photo)
    await add_consent(cast.container, cast.rita, anna, "internal")
    assert await look(cast, with_key(cast.alice, "read"), photo)


async def test_what_lies_in_the_trash_is_shown_to_who_may_take_it_out(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared)
    await change_asset(cast.container, photo, state="trashed")
    await cast.grant(cast.charlie, cast.shared, "download")
    assert await look(cast, cast.bob, photo, "thumb")
    for actor in (cast.charlie, cast.petra):
        with pytest.raises(NotFound):
            await look(cast, actor, photo, "thumb")


@pytest.mark.parametrize("name", ["original", "web", "../original", "", "huge"])
async def test_only_renditions_are_shown(cast: Cast, name: str) -> None:
    photo = await add_photo(cast.container, cast.shared)
    with pytest.raises(NotFound):
        await look(cast, cast.alice, photo, name)


async def test_looking_is_logged_once_an_hour_and_thumbnails_are_not(cast: Cast, clock: TurnableClock) -> None:
    photo, other = [await add_photo(cast.container, cast.shared, seed=n) for n in range(2)]

    async def logged() -> int:
        return len(await audit_of(cast.container, Tag.asset_viewed, "done"))

    await look(cast, cast.bob, photo, "thumb")
    assert await logged() == 0
    for rendition in ("preview", "large", "preview"):
        await look(cast, cast.bob, photo, rendition)
    assert await logged() == 1
    await look(cast, cast.rita, photo)
    await look(cast, cast.bob, other)
    assert await logged() == 3
    clock.turn(timedelta(minutes=59))
    await look(cast, cast.bob, photo)
    assert await logged() == 3
    clock.turn(timedelta(minutes=1))
    await look(cast, cast.bob, photo)
    await look(cast, system(), photo)
    assert await logged() == 5


async def test_lists_know_what_will_be_shown(cast: Cast) -> None:
    anna = await add_person(cast.container)
    await add_consent(cast.container, cast.alice, anna, "internal")
    cleared = await add_photo(cast.container, cast.shared, [anna], seed=1, with_bytes=False)
    uncleared = await add_photo(cast.container, cast.shared, unknown_faces=1, seed=2, with_bytes=False)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.container.scope(system()) as scope:
        await index.refresh(scope, [cleared, uncleared])
    for actor, shown in ((cast.charlie, {cleared}), (cast.bob, {cleared, uncleared}), (cast.petra, {cleared, uncleared})):
        async with cast.scope(actor) as scope:
            rows = list((await scope.db.execute(select(Asset).where(col(Asset.folder_id) == cast.shared))).scalars())
            assert await screens.expected(scope, rows) == shown


async def test_while_faces_are_looked_for_only_who_works_on_it_sees_it(cast: Cast) -> None:
    """Also when a verdict from before (its faces are looked for once more) still says that it is cleared."""
    anna = await add_person(cast.container)
    await add_consent(cast.container, cast.alice, anna, "internal")
    photo = await add_photo(cast.container, cast.shared, [anna])
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.container.scope(system()) as scope:
        await index.refresh(scope, [photo])
    await look(cast, cast.charlie, photo, "thumb")
    await change_asset(cast.container, photo, state=AssetState.processing, stage=Stage.faces)
    await look(cast, cast.bob, photo, "thumb")
    with pytest.raises(ClearanceRefused):
        await look(cast, cast.charlie, photo, "thumb")
    async with cast.container.scope(system()) as scope:
        await index.refresh(scope, [photo])
    for actor, shown in ((cast.charlie, set()), (cast.bob, {photo})):
        async with cast.scope(actor) as scope:
            asset = await scope.db.get(Asset, photo)
            assert asset is not None
            assert await screens.expected(scope, [asset]) == shown


async def test_the_full_size_is_made_for_the_asking_and_decided_like_any_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Larger than anything stored; the decision that counts is the one after it was made."""
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna])
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        full = await taken(await showing.show(scope, photo, "full"))
    assert Image.open(io.BytesIO(full)).size == (480, 360)
    with pytest.raises(ClearanceRefused):
        async with cast.scope(cast.charlie) as scope:
            await showing.show(scope, photo, "full")
    await add_consent(cast.container, cast.alice, anna, "internal")
    async with cast.scope(cast.charlie) as scope:
        shown = await showing.show(scope, photo, "full")
        assert shown.filename == "large", "who may only look does not get the whole photo"
    await cast.grant(cast.charlie, cast.shared, "download")
    async with cast.scope(cast.charlie) as scope:
        assert (await showing.show(scope, photo, "full")).filename == "full"
    async with cast.scope(with_key(cast.charlie, "read")) as scope:
        assert (await showing.show(scope, photo, "full")).filename == "large"
    monkeypatch.setattr(limits, "FULL_SIZES", limits.Rate("full-sizes", RateLimitItemPerMinute(1, 1)))
    made = []
    for _ in range(2):
        async with cast.scope(cast.bob) as scope:
            made.append((await showing.show(scope, photo, "full")).filename)
    assert made[-1] == "large", "the rate holds"


async def test_a_full_size_of_a_version_that_went_meanwhile_is_not_shown(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = await add_photo(cast.container, cast.shared)
    derive = Decoder.derive

    async def slow(self: Decoder, *args: Any, **kw: Any) -> Any:
        made = await derive(self, *args, **kw)
        await change_asset(cast.container, photo, version=2)
        return made

    monkeypatch.setattr(Decoder, "derive", slow)
    with pytest.raises(Conflict):
        async with cast.scope(cast.bob) as scope:
            await showing.show(scope, photo, "full")

"""Keeping a photo in: who may, why is sealed, cleared for nothing, a hold keeps it from the trash, and letting go opens it again."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.access.actor import Actor
from photobank.audit.tags import Tag
from photobank.clearance import judgement
from photobank.delivery import release
from photobank.kernel.errors import ClearanceRefused, Conflict, Invalid, NotFound, Refused
from photobank.library import assets, holding, trash
from photobank.library.holding import Bolt
from photobank.models.assets import Asset
from tests.factories import add_photo, change_asset
from tests.house import TODAY, Cast, audit_of

WHY = "Zaak van mevrouw Jansen"


@pytest.fixture
async def photo(cast: Cast) -> UUID:
    """A photo of nobody, cleared for everything."""
    id_ = await add_photo(cast.container, cast.shared)
    await change_asset(cast.container, id_, no_people_at=TODAY)
    return id_


async def put(cast: Cast, actor: Actor, photo: UUID, bolt: Bolt, why: str = WHY) -> None:
    async with cast.scope(actor) as scope:
        await holding.put_on(scope, photo, bolt, why)


async def let_go(cast: Cast, actor: Actor, photo: UUID, bolt: Bolt) -> None:
    async with cast.scope(actor) as scope:
        await holding.take_off(scope, photo, bolt)


async def cleared(cast: Cast, photo: UUID) -> bool:
    async with cast.scope(cast.alice) as scope:
        return (await judgement.verdicts(scope, [photo], "website"))[photo]["website"].allowed


@pytest.mark.parametrize(("bolt", "code"), [(Bolt.lock, "locked"), (Bolt.hold, "held")])
async def test_what_is_kept_in_goes_nowhere_until_it_is_let_go(cast: Cast, photo: UUID, bolt: Bolt, code: str) -> None:
    assert await cleared(cast, photo)
    await put(cast, cast.alice, photo, bolt)
    assert not await cleared(cast, photo)
    with pytest.raises(ClearanceRefused) as refused:
        async with cast.scope(cast.alice) as scope:
            await release.download(scope, photo, "original", "website")
    assert [reason["code"] for reason in refused.value.reasons] == [code]
    with pytest.raises(Conflict):
        await put(cast, cast.alice, photo, bolt)
    await let_go(cast, cast.alice, photo, bolt)
    await let_go(cast, cast.alice, photo, bolt)
    assert await cleared(cast, photo)
    tags = {Bolt.lock: (Tag.asset_locked, Tag.asset_unlocked), Bolt.hold: (Tag.asset_held, Tag.asset_released)}[bolt]
    for tag in tags:
        (event,) = await audit_of(cast.container, tag)
        assert (event.asset_id, "Jansen" in str(event.payload)) == (photo, False)


async def test_one_that_is_held_and_locked_stays_in_until_both_are_off(cast: Cast, photo: UUID) -> None:
    for bolt in Bolt:
        await put(cast, cast.alice, photo, bolt)
    await let_go(cast, cast.alice, photo, Bolt.lock)
    assert not await cleared(cast, photo)
    await let_go(cast, cast.alice, photo, Bolt.hold)
    assert await cleared(cast, photo)


async def test_a_hold_keeps_it_from_the_trash(cast: Cast, photo: UUID) -> None:
    await put(cast, cast.petra, photo, Bolt.hold)
    with pytest.raises(Conflict):
        async with cast.scope(cast.bob) as scope:
            await trash.trash(scope, photo)
    await let_go(cast, cast.petra, photo, Bolt.hold)
    async with cast.scope(cast.bob) as scope:
        await trash.trash(scope, photo)


async def test_who_may(cast: Cast, photo: UUID) -> None:
    for actor, bolt in ((cast.bob, Bolt.hold), (cast.rita, Bolt.hold), (cast.bob, Bolt.lock), (cast.petra, Bolt.lock)):
        with pytest.raises(Refused):
            await put(cast, actor, photo, bolt)
    await cast.grant(cast.bob, cast.shared, "manage")
    await put(cast, cast.bob, photo, Bolt.lock)
    with pytest.raises(Refused):
        await let_go(cast, cast.rita, photo, Bolt.lock)
    hidden = await add_photo(cast.container, cast.closed)
    with pytest.raises((NotFound, Refused)):
        await put(cast, cast.charlie, hidden, Bolt.lock)


async def test_why_is_asked_and_sealed(cast: Cast, photo: UUID) -> None:
    for why in ("", "  \n ", "x" * 1001, "a\0b"):
        with pytest.raises(Invalid):
            await put(cast, cast.alice, photo, Bolt.hold, why)
    await put(cast, cast.alice, photo, Bolt.hold)
    async with cast.scope(cast.alice) as scope:
        row = await scope.db.get(Asset, photo)
        assert isinstance(row, Asset)
        assert row.hold_reason_ct
        assert b"Jansen" not in row.hold_reason_ct
        assert holding.reasons(scope, await assets.find(scope, photo)) == {Bolt.hold: WHY}

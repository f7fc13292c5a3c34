"""A selection as one ZIP: every photo decided about when it is written, what stays behind listed with its reason."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from photobank.accounts import users
from photobank.audit.tags import Tag
from photobank.consents import withdrawal
from photobank.delivery import zipping, zips
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, Invalid, NotAuthenticated, NotFound, Refused
from photobank.models.handing_over import ZipState
from tests.delivery.given import downloads
from tests.delivery.noise import ANNA, BEN, group_photo, hides, shown
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import TODAY, Cast, audit_of, with_key


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def carl(cast: Cast) -> UUID:
    return await add_person(cast.container, "Carl")


async def order(cast: Cast, photos: list[UUID], use: str = "website", preset: str = "web", actor: Any = None) -> zips.ZipRow:
    async with cast.scope(actor or cast.bob) as scope:
        return await zips.order(scope, photos, use, preset)


async def test_people_are_made_unrecognisable_where_that_clears_a_photo(cast: Cast, anna: UUID, carl: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    group = await group_photo(cast, [anna, carl])
    alone = await add_photo(cast.container, cast.shared, [carl], seed=6)
    with pytest.raises(Invalid):
        async with cast.scope(cast.bob) as scope:
            await zips.order(scope, [group], "website", "original", redacted=True)
    async with cast.scope(cast.bob) as scope:
        made = await zips.order(scope, [group, alone], "website", "web", redacted=True)
    whole = await fetched(cast, made.id)
    told = json.loads(whole.read("manifest.json"))
    (entry,), (left,) = told["files"], told["left_out"]
    assert (entry["hidden_people"], left["asset_id"], left["reasons"]) == (1, str(alone), ["no_people_unconfirmed"])
    seen = shown(whole.read(entry["file"]))
    assert [hides(seen, box) for box in (ANNA, BEN)] == [False, True]
    assert "1 persoon onherkenbaar gemaakt" in whole.read("Toestemmingen.txt").decode()


async def fetched(cast: Cast, zip_id: UUID, actor: Any = None) -> zipfile.ZipFile:
    async with cast.scope(actor or cast.bob) as scope:
        stream, name = await zipping.fetch(scope, zip_id)
    assert name.endswith(".zip")
    whole = zipfile.ZipFile(io.BytesIO(b"".join([piece async for piece in stream])))
    assert whole.testzip() is None
    return whole


async def rest(stream: AsyncIterator[bytes], got: list[bytes]) -> None:
    """Read on to the end."""
    async for piece in stream:
        got.append(piece)


async def state(cast: Cast, zip_id: UUID) -> zips.ZipRow:
    async with cast.scope(cast.bob) as scope:
        return await zips.get(scope, zip_id)


async def test_what_may_go_goes_and_the_rest_is_listed_with_the_reason(cast: Cast, anna: UUID, carl: UUID) -> None:
    row = await add_consent(cast.container, cast.alice, anna, "website")
    good = [await add_photo(cast.container, cast.shared, [anna], seed=n, title="Tuin", taken_at=TODAY) for n in range(2)]
    bad = await add_photo(cast.container, cast.shared, [anna, carl], seed=5, title="Met Carl")
    made = await order(cast, [good[0], bad, good[1]])
    whole = await fetched(cast, made.id)
    names = [f"{TODAY:%Y-%m-%d} Tuin.jpg", f"{TODAY:%Y-%m-%d} Tuin (2).jpg"]
    assert whole.namelist() == [*names, "Toestemmingen.txt", "manifest.json"]
    told = json.loads(whole.read("manifest.json"))
    logged = await downloads(cast.container)
    assert [entry["file"] for entry in told["files"]] == names
    assert [entry["download_id"] for entry in told["files"]] == [str(one.id) for one in logged]
    assert [entry["consents"] for entry in told["files"]] == [[f"PB-{row.number}"]] * 2
    for entry in told["files"]:
        assert hashlib.sha256(whole.read(entry["file"])).hexdigest() == entry["sha256"]
    assert told["left_out"] == [{"asset_id": str(bad), "name": "Met Carl", "code": "clearance_refused", "reasons": ["never_asked"]}]
    words = whole.read("Toestemmingen.txt").decode("utf-8-sig")
    assert "Met Carl: nooit om toestemming gevraagd" in words
    assert "Anna" not in words + json.dumps(told)
    after = await state(cast, made.id)
    assert (after.state, after.looked_at, after.written, len(after.left_out)) == (ZipState.done, 3, 2, 1)
    (event,) = await audit_of(cast.container, Tag.zip_finished)
    assert event.payload == {"zip": str(made.id), "written": 2, "left_out": 1, "whole": True}
    assert len(await audit_of(cast.container, Tag.asset_downloaded, "refused")) == 1


async def test_a_withdrawal_in_the_middle_leaves_out_what_comes_after_it(cast: Cast, anna: UUID) -> None:
    row = await add_consent(cast.container, cast.alice, anna, "website")
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n) for n in range(4)]
    made = await order(cast, photos)
    async with cast.scope(cast.bob) as scope:
        stream, _ = await zipping.fetch(scope, made.id)
    data, withdrawn = b"", False
    async for piece in stream:
        data += piece
        if not withdrawn and b"IMG_0001" in data:
            withdrawn = True
            async with cast.scope(cast.rita) as scope:
                await withdrawal.withdraw(scope, row.id)
    told = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("manifest.json"))
    # One more may have been decided about before the withdrawal was heard of; none was after it.
    assert 2 <= len(told["files"]) <= 3
    assert {one["reasons"][0] for one in told["left_out"]} == {"withdrawn"}
    assert len(told["files"]) + len(told["left_out"]) == 4
    assert len(await downloads(cast.container)) == len(told["files"])


async def test_a_withdrawal_during_a_photo_breaks_it_off(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    row = await add_consent(cast.container, cast.alice, anna, "website")
    big = await add_photo(cast.container, cast.shared, [anna], original=b"\xff\xd8\xff" + bytes(8_000_000))
    made = await order(cast, [big], preset="original")
    async with cast.scope(cast.bob) as scope:
        stream, _ = await zipping.fetch(scope, made.id)
    got = [await anext(stream)]
    while sum(map(len, got)) < 100_000:
        got.append(await anext(stream))
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id)
    clock.turn(timedelta(seconds=6))
    with pytest.raises(ClearanceRefused):
        await rest(stream, got)
    assert sum(map(len, got)) < 8_000_000
    assert (await state(cast, made.id)).state is ZipState.broken


async def test_who_is_no_longer_let_in_gets_no_more(cast: Cast, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n) for n in range(3)]
    made = await order(cast, photos)
    async with cast.scope(cast.bob) as scope:
        stream, _ = await zipping.fetch(scope, made.id)
    await anext(stream)
    assert cast.bob.user_id is not None
    async with cast.scope(cast.alice) as scope:
        await users.change(scope, cast.bob.user_id, disabled=True)
    with pytest.raises((NotAuthenticated, Refused)):
        await rest(stream, [])
    assert len(await downloads(cast.container)) <= 2


async def test_fetched_again_it_starts_over_and_the_earlier_fetch_stops(cast: Cast, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n) for n in range(3)]
    made = await order(cast, photos)
    async with cast.scope(cast.bob) as scope:
        first, _ = await zipping.fetch(scope, made.id)
    await anext(first)
    whole = await fetched(cast, made.id)
    assert len(whole.namelist()) == 5
    with pytest.raises(zipping.Overtaken):
        await rest(first, [])
    assert (await state(cast, made.id)).state is ZipState.done


async def test_a_fetch_that_is_given_up_is_noted(cast: Cast, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    made = await order(cast, [await add_photo(cast.container, cast.shared, [anna], seed=n) for n in range(2)])
    async with cast.scope(cast.bob) as scope:
        stream, _ = await zipping.fetch(scope, made.id)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert (await state(cast, made.id)).state is ZipState.broken


async def test_a_photo_that_went_out_of_sight_is_left_out_without_its_name(cast: Cast, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    photos = [await add_photo(cast.container, cast.shared, [anna], seed=n, title=f"Foto {n}") for n in range(2)]
    made = await order(cast, photos)
    await change_asset(cast.container, photos[0], state="trashed")
    told = json.loads((await fetched(cast, made.id)).read("manifest.json"))
    assert told["left_out"] == [{"asset_id": str(photos[0]), "name": "", "code": "not_found", "reasons": []}]


async def test_an_order_is_for_who_made_it_and_for_photos_in_sight(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    photo = await add_photo(cast.container, cast.shared, [anna])
    made = await order(cast, [photo])
    for actor in (cast.rita, cast.alice, with_key(cast.bob, "download")):
        with pytest.raises(NotFound):
            await fetched(cast, made.id, actor)
    for photos, actor, error in (
        ([photo], cast.charlie, NotFound),
        ([photo, uuid4()], cast.bob, NotFound),
        ([], cast.bob, Invalid),
    ):
        with pytest.raises(error):
            await order(cast, photos, actor=actor)
    with pytest.raises(Refused):
        await order(cast, [photo], actor=with_key(cast.bob, "read"))
    with pytest.raises(Invalid):
        await order(cast, [photo], use="fun")
    clock.turn(timedelta(hours=25))
    with pytest.raises(NotFound):
        await fetched(cast, made.id)
    clock.turn(timedelta(days=7))
    async with cast.scope(cast.alice) as scope:
        await zips.forget_old(scope)
    with pytest.raises(NotFound):
        await state(cast, made.id)

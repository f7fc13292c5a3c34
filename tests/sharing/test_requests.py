"""Requests: outsiders bring photos into one folder, as many as asked for, and see nothing of what is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.accounts import users
from photobank.audit.tags import Tag
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Gone, Invalid, NotFound, Refused
from photobank.library import folders
from photobank.models.accounts import Role
from photobank.models.assets import Asset, AssetState
from photobank.models.shares import Share, ShareKind
from photobank.sharing import guests, links, listing, requests
from photobank.sharing.links import Made
from photobank.sharing.requests import NewRequest
from tests.delivery.given import downloads
from tests.factories import picture
from tests.house import TODAY, Cast, Door, audit_of
from tests.sharing.given import FORM, HTML, Outsider, outsider


async def ask(cast: Cast, **more: Any) -> Made:
    async with cast.scope(cast.bob) as scope:
        return await requests.create(scope, NewRequest(**({"folder_id": cast.shared, "title": "Uw foto’s van de open dag"} | more)))


async def send(guest: Outsider, seed: int = 1, name: str = "strand.jpg", content: bytes | None = None) -> httpx.Response:
    body = picture(seed) if content is None else content
    return await guest.http.put(f"{guest.path}files", params={"name": name}, content=body, headers=FORM)


async def arrived(cast: Cast) -> list[Asset]:
    async with cast.container.sessions() as db:
        query = select(Asset).where(col(Asset.state) != AssetState.uploading).order_by(col(Asset.id))
        return list((await db.execute(query)).scalars())


@pytest.fixture
async def made(cast: Cast, door: Door) -> Made:
    return await ask(cast)


async def test_a_photo_is_brought_under_the_makers_name_and_logged_as_the_links(cast: Cast, made: Made) -> None:
    guest = outsider(made)
    page = await guest.look()
    assert page.status_code == 200
    assert all(words in page.text for words in ("Uw foto’s van de open dag", "Bob van Ziekenhuis De Lelie", "nog 100 foto’s"))
    assert "Open dag" not in page.text, "the folder's name is nobody's outside"
    assert (await send(guest)).status_code == 204
    (asset,) = await arrived(cast)
    assert (asset.folder_id, asset.uploaded_by, asset.filename, asset.state) == (
        cast.shared, cast.bob.user_id, "strand.jpg", AssetState.processing,
    )  # fmt: skip
    (event,) = await audit_of(cast.container, Tag.asset_received)
    assert (event.actor_kind, event.actor_id, event.via) == ("visitor", made.row.id, f"share:{made.row.id}")
    async with cast.scope(cast.bob) as scope:
        row = await listing.get(scope, made.row.id)
    assert (row.files, row.views) == (1, 1)


async def test_the_same_photo_again_says_nothing_of_the_first(cast: Cast, made: Made) -> None:
    guest = outsider(made)
    await guest.look()
    answers = [await send(guest), await send(guest)]
    assert [(one.status_code, one.content) for one in answers] == [(204, b"")] * 2
    assert len(await arrived(cast)) == 2


@pytest.mark.parametrize(
    ("content", "status"), [(b"#!/bin/sh\n" * 99, 415), (b"", 415), (b"\xff\xd8\xff" + b"x" * (3 * 2**20), 413)]
)
async def test_what_is_no_photo_or_too_large_is_not_taken_nor_counted(
    cast: Cast, made: Made, content: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller = cast.container.settings.model_copy(update={"max_upload_bytes": 2 * 2**20})
    monkeypatch.setattr(cast.container, "settings", smaller)
    guest = outsider(made)
    await guest.look()
    answer = await send(guest, content=content)
    assert (answer.status_code, answer.content) == (status, b"")
    assert await arrived(cast) == []
    async with cast.container.sessions() as db:
        assert (await db.get_one(Share, made.row.id)).files == 0


async def test_room_is_exact_when_many_come_at_once(cast: Cast, door: Door) -> None:
    made = await ask(cast, file_limit=3)
    guest = outsider(made)
    await guest.look()
    answers = await asyncio.gather(*[send(guest, seed) for seed in range(20)])
    assert sorted(answer.status_code for answer in answers) == [204] * 3 + [410] * 17
    assert len(await arrived(cast)) == 3
    full = await guest.look()
    assert full.status_code == 410
    assert "opgebruikt" in full.text


@pytest.mark.parametrize("how", ["time", "hand", "grant", "role", "account"])
async def test_it_ends_with_time_by_hand_and_with_the_makers_rights(cast: Cast, door: Door, clock: TurnableClock, how: str) -> None:
    made = await ask(cast, ends_at=TODAY + timedelta(minutes=5))
    guest = outsider(made)
    assert (await guest.look()).status_code == 200
    assert cast.bob.user_id
    if how == "time":
        clock.turn(timedelta(minutes=5))
    elif how == "hand":
        async with cast.scope(cast.bob) as scope:
            await links.end(scope, made.row.id)
    else:
        async with cast.scope(cast.alice) as scope:
            if how == "grant":
                (grant,) = [one for one in await folders.grants(scope, cast.shared) if one.principal == str(cast.bob.user_id)]
                await folders.take(scope, cast.shared, grant.id)
            elif how == "role":
                await users.change(scope, cast.bob.user_id, role=Role.viewer)
            else:
                await users.change(scope, cast.bob.user_id, disabled=True)
    assert (await guest.look()).status_code == 410
    assert (await send(guest)).status_code == 410
    assert await arrived(cast) == []


async def test_what_is_on_its_way_ends_with_the_request(cast: Cast, made: Made, clock: TurnableClock) -> None:
    box, token = cast.container, made.url.rstrip("/").rsplit("/", 1)[1]
    guest = await guests.arrive(box, token, ShareKind.request, "198.51.100.7", "")
    visit = await guests.visit_of(box, guest, await guests.open_link(box, guest))
    assert visit is not None
    whole = picture(3)

    async def slowly() -> AsyncIterator[bytes]:
        yield whole[:1000]
        async with cast.scope(cast.bob) as scope:
            await links.end(scope, made.row.id)
        clock.turn(timedelta(seconds=6))
        yield whole[1000:]

    with pytest.raises(Gone):
        await requests.bring(box, guest, visit, slowly(), filename="x.jpg", size=None)
    assert await arrived(cast) == []


async def test_it_takes_the_password_and_a_view(cast: Cast, door: Door) -> None:
    made = await ask(cast, password="zonnebloem-in-mei")
    guest = outsider(made)
    page = await guest.look()
    assert "Uw foto’s" not in page.text
    assert (await send(guest)).status_code == 404
    assert (await guest.open("wrong")).status_code == 403
    assert (await guest.open("zonnebloem-in-mei")).status_code == 200
    assert (await send(guest)).status_code == 204
    foreign = await guest.http.put(f"{guest.path}files", content=picture(2), headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


async def test_a_request_shows_nothing_and_hands_nothing_out(cast: Cast, made: Made) -> None:
    token = made.url.rstrip("/").rsplit("/", 1)[1]
    guest = outsider(made)
    for path in (f"/s/{token}/", f"/embed/{token}/320.jpeg", f"/bring/{token}/photos/x/thumb"):
        assert (await guest.http.get(path, headers=HTML)).status_code == 404
    assert await downloads(cast.container) == []


async def test_only_who_may_add_to_a_folder_asks_for_it(cast: Cast, door: Door) -> None:
    nowhere: UUID = cast.closed
    with pytest.raises(NotFound):
        await ask(cast, folder_id=nowhere)
    await cast.grant(cast.charlie, cast.shared, "edit")
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await requests.create(scope, NewRequest(folder_id=cast.shared))
    with pytest.raises(Invalid):
        await ask(cast, file_limit=0)

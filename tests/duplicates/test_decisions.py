"""What people say of two pictures: done at once, kept for ever, taken back; and nothing about photos that one may not see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col

from photobank.access.actor import Actor, system
from photobank.duplicates import decisions, inheriting, pairs, repository
from photobank.duplicates.pairs import Which
from photobank.kernel.errors import Conflict, NotFound, Refused
from photobank.library import trash
from photobank.models.accounts import Role
from photobank.models.assets import Asset, AssetState
from photobank.models.duplicates import Answer, DuplicatePair, PictureWords
from photobank.models.people import Face, FaceState
from photobank.scope import Container
from tests.duplicates.given import ASTRONAUT, CHELSEA, CROP, add_picture, found_pair, look, pair_of
from tests.factories import add_person, add_photo, change_asset, face_on
from tests.house import TODAY, Cast, add_user, audit_of, with_key


async def two(cast: Cast, **more: Any) -> tuple[UUID, UUID, UUID]:
    """Alice's photo, Bob's crop of it, and their pair."""
    older = await add_picture(cast.container, cast.shared, ASTRONAUT, by=cast.alice)
    newer = await add_picture(cast.container, cast.shared, CROP, at=60, by=cast.bob, **more)
    return older, newer, await found_pair(cast.container, older, newer)


async def decide(cast: Cast, actor: Actor, pair_id: UUID, answer: Answer) -> None:
    async with cast.scope(actor) as scope:
        await decisions.decide(scope, pair_id, answer)


async def state_of(container: Container, asset_id: UUID) -> str:
    async with container.sessions() as db:
        asset = await db.get(Asset, asset_id)
        assert asset is not None
        return asset.state


async def open_pairs(cast: Cast, actor: Actor, **which: Any) -> list[UUID]:
    async with cast.scope(actor) as scope:
        return [row.id for row in (await pairs.page(scope, **which)).items]


async def test_skip_puts_the_newer_one_into_the_trash_and_undo_takes_it_out(cast: Cast) -> None:
    older, newer, pair = await two(cast)
    await decide(cast, cast.bob, pair, Answer.skip)
    assert (await state_of(cast.container, older), await state_of(cast.container, newer)) == (AssetState.ready, AssetState.trashed)
    assert await open_pairs(cast, cast.bob) == []
    assert await open_pairs(cast, cast.bob, which=Which.answered) == [pair]
    (event,) = await audit_of(cast.container, "duplicate:decide")
    assert (event.asset_id, event.payload) == (newer, {"answer": "skip", "other": str(older)})
    async with cast.scope(cast.bob) as scope:
        await decisions.undo(scope, pair)
    assert await state_of(cast.container, newer) == AssetState.ready
    assert await open_pairs(cast, cast.bob) == [pair]


@pytest.mark.parametrize("answer", [Answer.keep, Answer.apart])
async def test_keeping_both_moves_nothing(cast: Cast, answer: Answer) -> None:
    older, newer, pair = await two(cast)
    await decide(cast, cast.bob, pair, answer)
    assert {await state_of(cast.container, one) for one in (older, newer)} == {AssetState.ready}
    assert await open_pairs(cast, cast.bob) == []
    with pytest.raises(Conflict):
        await decide(cast, cast.bob, pair, Answer.skip)


async def test_faces_of_the_copy_come_along(cast: Cast) -> None:
    older, newer, pair = await two(cast)
    anna = await add_person(cast.container, "Anna")
    async with cast.scope(system()) as scope:
        there = face_on(newer, anna, now=TODAY)
        # The same place, seen from the whole picture: the crop begins at 30, 20 and is 460 of 512 wide.
        here = face_on(older, None, FaceState.unknown, now=TODAY)
        there.box, here.box = [0.4, 0.3, 0.2, 0.2], [0.42, 0.31, 0.18, 0.18]
        scope.db.add_all([there, here])
    with pytest.raises(Conflict):  # Bob does not review faces: they would be lost with the copy
        await decide(cast, cast.bob, pair, Answer.skip)
    await decide(cast, cast.rita, pair, Answer.skip)
    async with cast.container.sessions() as db:
        face = await db.get(Face, here.id)
    assert face is not None
    assert (face.state, face.person_id, face.settled_by) == (FaceState.confirmed, anna, cast.rita.user_id)


@pytest.mark.parametrize("sure", [None, 0.997])
async def test_a_face_that_the_other_lacks_is_drawn_as_it_was_confirmed_by_somebody_or_by_itself(
    cast: Cast, sure: float | None
) -> None:
    anna = await add_person(cast.container, "Anna")
    gone = await add_photo(cast.container, cast.shared, [anna], seed=1, with_bytes=False)
    kept = await add_photo(cast.container, cast.shared, seed=2, with_bytes=False)
    async with cast.scope(cast.alice) as scope:
        (face,) = (await scope.db.execute(select(Face).where(col(Face.asset_id) == gone))).scalars()
        face.by_itself = sure
        await scope.db.flush()
        pair: list[Any] = [await scope.db.get_one(Asset, one) for one in (gone, kept)]
        (estate,) = await inheriting.estates(scope, [inheriting.Going(*pair, (1, 0, 0, 0, 1, 0))])
        await inheriting.take_over(scope, estate)
        (there,) = (await scope.db.execute(select(Face).where(col(Face.asset_id) == kept))).scalars()
    assert (there.person_id, there.by_itself) == (anna, sure), "merging copies is no word of a person about who it is"


@pytest.mark.parametrize("change", [{"hold_at": TODAY}, {"locked_at": TODAY}, {"state": AssetState.archived}])
async def test_held_locked_and_archived_copies_stay(cast: Cast, change: dict[str, Any]) -> None:
    _, newer, pair = await two(cast)
    await change_asset(cast.container, newer, **change)
    with pytest.raises(Conflict):
        await decide(cast, cast.bob, pair, Answer.skip)
    await decide(cast, cast.bob, pair, Answer.keep)


async def test_who_may_only_look_is_refused_and_that_is_kept(cast: Cast) -> None:
    _, newer, pair = await two(cast)
    await cast.grant(cast.charlie, cast.shared, "view")
    with pytest.raises(Refused):
        await decide(cast, cast.charlie, pair, Answer.keep)
    with pytest.raises(Refused):
        await decide(cast, with_key(cast.bob, "read"), pair, Answer.keep)
    assert [event.asset_id for event in await audit_of(cast.container, "request:refuse", "refused")] == [newer, newer]
    assert await open_pairs(cast, cast.charlie) == [pair]


async def test_a_copy_out_of_sight_is_never_told_of(cast: Cast) -> None:
    """Neither in the list nor in a count, and a pair's id is answered as one that never was."""
    older = await add_picture(cast.container, cast.closed, ASTRONAUT, by=cast.alice)
    newer = await add_picture(cast.container, cast.shared, CROP, at=60, by=cast.bob)
    pair = await found_pair(cast.container, older, newer)
    assert await open_pairs(cast, cast.alice) == [pair]
    assert await open_pairs(cast, cast.bob) == []
    assert await open_pairs(cast, cast.bob, mine=True) == []
    assert await open_pairs(cast, cast.bob, asset_id=newer) == []
    async with cast.scope(cast.bob) as scope:
        summary = await pairs.summary(scope)
        assert (summary.open, summary.mine, summary.photos, summary.bytes) == (0, 0, 0, 0)
        with pytest.raises(NotFound):
            await pairs.get(scope, pair)
    for work in (decisions.undo, pairs.get):
        async with cast.scope(cast.bob) as scope:
            with pytest.raises(NotFound):
                await work(scope, pair)
    with pytest.raises(NotFound):
        await decide(cast, cast.bob, pair, Answer.skip)
    assert await state_of(cast.container, newer) == AssetState.ready


async def test_looking_wakes_the_same_pages_whether_or_not_something_was_found(cast: Cast) -> None:
    from photobank.messaging import events
    from photobank.wiring import REACTIONS

    pushes = REACTIONS[events.DuplicatesLooked].pushes
    assert [(kind, list(ids(events.DuplicatesLooked(asset_id=cast.shared)))) for kind, ids in pushes] == [("duplicates", [])]


async def test_a_trashed_photo_takes_its_pairs_out_of_the_list(cast: Cast) -> None:
    older, _, pair = await two(cast)
    async with cast.scope(cast.alice) as scope:
        await trash.trash(scope, older)
    assert await open_pairs(cast, cast.alice) == []
    async with cast.scope(cast.alice) as scope:
        await trash.restore(scope, older)
    assert await open_pairs(cast, cast.alice) == [pair]


async def test_the_summary_counts_what_could_go(cast: Cast) -> None:
    _, newer, pair = await two(cast)
    async with cast.scope(cast.bob) as scope:
        assert await pairs.summary(scope) == pairs.Summary(1, 1, 1, 460 * 460)
    await change_asset(cast.container, newer, hold_at=TODAY)
    async with cast.scope(cast.bob) as scope:
        assert await pairs.summary(scope) == pairs.Summary(1, 1, 0, 0)
        (row,) = (await pairs.page(scope, mine=True)).items
    assert (row.id, row.differences, row.may_decide) == (pair, ("cropped",), True)
    assert row.region_in_older == pytest.approx((30 / 512, 20 / 512, 460 / 512, 460 / 512), abs=0.01)
    assert row.region_in_newer == pytest.approx((0, 0, 1, 1), abs=0.01)


ANSWERS = st.sampled_from([Answer.skip, Answer.keep, Answer.apart])
STEPS = st.lists(st.sampled_from(["look", "again", "upload again", "purge"]), max_size=4)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERS, STEPS)
async def test_an_answer_is_kept_for_ever(cast: Cast, answer: Answer, steps: list[str]) -> None:
    """Looking again, with other words, with the same files sent again after theirs were purged: nobody is asked twice."""
    container = cast.container
    async with container.scope(system()) as scope:
        for asset in (await scope.db.execute(select(Asset))).scalars():
            await scope.db.delete(asset)
        await scope.db.execute(DuplicatePair.__table__.delete())  # type: ignore[attr-defined]
        await scope.db.execute(repository.DuplicateAnswer.__table__.delete())  # type: ignore[attr-defined]
    files = {"older": b"one file", "newer": b"another file"}
    older = await add_picture(container, cast.shared, ASTRONAUT, content=files["older"])
    newer = await add_picture(container, cast.shared, CROP, at=60, content=files["newer"])
    await decide(cast, cast.alice, await found_pair(container, older, newer), answer)
    for step in steps:
        if step == "again":
            async with container.scope(system()) as scope:
                await scope.db.execute(update(PictureWords).values(version=0))
        elif step == "upload again":
            newer = await add_picture(container, cast.shared, CROP, at=120, content=files["newer"])
        elif step == "purge":
            async with container.scope(system()) as scope:
                asset = await scope.db.get(Asset, newer)
                assert asset is not None
                await scope.db.delete(asset)
            newer = await add_picture(container, cast.shared, CROP, at=180, content=files["newer"])
        await look(container, newer, older)
        pair = await pair_of(container, older, newer)
        assert pair is not None
        assert pair.answer == answer
        async with cast.scope(cast.alice) as scope:
            asked = list((await pairs.page(scope, asset_id=older)).items)
        assert asked == []


async def test_another_picture_is_another_question(cast: Cast) -> None:
    older, newer, pair = await two(cast)
    await decide(cast, cast.bob, pair, Answer.apart)
    grey = await add_picture(cast.container, cast.shared, CROP.convert("L").convert("RGB"), at=90, by=cast.bob)
    await look(cast.container, grey)
    assert {(await pair_of(cast.container, one, grey)).answer for one in (older, newer)} == {None}  # type: ignore[union-attr]


async def test_pages_take_the_same_queries_however_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    older = await add_picture(cast.container, cast.shared, ASTRONAUT)
    for at in range(4):
        image = ASTRONAUT.crop((at, at, 480 + at, 470 + at))
        await look(cast.container, await add_picture(cast.container, cast.shared, image, at=60 + at))
    await look(cast.container, older)
    counts = []
    for limit in (1, 1, 10):  # the first time also works out his rights, which are remembered
        async with cast.scope(cast.bob) as scope:
            before = 0

            execute, scalar, scalars = scope.db.execute, scope.db.scalar, scope.db.scalars

            def counted(work: Any) -> Any:
                async def call(*args: Any, **kw: Any) -> Any:
                    nonlocal before
                    before += 1
                    return await work(*args, **kw)

                return call

            monkeypatch.setattr(scope.db, "execute", counted(execute))
            monkeypatch.setattr(scope.db, "scalar", counted(scalar))
            monkeypatch.setattr(scope.db, "scalars", counted(scalars))
            page = await pairs.page(scope, limit=limit)
            assert len(page.items) >= limit // 2
            counts.append(before)
    assert counts[0] >= counts[1] == counts[2]


async def test_pages_go_on_where_the_last_one_ended(cast: Cast) -> None:
    for at in range(3):
        await look(cast.container, await add_picture(cast.container, cast.shared, ASTRONAUT.crop((at, 0, 470 + at, 480)), at=at))
    async with cast.scope(cast.bob) as scope:
        whole = [row.id for row in (await pairs.page(scope)).items]
        first = await pairs.page(scope, limit=2)
        rest = await pairs.page(scope, limit=2, cursor=first.next_cursor)
    assert len(whole) == 3
    assert [row.id for row in (*first.items, *rest.items)] == whole


async def test_alike_is_not_the_same(cast: Cast) -> None:
    one = await add_picture(cast.container, cast.shared, CHELSEA)
    other = await add_picture(cast.container, cast.shared, ASTRONAUT, at=1)
    await look(cast.container, one, other)
    assert await pair_of(cast.container, one, other) is None
    stranger = replace(await add_user(cast.container, "Sam", Role.contributor))
    assert await open_pairs(cast, stranger) == []

"""The clean-up: the plan says what goes where, and carrying it out does just that."""

from __future__ import annotations

import pytest

from photobank.access.actor import system
from photobank.duplicates import decisions, report
from photobank.duplicates.inheriting import Obstacle
from photobank.kernel.errors import NotFound, Refused
from photobank.library import assets
from photobank.models.assets import AssetState
from photobank.models.people import FaceState
from tests.duplicates.given import ASTRONAUT, CROP, add_picture, found_pair, look
from tests.duplicates.test_decisions import state_of, two
from tests.factories import add_consent, add_person, change_asset, face_on
from tests.house import TODAY, Cast, audit_of


async def test_the_lesser_copies_go_and_come_back(cast: Cast) -> None:
    small = await add_picture(cast.container, cast.shared, ASTRONAUT.resize((300, 300)), title="Aankomst")
    whole = await add_picture(cast.container, cast.shared, ASTRONAUT, at=1)
    crop = await add_picture(cast.container, cast.shared, CROP, at=2)
    await look(cast.container, small, whole, crop)
    async with cast.scope(cast.bob) as scope:
        plan = await report.plan(scope)
    assert {(step.drop.id, step.keep.id, step.obstacle) for step in plan.steps} == {(small, whole, None), (crop, whole, None)}
    assert (plan.photos, plan.bytes) == (2, 300 * 300 + 460 * 460)
    assert {step.drop.id: step.texts for step in plan.steps} == {small: ("title",), crop: ()}
    async with cast.scope(cast.bob) as scope:
        done = await report.clean_up(scope, [step.pair_id for step in plan.steps])
    assert [await state_of(cast.container, one) for one in (small, whole, crop)] == ["trashed", "ready", "trashed"]
    async with cast.scope(cast.bob) as scope:
        assert (await assets.find(scope, whole)).title == "Aankomst"
    assert [event.payload for event in await audit_of(cast.container, "duplicate:clean-up")] == [{"photos": 2}]
    for pair in done:
        async with cast.scope(cast.bob) as scope:
            await decisions.undo(scope, pair)
    assert [await state_of(cast.container, one) for one in (small, whole, crop)] == ["ready", "ready", "ready"]


async def test_a_copy_stays_when_something_would_be_lost(cast: Cast) -> None:
    older, newer, pair = await two(cast)
    anna = await add_person(cast.container, "Anna")
    async with cast.scope(system()) as scope:
        scope.db.add(face_on(newer, anna, now=TODAY))

    async def obstacle(actor: object = cast.rita) -> Obstacle | None:
        async with cast.scope(actor) as scope:  # type: ignore[arg-type]
            (step,) = (await report.plan(scope, [pair])).steps
            return step.obstacle

    assert await obstacle() is None
    assert await obstacle(cast.bob) is Obstacle.faces_need_reviewer
    await add_consent(cast.container, cast.alice, anna, "website", extent="photos", extent_ids=(newer,))
    assert await obstacle() is Obstacle.consent_names_it
    await change_asset(cast.container, newer, hold_at=TODAY)
    assert await obstacle() is Obstacle.held
    async with cast.scope(cast.rita) as scope:
        assert await report.clean_up(scope, [pair]) == []
    assert await state_of(cast.container, newer) == AssetState.ready
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await report.plan(scope)
    assert older


async def test_faces_that_were_settled_otherwise_keep_both(cast: Cast) -> None:
    older, newer, pair = await two(cast)
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    async with cast.scope(system()) as scope:
        here, there = face_on(older, bea, now=TODAY), face_on(newer, anna, FaceState.confirmed, now=TODAY)
        there.box, here.box = [0.4, 0.3, 0.2, 0.2], [0.42, 0.31, 0.18, 0.18]
        scope.db.add_all([here, there])
    async with cast.scope(cast.rita) as scope:
        (step,) = (await report.plan(scope, [pair])).steps
    assert step.obstacle is Obstacle.faces_differ


async def test_pairs_out_of_sight_cannot_be_planned(cast: Cast) -> None:
    older = await add_picture(cast.container, cast.closed, ASTRONAUT)
    newer = await add_picture(cast.container, cast.shared, CROP, at=60)
    pair = await found_pair(cast.container, older, newer)
    async with cast.scope(cast.bob) as scope:
        assert (await report.plan(scope)).steps == ()
        for work in (report.plan, report.clean_up):
            with pytest.raises(NotFound):
                await work(scope, [pair])

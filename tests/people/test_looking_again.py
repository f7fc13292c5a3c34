"""Faces looked for once more, with the same model or another: everything people decided follows the boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from sqlmodel import col

from photobank.kernel.errors import Conflict, NotFound, Refused
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceLink, FaceRejection
from photobank.models.recognition import FaceModel
from photobank.people import face_models, groups, looking, persons, review, tagged
from photobank.people.engines import Engines
from photobank.vision import matching
from photobank.vision.engine import Detected, FaceEngine, Pixels
from photobank.vision.fake import FakeEngine
from tests.factories import add_photo, change_asset
from tests.house import Cast, audit_of
from tests.people.studio import Studio

sizes = some.floats(0.05, 0.3)
boxes = some.tuples(some.floats(0, 0.6), some.floats(0, 0.6), sizes, sizes)


class OtherEngine(FakeEngine):
    """Another detector and another model: its boxes are smaller and lie higher, and it sees the smallest face of a photo twice."""

    tag = "fake/hue/2"
    blind = False

    def detect(self, rgb: Pixels) -> list[Detected]:
        if self.blind:
            return []
        found = [
            replace(one, x=one.x + 0.06 * one.w, y=max(0.0, one.y - 0.06 * one.h), w=0.88 * one.w, h=0.95 * one.h)
            for one in super().detect(rgb)
        ]
        return [*found, replace(found[-1], x=0.02, y=0.02, w=0.05, h=0.05)] if found else []


class SecondModel(FakeEngine):
    """Another model for the same boxes."""

    tag = "fake/hue/2"


@given(some.lists(boxes, max_size=6), some.lists(boxes, max_size=6))
def test_pairs_are_one_to_one_and_overlap(old: list[matching.Box], new: list[matching.Box]) -> None:
    pairs = matching.pair(old, new)
    assert len(set(pairs.values())) == len(pairs)
    assert all(matching.overlap(old[i], new[j]) > 0 for j, i in pairs.items())
    for j in set(range(len(new))) - pairs.keys():
        assert not any(matching.overlap(old[i], new[j]) > 0 for i in set(range(len(old))) - set(pairs.values()))


@given(boxes, some.floats(-0.12, 0.12), some.floats(-0.12, 0.12), some.floats(0.85, 1.15))
def test_a_face_that_another_detector_draws_somewhat_differently_is_the_same(
    box: tuple[float, float, float, float], right: float, down: float, scale: float
) -> None:
    x, y, w, h = box
    assert matching.overlap(box, (x + right * w, y + down * h, w * scale, h * scale)) > 0


def test_a_head_drawn_generously_around_a_face_is_that_face_and_a_neighbour_is_not() -> None:
    face = (0.4, 0.4, 0.1, 0.1)
    assert matching.overlap((0.35, 0.33, 0.2, 0.22), face) > 0
    assert matching.overlap((0.49, 0.4, 0.1, 0.1), face) == 0


async def decided(cast: Cast) -> dict[UUID, tuple[object, ...]]:
    """Everything people said, by face, and where the face is."""
    async with cast.container.sessions() as db:
        said = {}
        for face in (await db.execute(select(Face).where(col(Face.settled_at).is_not(None)))).scalars():
            refused = await db.scalars(select(col(FaceRejection.person_id)).where(col(FaceRejection.face_id) == face.id))
            said[face.id] = (face.asset_id, face.state, face.person_id, face.settled_by, face.settled_at, frozenset(refused))
        for link in (await db.execute(select(FaceLink))).scalars():
            said[link.one, link.other] = (link.kind, link.said_by)  # type: ignore[index]
        return said


async def faces_on(cast: Cast, assets: Sequence[UUID]) -> dict[UUID, int]:
    async with cast.container.sessions() as db:
        rows = (await db.execute(select(Face).where(col(Face.asset_id).in_(assets)))).scalars().all()
        return {asset: sum(row.asset_id == asset for row in rows) for asset in assets}


async def test_a_full_reprocess_and_a_model_switch_keep_every_human_decision(cast: Cast, studio: Studio) -> None:
    loaded: dict[str, FaceEngine] = {"fake": FakeEngine(), "other": OtherEngine()}
    studio.engines = Engines(lambda pack: loaded[pack])
    photos = [await studio.photo(person, (person + 5) % 12) for person in (0, 0, 1, 1, 2, 3)]
    async with cast.scope(cast.rita) as scope:
        anna, bea = [(await persons.create(scope, name)).id for name in ("Anna", "Bea")]
    cluster = photos[2][0].cluster_id
    assert cluster is not None
    assert cluster == photos[3][0].cluster_id
    await studio.act(groups.split, cluster, [photos[2][0].id])
    await studio.act(review.confirm, [photos[0][0].id, photos[1][0].id], anna)
    await studio.act(review.reject, photos[0][1].id, anna)
    await studio.act(review.reject, photos[1][1].id, bea)
    await studio.act(review.ignore, [photos[2][1].id])
    await studio.act(review.confirm, [photos[3][1].id], bea)
    await studio.act(review.unassign, photos[3][1].id)
    drawn = await studio.act(review.draw, photos[4][0].asset_id, (0.1, 0.1, 0.1, 0.1), bea)
    async with cast.scope(cast.rita) as scope:
        seen_from_behind = (await tagged.tag(scope, photos[5][0].asset_id, name="Cleo")).face.id
    await studio.work()
    before, ids = await decided(cast), [row[0].asset_id for row in photos]
    assert len(before) >= 8
    async with cast.scope(cast.alice) as scope:
        found = await looking.all_again(scope)
        assert (found.waiting, found.photos) == (6, 6)
    await studio.work(looking_again=True)
    assert await decided(cast) == before
    assert set((await faces_on(cast, ids)).values()) == {2, 3}, "nothing doubled; one was drawn, one tagged"

    # Another model, whose detector draws other boxes, becomes the one in use by the setting.
    cast.container.settings = cast.container.settings.model_copy(update={"face_pack": "other"})
    async with cast.scope(cast.alice) as scope:
        await looking.all_again(scope)
    await studio.work(looking_again=True)
    assert await decided(cast) == before, "100 % of what people decided is kept"
    assert {drawn.id, seen_from_behind} <= before.keys()
    async with cast.container.sessions() as db:
        active = (await db.execute(select(FaceModel).where(col(FaceModel.state) == "active"))).scalar_one()
        assert (active.pack, active.tag) == ("other", "fake/hue/2")
        assert not (await db.scalars(select(Asset.id).where(col(Asset.look_again_at).is_not(None)))).all()
    assert sum((await faces_on(cast, ids)).values()) == 2 * 6 + 1 + 1 + 6, "each photo has one new false face"
    # A detector that finds nothing takes away only faces nobody ever spoke of.
    loaded["other"].blind = True  # type: ignore[attr-defined]
    async with cast.scope(cast.alice) as scope:
        await looking.all_again(scope)
    await studio.work(looking_again=True)
    assert await decided(cast) == before
    async with cast.container.sessions() as db:
        left = set((await db.scalars(select(col(Face.id)))).all())
    linked = {face for key in before if isinstance(key, tuple) for face in key}
    assert left == {key for key in before if not isinstance(key, tuple)} | linked


async def test_one_photo_is_looked_at_again_by_whom_may_review_it(cast: Cast, studio: Studio) -> None:
    (face,) = await studio.photo(4)
    for actor, error in ((cast.bob, Refused), (cast.charlie, NotFound)):
        with pytest.raises(error):
            async with cast.scope(actor) as scope:
                await looking.again(scope, face.asset_id)
    async with cast.scope(cast.rita) as scope:
        await looking.again(scope, face.asset_id)
    await studio.work()
    assert [row.id for row in await studio.faces(face.asset_id)] == [face.id], "the row is the same"
    (event,) = [event for event in await audit_of(cast.container, "face:look-again") if event.asset_id]
    assert event.payload == {"new": 0, "gone": 0}
    with pytest.raises(Refused):
        async with cast.scope(cast.rita) as scope:
            await looking.all_again(scope)
    trashed = await add_photo(cast.container, cast.shared, state=AssetState.rejected, with_bytes=False)
    with pytest.raises(Conflict):
        async with cast.scope(cast.rita) as scope:
            await looking.again(scope, trashed)


async def test_a_photo_that_takes_the_worker_along_is_given_up(cast: Cast, studio: Studio) -> None:
    (face,) = await studio.photo(4)
    async with cast.scope(cast.rita) as scope:
        await looking.again(scope, face.asset_id)
    await change_asset(cast.container, face.asset_id, attempts=9)
    await studio.work()
    async with cast.container.sessions() as db:
        asset = await db.get(Asset, face.asset_id)
        assert asset is not None
        assert (asset.look_again_at, asset.state, asset.faces_done) == (None, AssetState.ready, True)


async def test_a_second_model_is_filled_beside_the_first_and_switched_to_and_back(cast: Cast, studio: Studio) -> None:
    loaded: dict[str, FaceEngine] = {"fake": FakeEngine(), "open": SecondModel()}
    studio.engines = Engines(lambda pack: loaded[pack])
    await studio.document()
    rows = [(await studio.photo(person))[0] for person in (0, 0, 1)]
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "Anna")).id
    await studio.act(review.confirm, [rows[0].id], anna)
    with pytest.raises(Refused):
        async with cast.scope(cast.petra) as scope:
            await face_models.listed(scope)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(NotFound):
            await face_models.fill(scope, "nothing")
        filling = await face_models.fill(scope, "open")
        with pytest.raises(Conflict, match="no template"):
            await face_models.activate(scope, filling.id)
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        first, second = await face_models.listed(scope)
        assert (first.pack, first.state, first.filled, first.wanted) == ("fake", "active", 3, 3)
        assert (second.pack, second.state, second.filled, second.wanted) == ("open", "indexing", 3, 3)
        await face_models.activate(scope, filling.id)
    await studio.work()
    (seen,) = [one for one in (await studio.face(rows[1])).suggestions if one.probability > 0.5]
    assert seen.person_id == anna, "the new model suggests by what was confirmed under the old one"
    (new,) = await studio.photo(1)
    assert new.cluster_id == (await studio.face(rows[2])).cluster_id
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Conflict, match="in use"):
            await face_models.retire(scope, filling.id)
        with pytest.raises(Conflict, match="no template"):
            await face_models.activate(scope, first.id)  # the old one lacks the photo that came since
        await face_models.fill(scope, "fake")
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        await face_models.activate(scope, first.id)
        await face_models.retire(scope, filling.id)
        row = await face_models.get(scope, filling.id)
        assert (row.state, row.filled) == ("retired", 0)

"""One item of the queue: whose faces are on it, who it may be, and what of that a reviewer may know."""

from __future__ import annotations

import pytest

from photobank.kernel.errors import NotFound, Refused
from photobank.models.people import Face, FaceState, FaceSuggestion
from photobank.models.recognition import Basis
from photobank.people import groups, review, sheets, templates
from photobank.scope import Scope
from tests.api.given import faces_in_cluster
from tests.factories import add_person, add_photo, face_on
from tests.house import Cast


async def test_a_sheet_has_the_faces_of_ones_folders_the_likely_first_and_confirmed_ones_beside_them(cast: Cast) -> None:
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(3)]
    hidden = await add_photo(cast.container, cast.closed, seed=9, with_bytes=False)
    cluster, ids = await faces_in_cluster(cast.container, [*photos, hidden])
    anna = await add_person(cast.container, "Anna", created_by=cast.rita.user_id)
    async with cast.scope(cast.alice) as scope:
        for face, sure in ((ids[1], 0.97), (ids[2], 0.6), (ids[3], 0.99)):
            scope.db.add(FaceSuggestion(face_id=face, person_id=anna, score=0.9, probability=sure, model="fake/hue/1"))
        for folder in (cast.shared, cast.closed):
            known = await add_photo(cast.container, folder, seed=20 + int(folder == cast.closed), with_bytes=False)
            scope.db.add(face_on(known, anna, now=scope.now()))
    async with cast.scope(cast.rita) as scope:
        sheet = await sheets.of_cluster(scope, cluster)
    assert [(face.id, face.probability) for face in sheet.faces] == [(ids[1], 0.97), (ids[2], 0.6), (ids[0], None)]
    assert sheet.total == 3
    assert sheet.guess is not None
    assert sheet.guess.name == "Anna"
    assert (len(sheet.references), sheet.known) == (1, 1), "the other one is in a folder that is not Rita's"


async def test_a_sheet_without_a_face_of_ones_own_is_not_there_and_others_may_not_ask(cast: Cast) -> None:
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False)
    cluster, _ = await faces_in_cluster(cast.container, [hidden])
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await sheets.of_cluster(scope, cluster)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await sheets.of_cluster(scope, cluster)


async def test_several_sheets_come_at_once_each_as_it_comes_alone_without_those_of_others(cast: Cast) -> None:
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(4)]
    hidden = await add_photo(cast.container, cast.closed, seed=9, with_bytes=False)
    likely, (first, second) = await faces_in_cluster(cast.container, photos[:2])
    maybe, (third,) = await faces_in_cluster(cast.container, photos[2:3])
    unknown, _ = await faces_in_cluster(cast.container, photos[3:])
    others, _ = await faces_in_cluster(cast.container, [hidden])
    anna, bert = [await add_person(cast.container, name, created_by=cast.rita.user_id) for name in ("Anna", "Bert")]
    async with cast.scope(cast.alice) as scope:
        for face, person, sure in ((first, anna, 0.9), (second, anna, 0.7), (second, bert, 0.6), (third, bert, 0.8)):
            scope.db.add(FaceSuggestion(face_id=face, person_id=person, score=0.9, probability=sure, model="fake/hue/1"))
        for n in range(8):
            known = await add_photo(cast.container, cast.shared, seed=20 + n, with_bytes=False)
            scope.db.add(face_on(known, anna, now=scope.now()))
        known = await add_photo(cast.container, cast.shared, seed=30, with_bytes=False)
        scope.db.add(face_on(known, bert, now=scope.now()))
    async with cast.scope(cast.rita) as scope:
        found = await sheets.of_clusters(scope, [unknown, likely, others, maybe, likely])
        assert [sheet.id for sheet in found] == [unknown, likely, maybe]
        assert found == [await sheets.of_cluster(scope, id_) for id_ in (unknown, likely, maybe)]
        assert [(sheet.guess.name if sheet.guess else "", len(sheet.references), sheet.known) for sheet in found] == [
            ("", 0, 0),
            ("Anna", sheets.MOST_REFERENCES, 8),
            ("Bert", 1, 1),
        ]
        assert [face.probability for face in found[1].faces] == [0.9, 0.7], "not how surely it is somebody else"
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await sheets.of_clusters(scope, [likely])


async def test_the_queue_can_be_asked_for_those_nobody_has_a_guess_for_and_the_badge_counts(cast: Cast) -> None:
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(3)]
    likely, (first, *_) = await faces_in_cluster(cast.container, photos[:2])
    unknown, _ = await faces_in_cluster(cast.container, photos[2:])
    anna = await add_person(cast.container, "Anna", created_by=cast.rita.user_id)
    async with cast.scope(cast.alice) as scope:
        scope.db.add(FaceSuggestion(face_id=first, person_id=anna, score=0.9, probability=0.9, model="fake/hue/1"))
        await _suggest(scope, first)
    async with cast.scope(cast.rita) as scope:
        assert [row.id for row in (await groups.page(scope, suggested=True)).items] == [likely]
        assert [row.id for row in (await groups.page(scope, unknown=True)).items] == [unknown]
        assert await groups.waiting(scope) == 3
        await review.ignore(scope, [first])
        assert await groups.waiting(scope) == 2


async def test_nobody_is_named_until_there_is_a_ground_for_it(cast: Cast) -> None:
    async with cast.scope(cast.rita) as scope:
        assert not await templates.names_anybody(scope)
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, "Assessment of 2 November 2026, by the officer.", 30)
    async with cast.scope(cast.rita) as scope:
        assert await templates.names_anybody(scope)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await templates.names_anybody(scope)


async def _suggest(scope: Scope, face_id: object) -> None:
    face = await scope.db.get(Face, face_id)
    assert face is not None
    face.state = FaceState.suggested

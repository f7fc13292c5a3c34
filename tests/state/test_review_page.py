"""What the review page and the page of the biometric rule read, and for whom."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlmodel import col

from photobank.access.actor import system
from photobank.kernel.errors import Refused
from photobank.models.people import Face
from photobank.models.recognition import Basis
from photobank.people import groups, templates
from state.admin_biometrics import read_biometrics
from state.base import read_badge
from state.person import read_person
from state.photo import read_photo
from state.review import PAGE, read_queue
from tests.api.given import faces_in_cluster
from tests.factories import add_person, add_photo
from tests.house import Cast


async def read(cast: Cast, actor, which, **params):  # type: ignore[no-untyped-def]
    async with cast.scope(actor) as scope:
        return await which.read(scope, **params)


async def test_the_queue_says_what_is_left_and_who_else_is_at_it(cast: Cast) -> None:
    photos = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(2)]
    cluster, ids = await faces_in_cluster(cast.container, photos)
    async with cast.scope(cast.alice) as scope:
        await groups.claim(scope, cluster)
    page = await read(cast, cast.rita, read_queue, view="all", count=PAGE)
    (row,) = page["rows"]
    assert (row.id, row.faces, row.photos, row.held != "", row.cover in map(str, ids)) == (str(cluster), 2, 2, True, True)
    assert (page["faces"], page["named"], page["may_rule"]) == (2, False, False)
    assert (await read(cast, cast.alice, read_queue, view="all", count=PAGE))["rows"][0].held == ""
    assert (await read(cast, cast.rita, read_queue, view="suggested", count=PAGE))["rows"] == []
    assert await read(cast, cast.rita, read_badge) == {"to_review": "2"}


async def test_whoever_does_not_review_gets_neither_queue_nor_badge(cast: Cast) -> None:
    for which, params in ((read_queue, {"view": "all", "count": PAGE}), (read_badge, {}), (read_biometrics, {})):
        with pytest.raises(Refused):
            await read(cast, cast.bob, which, **params)


async def test_the_rule_is_shown_with_its_reason_to_those_who_decide_on_it(cast: Cast) -> None:
    page = await read(cast, cast.petra, read_biometrics)
    assert (page["rule"].basis, page["rule"].set_at, page["total"]) == ("opt_in", "", 0)
    assert (page["unattended"].one_in, page["unattended"].percent, page["unattended"].counted_at) == (0, 0, ""), "off"
    assert [(one.one_in, one.needed) for one in page["choices"]] == [(100, 408), (200, 817), (500, 2046), (1000, 4093)]
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, "Assessment of 2 November 2026, by the officer.", 14)
    rule = (await read(cast, cast.petra, read_biometrics))["rule"]
    assert (rule.basis, rule.days, rule.set_at != "") == ("documented", 14, True)
    with pytest.raises(Refused):
        await read(cast, cast.rita, read_biometrics)


async def test_a_photo_says_why_no_names_are_suggested(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, unknown_faces=1)
    assert (await read(cast, cast.rita, read_photo, asset_id=photo))["photo"].unnamed
    assert not (await read(cast, cast.bob, read_photo, asset_id=photo))["photo"].unnamed, "it is not Bob's to decide"
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, "Assessment of 2 November 2026, by the officer.", 30)
    assert not (await read(cast, cast.rita, read_photo, asset_id=photo))["photo"].unnamed


async def test_what_was_confirmed_by_itself_is_marked_where_the_person_stands(cast: Cast) -> None:
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    photo = await add_photo(cast.container, cast.shared, [anna, bea], with_bytes=False)
    async with cast.scope(system()) as scope:
        await scope.db.execute(update(Face).where(col(Face.person_id) == anna).values(by_itself=0.99968))
    page = await read(cast, cast.rita, read_photo, asset_id=photo)
    assert page["photo"].alone == 1
    assert {face.name: face.alone for face in page["faces"]} == {"Anna": 99.9, "Bea": 0}, "never rounded up to certain"
    assert {line.name: line.alone for line in page["limiting"] + page["free"]} == {"Anna": 99.9, "Bea": 0}
    for person, faces in ((anna, 1), (bea, 0)):
        head = (await read(cast, cast.rita, read_person, person_id=person, count=10))["person"]
        assert (head.alone, head.alone_photo) == (faces, str(photo) if faces else "")

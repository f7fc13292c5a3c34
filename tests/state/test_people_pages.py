"""What the pages of people and face models read, and for whom."""

from __future__ import annotations

from typing import Any

import pytest

from photobank.kernel.errors import Refused
from photobank.models.people import FaceSuggestion
from photobank.models.recognition import Basis, FaceModel, ModelState
from photobank.people import faces, merging, persons, templates
from photobank.privacy import desk
from state.admin_models import read_models
from state.people import PAGE, read_people
from state.person import PHOTOS, read_person
from tests.consents.asking import ask, catch_mail, run_jobs, somebody
from tests.factories import add_person, add_photo
from tests.house import Cast


async def read(cast: Cast, actor: Any, which: Any, **params: Any) -> dict[str, Any]:
    async with cast.scope(actor) as scope:
        found: dict[str, Any] = await which.read(scope, **params)
        return found


async def test_a_person_s_page_says_what_stands_beside_the_photos_to_who_may_know(cast: Cast) -> None:
    anna, ann, bea = [await add_person(cast.container, name) for name in ("Anna", "Ann", "Bea")]
    await add_photo(cast.container, cast.shared, [anna, bea], seed=1, with_bytes=False)
    await add_photo(cast.container, cast.shared, [ann], seed=2, with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, external_ref="PNR-1")
        await merging.merge(scope, ann, anna)
    page = await read(cast, cast.rita, read_person, person_id=anna, count=PHOTOS)
    assert [(one.name, one.photos) for one in page["beside"]] == [("Bea", 1)]
    assert (page["recognition"].why, page["recognition"].allowed, page["person"].has_reference) == ("none", False, True)
    assert [(one.name, one.faces) for one in page["merged"]] == [("Ann", 1)]
    assert "PNR-1" not in str(page), "the reference is sent when somebody asks for it"
    async with cast.scope(cast.petra) as scope:
        await templates.set_rule(scope, Basis.documented, "Assessment of 2 November 2026, by the officer.", 30)
    assert (await read(cast, cast.rita, read_person, person_id=anna, count=PHOTOS))["recognition"].why == "documented"
    for_bob = await read(cast, cast.bob, read_person, person_id=anna, count=PHOTOS)
    assert (for_bob["recognition"].why, for_bob["merged"], for_bob["person"].has_reference) == ("", [], False)


async def test_a_person_s_page_says_what_waits_for_an_answer_to_who_deals_with_it(cast: Cast) -> None:
    catch_mail(cast.container)
    anna, bea = await somebody(cast, "Anna"), await somebody(cast, "Bea")
    await ask(cast, anna)
    await run_jobs(cast.container)
    async with cast.scope(cast.petra) as scope:
        for person in (anna, bea):
            await desk.enter(scope, person, "access")
    params = {"person_id": anna, "count": PHOTOS}
    seen = {
        name: (page["asked"], page["asks"], page["person"].may_privacy)
        for name, actor in (("rita", cast.rita), ("petra", cast.petra))
        if (page := await read(cast, actor, read_person, **params))
    }
    for asked, _, _ in seen.values():
        assert [(one.note, one.way, one.may_resend, one.trouble) for one in asked] == [("progress_sent", "email", True, False)]
    assert [(one.kind, one.left) for one in seen["petra"][1]] == [("access", 30)]
    assert (seen["rita"][1:], seen["petra"][2]) == (([], False), True)


async def test_the_hidden_are_listed_for_who_may_show_them_again(cast: Cast) -> None:
    anna = await add_person(cast.container, "Anna")
    await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, hidden=True)
    params = {"search": "", "count": PAGE}
    assert (await read(cast, cast.rita, read_people, hidden=False, **params))["people"] == []
    assert [one.name for one in (await read(cast, cast.rita, read_people, hidden=True, **params))["people"]] == ["Anna"]
    page = await read(cast, cast.rita, read_person, person_id=anna, count=PHOTOS)
    assert (page["person"].hidden, len(page["photos"])) == (True, 1)
    with pytest.raises(Refused):
        await read(cast, cast.bob, read_people, hidden=True, **params)


async def test_models_are_shown_to_admins_with_what_was_measured(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        scores = {"faces": 30, "people": 6, "first_right": 0.9667, "asked": 30, "verification": {"tar": 0.924}, "measured_at": "x"}
        curve = {"decisions": 30, "thresholds": [{"probability": 0.9, "passed": 20, "wrong": 1}]}
        now = scope.now()
        scope.db.add(
            FaceModel(
                pack="open", tag="t", state=ModelState.active, created_at=now, activated_at=now, scores=scores, calibration=curve
            )
        )
    page = await read(cast, cast.alice, read_models)
    (model,) = page["active"]
    assert (model.first_right, model.tar, model.faces, model.levels[0].percent, model.levels[0].wrong) == (96.7, 92.4, 30, 90, 1)
    assert (model.licence != "", page["others"], page["packs"]) == (True, [], [])
    for actor in (cast.petra, cast.rita):
        with pytest.raises(Refused):
            await read(cast, actor, read_models)


async def test_faces_that_may_be_this_person_are_counted_for_who_decides_about_them(cast: Cast) -> None:
    anna = await add_person(cast.container, "Anna")
    await add_photo(cast.container, cast.shared, [anna], seed=1, with_bytes=False)
    for seed, folder, sure in ((2, cast.shared, 0.9), (3, cast.shared, 0.2), (4, cast.closed, 0.9)):
        photo = await add_photo(cast.container, folder, unknown_faces=1, seed=seed, with_bytes=False)
        async with cast.scope(cast.alice) as scope:
            (face,) = (await faces.of_assets(scope, [photo]))[photo]
            scope.db.add(FaceSuggestion(face_id=face.id, person_id=anna, score=sure, probability=sure, model="t"))
    seen = [
        (await read(cast, who, read_person, person_id=anna, count=PHOTOS))["person"].to_confirm for who in (cast.rita, cast.bob)
    ]
    assert seen == [1, 0]

"""What the photo page reads: for whom the picture is on the screen, what is written in place, versions and activity, live."""

from __future__ import annotations

import pytest

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery.showing import Embedded
from photobank.library import assets, fields
from photobank.library.describing import Description
from photobank.models.descriptions import FieldKind
from photobank.people import review, tagged
from state import photo_activity
from state.photo import read_photo
from state.photo_activity import read_activity
from state.photo_detail_rows import exposure, suggested, typed, written
from state.photo_versions import read_versions
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast


async def read(cast: Cast, actor, which, **params):  # type: ignore[no-untyped-def]
    async with cast.scope(actor) as scope:
        return await which.read(scope, **params)


async def test_the_picture_is_shown_to_who_works_on_it_and_to_others_while_it_is_cleared(cast: Cast) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna])
    await cast.grant(cast.charlie, cast.shared, "view")
    assert (await read(cast, cast.bob, read_photo, asset_id=photo))["photo"].shown
    assert not (await read(cast, cast.charlie, read_photo, asset_id=photo))["photo"].shown
    await add_consent(cast.container, cast.alice, anna, "internal")
    assert (await read(cast, cast.charlie, read_photo, asset_id=photo))["photo"].shown


async def test_hiding_people_is_offered_for_the_uses_that_it_opens_to_who_may_take_the_photo(cast: Cast) -> None:
    anna, ben = await add_person(cast.container, "Anna"), await add_person(cast.container, "Ben")
    await add_consent(cast.container, cast.alice, anna, "website", "social")
    await add_consent(cast.container, cast.alice, ben, "website")
    photo = await add_photo(cast.container, cast.shared, [anna, ben])
    found = await read(cast, cast.bob, read_photo, asset_id=photo)
    assert [(row.use, row.hidden, row.hidden_name) for row in found["hideable"]] == [("social", 1, "Ben")]
    assert [row.use for row in found["allowed"]] == ["website"]
    await cast.grant(cast.charlie, cast.shared, "view")
    assert (await read(cast, cast.charlie, read_photo, asset_id=photo))["hideable"] == []
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.1, 0.1, 0.1, 0.1), None)
    found = await read(cast, cast.bob, read_photo, asset_id=photo)
    assert {row.use: (row.hidden, row.hidden_name) for row in found["hideable"]} == {"website": (1, ""), "social": (2, "")}


async def test_who_is_on_it_without_a_visible_face_stands_beside_the_faces(cast: Cast) -> None:
    anna, ben = await add_person(cast.container, "Anna Bos"), await add_person(cast.container, "Ben")
    photo = await add_photo(cast.container, cast.shared, [ben])
    async with cast.scope(cast.alice) as scope:
        await tagged.tag(scope, photo, person_id=anna)
    found = await read(cast, cast.alice, read_photo, asset_id=photo)
    assert [(one.name, one.initials, one.settled) for one in found["tagged"]] == [("Anna Bos", "AB", True)]
    assert [one.name for one in found["faces"]] == ["Ben"], "no ring without a place"
    assert {line.name: bool(line.crop_size) for line in found["limiting"]} == {"Anna Bos": False, "Ben": True}
    assert found["photo"].people == 2
    hidden = {row.use: row.hidden for row in found["refused"]}
    assert not any(hidden.values()), "hiding Ben does not hide Anna"


async def test_details_are_texts_and_the_organisations_own_fields(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared)
    async with cast.scope(cast.alice) as scope:
        ward = await fields.define(scope, "Afdeling", "Ward", FieldKind.choice, choices=("West", "Oost"))
        beds = await fields.define(scope, "Bedden", "Beds", FieldKind.number)
        told = Description(title="Tuin", photographer="Bram", tags=("zomer",), fields={ward.id: "West", beds.id: 12.0})
        await assets.edit(scope, photo, told)
    found = await read(cast, cast.bob, read_photo, asset_id=photo)
    rows = {row.key: row for row in found["details"]}
    assert (rows["title"].value, rows["photographer"].value, rows["caption"].kind) == ("Tuin", "Bram", "long")
    assert (rows[str(ward.id)].value, rows[str(ward.id)].choices) == ("West", ["West", "Oost"])
    assert (rows[str(beds.id)].value, rows[str(beds.id)].label_en) == ("12", "Beds")
    assert found["tags"] == ["zomer"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "", None),
        ("text", "West", "West"),
        ("number", "1,5", 1.5),
        ("number", "veel", "veel"),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
        ("date", "2026-06-01", "2026-06-01"),
    ],
)
def test_what_is_typed_is_what_a_field_holds_or_what_the_service_refuses(kind: str, text: str, value: object) -> None:
    assert typed(kind, text) == value


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "yes"), (False, "no"), (12.0, "12"), (1.5, "1.5"), ("West", "West")]
)
def test_what_a_field_holds_is_what_was_typed(value: object, text: str) -> None:
    assert written(value) == text


def test_what_the_file_says_of_the_camera() -> None:
    camera = {
        "camera": {"make": "Nikon", "model": "NIKON Z 8", "lens": "50 mm"},
        "exposure": {"seconds": 0.004, "f_number": 2.8, "iso": 400.0, "focal_length": 50.0},
        "place": {"city": "Leiden", "country": "Nederland"},
        "keywords": ["Tuin", "zomer"],
    }
    shown = exposure(Embedded((52.09, 4.3), camera))
    assert (shown.camera, shown.lens, shown.seconds, shown.f_number) == ("Nikon Z 8", "50 mm", "1/250", "2.8")
    assert (shown.iso, shown.focal, shown.place, shown.latitude) == ("400", "50", "Leiden, Nederland", "52.09000")
    assert suggested(Embedded(None, camera), ["tuin"]) == ["zomer"]
    assert exposure(Embedded()).camera == ""


async def test_a_photo_that_never_had_another_file_has_one_version(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, by=cast.bob)
    found = await read(cast, cast.bob, read_versions, asset_id=photo)
    assert [(row.number, row.current, row.same, row.who) for row in found["versions"]] == [(1, True, True, "Bob")]
    assert found["coming"] == []


async def test_activity_goes_back_a_page_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_activity, "MOST", 3)
    photo = await add_photo(cast.container, cast.shared)
    async with cast.scope(cast.alice) as scope:
        for _ in range(7):
            record(scope, Tag.asset_viewed, asset_id=photo)
    one = await read(cast, cast.petra, read_activity, asset_id=photo)
    two = await read(cast, cast.petra, read_activity, asset_id=photo, pages=2)
    all_ = await read(cast, cast.petra, read_activity, asset_id=photo, pages=3)
    assert [len(found["events"]) for found in (one, two, all_)] == [3, 6, 7]
    assert [found["more_events"] for found in (one, two, all_)] == [True, True, False]
    assert [row.id for row in two["events"][:3]] == [row.id for row in one["events"]]

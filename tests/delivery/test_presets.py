"""Presets, frames and watermarks: what comes of a photo, who may change that, and that it is what leaves."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photobank.audit.tags import Tag
from photobank.delivery import cuts, offers, own_presets, presets, release, tracing, watermarks
from photobank.delivery.presets import BUILT_IN, Preset
from photobank.imaging.recipe import Mark
from photobank.kernel.errors import ClearanceRefused, Conflict, Invalid, NotFound, Refused
from photobank.library import assets, folders
from photobank.models.people import FaceState
from tests.delivery.given import downloads, take, taken
from tests.factories import add_consent, add_person, add_photo, change_asset, face_on
from tests.house import TODAY, Cast, audit_of

BANNER = Preset("", 600, 200, fills=True, format="webp", label_nl="Bovenbalk", label_en="Top banner")


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    anna = await add_person(cast.container, "Anna de Vries")
    await add_consent(cast.container, cast.alice, anna, "website", "social", "print")
    return anna


@pytest.fixture
async def photo(cast: Cast, anna: UUID) -> UUID:
    out = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((3000, 2000)).save(out, "JPEG", quality=90)
    return await add_photo(
        cast.container, cast.shared, [anna], original=out.getvalue(), width=3000, height=2000, title="In de ruimte"
    )


async def taken_as(cast: Cast, photo: UUID, preset: str, use: str = "social", **more: Any) -> Image.Image:
    return Image.open(io.BytesIO(await take(cast, cast.bob, photo, use, preset=preset, **more)))


@pytest.mark.parametrize("preset", [preset for preset in BUILT_IN.values() if preset.fills], ids=lambda preset: preset.name)
async def test_a_channel_gets_exactly_its_size(cast: Cast, photo: UUID, preset: Preset) -> None:
    image = await taken_as(cast, photo, preset.name)
    assert image.size == (preset.width, preset.height)


async def test_print_is_in_inks_at_300_dpi_and_whole(cast: Cast, photo: UUID) -> None:
    image = await taken_as(cast, photo, "print", use="print")
    assert (image.mode, image.format, image.size) == ("CMYK", "TIFF", (3000, 2000))
    assert round(float(image.info["dpi"][0])) == 300


async def test_another_format_is_given_where_one_asks_for_it(cast: Cast, photo: UUID) -> None:
    assert (await taken_as(cast, photo, "web", use="website", fmt="avif")).format == "AVIF"
    for preset in ("original", "print"):
        with pytest.raises(Invalid):
            await taken_as(cast, photo, preset, use="website", fmt="avif")


async def test_the_menu_says_beforehand_what_comes_of_it(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.bob) as scope:
        found = {one.preset.name: one for one in await offers.of_photo(scope, await assets.find(scope, photo))}
    for name, offer in found.items():
        if offer.outcome is None:
            assert name == "original"
            continue
        image = await taken_as(cast, photo, name, use="website")
        assert image.size == (offer.outcome.width, offer.outcome.height)
        assert not offer.outcome.smaller or name == "print"
    assert found["print"].paper == pytest.approx((25.4, 16.93), abs=0.01)
    await change_asset(cast.container, photo, width=600, height=400)
    async with cast.scope(cast.bob) as scope:
        found = {one.preset.name: one for one in await offers.of_photo(scope, await assets.find(scope, photo))}
    assert all(offer.outcome.smaller for offer in found.values() if offer.outcome)


async def test_a_frame_is_kept_per_photo_and_preset_until_another_version_comes(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.bob) as scope:
        placed = await cuts.move(scope, photo, "instagram", 0.05, 0.0, 0.8)
    assert placed.by_hand
    async with cast.scope(cast.rita) as scope:
        found = await cuts.of_presets(scope, await assets.find(scope, photo), list(BUILT_IN.values()))
    assert found["instagram"].framed.box == pytest.approx(placed.framed.box)
    assert not found["story"].by_hand
    left = await taken_as(cast, photo, "instagram")
    async with cast.scope(cast.bob) as scope:
        await cuts.move(scope, photo, "instagram", 0.6, 0.0, 0.8)
    assert (await taken_as(cast, photo, "instagram")).tobytes() != left.tobytes()
    await change_asset(cast.container, photo, version=2)
    async with cast.scope(cast.bob) as scope:
        found = await cuts.of_presets(scope, await assets.find(scope, photo), [BUILT_IN["instagram"]])
    assert not found["instagram"].by_hand
    events = await audit_of(cast.container, Tag.asset_cut)
    assert [event.payload for event in events] == [{"preset": "instagram", "by_hand": True}] * 2


async def test_a_frame_goes_back_to_the_rules(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.bob) as scope:
        await cuts.move(scope, photo, "x", 0.0, 0.0, 0.5)
        placed = await cuts.forget(scope, photo, "x")
        assert placed == (await cuts.of_presets(scope, await assets.find(scope, photo), [BUILT_IN["x"]]))["x"]
    assert not placed.by_hand


async def test_only_who_may_take_a_photo_moves_its_frame(cast: Cast, photo: UUID) -> None:
    with pytest.raises(NotFound):
        async with cast.scope(cast.charlie) as scope:
            await cuts.move(scope, photo, "x", 0, 0, 1)
    await cast.grant(cast.charlie, cast.shared, "view")
    for change in (cuts.move, cuts.forget):
        with pytest.raises(Refused):
            async with cast.scope(cast.charlie) as scope:
                await change(scope, photo, "x", *((0, 0, 1) if change is cuts.move else ()))  # type: ignore[operator]
    for wrong in (("x", -0.1, 0, 1), ("x", 0, 0, 0.01), ("x", 0, float("nan"), 1), ("web", 0, 0, 1), ("poster", 0, 0, 1)):
        with pytest.raises(Invalid):
            async with cast.scope(cast.bob) as scope:
                await cuts.move(scope, photo, *wrong)  # type: ignore[arg-type]


async def test_faces_that_are_nobody_s_do_not_hold_up_a_frame(cast: Cast, anna: UUID) -> None:
    photo = await add_photo(cast.container, cast.shared, [anna], width=4000, height=1000)
    async with cast.scope(cast.alice) as scope:
        aside = face_on(photo, None, FaceState.ignored, now=TODAY)
        aside.box = [0.0, 0.1, 0.05, 0.2]
        scope.db.add(aside)
    async with cast.scope(cast.bob) as scope:
        placed = await cuts.of_presets(scope, await assets.find(scope, photo), [BUILT_IN["instagram_square"]])
    assert placed["instagram_square"].framed.cut_faces == 0


async def test_the_organisation_makes_presets_of_its_own(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        made = await own_presets.define(scope, BANNER)
        again = await own_presets.define(scope, BANNER)
    assert (made.name, again.name) == ("top_banner", "top_banner_2")
    image = await taken_as(cast, photo, "top_banner")
    assert (image.format, image.size) == ("WEBP", (600, 200))
    async with cast.scope(cast.alice) as scope:
        await own_presets.change(scope, "top_banner", replace(BANNER, width=300, height=100))
        await own_presets.retire(scope, "top_banner_2", True)
        assert [one.name for one in await presets.offered(scope)] == [*list(BUILT_IN)[:-1], "top_banner", "original"]
        assert [retired for _, retired in await own_presets.list_all(scope)] == [False, True]
    assert (await taken_as(cast, photo, "top_banner")).size == (300, 100)
    with pytest.raises(Invalid):
        await taken_as(cast, photo, "top_banner_2")
    assert [row.preset for row in await downloads(cast.container)] == ["top_banner"] * 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label_nl": " "}, "label_nl"),
        ({"width": 0}, "width"),
        ({"height": 20_000}, "height"),
        ({"width": 1200, "height": 16}, "height"),
        ({"cmyk": True}, "format"),
        ({"quality": 5}, "quality"),
        ({"dpi": 7}, "dpi"),
    ],
)
async def test_what_is_no_preset_is_told_per_field(cast: Cast, wrong: Any, field: str) -> None:
    with pytest.raises(Invalid) as found:
        async with cast.scope(cast.alice) as scope:
            await own_presets.define(scope, replace(BANNER, **wrong))
    assert list(found.value.fields) == [field]


async def test_only_admins_make_presets_and_watermarks(cast: Cast) -> None:
    for actor in (cast.bob, cast.rita, cast.petra):
        for work in (
            lambda scope: own_presets.define(scope, BANNER),
            lambda scope: own_presets.list_all(scope),
            lambda scope: watermarks.make(scope, "Logo", Mark(), words="x"),
            lambda scope: watermarks.list_all(scope),
            lambda scope: watermarks.preview(scope, Mark(), words="x"),
            lambda scope: watermarks.put_on(scope, "folder", str(cast.shared), None),
        ):
            with pytest.raises(Refused):
                async with cast.scope(actor) as scope:
                    await work(scope)


async def test_a_watermark_is_tried_on_a_sample_and_changed(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        made = await watermarks.make(scope, "Overal", Mark("tiled"), words="LELIE")
        faint = await watermarks.preview(scope, Mark("tiled", opacity=0.1), watermark_id=made.id)
        strong = await watermarks.preview(scope, Mark("tiled", opacity=1.0), words="LELIE")
        assert (faint.width, faint.height, strong.mime) == (960, 640, "image/webp")
        bright = [np.asarray(Image.open(io.BytesIO(one.data)).convert("L"))[500:] > 140 for one in (faint, strong)]  # dark ground
        assert bright[1].sum() > 1000 > bright[0].sum()
        for wrong in ({}, {"words": "x" * 61}):
            with pytest.raises(Invalid):
                await watermarks.preview(scope, Mark(), **wrong)
        await watermarks.change(scope, made.id, "Boven", Mark("placed", "top_left", 0.9, 0.1))
        (row,) = await watermarks.list_all(scope)
    assert (row.name, row.mark, row.words) == ("Boven", Mark("placed", "top_left", 0.9, 0.1), "LELIE")


async def test_a_watermark_goes_on_a_preset_or_on_a_folder_and_what_is_below_it(cast: Cast, anna: UUID) -> None:
    plain = Image.new("RGB", (900, 600), (90, 90, 90))
    out = io.BytesIO()
    plain.save(out, "PNG")
    async with cast.scope(cast.alice) as scope:
        below = (await folders.create(scope, "Zaal 1", cast.shared)).id
        tiled = await watermarks.make(scope, "Overal", Mark("tiled", opacity=0.8), words="GEMEENTE ZUID")
        corner = await watermarks.make(scope, "Logo", Mark("placed", "top_left", 1.0, 0.3), logo=out.getvalue())
        await watermarks.put_on(scope, "folder", str(cast.shared), tiled.id)
        await watermarks.put_on(scope, "preset", "x", corner.id)
    photo = await add_photo(cast.container, below, [anna], original=out.getvalue(), media_type="image/png", width=900, height=600)

    def loud(image: Image.Image) -> float:
        return sum(image.convert("L").histogram()[180:]) / (image.width * image.height)

    assert loud(await taken_as(cast, photo, "web", use="website")) > 0.005
    assert loud(await taken_as(cast, photo, "x")) < 0.001  # the preset's own goes first: a grey logo on grey
    async with cast.scope(cast.alice) as scope:
        (first, second) = await watermarks.list_all(scope)
        assert (first.folders, second.presets) == ((cast.shared,), ("x",))
        await watermarks.remove(scope, tiled.id)
    assert loud(await taken_as(cast, photo, "web", use="website")) < 0.001
    for kind, target in (("preset", "original"), ("preset", "poster"), ("folder", "x"), ("folder", str(photo))):
        with pytest.raises((Invalid, NotFound)):
            async with cast.scope(cast.alice) as scope:
                await watermarks.put_on(scope, kind, target, corner.id)  # type: ignore[arg-type]


async def test_the_label_says_what_the_permission_rests_on(cast: Cast, photo: UUID) -> None:
    image = await taken_as(cast, photo, "web", use="website")
    about = image.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert about["ModelReleaseStatus"].endswith("MR-LMR")
    assert about["ModelReleaseID"]["Bag"]["li"].startswith("PB-")
    assert "Website" in about["UsageTerms"]["Alt"]["li"]["text"]
    assert about["title"]["Alt"]["li"]["text"] == "In de ruimte"
    (logged,) = await downloads(cast.container)
    assert about["TransmissionReference"] == logged.id.hex
    assert "Anna" not in str(about)


async def test_a_permission_that_changes_while_the_picture_is_made_is_not_the_one_written_into_it(
    cast: Cast, anna: UUID, photo: UUID
) -> None:
    true = cast.container.decoder.make

    async def slowly(*args: Any, **more: Any) -> Any:
        await add_consent(cast.container, cast.alice, anna, "website")
        return await true(*args, **more)

    cast.container.decoder.make = slowly  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        async with cast.scope(cast.bob) as scope:
            await taken(await release.download(scope, photo, "web", "website"))
    assert await downloads(cast.container) == []


async def test_once_more_is_quicker_and_as_much_its_own(cast: Cast, photo: UUID) -> None:
    first = await take(cast, cast.bob, photo, preset="web")
    true, made = cast.container.decoder.make, []

    async def counted(*args: Any, **more: Any) -> Any:
        made.append(1)
        return await true(*args, **more)

    cast.container.decoder.make = counted  # type: ignore[method-assign]
    again = await take(cast, cast.bob, photo, preset="web")
    assert not made
    assert again != first
    (one, other) = await downloads(cast.container)
    async with cast.scope(cast.petra) as scope:
        found = [await tracing.trace(scope, data) for data in (first, again)]
    assert [traced.download_id if traced else None for traced in found] == [one.id, other.id]
    # Another frame, version or watermark is another picture; and what is kept is decided about as anything.
    async with cast.scope(cast.bob) as scope:
        await cuts.move(scope, photo, "x", 0.0, 0.0, 0.5)
    await taken_as(cast, photo, "x")
    async with cast.scope(cast.bob) as scope:
        await cuts.move(scope, photo, "x", 0.4, 0.4, 0.5)
    await taken_as(cast, photo, "x")
    assert len(made) == 2
    await change_asset(cast.container, photo, hold_at=TODAY)
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo, preset="web")

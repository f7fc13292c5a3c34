"""Hand-overs of usual sizes begin at copies that were made when the photo came: it looks the same, and nobody is ever shown them."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photobank.access.actor import system
from photobank.access.permits import to_process
from photobank.blobs.names import place
from photobank.delivery import making, showing
from photobank.imaging.crop import Box
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import WORKING, begin_at
from photobank.kernel.errors import NotFound
from photobank.library import succession, trash, upkeep
from photobank.models.assets import Asset
from photobank.people import review
from tests.delivery.given import take
from tests.factories import add_consent, add_person, picture
from tests.house import Cast
from tests.library.test_versions import arrive

SIZE = (3901, 2603)


@pytest.fixture(scope="module")
def large() -> bytes:
    """More pixels than a working copy, with sides that no size divides."""
    out = io.BytesIO()
    Image.fromarray(data.astronaut()).resize(SIZE, Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


WEB, COPY = (copy.name for copy in WORKING)


async def working(cast: Cast, photo: UUID, name: str = COPY, number: int = 1, instead: bytes = b"") -> bytes:
    """What lies there; with `instead` that from now on."""
    async with cast.scope(system()) as scope:
        key = await scope.vault.asset_key(scope.db, to_process(scope, photo, cast.container.clock), scope.now())
    where, context = place(photo, number, name)
    if instead:
        await cast.container.blobs.delete(where)
        await cast.container.blobs.write(where, key, context, instead)
    return await cast.container.blobs.read_all(where, key, context)


def seen(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


RECIPES = [
    (Recipe(1920, 1920, sharpen=True), WEB),
    (Recipe(1080, 1350, cut=Box(0.3, 0, 0.534, 1), sharpen=True), COPY),
    (Recipe(1200, sharpen=True), WEB),
]


@pytest.mark.parametrize(("recipe", "name"), RECIPES, ids=("web", "cut", "newsletter"))
async def test_it_looks_as_if_made_from_the_photo(cast: Cast, large: bytes, recipe: Recipe, name: str) -> None:
    decoder = cast.container.decoder
    assert begin_at(recipe.outcome(*SIZE).decode_side)[0] == name
    copy = (await decoder.process(large)).working[name]
    one, other = await decoder.make(large, recipe), await decoder.make(copy, recipe, photo=SIZE)
    assert (one.width, one.height) == (other.width, other.height)
    difference = np.asarray(seen(one.data), float) - np.asarray(seen(other.data), float)
    assert 10 * np.log10(255**2 / (difference**2).mean()) > 38


def test_where_somebody_is_hidden_it_begins_at_the_photo() -> None:
    asset, web = Asset(filename="IMG.jpg", width=6000, height=4000), Recipe(1920, 1920)
    assert making.working_copies(asset, web) == [WEB, COPY]
    assert making.working_copies(asset, replace(web, hidden=(Box(0.4, 0.4, 0.1, 0.1),))) == []
    assert making.working_copies(Asset(filename="IMG.jpg", width=3000, height=2000), web) == []


@pytest.mark.parametrize(("side", "names"), [(1600, [WEB, COPY]), (1800, [COPY]), (1920, [WEB, COPY]), (1921, [COPY]), (2300, [])])
def test_it_is_as_large_as_wanted_or_larger_by_enough(side: int, names: list[str]) -> None:
    assert begin_at(side) == names


async def test_it_comes_and_goes_with_the_photo(cast: Cast, large: bytes) -> None:
    photo = await arrive(cast, cast.bob, large)
    assert [seen(await working(cast, photo, name)).size for name in (WEB, COPY)] == [(1920, 1281), (2560, 1708)]
    async with cast.scope(cast.alice) as scope:
        for name in (WEB, COPY):
            with pytest.raises(NotFound):
                await showing.show(scope, photo, name)
    await succession.adopt(cast.container, await arrive(cast, cast.bob, large + b"another", version_of=photo))
    assert await working(cast, photo, WEB, 2)
    assert await working(cast, photo, COPY, 2)
    small = await arrive(cast, cast.bob, picture(5))
    with pytest.raises(NotFound):
        await working(cast, small)
    async with cast.scope(cast.alice) as scope:
        await trash.trash(scope, photo)
    async with cast.scope(cast.alice) as scope:
        await trash.purge(scope, photo)
    async with cast.scope(system()) as scope:
        assert await upkeep.remove_blobs(scope, photo) == 2 * 6


async def test_what_is_small_enough_begins_at_it_and_all_else_at_the_original(cast: Cast, large: bytes) -> None:
    anna = await add_person(cast.container, "Anna")
    await add_consent(cast.container, cast.alice, anna, "website")
    photo = await arrive(cast, cast.bob, large)
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.4, 0.1, 0.2, 0.3), anna)
    for name, size in ((WEB, (1920, 1281)), (COPY, (2560, 1708))):
        out = io.BytesIO()
        Image.new("RGB", size, (200, 20, 20)).save(out, "JPEG")
        await working(cast, photo, name, instead=out.getvalue())

    async def red(preset: str) -> bool:
        shown = seen(await take(cast, cast.bob, photo, preset=preset))
        assert max(shown.size) == {"web": 1920, "story": 1920, "linkedin": 1200}[preset]
        return bool(np.abs(np.asarray(shown, float).mean(axis=(0, 1)) - (200, 20, 20)).max() < 5)

    assert [await red(preset) for preset in ("web", "linkedin", "story")] == [True, True, False]
    await cast.container.blobs.delete(place(photo, 1, WEB)[0])
    cast.container.bases._kept.clear()
    assert await red("web"), "photos of before there were two copies begin at the one they have"
    await cast.container.blobs.delete(place(photo, 1, COPY)[0])
    cast.container.bases._kept.clear()
    assert not await red("web"), "and those of before there were any at the original"

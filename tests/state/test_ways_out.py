"""What the pages about sizes, watermarks and ZIPs read, and for whom."""

from __future__ import annotations

import pytest

from photobank.delivery import own_presets, watermarks, zipping, zips
from photobank.delivery.presets import Preset
from photobank.imaging.recipe import Mark
from photobank.kernel.errors import NotFound, Refused
from state.admin_presets import read_presets
from state.zips import read_zip
from tests.factories import add_photo
from tests.house import Cast


async def test_admins_see_presets_and_what_goes_on_them(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        await own_presets.define(scope, Preset("", 300, 100, fills=True, label_nl="Balk", label_en="Bar"))
        mark = await watermarks.make(scope, "Huisnaam", Mark("tiled", opacity=0.25), words="© Zuid")
        await watermarks.put_on(scope, "preset", "bar", mark.id)
        await watermarks.put_on(scope, "folder", str(cast.shared), mark.id)
    async with cast.scope(cast.alice) as scope:
        told = await read_presets.read(scope)
    bar = next(row for row in told["rows"] if row.name == "bar")
    assert (bar.words, bar.own, bar.retired, bar.watermark) == ("300 × 100 · JPEG", True, False, str(mark.id))
    assert (bar.wide, bar.high) == ("28px", "9px")
    assert told["rows"][-1].words == ""
    (row,) = told["marks"]
    assert (row.where, row.opacity, len(row.folders)) == ("tiled", 25, 1)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await read_presets.read(scope)


async def test_one_follows_one_s_own_zip(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, unknown_faces=1, title="Wie is dat")
    async with cast.scope(cast.bob) as scope:
        made = await zips.order(scope, [photo], "website", "web")
    async with cast.scope(cast.bob) as scope:
        stream, _ = await zipping.fetch(scope, made.id)
    assert [piece async for piece in stream]
    async with cast.scope(cast.bob) as scope:
        told = (await read_zip.read(scope, zip_id=made.id))["zip"]
    assert (told["state"], told["total"], told["looked_at"], told["written"]) == ("done", 1, 1, 0)
    assert told["left_out"] == [{"asset_id": str(photo), "name": "Wie is dat", "codes": ["face_unknown"]}]
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await read_zip.read(scope, zip_id=made.id)

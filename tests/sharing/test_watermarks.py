"""What outsiders see and take carries the watermark of its folder, else the one that the share asks for."""

from __future__ import annotations

import io
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from photobank.delivery import watermarks
from photobank.imaging.recipe import Mark
from photobank.models.shares import ShareKind
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door
from tests.sharing.given import names, outsider, share


@pytest.fixture
async def photo(cast: Cast, door: Door) -> UUID:
    anna = await add_person(cast.container, "Anna de Vries")
    made = await add_photo(cast.container, cast.shared, [anna], seed=7)
    await add_consent(cast.container, cast.rita, anna, "website")
    return made


def apart(one: bytes, other: bytes) -> float:
    """How far two pictures of one size are apart where they differ most: the 99th percentile, in grey levels."""
    first, second = (np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float32) for data in (one, other))
    assert first.shape == second.shape
    return float(np.percentile(np.abs(first - second), 99))


async def seen(cast: Cast, photo: UUID, *, watermark: bool) -> dict[str, bytes]:
    """Everything that an outsider gets of a photo."""
    guest = outsider(await share(cast, cast.bob, photo, watermark=watermark))
    (name,) = names(await guest.look())
    site = outsider(await share(cast, cast.bob, photo, kind=ShareKind.embed, watermark=watermark))
    got = {
        "page": await guest.picture(name, "preview"),
        "download": await guest.take(name, "web"),
        "embed": await site.http.get(f"{site.path}320.jpeg"),
    }
    assert {answer.status_code for answer in got.values()} == {200}
    return {what: answer.content for what, answer in got.items()}


async def test_a_share_that_asks_for_it_marks_everything(cast: Cast, photo: UUID) -> None:
    plain, again, marked = [await seen(cast, photo, watermark=flag) for flag in (False, False, True)]
    for what, picture in plain.items():
        # Downloads differ by their invisible marks, which is little beside words that one can read.
        assert apart(picture, again[what]) < 8, what
        assert apart(picture, marked[what]) > 10, what


async def test_no_original_goes_where_a_mark_is_asked_for(cast: Cast, photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo, watermark=True, largest_side=None))
    page = await guest.look()
    assert "met watermerk" in page.text
    (name,) = names(page)
    assert (await guest.take(name, "original")).status_code == 404
    assert (await guest.picture(name, "large")).status_code == 200


async def test_the_mark_of_a_folder_is_on_whatever_leaves_it(cast: Cast, photo: UUID) -> None:
    plain = await seen(cast, photo, watermark=False)
    async with cast.scope(cast.alice) as scope:
        row = await watermarks.make(scope, "Huis", Mark(layout="tiled", opacity=0.5, size=0.3), words="De Lelie")
        await watermarks.put_on(scope, "folder", str(cast.shared), row.id)
    for what, picture in (await seen(cast, photo, watermark=False)).items():
        assert apart(picture, plain[what]) > 10, what

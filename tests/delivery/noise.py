"""Photos that are all chance, so that whatever is hidden on them is seen to be."""

from __future__ import annotations

import io
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photobank.imaging.crop import Box
from photobank.imaging.redact import Region
from photobank.people import review
from tests.factories import add_photo
from tests.house import Cast

ANNA, BEN, CAS = (0.1, 0.3, 0.1, 0.15), (0.45, 0.3, 0.1, 0.15), (0.8, 0.3, 0.1, 0.15)
NOISE = np.random.default_rng(82).integers(0, 256, (200, 300, 3), dtype=np.uint8).repeat(3, axis=0).repeat(3, axis=1)
"""Nothing like a photo: a dot of it that is left anywhere is seen, also in a small picture of it."""

Seen = NDArray[np.int16]


def squares(size: tuple[int, int], fmt: str = "WEBP") -> bytes:
    """Squares of chance, in any size."""
    small = NOISE[:60, :80]
    out = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.NEAREST).save(out, fmt, quality=90)
    return out.getvalue()


async def group_photo(cast: Cast, people: Sequence[UUID | None], seed: int = 0, instead: NDArray[np.uint8] = NOISE) -> UUID:
    """A photo of up to three people side by side, nobody named where there is None. `instead`: its pixels."""
    out = io.BytesIO()
    Image.fromarray(instead).save(out, "PNG")
    more = {"width": 900, "height": 600, "media_type": "image/png"}
    id_ = await add_photo(cast.container, cast.shared, seed=seed, original=out.getvalue(), drawn=squares, **more)
    async with cast.scope(cast.alice) as scope:
        for box, person in zip((ANNA, BEN, CAS), people, strict=False):
            await review.draw(scope, id_, box, person)
    return id_


def shown(data: bytes) -> Seen:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int16)


def hides(seen: Seen, box: tuple[float, float, float, float]) -> bool:
    """Is this head gone: cells of one colour each where the noise was."""
    height, width = seen.shape[:2]
    region = Region.of(Box(*box), width, height)
    core = seen[int(region.y) - 8 : int(region.y) + 8, int(region.x) - 8 : int(region.x) + 8]
    return float(core.std(axis=(0, 1)).mean()) < 25

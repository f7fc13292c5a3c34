"""One decoder for all tests of imaging; pictures come from scikit-image and from the shared data where it is there."""

from __future__ import annotations

import csv
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import pyvips
from numpy.typing import NDArray
from skimage import data

from photobank.imaging.results import Processed
from photobank.imaging.sandbox import Decoder
from photobank.kernel.errors import ImageRejected

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[2] / ".." / "shared")).resolve() / "data"
MEMORY = 1_200 * 2**20


def manifest(name: str) -> list[Any]:
    """A row per file of the shared manifest, or one skipped row that says what is missing."""
    place = SHARED / name / "MANIFEST.csv"
    if not place.is_file():
        why = f"no shared data beside the checkout (PHOTOBANK_TEST_DATA): files of {name} are left out"
        return [pytest.param({}, marks=pytest.mark.skip(reason=why), id=f"no-{name}")]
    with place.open(encoding="utf-8", newline="") as lines:
        return [pytest.param(row, id=row["file"]) for row in csv.DictReader(lines)]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("no shared data beside the checkout (PHOTOBANK_TEST_DATA)")
    return SHARED


@pytest_asyncio.fixture(scope="session")
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder(max_pixels=300_000_000, seconds=60, memory_bytes=MEMORY) as one:
        yield one


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """512 × 512, public domain (NASA)."""
    return np.ascontiguousarray(data.astronaut())


@pytest.fixture(scope="session")
def astronaut_png(astronaut: NDArray[np.uint8]) -> bytes:
    return bytes(picture(astronaut).pngsave_buffer())


@pytest.fixture(scope="session")
def portrait(astronaut: NDArray[np.uint8]) -> Any:
    """Not square and not symmetric, so that a wrong turn shows: 300 wide, 400 high."""
    return picture(np.ascontiguousarray(astronaut[:400, 60:360]))


async def outcome(decoder: Decoder, data: bytes) -> tuple[Processed | None, str]:
    """The photo, or None and the reason for its rejection."""
    try:
        return await decoder.process(data), ""
    except ImageRejected as rejected:
        return None, rejected.reason


def picture(rgb: NDArray[np.uint8]) -> Any:
    """Pixels as a libvips picture."""
    return pyvips.Image.new_from_array(rgb).copy(interpretation="srgb" if rgb.ndim == 3 else "b-w")


def pixels(encoded: bytes) -> NDArray[np.int16]:
    """What an encoded rendition shows, for comparing."""
    shown: NDArray[np.int16] = pyvips.Image.new_from_buffer(encoded, "").numpy().astype(np.int16)
    return shown


def difference(one: bytes, other: bytes) -> float:
    """Mean colour difference ΔE (CIE 2000) of two pictures of the same size."""
    first, second = (pyvips.Image.new_from_buffer(data, "").colourspace("lab") for data in (one, other))
    return float(first.dE00(second).avg())

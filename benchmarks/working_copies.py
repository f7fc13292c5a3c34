"""What a hand-over at web size loses, and saves, by beginning at a working copy: SSIM against the one made from the photo itself, both as JPEG
85, and processor time of the decoding process. Ours begins at the copy of exactly that size, the peer at the larger one.

The photos are a camera's 24 megapixels with grain and the largest of the shared sample files, where they are.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from skimage.metrics import structural_similarity

from benchmarks.renditions import cpu_of, photos
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import WORKING, WORTH_IT
from photobank.imaging.sandbox import Decoder

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve() / "data/formats"
MOST, ROUNDS = 6, 5
WEB = Recipe(1920, 1920, sharpen=True)


def main() -> None:
    """Make each photo three ways; print how alike they are and what they cost."""
    asyncio.run(compare([photos()["camera_24mp"], *shared()]))


def shared() -> list[bytes]:
    """The largest JPEGs among the samples that are large enough to get working copies."""
    found = []
    for file in sorted(SHARED.rglob("*.jp*g"), key=lambda one: -one.stat().st_size) if SHARED.is_dir() else ():
        try:
            large = max(Image.open(file).size) >= WORKING[-1].side * WORTH_IT
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            continue
        if large and len(found) < MOST:
            found.append(file.read_bytes())
    return found


async def compare(pictures: list[bytes]) -> None:
    """All of them."""
    alike: dict[str, list[float]] = {copy.name: [] for copy in WORKING}
    spent: dict[str, list[float]] = {copy.name: [] for copy in WORKING}
    async with Decoder(max_pixels=300_000_000, seconds=60, memory_bytes=1_200 * 2**20) as decoder:
        for photo in pictures:
            known = await decoder.process(photo)
            size = (known.width, known.height)
            true = grey((await decoder.make(photo, WEB)).data)
            for name, data in known.working.items():
                made = await decoder.make(data, WEB, photo=size)
                alike[name].append(float(structural_similarity(true, grey(made.data), data_range=255)))
                (pid,) = decoder.pids
                before = cpu_of(pid)
                for _ in range(ROUNDS):
                    await decoder.make(data, WEB, photo=size)
                spent[name].append((cpu_of(pid) - before) * 1000 / ROUNDS)
    of = f"{len(alike[WORKING[0].name])} photos"
    for what, found, lowest, unit in (
        ("SSIM, mean", alike, False, f"{of}; higher is better"),
        ("SSIM, least", alike, True, f"{of}; higher is better"),
        ("processor time", spent, False, f"ms, mean of {of}; lower is better"),
    ):
        mine, peer = (min(found[copy.name]) if lowest else float(np.mean(found[copy.name])) for copy in WORKING)
        told = {
            "ours": round(mine, 4),
            "peer": round(peer, 4),
            "peer_name": "the larger copy, made smaller",
            "ratio": round(mine / peer, 3),
        }
        print(json.dumps({"name": f"web size from a working copy, {what}"} | told | {"unit": unit}), flush=True)


def grey(jpeg: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Its brightness."""
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))


if __name__ == "__main__":
    main()

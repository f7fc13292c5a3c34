"""Renditions against plain `vipsthumbnail` and Pillow: same three sizes, WebP qualities and effort. One JSON line per comparison.

Renditions per second of processor time, one core each (VIPS_CONCURRENCY=1), so that what else the machine does is not counted. Ours goes
through the sandbox and also makes metadata and fingerprints; its process is kept from photo to photo, `vipsthumbnail` starts once per size.
Pillow comes twice: as most programs do it (each size from the original), and as well as it can (draft decoding, each from the larger one).
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from PIL import Image, ImageCms, ImageOps
from skimage import data

from photobank.imaging.renditions import EFFORT, STANDARD
from photobank.imaging.sandbox import Decoder

ROUNDS = 3
SRGB = ImageCms.createProfile("sRGB")


def photos() -> dict[str, bytes]:
    """Two photos of cameras' sizes, made from scikit-image's astronaut with the grain that sensors add."""
    astronaut = pyvips.Image.new_from_array(np.ascontiguousarray(data.astronaut())).copy(interpretation="srgb")

    def grown(width: int, height: int) -> Any:
        image = astronaut.resize(width / 512, vscale=height / 512, kernel="cubic")
        return (image + pyvips.Image.gaussnoise(width, height, sigma=6)).cast("uchar").copy(interpretation="srgb").copy_memory()

    phone = grown(4032, 3024).icc_transform("p3", input_profile="srgb")
    return {"camera_24mp": grown(6000, 4000).jpegsave_buffer(Q=90), "phone_12mp_p3": phone.jpegsave_buffer(Q=90)}


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children() -> float:
    """Seconds of processor time of all processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def ours(photo: bytes) -> float:
    """Seconds of processor time for one photo, in the worker and in the decoding process."""
    async with Decoder(max_pixels=300_000_000, seconds=60, memory_bytes=1_200 * 2**20) as decoder:
        await decoder.process(photo)
        times = []
        for _ in range(ROUNDS):
            (pid,) = decoder.pids
            start = time.process_time() + cpu_of(pid)
            await decoder.process(photo)
            times.append(time.process_time() + cpu_of(pid) - start)
        return min(times)


def vipsthumbnail(photo: bytes, tagged: bool) -> float:
    """Seconds of processor time for one process per size; profiles are converted only where there is one."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "photo.jpg"
        source.write_bytes(photo)
        times = []
        for _ in range(ROUNDS):
            start = children()
            for size in STANDARD:
                target = f"{place}/{size.name}.webp[Q={size.quality},effort={EFFORT},strip]"
                command = ["vipsthumbnail", str(source), "--size", f"{size.side}x{size.side}>", "-o", target]
                command += ["--eprofile", "srgb"] if tagged else []
                subprocess.run(command, check=True, env={**os.environ, "VIPS_CONCURRENCY": "1"})
            times.append(children() - start)
        return min(times)


def fastest(work: Callable[[], object]) -> float:
    """Seconds of processor time, the best of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in sRGB, by its profile."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    return ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, outputMode="RGB") or image


def pillow_plain(photo: bytes) -> None:
    """Each size from the original."""
    image = to_srgb(ImageOps.exif_transpose(Image.open(io.BytesIO(photo))))
    for size in STANDARD:
        copy = image.copy()
        copy.thumbnail((size.side, size.side), Image.Resampling.LANCZOS)
        copy.save(io.BytesIO(), "WEBP", quality=size.quality, method=EFFORT, icc_profile=None)


def pillow_best(photo: bytes) -> None:
    """Draft decoding, then each size from the larger one."""
    image = Image.open(io.BytesIO(photo))
    largest_first = sorted(STANDARD, key=lambda size: -size.side)
    image.thumbnail((largest_first[0].side,) * 2, Image.Resampling.LANCZOS)
    image = to_srgb(ImageOps.exif_transpose(image))
    for size in largest_first:
        image.thumbnail((size.side, size.side), Image.Resampling.LANCZOS)
        image.save(io.BytesIO(), "WEBP", quality=size.quality, method=EFFORT, icc_profile=None)


def report(name: str, mine: float, other: float, peer: str) -> None:
    """Print one comparison."""
    rates = [len(STANDARD) / seconds for seconds in (mine, other)]
    line = {
        "name": name,
        "ours": round(rates[0], 2),
        "peer": round(rates[1], 2),
        "peer_name": peer,
        "ratio": round(rates[0] / rates[1], 2),
    }
    print(json.dumps({**line, "unit": "renditions/s of CPU"}), flush=True)


def main() -> None:
    """Run all comparisons."""
    for name, photo in photos().items():
        mine = asyncio.run(ours(photo))
        if shutil.which("vipsthumbnail"):
            report(f"renditions_{name}", mine, vipsthumbnail(photo, name.endswith("p3")), "vipsthumbnail")
        report(f"renditions_{name}", mine, fastest(lambda photo=photo: pillow_plain(photo)), "pillow")
        report(f"renditions_{name}", mine, fastest(lambda photo=photo: pillow_best(photo)), "pillow, drafts and pyramid")


if __name__ == "__main__":
    main()

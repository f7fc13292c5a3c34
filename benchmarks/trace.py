"""The invisible mark under attack, beside blind-watermark on the same pictures: detection, PSNR, and milliseconds per megapixel.

Pictures: scikit-image's astronaut, cat, coffee and rocket enlarged, and the largest photos of the shared data where they are
(PHOTOBANK_TEST_DATA). The peer is asked to recover the same 768 signs and gets the leak's true size back for free, which we have to find.
One JSON line per attack: share of downloads found by us and by the peer.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from photobank.imaging import tracefind, tracemark
from photobank.imaging.tracecode import WORD, TraceCode

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve() / "data/faces"
MOST = 12
SIDE = 1600
CODE = TraceCode(b"b" * 32)
OTHERS = 1000
CERTAIN = 7.3  # 1,000,000 downloads and four readings at a chance of 10⁻⁷ … 10⁻⁶

Photo = NDArray[np.uint8]


def photos() -> list[Photo]:
    """Pictures of at most SIDE pixels."""
    found = [
        Image.fromarray(one()).resize((SIDE, SIDE * 3 // 4)) for one in (data.astronaut, data.chelsea, data.coffee, data.rocket)
    ]
    if SHARED.is_dir():
        with (SHARED / "labels.csv").open(encoding="utf-8") as table:
            rows = sorted(csv.DictReader(table), key=lambda row: -int(row["width"]))
        found += [Image.open(SHARED / row["file"]).convert("RGB") for row in rows[:MOST] if (SHARED / row["file"]).is_file()]
    for one in found:
        one.thumbnail((SIDE, SIDE))
    return [np.asarray(one) for one in found]


def jpeg(photo: Photo, quality: int) -> Photo:
    """Recompressed."""
    out = io.BytesIO()
    Image.fromarray(photo).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def resized(photo: Photo, factor: float) -> Photo:
    """Another size."""
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=kind), np.uint8)


def cropped(photo: Photo) -> Photo:
    """Six tenths of it, not on a grid of eight."""
    height, width = photo.shape[:2]
    return np.ascontiguousarray(photo[int(height * 0.13) + 3 : int(height * 0.905), int(width * 0.2) + 1 : int(width * 0.975)])


def toned(photo: Photo) -> Photo:
    """Warmer, darker, more contrast."""
    return np.clip((photo * [1.08, 1.0, 0.93] - 12) * 1.1 + 10, 0, 255).astype(np.uint8)


ATTACKS: dict[str, Callable[[Photo], Photo]] = {
    "none": lambda photo: photo,
    "jpeg_50": lambda photo: jpeg(photo, 50),
    "half_jpeg_60": lambda photo: jpeg(resized(photo, 0.5), 60),
    "three_quarters_jpeg_70": lambda photo: jpeg(resized(photo, 0.75), 70),
    "one_and_a_half_jpeg_70": lambda photo: jpeg(resized(photo, 1.5), 70),
    "crop_60_jpeg_75": lambda photo: jpeg(cropped(photo), 75),
    "toned_jpeg_70": lambda photo: jpeg(toned(photo), 70),
    "screenshot": lambda photo: jpeg(np.ascontiguousarray(resized(photo, 0.83)[10:-7, 5:-9]), 80),
}


def ours(photo: Photo, download: UUID) -> Photo:
    """Marked by us."""
    image = pyvips.Image.new_from_array(photo).copy(interpretation="srgb")
    return np.asarray(tracemark.mark(image, CODE.square(download)).numpy())


def found(leaked: Photo, download: UUID, size: int, words: NDArray[np.float32]) -> bool:
    """Whether reading names this download and no other."""
    readings = tracefind.read(leaked, CODE, [max(leaked.shape) / size])
    right = max((float(one.word @ CODE.word(download)) for one in readings), default=0.0)
    wrong = max((float((words @ one.word).max()) for one in readings), default=0.0)
    if wrong > CERTAIN:
        raise SystemExit("a wrong download was named")
    return right > CERTAIN


def psnr(one: Photo, other: Photo) -> float:
    """Decibels between two pictures."""
    return float(10 * np.log10(255**2 / ((one.astype(float) - other) ** 2).mean()))


def line(name: str, ours_: float, peer: float | None, unit: str) -> None:
    """One line of `make bench`."""
    ratio = round(ours_ / peer, 3) if peer else None
    row = {"name": f"trace_{name}", "ours": round(ours_, 3), "peer": None if peer is None else round(peer, 3)}
    print(json.dumps({**row, "peer_name": "blind-watermark", "ratio": ratio, "unit": unit}), flush=True)


def main() -> None:
    """Mark, attack, read; the peer beside it."""
    from blind_watermark import WaterMark, bw_notes

    bw_notes.close()
    words = np.stack([CODE.word(UUID(int=10_000 + number)) for number in range(OTHERS)]).astype(np.float32)
    hits = dict.fromkeys(ATTACKS, 0)
    peers = dict.fromkeys(ATTACKS, 0)
    quality, peer_quality, spent, peer_spent, pixels, unmarked = [], [], 0.0, 0.0, 0, 0
    pictures = photos()
    for number, photo in enumerate(pictures):
        download = UUID(int=number)
        bits = CODE.word(download) > 0
        start = time.process_time()
        marked = ours(photo, download)
        spent += time.process_time() - start
        peer = WaterMark(password_img=1, password_wm=1)
        start = time.process_time()
        peer.read_img(img=photo[:, :, ::-1].copy())
        peer.read_wm(bits, mode="bit")
        peer_marked = np.clip(np.rint(peer.embed()), 0, 255).astype(np.uint8)[:, :, ::-1]
        peer_spent += time.process_time() - start
        pixels += photo.shape[0] * photo.shape[1]
        quality.append(psnr(photo, marked))
        peer_quality.append(psnr(photo, peer_marked))
        for attack, do in ATTACKS.items():
            hits[attack] += found(do(jpeg(marked, 85)), download, max(photo.shape), words)
            leaked = cv2.resize(do(jpeg(peer_marked, 85)), (photo.shape[1], photo.shape[0]))
            read = np.asarray(peer.extract(embed_img=leaked[:, :, ::-1].copy(), wm_shape=WORD, mode="bit"))
            z = float((np.where(read > 0.5, 1, -1) * np.where(bits, 1, -1)).sum()) / np.sqrt(WORD)
            peers[attack] += z > CERTAIN
        unmarked += bool(found(photo, download, max(photo.shape), words))
        sys.stderr.write(f"# {number + 1} of {len(pictures)}\n")
    for attack in ATTACKS:
        line(attack, hits[attack] / len(pictures), peers[attack] / len(pictures), "share found")
    line("unmarked", unmarked / len(pictures), None, "share found")
    line("psnr", min(quality), min(peer_quality), "dB, least")
    line("embedding", spent * 1e9 / pixels, peer_spent * 1e9 / pixels, "ms of processor per megapixel")


if __name__ == "__main__":
    main()

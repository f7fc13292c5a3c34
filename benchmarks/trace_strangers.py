"""No false trace: pictures that carry no mark, another house's, or one of a download that is not asked about, against many downloads.

Each picture is a variant of a real photo (cut, mirrored, toned, sized, recompressed), and is searched through as a leak would be. `ours` is
how many named a download, by the rule of delivery/tracing.py; `highest` and `expected` are the largest correlation met, and the one that
as many standard normal numbers lead to expect. PHOTOBANK_BENCH_IMAGES: how many pictures (200 here; 10,000 once, see docs/performance.md).
"""

from __future__ import annotations

import json
import math
import os
import sys
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from benchmarks._leaks import Photo, jpeg, photos, toned
from photobank.delivery.tracing import FALSE
from photobank.imaging import tracefind, tracemark
from photobank.imaging.tracecode import TraceCode

IMAGES = int(os.environ.get("PHOTOBANK_BENCH_IMAGES", "200"))
SHARED_PHOTOS = 120
SIDE = 300
CODE, OTHER = TraceCode(b"b" * 32), TraceCode(b"o" * 32)
DOWNLOADS = 50_000
AT_ONCE = 64
KINDS = ("unmarked", "another house", "unmarked", *["another download"] * 7)


def variant(pictures: list[Photo], dice: np.random.Generator) -> Photo:
    """A picture that was not there before."""
    photo = pictures[dice.integers(len(pictures))]
    height, width = photo.shape[:2]
    share = dice.uniform(0.55, 1.0)
    tall, wide = int(height * share), int(width * share)
    top, left = dice.integers(height - tall + 1), dice.integers(width - wide + 1)
    part = photo[top : top + tall, left : left + wide]
    part = part[:, ::-1] if dice.random() < 0.5 else part
    part = toned(part) if dice.random() < 0.3 else part
    side = int(SIDE * dice.uniform(0.7, 1.1))
    factor = side / max(part.shape)
    return np.asarray(cv2.resize(np.ascontiguousarray(part), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def read(number: int, pictures: list[Photo], dice: np.random.Generator) -> list[NDArray[np.float32]]:
    """Words that are read from one stranger."""
    photo, kind = variant(pictures, dice), KINDS[number % len(KINDS)]
    if kind != "unmarked":
        code = OTHER if kind == "another house" else CODE
        photo = tracemark.mark(photo, code.square(UUID(int=DOWNLOADS + number)))
    return [one.word for one in tracefind.read(jpeg(photo, int(dice.integers(50, 95))), CODE, [1.0])]


def main() -> None:
    """Look at them all."""
    cv2.setNumThreads(1)
    dice, pictures = np.random.default_rng(26), photos(SHARED_PHOTOS, 1600)
    words = np.stack([CODE.word(UUID(int=number)) for number in range(DOWNLOADS)]).astype(np.float32)
    named, highest, readings = 0, 0.0, 0
    for first in range(0, IMAGES, AT_ONCE):
        found = [read(number, pictures, dice) for number in range(first, min(IMAGES, first + AT_ONCE))]
        whose = [len(one) for one in found for _ in one]  # how many readings the picture has that this one is of
        best = (words @ np.stack([word for one in found for word in one]).T).max(axis=0)
        named += sum(DOWNLOADS * n * math.erfc(float(z) / math.sqrt(2)) / 2 <= FALSE for n, z in zip(whose, best, strict=True))
        highest, readings = max(highest, float(best.max())), readings + len(whose)
        sys.stderr.write(f"# {first + len(found)} of {IMAGES}: {named} named, {highest:.2f} at most\n")
    row = {"name": f"trace false among {IMAGES} strangers", "ours": named, "peer": None, "peer_name": "", "ratio": None}
    expected = float(norm.isf(1 / max(1, readings * DOWNLOADS)))
    told = {"unit": f"named, of {DOWNLOADS} downloads", "highest": round(highest, 2), "expected": round(expected, 2)}
    print(json.dumps({**row, **told, "readings": readings}), flush=True)


if __name__ == "__main__":
    main()

"""What happens to a picture between being handed out and turning up somewhere: the attacks that an invisible mark has to survive."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve() / "data/faces"

Photo = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels of the picture that was handed out."""


@dataclass(frozen=True)
class Attack:
    """What is kept of the picture, and what becomes of it."""

    do: Callable[[Photo], Photo]
    keep: Callable[[int, int], Box] = lambda width, height: (0, 0, width, height)

    def on(self, photo: Photo) -> Photo:
        """The leak."""
        left, top, right, bottom = self.keep(photo.shape[1], photo.shape[0])
        return self.do(np.ascontiguousarray(photo[top:bottom, left:right]))

    def undone(self, leaked: Photo, photo: Photo) -> Photo:
        """The leak at the size and place that it had: what a reader that cannot find these needs to be told."""
        left, top, right, bottom = self.keep(photo.shape[1], photo.shape[0])
        whole = np.full(photo.shape, 128, np.uint8)
        whole[top:bottom, left:right] = cv2.resize(leaked, (right - left, bottom - top))
        return whole


def jpeg(photo: Photo, quality: int) -> Photo:
    """Recompressed."""
    out = io.BytesIO()
    Image.fromarray(photo).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def resized(photo: Photo, factor: float) -> Photo:
    """Another size."""
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=kind), np.uint8)


def toned(photo: Photo) -> Photo:
    """Warmer, darker, with more contrast."""
    return np.clip((photo * [1.08, 1.0, 0.93] - 12) * 1.1 + 10, 0, 255).astype(np.uint8)


def _six_tenths(width: int, height: int) -> Box:
    """Six tenths of the area, not on a grid of eight."""
    return int(width * 0.2) + 1, int(height * 0.13) + 3, int(width * 0.975), int(height * 0.905)


ATTACKS: dict[str, Attack] = {
    "none": Attack(lambda photo: photo),
    "jpeg_90": Attack(lambda photo: jpeg(photo, 90)),
    "jpeg_70": Attack(lambda photo: jpeg(photo, 70)),
    "jpeg_50": Attack(lambda photo: jpeg(photo, 50)),
    "resize_50": Attack(lambda photo: jpeg(resized(photo, 0.5), 80)),
    "resize_75": Attack(lambda photo: jpeg(resized(photo, 0.75), 80)),
    "resize_125": Attack(lambda photo: jpeg(resized(photo, 1.25), 80)),
    "resize_150": Attack(lambda photo: jpeg(resized(photo, 1.5), 80)),
    "crop_60": Attack(lambda photo: jpeg(photo, 80), _six_tenths),
    "toned": Attack(lambda photo: jpeg(toned(photo), 80)),
    "screenshot": Attack(lambda photo: jpeg(resized(photo, 0.83), 80), lambda width, height: (7, 13, width - 11, height - 9)),
}
"""Each after the JPEG of quality 85 that was handed out."""


def photos(most: int, side: int) -> list[Photo]:
    """scikit-image's pictures enlarged, and the largest of the shared photos where they are; none longer than `side`."""
    found = [
        Image.fromarray(one()).resize((side, side * 3 // 4)) for one in (data.astronaut, data.chelsea, data.coffee, data.rocket)
    ]
    if SHARED.is_dir():
        with (SHARED / "labels.csv").open(encoding="utf-8") as table:
            rows = sorted(csv.DictReader(table), key=lambda row: -int(row["width"]))
        found += [Image.open(SHARED / row["file"]).convert("RGB") for row in rows[:most] if (SHARED / row["file"]).is_file()]
    for one in found:
        one.thumbnail((side, side))
    return [np.asarray(one) for one in found]

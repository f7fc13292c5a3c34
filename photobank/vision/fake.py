"""A face engine for tests: plain coloured rectangles are faces, their hue is the person. Never used unless settings say `fake`.

`paint(picture, box, person)` draws a face of person 0 to 11. It survives resizing, JPEG, WebP and colour conversion, because
only the hue counts, in twelve steps of 30 degrees. Photos of real things have no plain saturated rectangles: no faces here.
Two faces of one person score about 0.96, of two persons about 0; equal pictures give equal vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from photobank.vision.engine import Detected, Pixels, Prior, Vectors, unit
from photobank.vision.search import Found, checked, described

PEOPLE = 12
SIDE = 512  # long side at which rectangles are looked for
LEAST_SIDE, LEAST_FILL = 10, 0.9


class FakeEngine:
    """Finds what `paint` draws."""

    engine = "fake"
    model = "fake"
    tag = "fake/hue/1"
    dim = 16
    prior = Prior(even=0.5, slope=20.0, cluster=0.6, spread=0.5)

    def detect(self, rgb: Pixels) -> list[Detected]:
        """All painted rectangles, largest first."""
        rgb = checked(rgb)
        height, width = rgb.shape[:2]
        factor = min(1.0, SIDE / max(height, width))
        small = cv2.resize(rgb, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA)
        codes = _people(small.astype(np.uint8, copy=False))
        found = []
        for person in range(PEOPLE):
            mask = (codes == person).astype(np.uint8)
            _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
            for x, y, w, h, area in stats[1:].tolist():
                if min(w, h) >= LEAST_SIDE and area >= LEAST_FILL * w * h and 0.4 <= w / h <= 2.5:
                    box = (x / factor, y / factor, w / factor, h / factor)
                    places = np.array([[0.3, 0.35], [0.7, 0.35], [0.5, 0.55], [0.35, 0.75], [0.65, 0.75]])
                    found.append(Found(box, places * box[2:] + box[:2], 0.99))
        return described(rgb, found)

    def embed(self, rgb: Pixels, faces: Sequence[Detected]) -> Vectors:
        """The person's own axis, and a little noise that follows from where the face is."""
        rgb = checked(rgb)
        height, width = rgb.shape[:2]
        vectors = np.zeros((len(faces), self.dim), dtype=np.float32)
        for index, face in enumerate(faces):
            middle_y, middle_x = int((face.y + face.h / 2) * height), int((face.x + face.w / 2) * width)
            patch = rgb[max(0, middle_y - 2) : middle_y + 3, max(0, middle_x - 2) : middle_x + 3]
            person = int(np.bincount(np.maximum(_people(np.ascontiguousarray(patch)).ravel(), 0), minlength=PEOPLE).argmax())
            seed = [round(part * 200) for part in face.box]
            noise = np.random.default_rng(seed).standard_normal(self.dim)
            vectors[index, person] = 1.0
            vectors[index] += (0.2 * noise / np.linalg.norm(noise)).astype(np.float32)
        return unit(vectors) if len(faces) else vectors


def paint(rgb: Pixels, box: tuple[float, float, float, float], person: int) -> None:
    """Draw a face of `person` (0 to 11) into the picture; `box` is x, y, width, height in parts of it."""
    if not 0 <= person < PEOPLE:
        raise ValueError(f"there are {PEOPLE} fake people, 0 to {PEOPLE - 1}")
    height, width = rgb.shape[:2]
    x, y, w, h = box
    hue = np.array([[[person * 180 // PEOPLE, 255, 230]]], dtype=np.uint8)
    rgb[round(y * height) : round((y + h) * height), round(x * width) : round((x + w) * width)] = cv2.cvtColor(
        hue, cv2.COLOR_HSV2RGB
    )[0, 0]


def _people(rgb: Pixels) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Which person each pixel belongs to, -1 for none."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV).astype(np.int64)
    step = 180 // PEOPLE
    codes = ((hsv[..., 0] + step // 2) // step) % PEOPLE
    return np.where((hsv[..., 1] > 160) & (hsv[..., 2] > 120), codes, -1)

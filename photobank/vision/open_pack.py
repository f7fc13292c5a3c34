"""The open pack: YuNet finds faces (yuface, weights compiled in), dlib's ResNet makes 128 numbers of each. No download, any use.

Licences, checked: libfacedetection/yuface BSD-3-Clause; dlib Boost; the ResNet and the 5-point model are in the public domain
(docs/adr/0006-face-engines.md). The package that carries them also holds the 68-point model, whose training data exclude commercial
use: this module never opens it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from photobank.kernel.errors import ConfigurationError
from photobank.vision.align import quarter_turns, turn_points
from photobank.vision.engine import Detected, Pixels, Points, Prior, Vectors, unit
from photobank.vision.search import Found, Plan, checked, described, find, shrink

PLAN = Plan(usual=640, fine=1280, accept=0.60, clear=0.70, sure=0.90, covered=0.80, bare=0.93)
NOISE = 50  # YuNet's own score, of 100, below which it is guessing
CHIP, CHIP_MARGIN = 150, 0.25
RESNET, FIVE_POINTS = "dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"
# dlib's 5-point model expects boxes as dlib's own detector draws them. Measured against it on 236 portraits: a square as large in
# area as YuNet's box, its centre 8 % of its side lower.
SQUARE_SIDE, SQUARE_DOWN = 0.98, 0.08
HOG_LEAST = 0.3  # how far above its threshold dlib's HOG detector must be; it is a last resort that also fires on foliage


class OpenPack:
    """YuNet and dlib behind the FaceEngine protocol."""

    engine = "open"
    model = "open"
    tag = "open/dlib-resnet-v1/1"
    dim = 128

    def __init__(self) -> None:
        # YuNet's OpenMP threads spin while they wait: with as many threads as cores and anything else running, one picture took
        # 430 ms instead of 45. One thread per worker process; more workers for more cores.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        try:
            import dlib
            from yuface.yuface import detect
        except ImportError as error:
            raise ConfigurationError(f"The open face pack needs the packages yuface and dlib-bin: {error}.") from error
        folder = _models_folder()
        self._yunet: Any = detect
        self._dlib: Any = dlib
        self._five: Any = dlib.shape_predictor(str(folder / FIVE_POINTS))
        self._resnet: Any = dlib.face_recognition_model_v1(str(folder / RESNET))
        self._hog: Any = dlib.get_frontal_face_detector()
        self.versions = {name: version(name) for name in ("yuface", "dlib-bin", "face_recognition_models")}

    @property
    def prior(self) -> Prior:
        """Measured; see PRIOR."""
        return PRIOR

    def detect(self, rgb: Pixels) -> list[Detected]:
        """All faces, largest first."""
        rgb = checked(rgb)
        return described(rgb, find(rgb, self._look, PLAN, self._look_hog), PLAN)

    def embed(self, rgb: Pixels, faces: Sequence[Detected]) -> Vectors:
        """A unit vector per face: 5-point alignment in the detector's box, then the ResNet."""
        rgb = checked(rgb)
        height, width = rgb.shape[:2]
        vectors = np.zeros((len(faces), self.dim), dtype=np.float32)
        upright = {0: rgb}
        for index, face in enumerate(faces):
            points = np.array(face.landmarks) * (width, height)
            corners = np.array([[face.x, face.y], [face.x + face.w, face.y + face.h]]) * (width, height)
            turns = quarter_turns(points)
            if turns not in upright:
                upright[turns] = np.ascontiguousarray(np.rot90(rgb, turns))
            corners = turn_points(corners, turns, width, height)
            picture = upright[turns]
            shape = self._five(picture, self._square(corners.min(axis=0), corners.max(axis=0)))
            chip = self._dlib.get_face_chip(picture, shape, CHIP, CHIP_MARGIN)
            vectors[index] = np.array(self._resnet.compute_face_descriptor(chip), dtype=np.float32)
        return unit(vectors) if len(faces) else vectors

    def _look(self, pixels: Pixels, long_side: int) -> list[Found]:
        small, factor = shrink(pixels, long_side)
        rows = np.asarray(self._yunet(np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))))
        found = []
        for row in rows[rows[:, 0] > NOISE].astype(np.float64):
            x, y, w, h = (float(value) / factor for value in row[1:5])
            if w > 0 and h > 0:
                found.append(Found((x, y, w, h), row[5:15].reshape(5, 2) / factor, float(row[0]) / 100))
        return found

    def _look_hog(self, pixels: Pixels, long_side: int) -> list[Found]:
        small, factor = shrink(pixels, long_side, 1.0)
        rectangles, scores, _ = self._hog.run(small, 1, HOG_LEAST)
        found = []
        for rectangle, score in zip(rectangles, scores, strict=True):
            shape = self._five(small, rectangle)
            points = _five_of_dlib(np.array([[part.x, part.y] for part in shape.parts()], dtype=np.float64)) / factor
            # The box that YuNet would have drawn, so that `_square` comes back to dlib's own.
            side = rectangle.width() / factor / SQUARE_SIDE
            middle_x, middle_y = rectangle.center().x / factor, rectangle.center().y / factor - SQUARE_DOWN * side
            found.append(Found((middle_x - side / 2, middle_y - side / 2, side, side), points, min(0.85, 0.6 + float(score) / 10)))
        return found

    def _square(self, low: Points, high: Points) -> Any:
        width, height = high - low
        side = float(np.sqrt(width * height))
        middle = (low + high) / 2 + (0.0, SQUARE_DOWN * side)
        half = SQUARE_SIDE * side / 2
        return self._dlib.rectangle(*(round(float(value)) for value in (*(middle - half), *(middle + half))))


def _five_of_dlib(parts: Points) -> Points:
    """Eyes, nose and mouth corners from dlib's five (outer and inner corner of each eye, base of the nose).

    The mouth is not among them; it lies about as far below the nose as the nose lies below the eyes.
    """
    eyes = np.stack([(parts[2] + parts[3]) / 2, (parts[0] + parts[1]) / 2])
    middle = eyes.mean(axis=0)
    mouth = middle + (parts[4] - middle) * 1.45
    half = (eyes[1] - eyes[0]) * 0.42
    return np.stack([eyes[0], eyes[1], middle + (parts[4] - middle) * 0.9, mouth - half, mouth + half])


def _models_folder() -> Path:
    """Where the package keeps its weights. It is not imported: it would load pkg_resources for the sake of four paths."""
    spec = find_spec("face_recognition_models")
    places = list(spec.submodule_search_locations or []) if spec else []
    folder = Path(places[0]) / "models" if places else None
    if folder is None or not (folder / RESNET).is_file() or not (folder / FIVE_POINTS).is_file():
        raise ConfigurationError("The open face pack needs the weights of the package face_recognition_models; install it again.")
    return folder


# Measured on 728 portraits of 117 public figures, two trials a face (own person among the known, then left out), the score being
# the mean of the two nearest exemplars: maximum likelihood gives even 0.937, slope 286. The slope here is 0.7 of it, because press
# portraits are easier than an organisation's own photos, and a prior should ask rather than assure.
# Pairs at FAR 0.001: 0.924 (TAR 0.924).
PRIOR = Prior(even=0.937, slope=200.0, cluster=0.925, spread=0.15, doubt=0.06, haste=0.01)

"""Packs of InsightFace's make: a folder with a detector and a recognition model as .onnx files, run by onnxruntime on the CPU.

Nothing is ever downloaded: a folder that is not there stops with one sentence. Of a pack only detection and recognition are
loaded; the models for age and gender that many packs carry are left alone, because nobody gave permission for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from photobank.kernel.errors import ConfigurationError
from photobank.vision.align import arcface_crop
from photobank.vision.engine import Detected, Pixels, Prior, Vectors, unit
from photobank.vision.search import Found, Plan, checked, described, find

SIDES = (128, 640)  # 640 alone misses a face that fills the frame: 11 of 290 tight crops were found
STRIDE = 32  # SCRFD's input sides are multiples of its coarsest stride
RIBBON = 8  # longest side by shortest beyond which a picture is given a border: at 128 pixels nothing would be left of it
PLAN = Plan(usual=640, fine=1280, accept=0.50, clear=0.60, sure=0.70, covered=0.60, bare=0.89)
ALIGNMENT = "1"  # part of the tag: change it when crops change, and every vector is computed again


class InsightFacePack:
    """Any pack folder behind the FaceEngine protocol."""

    engine = "insightface"

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder.expanduser().resolve()
        self.model = self._folder.name
        if not any(self._folder.glob("*.onnx")):
            raise ConfigurationError(
                f"The face pack {self._folder} holds no .onnx model; put the pack's files there or choose another."
            )
        app = _load(self._folder, threads)
        self._detector: Any = app.det_model
        self._recognition: Any = app.models["recognition"]
        self._fixed_size = getattr(self._detector, "static_input_size", None)
        self._side = int(self._recognition.input_size[0])
        self.weights = _digest(Path(self._recognition.model_file))
        self.dim = int(self._recognition.get_feat(np.zeros((self._side, self._side, 3), np.uint8)).shape[-1])
        self.tag = f"insightface/{self.weights[:16]}/{ALIGNMENT}"

    @property
    def prior(self) -> Prior:
        """Measured for the weights we know, cautious for others; see PRIORS."""
        return PRIORS.get(self.weights, UNKNOWN)

    def detect(self, rgb: Pixels) -> list[Detected]:
        """All faces, largest first."""
        rgb = checked(rgb)
        return described(rgb, find(rgb, self._look, PLAN), PLAN)

    def embed(self, rgb: Pixels, faces: Sequence[Detected]) -> Vectors:
        """A unit vector per face.

        One by one, not as a batch: dynamically quantised models scale by the whole batch, so that a vector would depend on
        who else is on the photo. On a processor a batch is no faster.
        """
        rgb = checked(rgb)
        height, width = rgb.shape[:2]
        vectors = np.zeros((len(faces), self.dim), dtype=np.float32)
        for index, face in enumerate(faces):
            crop = arcface_crop(rgb, np.array(face.landmarks) * (width, height), self._side)
            vectors[index] = self._recognition.get_feat(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))[0]
        return unit(vectors) if len(faces) else vectors

    def _look(self, pixels: Pixels, long_side: int) -> list[Found]:
        pixels = _no_ribbon(pixels)
        height, width = pixels.shape[:2]
        sides = SIDES if long_side == PLAN.usual else (long_side,)
        sizes = [self._fixed_size] if self._fixed_size else [_fitting(side, width, height) for side in sides]
        boxes, points = self._detector.detect(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), input_size=sizes, det_thresh=PLAN.accept)
        if points is None:
            raise ConfigurationError(f"The detector of the face pack {self._folder} gives no key points; faces cannot be aligned.")
        return [
            Found(
                (float(row[0]), float(row[1]), float(row[2] - row[0]), float(row[3] - row[1])),
                np.asarray(five, dtype=np.float64).reshape(5, 2),
                float(row[4]),
            )
            for row, five in zip(boxes, points, strict=True)
        ]


def _load(folder: Path, threads: int) -> Any:
    import onnxruntime
    from insightface.app import FaceAnalysis

    options = onnxruntime.SessionOptions()
    # Waiting threads that spin take the other workers' cores; see also open_pack.py.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        app = FaceAnalysis(
            name=str(folder), allowed_modules=["detection", "recognition"], providers=["CPUExecutionProvider"], sess_options=options
        )
    except Exception as error:  # onnxruntime, protobuf and assertions all mean the same here: these are no usable models
        raise ConfigurationError(f"The face pack {folder} cannot be loaded: {error or type(error).__name__}.") from error
    if "recognition" not in app.models:
        raise ConfigurationError(f"The face pack {folder} has no recognition model.")
    app.prepare(ctx_id=-1, det_thresh=PLAN.accept, det_size=[(side, side) for side in SIDES])
    return app


def _fitting(side: int, width: int, height: int) -> tuple[int, int]:
    """Width and height of the detector's input for a picture of this shape: a square would be a third of padding."""
    long_side = max(width, height)
    across, down = (min(side, -(-round(side * length / long_side) // STRIDE) * STRIDE) for length in (width, height))
    return max(across, STRIDE), max(down, STRIDE)


def _no_ribbon(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    least = -(-max(height, width) // RIBBON)
    if min(height, width) >= least:
        return pixels
    below, beside = max(0, least - height), max(0, least - width)
    return cv2.copyMakeBorder(pixels, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=(0, 0, 0)).astype(np.uint8, copy=False)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# By SHA-256 of the recognition model.
W600K_MBF_INT8 = "7caa7fb0ad6c37b33e6c59f6411084b487aaabd596bba645d2cce391a5871120"
MOBILEFACENET = "e72a5710cce378dc46472b6b845cb90647634f2738d8c3e581735cf195b9866f"
# Measured as in open_pack.py: maximum likelihood gives even 0.342, slope 86, and even 0.440, slope 47. Slopes are reduced likewise,
# the first by half: there were too few doubtful cases to learn from. Pairs at FAR 0.001: 0.246 (TAR 0.995) and 0.341 (TAR 0.968).
PRIORS = {
    W600K_MBF_INT8: Prior(even=0.342, slope=43.0, cluster=0.30, spread=1.0, doubt=0.2, haste=0.03),
    MOBILEFACENET: Prior(even=0.440, slope=33.0, cluster=0.40, spread=1.0, doubt=0.2, haste=0.03),
}
# Weights nobody has measured here: as wary as the weaker of the two, so that the first suggestions ask rather than assure.
UNKNOWN = Prior(even=0.45, slope=30.0, cluster=0.42, spread=0.9, doubt=0.3, haste=0.05)

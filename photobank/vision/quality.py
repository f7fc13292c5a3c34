"""How useful a face is for recognition, 0–1: its size in pixels, sharpness, pose, and how much of it is seen.

A low value never hides a face: an unusable face of a real person still needs a permission. It orders review, chooses exemplars
and keeps blurred faces from founding clusters.
"""

from __future__ import annotations

import cv2
import numpy as np

from photobank.vision.engine import Pixels, Points

GOOD_EYES_APART = 40.0  # pixels; recognition models see a face at 112 or 150 pixels, where eyes are 35 to 56 pixels apart
SAMPLE = 64  # side at which sharpness is measured, so that it does not depend on resolution
LEAST_UNCOVERED = 0.1  # a detector's doubt alone does not make a face worthless
SHARP = 120.0  # variance of the Laplacian at SAMPLE from which more sharpness adds nothing


def size_score(points: Points) -> float:
    """1 where the eyes are far enough apart for the model, falling to 0. A turned head is judged by eye to mouth instead."""
    eyes = float(np.linalg.norm(points[1] - points[0]))
    drop = float(np.linalg.norm((points[3] + points[4]) / 2 - (points[0] + points[1]) / 2))
    return min(1.0, max(eyes, drop) / GOOD_EYES_APART)


def pose_score(points: Points) -> float:
    """1 for a frontal face. Yaw: the nose leaves the middle between the eyes; pitch: that between eyes and mouth."""
    eyes, mouth = (points[0] + points[1]) / 2, (points[3] + points[4]) / 2
    down = mouth - eyes
    drop = float(np.linalg.norm(down))
    if drop < 1e-6:
        return 0.0
    across = np.array([down[1], -down[0]]) / drop
    apart = abs(float(np.dot(points[1] - points[0], across)))
    nose = points[2] - eyes
    yaw = abs(float(np.dot(nose, across))) / max(apart / 2, 1e-6)
    pitch = abs(float(np.dot(nose, down)) / drop**2 - 0.55) / 0.45
    narrow = min(1.0, apart / (0.75 * drop))
    return float(np.clip(1 - 0.7 * min(yaw, 1.0), 0, 1) * np.clip(1.15 - 0.6 * pitch, 0, 1) * narrow)


def sharpness_score(rgb: Pixels, box: tuple[float, float, float, float]) -> float:
    """How much fine detail the face has at a fixed size; 0 is a smear. `box` in pixels."""
    height, width = rgb.shape[:2]
    x, y, w, h = box
    left, top = max(0, int(x)), max(0, int(y))
    right, bottom = min(width, int(x + w) + 1), min(height, int(y + h) + 1)
    if right - left < 4 or bottom - top < 4:
        return 0.0
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    # A face smaller than the sample is enlarged, which adds no detail: small faces score as unsharp, as they should.
    sample = cv2.resize(grey, (SAMPLE, SAMPLE), interpolation=cv2.INTER_AREA if grey.shape[0] > SAMPLE else cv2.INTER_LINEAR)
    return float(min(1.0, cv2.Laplacian(sample, cv2.CV_64F).var() / SHARP) ** 0.5)


def inside_score(box: tuple[float, float, float, float], width: int, height: int) -> float:
    """The part of the box that lies in the picture."""
    x, y, w, h = box
    across = max(0.0, min(x + w, width) - max(x, 0.0))
    down = max(0.0, min(y + h, height) - max(y, 0.0))
    return across * down / max(w * h, 1e-6)


def uncovered_score(score: float, covered: float, bare: float) -> float:
    """How little hides the face, by the detector's score between what a half covered face gets and what a bare one gets: a mask, a hand,
    dark glasses or somebody in front leave nothing blurred or turned, but make every detector less sure."""
    return float(np.clip((score - covered) / (bare - covered), LEAST_UNCOVERED, 1.0))


def face_quality(rgb: Pixels, box: tuple[float, float, float, float], points: Points, uncovered: float = 1.0) -> float:
    """All of it in one number: the geometric mean, so that one bad property cannot be made up for by the rest."""
    height, width = rgb.shape[:2]
    parts = (size_score(points), sharpness_score(rgb, box), pose_score(points), inside_score(box, width, height), uncovered)
    return float(np.prod([max(part, 0.0) for part in parts]) ** (1 / len(parts)))

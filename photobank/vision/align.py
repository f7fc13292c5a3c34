"""Faces cut out as a recognition model was trained to see them: five points moved onto a template by a similarity transform."""

from __future__ import annotations

import cv2
import numpy as np

from photobank.vision.engine import Pixels, Points

# Where ArcFace and its descendants expect eyes, nose and mouth corners in a picture of 112 x 112 (InsightFace's template).
ARCFACE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])


def similarity(source: Points, target: Points) -> Points:
    """The 2 x 3 matrix of rotation, uniform scale and shift that brings `source` nearest to `target` (Umeyama 1991)."""
    from_middle, to_middle = source.mean(axis=0), target.mean(axis=0)
    centred, wanted = source - from_middle, target - to_middle
    left, sizes, right = np.linalg.svd(wanted.T @ centred)
    mirror = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    turn = left @ np.diag(mirror) @ right
    scale = float((sizes * mirror).sum()) / max(float((centred**2).sum()), 1e-12)
    return np.column_stack([scale * turn, to_middle - scale * turn @ from_middle])


def arcface_crop(pixels: Pixels, points: Points, side: int) -> Pixels:
    """A `side` x `side` crop on the ArcFace template, as insightface.utils.face_align.norm_crop makes it.

    Other than there, a face much larger than the crop is shrunk by area first: plain interpolation would skip most pixels.
    """
    base = 112 if side % 112 == 0 else 128
    target = ARCFACE * (side / base)
    if base == 128:
        target[:, 0] += 8.0 * side / base
    matrix = similarity(points, target)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        corners = cv2.invertAffineTransform(matrix) @ np.array(
            [[0, side, 0, side], [0, 0, side, side], [1, 1, 1, 1]], dtype=np.float64
        )
        height, width = pixels.shape[:2]
        left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 2, 0)
        right, bottom = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 2, [width, height])
        if right - left >= 2 and bottom - top >= 2:
            piece = pixels[top:bottom, left:right]
            size = (max(1, round((right - left) * scale * 1.5)), max(1, round((bottom - top) * scale * 1.5)))
            factor = np.array([size[0] / (right - left), size[1] / (bottom - top)])
            pixels = cv2.resize(piece, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
            matrix = similarity((points - [left, top]) * factor, target)
    return cv2.warpAffine(pixels, matrix, (side, side)).astype(np.uint8, copy=False)


def quarter_turns(points: Points) -> int:
    """How many quarter turns counter-clockwise (np.rot90) bring the face upright: 0 to 3, from eyes to mouth."""
    down = (points[3] + points[4]) / 2 - (points[0] + points[1]) / 2
    # With y down an upright face has eyes-to-mouth at +90 degrees; one counter-clockwise turn subtracts 90.
    angle = np.degrees(np.arctan2(down[1], down[0])) - 90.0
    return round(float(angle) / 90.0) % 4


def turn_points(points: Points, turns: int, width: int, height: int) -> Points:
    """Where points of a `width` x `height` picture lie after np.rot90(picture, turns)."""
    x, y = points[..., 0], points[..., 1]
    match turns % 4:
        case 1:
            turned = (y, width - x)
        case 2:
            turned = (width - x, height - y)
        case 3:
            turned = (height - y, x)
        case _:
            turned = (x, y)
    return np.stack(turned, axis=-1)

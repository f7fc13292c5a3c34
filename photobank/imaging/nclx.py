"""Pictures that name their colours by number (CICP, "nclx") instead of carrying an ICC profile: wide gamut and HDR to sRGB.

Pictures in the usual sRGB-like colours (primaries 1) with an SDR curve need nothing. HDR is brought down so that its reference
white stays light and what is brighter is compressed: a photo for people to recognise, not a graded master.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyvips
from numpy.typing import NDArray

BT709, BT2020, P3 = 1, 9, 12
LINEAR, PQ, HLG = 8, 16, 18
ADOBE = -1
"""Not a number of H.273: Adobe RGB (1998), primaries and curve, which cameras name in their EXIF block instead of a profile."""
SEARCH_BYTES = 1 << 18
REFERENCE_WHITE = 203.0
"""Nits of diffuse white in HDR material (ITU-R BT.2408)."""
HLG_PEAK = 1000.0
HEADROOM = 4.0
"""Times reference white that still gets its own tone; above it everything is white."""

SRGB_XY = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""White, red, green and blue of sRGB."""
SAME_XY = 0.003
LARGEST = 20.0
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

# Linear light to linear sRGB, all with the white point D65.
TO_SRGB: dict[int, list[list[float]]] = {
    P3: [[1.2249402, -0.2249402, 0.0], [-0.0420569, 1.0420569, 0.0], [-0.0196376, -0.0786361, 1.0982735]],
    ADOBE: [[1.3983557, -0.3983557, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429289, 1.0429289]],
    BT2020: [[1.6604910, -0.5876411, -0.0728499], [-0.1245505, 1.1328999, -0.0083494], [-0.0181508, -0.1005789, 1.1187297]],
}


Matrix = list[list[float]]


class Nclx(NamedTuple):
    """Colour description by the numbers of ITU-T H.273; or as measured, by a matrix to linear sRGB and an exponent to linear light."""

    primaries: int
    transfer: int
    matrix: Matrix | None = None
    gamma: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether the pixels can be taken for sRGB as they are."""
        named = self.primaries in TO_SRGB or self.transfer in (PQ, HLG, LINEAR)
        return not (named or self.matrix or self.gamma)


def find(data: bytes | bytearray | memoryview) -> Nclx | None:
    """The description in a `colr` box near the start of a HEIF file."""
    head = bytes(data[:SEARCH_BYTES])
    at = head.find(b"colrnclx")
    if at < 0 or at + 12 > len(head):
        return None
    return Nclx(int.from_bytes(head[at + 8 : at + 10], "big"), int.from_bytes(head[at + 10 : at + 12], "big"))


def to_srgb(image: Any, nclx: Nclx) -> Any:
    """8-bit sRGB from 8- or 16-bit RGB (already at its final size), without alpha."""
    levels = 65536 if image.format == "ushort" else 256
    linear = image.maplut(pyvips.Image.new_from_array(_curve(nclx.transfer, levels, nclx.gamma).reshape(1, -1)))
    if matrix := nclx.matrix or TO_SRGB.get(nclx.primaries):
        linear = linear.recomb(pyvips.Image.new_from_array(matrix))
    return linear.copy(interpretation="scrgb").colourspace("srgb")


def measured(gamma: float, chromaticities: Sequence[float]) -> Nclx | None:
    """Colours given by the x and y of white, red, green and blue (none: those of sRGB) and an exponent (0: the curve of sRGB).

    None for what is sRGB anyway, and for what no screen could be.
    """
    matrix = None
    if len(chromaticities) == len(SRGB_XY) and max(map(abs, np.subtract(chromaticities, SRGB_XY))) > SAME_XY:
        try:
            to_xyz, screen = _to_xyz(chromaticities), _to_xyz(SRGB_XY)
            cone = BRADFORD @ to_xyz.sum(axis=1)
            adapt = np.linalg.inv(BRADFORD) @ np.diag(BRADFORD @ screen.sum(axis=1) / cone) @ BRADFORD
            found = np.linalg.inv(screen) @ adapt @ to_xyz
        except (np.linalg.LinAlgError, ZeroDivisionError):
            return None
        if not np.isfinite(found).all() or abs(found).max() > LARGEST:
            return None
        matrix = found.tolist()
    if not 0 <= gamma <= LARGEST:
        return None
    return Nclx(BT709, BT709, matrix, gamma) if matrix or gamma else None


def _to_xyz(chromaticities: Sequence[float]) -> NDArray[np.float64]:
    """Linear RGB to XYZ, scaled so that white is as bright as 1."""
    white, *columns = (
        np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in zip(chromaticities[::2], chromaticities[1::2], strict=True)
    )
    primaries = np.stack(columns, axis=1)
    return primaries * np.linalg.solve(primaries, white)


@functools.lru_cache(maxsize=16)
def _curve(transfer: int, levels: int, gamma: float = 0.0) -> NDArray[np.float32]:
    """Linear light for every code value; 1.0 is what an sRGB screen shows as white."""
    code = np.linspace(0.0, 1.0, levels)
    if gamma or transfer == LINEAR:
        return (code ** (gamma or 1.0)).astype(np.float32)
    if transfer == PQ:
        power = code ** (1 / 78.84375)
        nits = 10000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        return _compress(nits / REFERENCE_WHITE)
    if transfer == HLG:
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        return _compress(HLG_PEAK * scene**1.2 / REFERENCE_WHITE)
    if transfer == ADOBE:
        return (code ** (563 / 256)).astype(np.float32)
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _compress(light: NDArray[np.float64]) -> NDArray[np.float32]:
    """Reinhard's curve with a white point, scaled so that mid-greys keep about their brightness."""
    light = np.minimum(light, HEADROOM)
    return (light * (1 + light / HEADROOM**2) / (1 + light) * 1.6).clip(0, 1).astype(np.float32)

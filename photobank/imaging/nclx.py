"""HEIF pictures that name their colours by number (CICP, "nclx") instead of carrying an ICC profile: wide gamut and HDR to sRGB.

Pictures in the usual sRGB-like colours (primaries 1) with an SDR curve need nothing. HDR is brought down so that its reference
white stays light and what is brighter is compressed: a photo for people to recognise, not a graded master.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import pyvips
from numpy.typing import NDArray

BT709, BT2020, P3 = 1, 9, 12
PQ, HLG = 16, 18
ADOBE = -1
"""Not a number of H.273: Adobe RGB (1998), primaries and curve, which cameras name in their EXIF block instead of a profile."""
SEARCH_BYTES = 1 << 18
REFERENCE_WHITE = 203.0
"""Nits of diffuse white in HDR material (ITU-R BT.2408)."""
HLG_PEAK = 1000.0
HEADROOM = 4.0
"""Times reference white that still gets its own tone; above it everything is white."""

# Linear light to linear sRGB, all with the white point D65.
TO_SRGB: dict[int, list[list[float]]] = {
    P3: [[1.2249402, -0.2249402, 0.0], [-0.0420569, 1.0420569, 0.0], [-0.0196376, -0.0786361, 1.0982735]],
    ADOBE: [[1.3983557, -0.3983557, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429289, 1.0429289]],
    BT2020: [[1.6604910, -0.5876411, -0.0728499], [-0.1245505, 1.1328999, -0.0083494], [-0.0181508, -0.1005789, 1.1187297]],
}


class Nclx(NamedTuple):
    """Colour description by the numbers of ITU-T H.273."""

    primaries: int
    transfer: int

    @property
    def plain(self) -> bool:
        """Whether the pixels can be taken for sRGB as they are."""
        return self.primaries not in TO_SRGB and self.transfer not in (PQ, HLG)


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
    linear = image.maplut(pyvips.Image.new_from_array(_curve(nclx.transfer, levels).reshape(1, -1)))
    if nclx.primaries in TO_SRGB:
        linear = linear.recomb(pyvips.Image.new_from_array(TO_SRGB[nclx.primaries]))
    return linear.copy(interpretation="scrgb").colourspace("srgb")


@functools.cache
def _curve(transfer: int, levels: int) -> NDArray[np.float32]:
    """Linear light for every code value; 1.0 is what an sRGB screen shows as white."""
    code = np.linspace(0.0, 1.0, levels)
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

"""Colour spaces by their definitions, in floating point, and ICC profiles that say the same: references that owe our decoder nothing."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
D65 = (0.3127, 0.3290)
D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _xyz(x: float, y: float) -> Floats:
    return np.array([x / y, 1.0, (1 - x - y) / y])


@dataclass(frozen=True)
class Space:
    """An RGB space: primaries, white D65, and a curve that is a power (or sRGB's)."""

    primaries: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    gamma: float | None = None

    @property
    def to_xyz(self) -> Floats:
        """Linear light to XYZ."""
        columns = np.array([_xyz(*one) for one in self.primaries]).T
        return np.asarray(columns * np.linalg.solve(columns, _xyz(*D65)))

    def linear(self, rgb: Any) -> Floats:
        """0–1 as coded to linear light."""
        code = np.asarray(rgb, np.float64)
        if self.gamma:
            return np.asarray(code**self.gamma)
        return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)

    def coded(self, light: Floats) -> Floats:
        """Linear light to 0–1 as coded."""
        light = light.clip(0, 1)
        if self.gamma:
            return np.asarray(light ** (1 / self.gamma))
        return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)

    def of(self, other: Space, rgb: Any) -> Floats:
        """Colours of another space as this one codes them; what it cannot hold is cut off."""
        way = np.linalg.solve(self.to_xyz, other.to_xyz)
        return self.coded(other.linear(rgb) @ way.T)

    def profile(self) -> bytes:
        """An ICC v2 display profile."""
        cone, white = BRADFORD @ _xyz(*D65), BRADFORD @ D50
        adapt = np.linalg.solve(BRADFORD, np.diag(white / cone) @ BRADFORD)
        colorants = (adapt @ self.to_xyz).T
        curve = _power(self.gamma) if self.gamma else _table(self.linear(np.linspace(0, 1, 1024)))
        tags = {b"rXYZ": _point(colorants[0]), b"gXYZ": _point(colorants[1]), b"bXYZ": _point(colorants[2])}
        return _icc(b"RGB ", tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


SRGB = Space(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)))
P3 = Space(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)))
ADOBE_RGB = Space(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), 563 / 256)


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of a grey scale with a power curve."""
    return _icc(b"GRAY", {b"kTRC": _power(gamma)})


def _s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _point(xyz: Floats) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_s15(float(part)) for part in xyz)


def _power(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def _table(values: Floats) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + b"".join(struct.pack(">H", round(v * 65535)) for v in values)


def _icc(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    name = b"test\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(8 + 2 + 1 + 67)
    tags = {b"desc": described, b"wtpt": _point(D50), b"cprt": b"text\0\0\0\0none\0", **tags}
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for key, data in tags.items():
        table += key + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I", offset + len(body)) + b"test\x02\x40\0\0" + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    head += bytes(28) + b"".join(_s15(float(part)) for part in D50) + bytes(48)
    assert len(head) == 128
    return head + struct.pack(">I", len(tags)) + table + body

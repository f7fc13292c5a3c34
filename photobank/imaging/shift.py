"""Where one picture lies in another: scale and offset along both axes, nothing turned or mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Box = Sequence[float]


@dataclass(frozen=True, slots=True)
class Shift:
    """Where a picture lies in another: a point at (x, y) of the one, in 0–1, is at (x · wide + left, y · high + top) of the other."""

    wide: float = 1.0
    high: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def box(self, box: Box) -> list[float]:
        """A box of the one, as it lies in the other; it may reach beyond the edge."""
        x, y, wide, high = box
        return [x * self.wide + self.left, y * self.high + self.top, wide * self.wide, high * self.high]

    def back(self) -> Shift:
        """The other way round."""
        return Shift(1 / self.wide, 1 / self.high, -self.left / self.wide, -self.top / self.high)

    def then(self, other: Shift) -> Shift:
        """This one, and after it another."""
        left, top = self.left * other.wide + other.left, self.top * other.high + other.top
        return Shift(self.wide * other.wide, self.high * other.high, left, top)

    def numbers(self) -> list[float]:
        """As it is stored."""
        return [self.wide, self.high, self.left, self.top]

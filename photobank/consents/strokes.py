"""A signature: typed, or drawn as lines of whole numbers on a small field. Never a picture, so nothing has to be decoded. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from photobank.kernel.errors import Invalid

WIDTH: Final = 600
HEIGHT: Final = 240
MOST_LINES, MOST_POINTS, LEAST_POINTS = 60, 4000, 6
LONGEST_NAME: Final = 200

Line = tuple[tuple[int, int], ...]


class Hand(StrEnum):
    """How it was put."""

    drawn = "drawn"
    typed = "typed"


@dataclass(frozen=True, slots=True)
class Signature:
    """The name, and for a drawn one its lines."""

    hand: Hand
    name: str
    lines: tuple[Line, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the record."""
        return {"kind": self.hand.value, "name": self.name, "lines": [[list(point) for point in line] for line in self.lines]}


def read(name: str, drawn: str) -> Signature:
    """A signature as the form sends it: a name always, and lines as JSON where it was drawn. Raises Invalid."""
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or "\0" in clean:
        raise Invalid("signature", fields={"name": "signing.name_needed"})
    if not drawn.strip():
        return Signature(Hand.typed, clean)
    lines = _lines(drawn)
    if sum(len(line) for line in lines) < LEAST_POINTS:
        raise Invalid("signature", fields={"drawn": "signing.signature_needed"})
    return Signature(Hand.drawn, clean, lines)


def from_json(value: dict[str, Any]) -> Signature:
    """The reverse of `as_json`."""
    lines = tuple(tuple((int(x), int(y)) for x, y in line) for line in value["lines"])
    return Signature(Hand(value["kind"]), value["name"], lines)


def svg(signature: Signature) -> str:
    """A drawn signature as SVG: numbers of ours only."""
    paths = "".join(
        f'<path d="M{line[0][0]} {line[0][1]}{"".join(f"L{x} {y}" for x, y in line[1:])}"/>' for line in signature.lines if line
    )
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    return f'{frame}<g fill="none" stroke="black" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">{paths}</g></svg>'


def _lines(drawn: str) -> tuple[Line, ...]:
    wrong = Invalid("signature", fields={"drawn": "signing.signature_needed"})
    try:
        found = json.loads(drawn)
    except (ValueError, RecursionError):
        raise wrong from None
    if not isinstance(found, list) or len(found) > MOST_LINES:
        raise wrong
    lines: list[Line] = []
    for line in found:
        if not isinstance(line, list) or not line or not all(_is_point(point) for point in line):
            raise wrong
        lines.append(tuple((point[0], point[1]) for point in line))
    if sum(len(line) for line in lines) > MOST_POINTS:
        raise wrong
    return tuple(lines)


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) != 2:
        return False
    return all(type(number) is int and 0 <= number <= most for number, most in zip(point, (WIDTH, HEIGHT), strict=True))

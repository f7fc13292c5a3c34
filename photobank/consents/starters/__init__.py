"""The forms we bring along: sector sets in both languages, one file each, and the uses that only they know.

They are where an organisation starts from. Once taken over, a form is the organisation's own, with versions of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

SECTORS: Final = ("general", "healthcare", "government", "tourism", "education")
_USES: Final = "uses"


@dataclass(frozen=True, slots=True)
class Starter:
    """A form of ours. `of_age`: the key of the one that somebody gets who has grown out of this one, which guardians sign."""

    key: str
    sector: str
    regime: str
    content: dict[str, Any]
    of_age: str


@dataclass(frozen=True, slots=True)
class StarterUse:
    """A use that a form of ours needs and not every organisation has."""

    id: str
    label_nl: str
    label_en: str
    outside: bool


@cache
def all_of_them() -> dict[str, Starter]:
    """By key, in the order of their names."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.json")):
        if path.stem != _USES:
            read = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = Starter(path.stem, read["sector"], read["regime"], read["content"], read.get("of_age", ""))
    return found


@cache
def own_uses() -> dict[str, StarterUse]:
    """By id."""
    read = json.loads(Path(__file__).with_name(f"{_USES}.json").read_text(encoding="utf-8"))
    return {id_: StarterUse(id_, one["nl"], one["en"], bool(one["outside"])) for id_, one in read.items()}


def for_sector(sector: str) -> list[Starter]:
    """What an organisation of a sector begins with: its own forms, and the general ones."""
    return [one for one in all_of_them().values() if one.sector in (sector, "general")]

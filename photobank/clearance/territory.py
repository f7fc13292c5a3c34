"""Where a permission holds: countries by ISO 3166 code, with EU and EEA as names for their members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

EU: Final = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905
EEA: Final = EU | {"IS", "LI", "NO"}
_NAMES: Final = {"EU": EU, "EEA": EEA}


def expand(codes: Iterable[str]) -> frozenset[str]:
    """The countries meant. A code that we do not know stands for itself only, so a typing error never widens a permission."""
    countries: set[str] = set()
    for code in codes:
        plain = code.strip().upper()
        countries |= _NAMES.get(plain, frozenset({plain}))
    return frozenset(countries)


def covers(granted: frozenset[str] | None, wanted: frozenset[str]) -> bool:
    """Does a grant for `granted` (None: worldwide) hold in all of `wanted`, which has been expanded."""
    return granted is None or wanted <= expand(granted)

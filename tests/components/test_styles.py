"""Styles of single pages stay in the head when one leaves the page: each names something that is its own, so that it touches no other page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.theme import STYLESHEETS

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PAGES = sorted(path.name for path in ASSETS.glob("*.css") if path.name not in STYLESHEETS)


def selectors(name: str) -> set[str]:
    """The selectors of a sheet, those in media queries too."""
    text = re.sub(r"/\*.*?\*/", "", (ASSETS / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    heads = (head.strip() for head in re.findall(r"([^{}]+)\{", text))
    rules = [head for head in heads if not re.match(r"@|(from|to|[\d.]+%)(,|$)", head)]
    return {one.strip() for rule in rules for one in re.split(r",(?![^(]*\))", rule)}


def parts(selector: str) -> set[frozenset[str]]:
    """What a selector names, element by element: the classes and ids of each."""
    found = (frozenset(re.findall(r"[.#]([a-zA-Z][\w-]*)", one)) for one in re.split(r"[\s>+~]+", selector))
    return {one for one in found if one}


@pytest.mark.parametrize("sheet", PAGES)
def test_every_rule_of_a_page_s_sheet_names_something_of_its_own(sheet: str) -> None:
    others = {part for other in STYLESHEETS for one in selectors(other) for part in parts(one)}
    known = {name for part in others for name in part}
    # Of its own: a class that no sheet of the house knows, or two on one element that no sheet of the house puts together.
    loose = [
        one for one in selectors(sheet) if not any(part - known or (len(part) > 1 and part not in others) for part in parts(one))
    ]
    assert sorted(loose) == [], "these touch pages that do not load the sheet"

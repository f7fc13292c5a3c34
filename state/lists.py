"""The list that a photo was opened from, as the photo's address tells it (components/photo/common.jsx writes it)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

SORTS: Final = ("newest", "oldest")
SHELVES: Final = {("favourite", "true"): "favourites", ("state", "archived"): "archive"}


def came_from(parameters: Mapping[str, str]) -> tuple[str, str]:
    """The address of the page with that list, and its name in the navigation. Anything unknown is the library."""
    if collection := _id(parameters.get("collection", "")):
        return f"/collection/?id={collection}", "collections"
    person, in_library = _id(parameters.get("person_id", "")), "folder_id" in parameters or "sort" in parameters
    if person and not in_library:
        return f"/person/?id={person}", "people"
    if parameters.get("ids"):
        return "/duplicates/", "duplicates"  # the two of a pair
    for (name, value), shelf in SHELVES.items():
        if parameters.get(name) == value:
            return f"/{shelf}/", shelf
    kept = {"folder": _id(parameters.get("folder_id", "")), "person": person, "sort": sort_of(parameters)}
    if kept["sort"] == SORTS[0]:
        del kept["sort"]
    asked = urlencode({name: value for name, value in kept.items() if value})
    return f"/library/?{asked}" if asked else "/library/", "library"


def sort_of(parameters: Mapping[str, str]) -> str:
    """The order that an address asks for."""
    asked = parameters.get("sort", "")
    return asked if asked in SORTS else SORTS[0]


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""

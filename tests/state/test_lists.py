"""Where a photo page leads back to, from what its address says; whatever else an address says leads to the library."""

from __future__ import annotations

import pytest

from state.lists import came_from

ONE = "01a218b7-5a47-7f00-81e4-12970b9c2be2"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ("/library/", "library")),
        ({"sort": "newest"}, ("/library/", "library")),
        ({"sort": "oldest", "folder_id": ONE}, (f"/library/?folder={ONE}&sort=oldest", "library")),
        ({"collection": ONE}, (f"/collection/?id={ONE}", "collections")),
        ({"person_id": ONE}, (f"/person/?id={ONE}", "people")),
        ({"person_id": ONE, "sort": "newest"}, (f"/library/?person={ONE}", "library")),
        ({"person_id": ONE, "folder_id": ONE, "sort": "oldest"}, (f"/library/?folder={ONE}&person={ONE}&sort=oldest", "library")),
        ({"person_id": "//evil.example"}, ("/library/", "library")),
        ({"ids": f"{ONE},{ONE}"}, ("/duplicates/", "duplicates")),
        ({"favourite": "true"}, ("/favourites/", "favourites")),
        ({"state": "archived"}, ("/archive/", "archive")),
        ({"collection": "//evil.example"}, ("/library/", "library")),
        ({"folder_id": '"><script>', "sort": "javascript:"}, ("/library/", "library")),
    ],
)
def test_the_way_back(parameters: dict[str, str], expected: tuple[str, str]) -> None:
    assert came_from(parameters) == expected

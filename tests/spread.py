"""How tests are dealt out to processes: what shares a running house stays together, and what takes longest begins first.

`make test` runs as many processes as there are processors. Each gets whole files, since a file shares its fixtures; the files of
SHARED are dealt as one, and those of SINGLE test by test.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Files that stand on one house, started once.
SHARED = {"tests/e2e/test_pages.py": "tests/e2e", "tests/e2e/test_story.py": "tests/e2e"}
# Files whose tests share nothing.
SINGLE = ("tests/api/test_schema.py",)
# What takes half a minute and more, longest first; the rest follows by its number of tests.
LONG: tuple[str, ...] = ()


class Spread(LoadScopeScheduling):
    """Files to processes."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in SINGLE else SHARED.get(file, file)

    def schedule(self) -> None:
        """Deal out. The first deal follows the order of the collection, which `by_length` made."""
        super().schedule()

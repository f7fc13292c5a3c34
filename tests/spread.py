"""How tests are dealt out to processes (`make test` runs as many as there are processors, four at most).

A process gets whole files, and of folders whose files share something dear (engines, a server) the whole folder. What takes
longest begins first, so that all processes end at about the same time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/security/", "tests/vision/", "tests/imaging/")
FIRST = ("tests/system/", "tests/e2e/", *TOGETHER, "tests/runtime/", "tests/api/", "tests/people/")
MOST = 4


class Spread(LoadScopeScheduling):
    """Units of work in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the folders in the order in which they are to begin; within each nothing moves."""
    items.sort(key=lambda item: _place(item.nodeid, FIRST))


def _place(nodeid: str, folders: Iterable[str]) -> int:
    return next((at for at, folder in enumerate(folders) if nodeid.startswith(folder)), len(FIRST))


def processes() -> int:
    """How many to run. A Redis that was given is one for all, and its channels have no names of their own: one."""
    if os.environ.get("PHOTOBANK_TEST_REDIS_URL"):
        return 1
    return min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

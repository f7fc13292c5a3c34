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


def given_caches() -> list[str]:
    """The Redis servers of PHOTOBANK_TEST_REDIS_URL, separated by spaces: one for each process, since channels know no databases."""
    return os.environ.get("PHOTOBANK_TEST_REDIS_URL", "").split()


def given_cache() -> str | None:
    """The one that this process is to use, if any were given."""
    urls = given_caches()
    nth = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return urls[nth % len(urls)] if urls else None


def processes() -> int:
    """How many to run: as many as there are processors, four at most, and no more than the Redis servers that were given."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, processors, len(given_caches()) or MOST)

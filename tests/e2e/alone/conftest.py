"""For files that count what is in the house: each has a house of its own, in place of the one that all others share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import first_admin
from tests.e2e.running import Running, running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running Photobank that nobody else sends photos to."""
    with running(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest.fixture(scope="module")
def admin(house: Running, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cookies of its first admin."""
    return first_admin(house, chromium, tmp_path_factory.mktemp("admin"))

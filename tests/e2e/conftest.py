"""One running Photobank, set up through its own pages, and a browser, for all browser tests of a process.

Other files fill the same house, in an order that nobody knows: look for your own photos and people, never for the only one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.helpers import DESK, listening, set_up
from tests.e2e.running import Running, running

# The headless shell first: it draws pages as the whole browser does, and spends nothing on windows, tabs and menus that nobody sees.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
OpenPage = Callable[..., Page]
# What should happen is waited for; on a busy machine that takes long, and a limit that is reached is a failure all the same.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The one browser of a process: a second Playwright beside it cannot start. Its pages open once they take clicks."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "goto", listening(Page.goto))
        patch.setattr(Page, "reload", listening(Page.reload))
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest.fixture(scope="package")
def admin(house: Running, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cookies of the first admin, who set the house up through the one-time link."""
    return first_admin(house, chromium, tmp_path_factory.mktemp("admin"))


def first_admin(house: Running, chromium: Browser, folder: Path) -> Path:
    """Set a new house up; gives the file with the cookies."""
    context = chromium.new_context(viewport=DESK, locale="nl-NL")  # type: ignore[arg-type]
    set_up(context.new_page(), house.set_up_link)
    context.storage_state(path=folder / "cookies.json")
    context.close()
    return folder / "cookies.json"


@pytest.fixture
def open_page(chromium: Browser, admin: Path) -> Iterator[OpenPage]:
    """Makes pages signed in as the admin: `open_page(viewport=PHONE, color_scheme="dark")`; each is a browser of its own."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        chosen: dict[str, Any] = {"viewport": DESK, "locale": "nl-NL", "storage_state": admin} | options
        context = chromium.new_context(**chosen)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def samples() -> Path | None:
    """The sample photos where they are."""
    folder = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).resolve().parents[3] / "shared")).resolve()
    return folder if (folder / "data" / "faces").is_dir() else None

"""What the first page costs over the wire, and that words come in the reader's language, whole, and nothing else of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK
from tests.e2e.running import Running

# Bytes of scripts, styles and words, gzip. The first page that anybody sees is the sign-in page; 200 kB is issue 2's aim for it. The
# library counts with everything that an empty one draws, the grid and the uploader too: a ceiling against growth, not an aim reached.
FIRST_PAGE = 200_000
LIBRARY = 232_000


class Wire:
    """What a page fetched: path → bytes of the body as sent."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", lambda answer: self._answers.append(answer))

    def sizes(self, pattern: str) -> dict[str, int]:
        """Bytes per fetched address that fits the pattern, each counted once."""
        found: dict[str, int] = {}
        for answer in self._answers:
            if re.search(pattern, answer.url) and answer.ok:
                found[answer.url] = answer.request.sizes()["responseBodySize"]
        return found


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")


@pytest.fixture
def stranger(chromium: Browser, house: Running, admin: object) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=DESK, locale="en-GB", extra_http_headers={"Accept-Encoding": "gzip"})  # type: ignore[arg-type]
    yield context
    context.close()


def test_the_sign_in_page_is_within_its_weight(stranger: BrowserContext, house: Running) -> None:
    page = stranger.new_page()
    wire = Wire(page)
    page.goto(f"{house.origin}/sign-in/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    _settled(page)
    sizes = wire.sizes(r"\.(js|css|json)$")
    assert sum(sizes.values()) <= FIRST_PAGE, sizes


def test_the_library_is_within_its_weight(open_page: OpenPage, house: Running) -> None:
    page = open_page(extra_http_headers={"Accept-Encoding": "gzip"})
    wire = Wire(page)
    page.goto(f"{house.origin}/library/")
    expect(page.locator("main")).to_be_visible()
    _settled(page)
    sizes = wire.sizes(r"\.(js|css|json)$")
    assert sum(sizes.values()) <= LIBRARY, sizes


def test_a_change_of_language_loads_it_then_and_shows_it_whole(stranger: BrowserContext, house: Running) -> None:
    page = stranger.new_page()
    wire = Wire(page)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{house.origin}/sign-in/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aanmelden")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aanmelden")
    rooms = {re.sub(r".*/words/[0-9a-f]+/|\.json.*", "", url) for url in wire.sizes("/words/")}
    assert {"nl/house", "nl/doors", "en/house", "en/doors"} == rooms  # no other page's words
    assert problems == []


def test_words_are_kept_for_ever(house: Running, stranger: BrowserContext) -> None:
    page = stranger.new_page()
    with page.expect_response(re.compile("/words/")) as waiting:
        page.goto(f"{house.origin}/sign-in/")
    assert "immutable" in waiting.value.headers["cache-control"]
    assert waiting.value.headers["content-type"].startswith("application/json")

"""From the library to a photo to its download and back, with nothing but a keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PATIENT, api, csrf, nobody, serious, tab_to
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e]

V1 = "/api/v1"


@pytest.fixture
def picture(house: Running, open_page: OpenPage) -> Page:
    """A photo without people, in a folder of its own, not yet cleared."""
    page = open_page(viewport=DESK)
    page.goto(f"{house.origin}/library/")
    folder = api(page, "POST", f"{V1}/folders", {"name": "Toetsenbord"})["id"]
    answer = page.context.request.post(
        f"{house.origin}{V1}/assets?folder_id={folder}&on_duplicate=keep",
        data=nobody(3),
        headers={"X-CSRF-Token": csrf(page), "Origin": house.origin, "Upload-Filename": "kop.jpg", "Content-Type": "image/jpeg"},
    )
    assert answer.ok, answer.text()
    return page


def test_from_the_library_to_a_download_and_back(house: Running, picture: Page) -> None:
    page = picture
    page.goto(f"{house.origin}/library/")
    # Past the navigation, into the contents.
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Naar de inhoud")
    page.keyboard.press("Enter")
    # To this one folder, by its name.
    tab_to(page, ".fp-chip > button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Zoek een map")).to_be_focused()
    page.keyboard.type("toetsenb")
    expect(page.get_by_role("treeitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".head .count")).to_have_text("1 foto")
    expect(page.locator(".tile a.open")).to_have_attribute("href", re.compile("folder_id="))
    # To the photo.
    tab_to(page, ".tile a.open")
    expect(page.locator(".tile img.in")).to_be_visible(timeout=PATIENT)
    page.keyboard.press("Enter")
    expect(page.locator(".canvas img.in")).to_be_visible()
    assert "folder_id=" in page.url
    # Nobody recognisable: a human says so, and the photo may be used.
    expect(page.locator("#nobody button")).to_be_visible(timeout=PATIENT)  # faces have been looked for
    tab_to(page, "#nobody button")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict p")).to_contain_text("niemand is herkenbaar")
    # The menu of downloads, and out.
    tab_to(page, ".download-btn")
    page.keyboard.press("Enter")
    expect(page.locator(".dl")).to_be_visible()
    assert serious(page) == []
    tab_to(page, "[data-use=website][data-preset=web]")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.path().read_bytes().startswith(b"\xff\xd8\xff")
    # Back where one came from, with the folder still chosen.
    tab_to(page, "a[href^='/library/?folder=']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/library/**")
    expect(page.locator(".head .count")).to_have_text("1 foto")

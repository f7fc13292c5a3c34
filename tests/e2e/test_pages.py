"""Sign in, upload, name a face, record consent, download, be refused, see a withdrawal arrive; and axe on every page of that road."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import (
    DESK,
    EMAIL,
    PASSWORD,
    api,
    asset_named,
    astronaut,
    at_every_width,
    csrf,
    fill_consent,
    nobody,
    serious,
    shot,
    sign_in,
    upload,
)
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME = "Eileen Collins"
CUT = 900  # bytes of a photo that is nothing but its head


@pytest.fixture(scope="module")
def photos(house: Running, admin: Any, chromium: Browser) -> dict[str, str]:
    """Two photos in the library: one of an astronaut, one of a brick wall. Ids by name."""
    context = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin)  # type: ignore[arg-type]
    page = context.new_page()
    upload(page, house.origin, ("astronaut.jpg", astronaut()), ("wall.jpg", nobody()), ("broken.jpg", astronaut()[:CUT]))
    shot(page, "upload-done")
    expect(page.locator(".flow .issue")).to_contain_text("broken.jpg")
    found = {name: asset_named(page, name)["id"] for name in ("astronaut.jpg", "wall.jpg", "broken.jpg")}
    context.close()
    return found


def test_a_wrong_password_gets_no_hint(house: Running, admin: Any, chromium: Browser) -> None:
    page = chromium.new_context(locale="en-GB").new_page()
    said = []
    for email in (EMAIL, "nobody@lindewaard.example"):
        page.goto(f"{house.origin}/sign-in/")
        page.fill("#email", email)
        page.fill("#password", "not the password")
        page.click("button[type=submit]")
        said.append(page.locator(".notice").inner_text())
    assert said[0] == said[1]
    assert serious(page) == []
    page.context.close()


def test_the_set_up_link_works_once(house: Running, admin: Any, chromium: Browser) -> None:
    page = chromium.new_context(locale="en-GB").new_page()
    page.goto(house.set_up_link)
    expect(page.locator(".plain-card")).to_contain_text("no longer works")
    expect(page.locator("#organisation")).to_have_count(0)
    page.context.close()


def test_pages_of_people_send_others_to_the_door(house: Running, admin: Any, chromium: Browser) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{house.origin}/library/")
    page.wait_for_url("**/sign-in/")
    sign_in(page, house.origin, EMAIL, PASSWORD)
    page.context.close()


def test_from_a_face_to_a_refusal(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/library/")
    page.locator(f'[data-tile="{photos["astronaut.jpg"]}"]').click()
    page.wait_for_url(f"**/photo/{photos['astronaut.jpg']}/*")

    # Nobody is named: nothing is allowed.
    page.locator(".canvas .face.unsettled").first.click()
    page.locator(".face-panel input").fill(NAME)
    page.locator(".match", has_text=NAME).click()
    expect(page.locator(".matrix tbody")).to_contain_text(NAME)
    expect(page.locator(".canvas .face.unsettled")).to_have_count(0)
    _ignore_the_rest(page)
    shot(page, "photo-named")

    # Consent for two uses.
    page.locator(".steps button", has_text="vastleggen").first.click()
    dialog = fill_consent(page, "internal", "website")
    assert serious(page) == []
    shot(page, "photo-consent")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".verdict h2")).to_contain_text("intern en website")
    expect(page.locator(".live-note")).to_contain_text(NAME)

    # What is allowed downloads; what is not has no button and a reason.
    page.locator(".download-btn").click()
    shot(page, "photo-menu")
    expect(page.locator(".dl .preset.no")).to_have_count(5)
    assert serious(page) == []
    with page.expect_download() as waiting:
        page.locator(".dl [data-use=website][data-preset=web]").click()
    assert waiting.value.suggested_filename == "astronaut.jpg"
    expect(page.locator(".downloads .toast[data-outcome=done]")).to_be_visible()

    # Withdrawn elsewhere: this page turns red by itself, and a download that was already on the screen is refused.
    other = open_page()
    other.goto(f"{house.origin}/library/")
    page.locator(".download-btn").click()
    expect(page.locator(".dl [data-use=website][data-preset=web]")).to_be_visible()
    consent = next(one for one in api(other, "GET", "/api/v1/consents")["items"] if one["person_name"] == NAME)
    api(other, "POST", f"/api/v1/consents/{consent['id']}/withdraw", {})
    began = time.monotonic()
    expect(page.locator(".live-note.s-revoked")).to_contain_text(NAME)
    took = time.monotonic() - began
    expect(page.locator(".canvas .face.s-revoked")).to_have_count(1)
    expect(page.locator(".dl [data-use=website]")).to_have_count(0)
    expect(page.locator(".dl .preset.no", has_text="Website")).to_contain_text("trok in")
    shot(page, "photo-revoked")
    assert took < 5, "this machine may be busy; the aim is one second"
    refused = page.context.request.post(
        f"{house.origin}/api/v1/assets/{photos['astronaut.jpg']}/downloads",
        data={"preset": "web", "use": "website"},
        headers={"X-CSRF-Token": csrf(page), "Origin": house.origin},
    )
    assert refused.status == 403
    assert {reason["code"] for reason in refused.json()["reasons"]} == {"withdrawn"}


def test_the_selection_says_why_it_is_refused(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/library/")
    tile = page.locator(f'.tile[data-id="{photos["wall.jpg"]}"]')
    tile.hover()
    tile.locator(".pick").click()
    expect(page.locator(".actions")).to_contain_text("1 geselecteerd")
    shot(page, "library-selection")
    assert serious(page) == []


def test_nobody_on_it(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/photo/{photos['wall.jpg']}/")
    page.locator("#nobody button").click()
    expect(page.locator(".verdict p")).to_contain_text("niemand is herkenbaar")
    expect(page.locator(".uses-grid li.s-no_people")).to_have_count(7)
    expect(page.locator(".uses-grid")).to_be_visible()


def test_a_face_is_drawn_with_the_keyboard_and_undone(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/photo/{photos['wall.jpg']}/")
    page.locator(".draw-btn").click()
    for key in ("ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".canvas .face.unsettled")).to_have_count(1)
    page.locator(".face-panel .ignore").click()
    expect(page.locator(".canvas .face.unsettled")).to_have_count(0)
    page.locator(".toast", has_text="niet herkenbaar").locator("button").first.click()
    expect(page.locator(".canvas .face.unsettled")).to_have_count(1)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_photo_has_an_address_of_its_own(house: Running, photos: dict[str, str], open_page: OpenPage, end: str) -> None:
    page = open_page()
    answer = page.goto(f"{house.origin}/photo/{photos['astronaut.jpg']}{end}")
    assert answer is not None
    assert answer.status == 200
    expect(page.locator(".canvas img.in")).to_be_visible()


def test_trash_and_back(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/photo/{photos['wall.jpg']}/")
    page.locator(".photo-top .menu button").click()
    page.locator(".menu-item.danger").click()
    expect(page.locator(".state h2")).to_contain_text("prullenbak")
    page.locator(".state .btn-primary").click()
    expect(page.locator(".canvas img.in")).to_be_visible()


def test_a_rejected_file_is_fetched_and_discarded(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/upload/")
    issue = page.locator(".issue", has_text="broken.jpg")
    with page.expect_download() as waiting:
        issue.locator("a.btn").click()
    assert waiting.value.path().read_bytes() == astronaut()[:CUT]
    issue.locator(".btn-danger").click()
    page.locator("dialog[open] .btn-danger-solid").click()
    expect(page.locator(".issue", has_text="broken.jpg")).to_have_count(0)


def test_axe_finds_nothing_serious(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page(locale="en-GB", reduced_motion="reduce")
    for name, path, ready in (
        ("library", "/library/", ".tile img.in"),
        ("upload", "/upload/", ".drop-card"),
        ("photo", f"/photo/{photos['astronaut.jpg']}/", ".canvas img.in"),
        ("nowhere", "/nowhere/", ".plain-card a[href='/']"),
    ):
        at_every_width(page, house.origin + path, ready, name)


def _ignore_the_rest(page: Page) -> None:
    """Further faces that detection saw on the same picture are nobody's."""
    while page.locator(".face-panel .ignore").count():
        left = page.locator(".canvas .face.unsettled").count()
        page.locator(".face-panel .ignore").click()
        expect(page.locator(".canvas .face.unsettled")).to_have_count(left - 1)

"""A link from the photo page to an outsider in a clean browser: password, photos, one download, and the end when consent is withdrawn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PHONE, api, serious, shot
from tests.e2e.running import Running
from tests.e2e.test_library import send, taken

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
SECRET = "zonnebloem-in-mei"
OVER = "Deze link werkt niet meer"


@dataclass
class Shared:
    """A photo of Noor, who allowed the website, and the page that shares it."""

    eva: Page
    photo: str
    consent: str


def ready(page: Page, photo: str) -> None:
    """Wait until faces were looked for."""
    deadline = time.monotonic() + 120
    while api(page, "GET", f"{V1}/assets/{photo}")["state"] != "ready":
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def shared(house: Running, admin: Path, chromium: Browser) -> Iterator[Shared]:
    eva = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    eva.goto(f"{house.origin}/library/")
    folder = api(eva, "POST", f"{V1}/folders", {"name": "Deelbaar"})["id"]
    photo = send(eva, folder, taken(2025, 3, 85))
    ready(eva, photo)
    noor = api(eva, "POST", f"{V1}/people", {"name": "Noor"})["id"]
    api(eva, "POST", f"{V1}/assets/{photo}/faces", {"box": [0.3, 0.3, 0.2, 0.2], "person_id": noor})
    consent = api(eva, "POST", f"{V1}/consents", {"person_id": noor, "uses": ["website"]})["id"]
    yield Shared(eva, photo, consent)
    eva.context.close()


def test_an_outsider_opens_takes_and_loses_it(house: Running, shared: Shared, open_page: OpenPage) -> None:
    eva = shared.eva
    eva.goto(f"{house.origin}/photo/{shared.photo}/")
    eva.get_by_role("button", name="Delen", exact=True).click()
    dialog = eva.locator("dialog[open]")
    expect(dialog.locator("#use")).to_have_value("website")
    assert serious(eva) == []
    dialog.locator("#title").fill("Voorjaar op de afdeling")
    dialog.locator("summary").click()
    dialog.locator("#password").fill("kort")
    dialog.get_by_role("button", name="Maak link").click()
    expect(dialog.locator("#password-error")).to_be_visible()
    dialog.locator("#password").fill(SECRET)
    dialog.locator("#download_limit").fill("1")
    dialog.get_by_role("button", name="Maak link").click()
    url = dialog.locator(".link-row input").input_value()
    expect(dialog.locator(".qr")).to_have_js_property("complete", True)
    shot(eva, "share-made")
    eva.goto(f"{house.origin}/shares/")
    row = eva.locator(".sh-list li", has_text="Voorjaar op de afdeling")
    expect(row).to_contain_text("Nog niet geopend")
    assert serious(eva) == []

    guest = open_page(viewport=PHONE, storage_state=None)
    said: list[str] = []
    guest.on("console", lambda message: said.append(message.text))
    guest.goto(url)
    expect(guest.locator("img")).to_have_count(0)
    assert serious(guest) == []
    guest.fill("#password", "geraden")
    guest.click("button[type=submit]")
    expect(guest.get_by_role("alert")).to_be_visible()
    said.clear()  # the browser tells of the 403
    guest.fill("#password", SECRET)
    guest.click("button[type=submit]")
    picture = guest.locator(".ph img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalWidth") > 0
    assert serious(guest) == []
    shot(guest, "share-page")
    expect(row).to_contain_text("1 keer geopend")  # live: nobody reloaded that page
    guest.locator("a.zoom").click()
    expect(guest.locator("#viewer img")).to_have_js_property("complete", True)
    guest.keyboard.press("Escape")
    with guest.expect_download() as download:
        guest.get_by_role("button", name="Downloaden").click()
    assert download.value.path().stat().st_size > 1000
    assert said == [], "nothing was refused by the page's own policy"
    expect(row).to_contain_text("1 van 1 downloads")
    guest.get_by_role("button", name="Downloaden").click()
    expect(guest.get_by_role("heading", name="Deze link is opgebruikt")).to_be_visible()

    guest.goto(url)
    expect(picture).to_be_visible()
    api(eva, "POST", f"{V1}/consents/{shared.consent}/withdraw", {})
    expect(guest.get_by_role("heading", name=OVER)).to_be_visible()  # nobody reloaded this page either
    assert "Noor" not in guest.content()
    assert "Voorjaar" not in guest.content()
    shot(guest, "share-over")


def test_others_bring_photos_in(house: Running, shared: Shared, open_page: OpenPage) -> None:
    eva = shared.eva
    eva.goto(f"{house.origin}/shares/")
    eva.get_by_role("button", name="Vraag foto’s").click()
    dialog = eva.locator("dialog[open]")
    dialog.locator("#folder_id").click()
    dialog.get_by_role("combobox", name="Zoek een map").fill("Deelbaar")
    dialog.get_by_role("treeitem", name="Deelbaar").click()
    expect(dialog.locator("#folder_id")).to_contain_text("Deelbaar")
    dialog.locator("#title").fill("Uw foto’s van de open dag")
    dialog.locator("#file_limit").fill("2")
    dialog.get_by_role("button", name="Maak link").click()
    url = dialog.locator(".link-row input").input_value()
    dialog.get_by_role("button", name="Klaar").click()
    eva.get_by_role("button", name="Verzoeken").click()
    row = eva.locator(".sh-list li", has_text="Uw foto’s van de open dag")

    guest = open_page(viewport=PHONE, storage_state=None)
    guest.goto(url)
    assert serious(guest) == []
    files = [{"name": f"strand-{shade}.jpg", "mimeType": "image/jpeg", "buffer": taken(2025, 4, shade)} for shade in (11, 12)]
    guest.set_input_files("#files", [*files, {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " * 99}])  # type: ignore[list-item]
    expect(guest.locator("#sent li")).to_have_count(3)
    expect(guest.locator("#sent li[data-state=done]")).to_have_count(2)
    expect(guest.locator("#sent li", has_text="brief.pdf")).not_to_have_attribute("data-state", "done")
    shot(guest, "bring-page")
    expect(row).to_contain_text("2 van 2 foto’s gebracht")
    guest.reload()
    expect(guest.get_by_role("heading", name="Deze link is opgebruikt")).to_be_visible()


def test_whatever_ends_it_the_page_is_clear(house: Running, shared: Shared, open_page: OpenPage) -> None:
    eva, site = shared.eva, house.origin
    folder = api(eva, "GET", f"{V1}/assets/{shared.photo}")["folder_id"]
    photo = send(eva, folder, taken(2025, 5, 86))
    ready(eva, photo)
    sanne = api(eva, "POST", f"{V1}/people", {"name": "Sanne"})["id"]
    api(eva, "POST", f"{V1}/assets/{photo}/faces", {"box": [0.3, 0.3, 0.2, 0.2], "person_id": sanne})
    api(eva, "POST", f"{V1}/consents", {"person_id": sanne, "uses": ["website"]})
    tom = api(eva, "POST", f"{V1}/users", {"email": "tom@lindewaard.example", "name": "Tom", "role": "contributor"})["id"]
    api(eva, "POST", f"{V1}/folders/{folder}/grants", {"principal_kind": "user", "principal": tom, "permission": "download"})
    key = api(eva, "POST", f"{V1}/keys", {"name": "delen", "user_id": tom})["key"]

    def share(**terms: object) -> str:
        body = {"use": "website", "asset_ids": [photo], **terms}
        answer = eva.context.request.post(f"{site}{V1}/shares", data=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.ok, answer.text()
        return str(answer.json()["url"])

    soon = (datetime.now(UTC) + timedelta(seconds=8)).isoformat()
    brief, toms, locked = share(ends_at=soon), share(), share(password=SECRET)
    guest = open_page(viewport=PHONE, storage_state=None)

    def says(title: str) -> None:
        expect(guest.get_by_role("heading", name=title)).to_be_visible()
        expect(guest.locator("img")).to_have_count(0)
        assert "Sanne" not in guest.content()

    guest.goto(share(addresses=["203.0.113.0/24"]))
    says("Niet vanaf dit netwerk")
    guest.goto(locked)
    for _ in range(7):
        guest.fill("#password", "geraden")
        with guest.expect_navigation():
            guest.click("button[type=submit]")
    says("Te veel pogingen")
    guest.goto(toms)
    expect(guest.locator(".ph img")).to_be_visible()
    api(eva, "PATCH", f"{V1}/users/{tom}", {"role": "viewer"})
    says(OVER)  # nobody reloaded it
    guest.wait_for_function("soon => Date.now() > Date.parse(soon)", arg=soon)
    guest.goto(brief)
    says(OVER)

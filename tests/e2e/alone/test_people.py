"""People on the screen: two entries put together after a look at what moves and taken apart again, the reference, recognition, hiding, and
a picture held up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PATIENT, api, asset_named, astronaut, at_every_width, serious, shot, upload
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
NAME, TWICE = "Eileen Overzee", "E. Overzee"
REASON = "Vastgesteld door de functionaris gegevensbescherming op 2 november 2026."


@dataclass
class Album:
    """Eileen on one photo, and once more under another entry."""

    page: Page
    person: str
    twice: str


@pytest.fixture(scope="module")
def album(house: Running, admin: Path, chromium: Browser) -> Iterator[Album]:
    page = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    upload(page, house.origin, ("overzee-1.jpg", astronaut(0.61)), ("overzee-2.jpg", astronaut(0.64)))
    api(page, "PUT", f"{V1}/biometrics/rule", {"basis": "documented", "reason": REASON})
    made = []
    for name, filename in ((NAME, "overzee-1.jpg"), (TWICE, "overzee-2.jpg")):
        person = api(page, "POST", f"{V1}/people", {"name": name})["id"]
        (face,) = api(page, "GET", f"{V1}/faces?asset_id={asset_named(page, filename)['id']}")["items"]
        api(page, "POST", f"{V1}/faces/{face['id']}/confirm", {"person_id": person})
        made.append(person)
    yield Album(page, *made)
    api(page, "PUT", f"{V1}/biometrics/rule", {"basis": "opt_in"})
    page.context.close()


def opened(album: Album, house: Running, person: str) -> Page:
    album.page.goto(f"{house.origin}/person/?id={person}")
    album.page.wait_for_selector(".pe-who")
    return album.page


def choose(page: Page, words: str) -> None:
    page.locator(".pe-who").get_by_role("button", name="Meer").click()
    page.get_by_role("menuitem", name=words).click()


def test_a_merge_says_what_moves_and_is_taken_apart_again(house: Running, album: Album) -> None:
    page = opened(album, house, album.twice)
    choose(page, "Samenvoegen")
    page.fill("#merge-search", NAME)
    page.locator("dialog[open] .p-row", has_text=NAME).click()
    expect(page.locator("dialog[open]")).to_contain_text(f"1 foto en 0 toestemmingen van {TWICE} gaan naar {NAME}")
    assert serious(page) == []
    shot(page, "people-merge")
    page.locator("dialog[open]").get_by_role("button", name="Samenvoegen").click()
    expect(page.get_by_role("heading", level=1, name=NAME, exact=True)).to_be_visible()
    expect(page.locator(".pe-photo")).to_have_count(2)
    page.get_by_role("button", name="Uit elkaar halen").click()
    expect(page.locator("dialog[open]")).to_contain_text(f"1 gezicht en 0 toestemmingen gaan terug naar {TWICE}")
    assert serious(page) == []
    page.locator("dialog[open]").get_by_role("button", name="Uit elkaar halen").click()
    expect(page.locator(".pe-photo")).to_have_count(1)
    expect(page.get_by_role("button", name="Uit elkaar halen")).to_have_count(0)


def test_the_reference_is_kept_and_shown_when_asked_for(house: Running, album: Album) -> None:
    page = opened(album, house, album.person)
    choose(page, "Bewerken")
    page.fill("#reference", "PNR-20417")
    page.locator("dialog[open]").get_by_role("button", name="Opslaan").click()
    expect(page.locator(".pe-who .meta")).to_contain_text("Kenmerk elders")
    expect(page.locator(".pe-who .meta")).not_to_contain_text("PNR-20417")
    page.locator(".pe-who .meta").get_by_role("button", name="Tonen").last.click()
    expect(page.locator(".pe-who .meta")).to_contain_text("PNR-20417")


def test_recognition_is_switched_off_for_one_person(house: Running, album: Album) -> None:
    page = opened(album, house, album.person)
    expect(page.locator(".pe-recog")).to_contain_text("Mag herkend worden op de grond")
    expect(page.locator(".pe-recog")).to_contain_text("1 sjabloon", timeout=PATIENT)
    page.get_by_role("button", name="Herkenning uitzetten").click()
    expect(page.locator(".pe-recog")).to_contain_text("Uitgezet voor deze persoon")
    expect(page.locator(".pe-recog")).to_contain_text("0 sjablonen")
    page.get_by_role("button", name="Weer volgens de regel").click()
    expect(page.locator(".pe-recog")).to_contain_text("1 sjabloon", timeout=PATIENT)


def test_the_library_is_narrowed_to_somebody_by_keyboard_and_the_address_says_so(house: Running, album: Album) -> None:
    page = album.page
    page.goto(f"{house.origin}/library/")
    expect(page.locator("[data-tile]")).to_have_count(2)
    page.get_by_role("button", name="Persoon").press("Enter")
    expect(page.get_by_role("combobox", name="Zoek op naam")).to_be_focused()
    page.keyboard.type("eileen")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text(NAME)
    expect(page.locator(".fp-rows")).to_have_attribute("aria-busy", "false")
    assert serious(page) == []
    shot(page, "library-person")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/library/?person={album.person}")
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.reload()
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.locator("[data-tile]").press("Enter")
    page.wait_for_url("**/photo/**")
    page.go_back()
    page.get_by_role("button", name=NAME).click()
    expect(page.locator("[data-tile]")).to_have_count(2)
    assert "person=" not in page.url


def test_a_picture_held_up_finds_who_it_is(house: Running, album: Album) -> None:
    page = album.page
    page.goto(f"{house.origin}/people/")
    page.get_by_role("button", name="Zoek met een foto").click()
    page.set_input_files("dialog[open] input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": astronaut(0.9)})
    expect(page.locator(".bp-found .p-row", has_text=NAME)).to_be_visible(timeout=PATIENT)
    assert page.locator(".bp-photos li").count() >= 2
    assert serious(page) == []
    shot(page, "people-find")
    page.set_input_files("dialog[open] input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"nothing"})
    expect(page.locator(".bp-found [role=alert]")).to_contain_text("geen foto die Photobank kan lezen", timeout=PATIENT)


def test_who_is_hidden_is_found_among_the_hidden_and_shown_again(house: Running, album: Album) -> None:
    page = opened(album, house, album.twice)
    choose(page, "Verbergen")
    expect(page.get_by_text("Verborgen: staat niet in lijsten")).to_be_visible()
    page.goto(f"{house.origin}/people/")
    page.wait_for_selector(".face-tile")
    expect(page.locator(".face-tile", has_text=TWICE)).to_have_count(0)
    page.get_by_role("button", name="Verborgen").click()
    page.locator(".face-tile", has_text=TWICE).click()
    expect(page.locator(".pe-photo")).to_have_count(1)
    choose(page, "Weer tonen")
    expect(page.get_by_text("Verborgen: staat niet in lijsten")).to_have_count(0)


def test_every_width_light_and_dark(house: Running, album: Album, open_page: OpenPage) -> None:
    page = open_page()
    at_every_width(page, f"{house.origin}/people/", ".face-tile", "people")
    at_every_width(page, f"{house.origin}/person/?id={album.person}", ".pe-recog", "person")

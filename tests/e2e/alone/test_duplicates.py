"""Near-copies in the browser: decided with the keyboard, taken back, cleaned up; bursts; and nothing of photos out of sight."""

from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, expect
from skimage import data

from benchmarks.near_copies import Original, burst
from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PHONE, TABLET, add_account, api, csrf, light_and_dark, serious, shot, sign_in
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
FLEUR, FLEURS = "fleur@lindewaard.example", "een lange zin over vogels"
CHELSEA, COFFEE, ROCKET, CAMERA = (
    Image.fromarray(picture).convert("RGB") for picture in (data.chelsea(), data.coffee(), data.rocket(), data.camera())
)


@dataclass
class Copies:
    """Eva is admin; Fleur edits in one folder, and knows nothing of the other, where a mirrored Chelsea lies."""

    eva: Page
    fleur: Page
    hidden: str


def send(page: Page, folder: str, name: str, image: Image.Image, quality: int = 92, second: int | None = None) -> str:
    """Over REST, as the person on this page."""
    out, exif = io.BytesIO(), Image.Exif()
    if second is not None:
        exif.get_ifd(0x8769)[0x9003] = f"2026:05:05 12:00:{second:02}"
    image.save(out, "JPEG", quality=quality, exif=exif)
    origin = "/".join(page.url.split("/")[:3])
    answer = page.context.request.post(
        f"{origin}{V1}/assets?folder_id={folder}&on_duplicate=keep",
        data=out.getvalue(),
        headers={"X-CSRF-Token": csrf(page), "Origin": origin, "Upload-Filename": name, "Content-Type": "image/jpeg"},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def waited_for(page: Page, path: str, count: int) -> None:
    """Until the house has looked at everything."""
    deadline = time.monotonic() + 120
    while len(api(page, "GET", f"{V1}{path}")["items"]) < count:
        assert time.monotonic() < deadline, f"fewer than {count} in time: {path}"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def copies(house: Running, admin: Path, chromium: Browser) -> Iterator[Copies]:
    add_account(house, FLEUR, "Fleur", "contributor", FLEURS)
    eva = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    eva.goto(f"{house.origin}/library/")
    given, kept = (api(eva, "POST", f"{V1}/folders", {"name": name})["id"] for name in ("Dieren", "Kattenkamer"))
    user = next(one["id"] for one in api(eva, "GET", f"{V1}/users")["items"] if one["email"] == FLEUR)
    api(eva, "POST", f"{V1}/folders/{given}/grants", {"principal_kind": "user", "principal": user, "permission": "edit"})
    fleur = chromium.new_context(viewport=DESK, locale="nl-NL").new_page()  # type: ignore[arg-type]
    sign_in(fleur, house.origin, FLEUR, FLEURS)
    for at, image in enumerate((CAMERA, burst(Original(CAMERA, "camera"), random.Random(3), 1.0))):
        send(eva, given, f"reeks-{at}.jpg", image, second=at * 2)
    for name, image in (("dubbel-kat.jpg", CHELSEA), ("dubbel-koffie.jpg", COFFEE), ("dubbel-raket.jpg", ROCKET)):
        send(eva, given, name, image)
    waited_for(eva, f"/assets?folder_id={given}&state=ready", 3)
    hidden = send(eva, kept, "chelsea-gespiegeld.jpg", ImageOps.mirror(CHELSEA))
    send(fleur, given, "chelsea-uitsnede.jpg", CHELSEA.crop((20, 10, 430, 280)))
    send(fleur, given, "koffie-klein.jpg", COFFEE.resize((300, 200)))
    send(eva, given, "raket-grijs.jpg", ROCKET.convert("L").convert("RGB"), quality=60)
    waited_for(fleur, f"/assets?folder_id={given}&state=ready", 8)
    waited_for(fleur, "/duplicates", 3)
    waited_for(fleur, "/stacks/suggestions", 1)
    waited_for(eva, f"/duplicates?asset_id={hidden}", 2)
    yield Copies(eva, fleur, hidden)
    eva.context.close()
    fleur.context.close()


def test_the_sender_is_told_and_led_to_their_own(house: Running, copies: Copies) -> None:
    page = copies.fleur
    page.goto(f"{house.origin}/upload/")
    expect(page.locator(".notice", has_text="2 foto’s die u stuurde lijken op foto’s die er al zijn")).to_be_visible()
    page.get_by_role("link", name="Bekijk ze naast elkaar").click()
    expect(page.locator(".dup-bar [role=status]")).to_have_text("Paar 1 van 2")
    expect(page.get_by_role("button", name="Alleen mijn uploads")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Alleen mijn uploads").click()
    expect(page.locator(".dup-bar [role=status]")).to_have_text(re.compile("van 3$"))  # the pair looked at stays


def test_a_copy_out_of_sight_is_never_shown(house: Running, copies: Copies) -> None:
    of_hidden = f"{V1}/duplicates?asset_id={copies.hidden}"
    assert len(api(copies.eva, "GET", of_hidden)["items"]) >= 2  # other tests have sent this cat as well
    assert api(copies.fleur, "GET", of_hidden)["items"] == []
    page = copies.fleur
    page.goto(f"{house.origin}/duplicates/")
    page.get_by_role("button", name="Te beslissen").click()
    expect(page.locator(".head .count")).to_have_text("3")
    for _ in range(3):
        expect(page.locator(".dup-name")).to_have_count(2)
        assert "gespiegeld" not in page.locator(".dup").inner_text()
        page.keyboard.press("ArrowRight")
    pair = api(copies.eva, "GET", f"{V1}/duplicates?asset_id={copies.hidden}")["items"][0]["id"]
    assert page.context.request.get(f"{house.origin}{V1}/duplicates/{pair}").status == 404


def test_pairs_are_decided_with_the_keyboard_and_taken_back(house: Running, copies: Copies) -> None:
    page = copies.fleur
    page.goto(f"{house.origin}/duplicates/")
    page.get_by_role("button", name="Te beslissen").click()
    at = page.locator(".dup-bar [role=status]")
    expect(at).to_have_text("Paar 1 van 3")
    page.keyboard.press("ArrowRight")
    expect(at).to_have_text("Paar 2 van 3")
    names = page.locator(".dup-name a").all_inner_texts()
    assert serious(page) == []
    shot(page, "duplicates-pair")
    page.keyboard.press("1")
    expect(page.get_by_text("De nieuwe foto ligt in de prullenbak")).to_be_visible()
    expect(at).to_have_text(re.compile("van 2$"))
    page.keyboard.press("u")
    expect(at).to_have_text(re.compile("van 3$"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(at).to_have_text("Paar 1 van 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".dup-name a").first).to_have_text(names[0])
    page.keyboard.press("4")
    expect(page.get_by_text("Genoteerd: niet dubbel")).to_be_visible()
    expect(at).to_have_text(re.compile("van 2$"))
    page.get_by_role("button", name="Beslist").press("Enter")
    expect(page.locator(".dup-acts")).to_contain_text("niet dubbel")
    shot(page, "duplicates-answered")
    page.keyboard.press("u")
    expect(page.get_by_text("Nog niets beslist")).to_be_visible()
    shot(page, "duplicates-answered-empty")


def test_the_clean_up_says_what_goes_and_gives_it_back(house: Running, copies: Copies) -> None:
    page = copies.fleur
    page.goto(f"{house.origin}/duplicates/")
    page.get_by_role("button", name="Te beslissen").click()
    expect(page.locator(".notice")).to_contain_text(re.compile(r"Kopieën nemen [\d,]+ kB in"))
    page.get_by_role("button", name="Beste houden").press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog.locator(".dup-step")).to_have_count(3)
    assert serious(page) == []
    shot(page, "duplicates-plan")
    dialog.get_by_role("button", name=re.compile("3 foto’s naar de prullenbak")).press("Enter")
    expect(page.get_by_text("3 kopieën liggen in de prullenbak")).to_be_visible()
    expect(page.get_by_text("Geen dubbele foto’s")).to_be_visible()
    assert serious(page) == []
    shot(page, "duplicates-empty")
    page.get_by_role("button", name="Ongedaan maken").first.press("Enter")
    expect(page.locator(".dup-bar [role=status]")).to_have_text("Paar 1 van 3")


def test_a_burst_becomes_a_stack_and_is_taken_apart_again(house: Running, copies: Copies) -> None:
    page = copies.fleur
    page.goto(f"{house.origin}/duplicates/")
    page.get_by_role("button", name="Te beslissen").click()
    page.get_by_role("button", name="Reeksen").press("Enter")
    expect(page.locator(".dup-shot")).to_have_count(2)
    assert serious(page) == []
    shot(page, "duplicates-bursts")
    page.get_by_role("button", name="Stapelen").press("Enter")
    expect(page.get_by_text("Geen reeksen")).to_be_visible()
    page.get_by_role("button", name="Ongedaan maken").first.press("Enter")
    expect(page.locator(".dup-shot")).to_have_count(2)


def test_a_stack_is_made_of_a_selection_shown_in_the_grid_and_on_the_photo_page(house: Running, copies: Copies) -> None:
    page = copies.fleur
    page.goto(f"{house.origin}/library/")
    for name in ("reeks-0.jpg", "reeks-1.jpg"):
        tile = page.locator(".tile", has_text=name)
        tile.hover()
        tile.locator(".pick").click()
    page.get_by_role("toolbar").get_by_role("button", name="Stapelen").press("Enter")
    expect(page.locator(".tile .in-stack")).to_have_text(["2", "2"])
    assert serious(page) == []
    shot(page, "stack-grid")
    page.locator(".tile", has_text="reeks-0.jpg").locator("a.open").click()
    strip = page.locator(".photo-stack")
    expect(strip.locator("li")).to_have_count(2)
    assert serious(page) == []
    shot(page, "stack-photo")
    strip.get_by_role("link", name="reeks-1.jpg").press("Enter")
    expect(page.locator("h1")).to_contain_text("reeks-1.jpg")
    strip.get_by_role("button", name="Wat u met de stapel doet").press("Enter")
    page.get_by_role("menuitem", name="Stapel uit elkaar halen").press("Enter")
    expect(page.get_by_text("Weer uit elkaar")).to_be_visible()
    expect(strip).to_have_count(0)


def test_every_width_light_and_dark(house: Running, copies: Copies, open_page: OpenPage) -> None:
    for size in (PHONE, TABLET, DESK):
        page = open_page(viewport=size)  # another one each time: a page remembers that bursts were chosen
        page.goto(f"{house.origin}/library/")
        page.wait_for_selector(".tile")  # from now on it takes clicks
        if size is PHONE:
            page.get_by_role("button", name="Meer", exact=True).last.click()  # of the bar below
            page.get_by_role("menuitem", name="Dubbele foto’s").click()
        else:
            page.get_by_role("link", name="Dubbele foto’s").first.click()
        page.wait_for_selector(".dup-pic img")
        for at in range(2):
            expect(page.locator(".dup-pic img").nth(at)).to_have_js_property("complete", True)
            expect(page.locator(".dup-pic img").nth(at)).not_to_have_js_property("naturalWidth", 0)
        light_and_dark(page, f"duplicates-{size['width']}")
        page.get_by_role("button", name="Reeksen").click()
        page.wait_for_selector(".dup-shot")
        shot(page, f"duplicates-bursts-{size['width']}-dark")
        page.close()

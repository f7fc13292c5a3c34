"""Getting photos out: sizes seen beforehand, a frame moved and remembered, a selection as one ZIP with what stays behind, a leak traced."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PHONE, TABLET, api, asset_named, astronaut, nobody, serious, shot, upload
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME, OTHER = "Eileen van de ZIP", "Spiegel van de ZIP"
SEATS = {"desk": DESK, "tablet": TABLET, "phone": PHONE}


@pytest.fixture(scope="module")
def photos(house: Running, admin: Any, chromium: Browser) -> dict[str, str]:
    """A photo of somebody who allowed website and social, and one that nobody has looked at; in a folder of their own. Ids by name."""
    context = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin)  # type: ignore[arg-type]
    page = context.new_page()
    upload(page, house.origin, ("zip-astronaut.jpg", astronaut(0.9)), ("zip-wall.jpg", nobody(2)), ("zip-two.jpg", two()))
    found = {name: asset_named(page, name)["id"] for name in ("zip-astronaut.jpg", "zip-wall.jpg", "zip-two.jpg")}
    folder = api(page, "POST", "/api/v1/folders", {"name": "ZIP-proef"})["id"]
    for name in ("zip-astronaut.jpg", "zip-wall.jpg"):
        api(page, "PATCH", f"/api/v1/assets/{found[name]}", {"folder_id": folder})
    person = api(page, "POST", "/api/v1/people", {"name": NAME})["id"]
    for face in api(page, "GET", f"/api/v1/assets/{found['zip-astronaut.jpg']}")["faces"]:
        api(page, "POST", f"/api/v1/faces/{face['id']}/confirm", {"person_id": person})
    other = api(page, "POST", "/api/v1/people", {"name": OTHER})["id"]
    left, right = sorted(api(page, "GET", f"/api/v1/assets/{found['zip-two.jpg']}")["faces"], key=lambda face: face["box"][0])
    api(page, "POST", f"/api/v1/faces/{left['id']}/confirm", {"person_id": person})
    api(page, "POST", f"/api/v1/faces/{right['id']}/confirm", {"person_id": other})
    api(
        page,
        "POST",
        "/api/v1/consents",
        {"person_id": person, "uses": ["website", "social"], "valid_until": "2030-01-01T00:00:00Z"},
    )
    context.close()
    return found | {"folder": folder}


def two() -> bytes:
    """The astronaut and her mirror image, who passes for somebody else here."""
    one = Image.open(io.BytesIO(astronaut(0.83)))
    both = Image.new("RGB", (1024, 512))
    both.paste(one, (0, 0))
    both.paste(ImageOps.mirror(one), (512, 0))
    out = io.BytesIO()
    both.save(out, "JPEG", quality=92)
    return out.getvalue()


def sizes(page: Page, house: Running, photo: str, use: str = "social") -> Any:
    """The dialog with the sizes of a photo for a use."""
    page.goto(f"{house.origin}/photo/{photo}/")
    page.locator(".download-btn").click()
    page.locator(f".dl [data-sizes={use}]").click()
    dialog = page.locator("dialog.sizes")
    expect(dialog.locator("[data-size=instagram]")).to_be_visible()
    return dialog


def test_a_frame_is_moved_and_is_what_leaves(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page, photo = open_page(), photos["zip-astronaut.jpg"]
    dialog = sizes(page, house, photo)
    expect(dialog.locator(".size-row").first).to_contain_text("Instagram, staand")
    dialog.locator("[data-size=x]").click()
    expect(dialog.locator("[data-size=x]")).to_contain_text("512 × 288")
    expect(dialog.locator("[data-size=x]")).to_contain_text("er wordt niets vergroot")
    frame = dialog.locator(".frame-box")
    before = frame.bounding_box()
    frame.focus()
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    expect(dialog.locator("[data-size=x]")).to_contain_text("Met de hand")
    after = frame.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] > before["y"] + 10
    shot(page, "sizes-desk")
    assert serious(page) == []
    kept = next(one for one in api(page, "GET", f"/api/v1/assets/{photo}/presets")["items"] if one["preset"]["name"] == "x")
    assert kept["cut"]["by_hand"]
    with page.expect_download() as waiting:
        dialog.locator("[data-take=x]").click()
    assert waiting.value.suggested_filename == "zip-astronaut-x.jpg"
    taken = Image.open(waiting.value.path())
    assert taken.size == (512, 288)
    top = round(kept["cut"]["box"][1] * 512)
    wanted = Image.open(io.BytesIO(astronaut(0.9))).crop((0, top, 512, top + 288))
    apart = sum(abs(a - b) for a, b in zip(taken.resize((64, 36)).tobytes(), wanted.resize((64, 36)).tobytes(), strict=True)) / (
        64 * 36 * 3
    )
    assert apart < 6
    # Remembered for others; and given back to the rules.
    dialog = sizes(open_page(), house, photo)
    dialog.locator("[data-size=x]").click()
    dialog.get_by_role("button", name="Weer automatisch").click()
    expect(dialog.locator("[data-size=x]")).not_to_contain_text("Met de hand")


@pytest.mark.parametrize(("seat", "scheme", "locale"), [("tablet", "dark", "en-GB"), ("phone", "light", "nl-NL")])
def test_a_finger_moves_the_frame_too(
    house: Running, photos: dict[str, str], open_page: OpenPage, seat: str, scheme: str, locale: str
) -> None:
    page = open_page(viewport=SEATS[seat], color_scheme=scheme, locale=locale, has_touch=True)
    dialog = sizes(page, house, photos["zip-astronaut.jpg"])
    dialog.locator("[data-size=linkedin]").click()
    frame = dialog.locator(".frame-box")
    expect(frame).to_be_visible()
    page.wait_for_timeout(200)
    box = frame.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 300, steps=6)
    page.mouse.up()
    expect(dialog.locator("[data-size=linkedin] .badge")).to_be_visible()
    shot(page, f"sizes-{seat}")
    assert serious(page) == []
    dialog.locator(".sizes-foot .btn-quiet").click()
    expect(dialog.locator("[data-size=linkedin] .badge")).to_have_count(0)


def test_a_photo_leaves_without_the_face_of_who_did_not_allow_it(
    house: Running, photos: dict[str, str], open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{house.origin}/photo/{photos['zip-two.jpg']}/")
    page.locator(".download-btn").click()
    offer = page.locator(".dl [data-redacted=social]")
    expect(offer).to_have_text(f"Met {OTHER} onherkenbaar")
    offer.click()
    dialog = page.locator("dialog.sizes")
    expect(dialog.get_by_role("heading", name="1 persoon onherkenbaar gemaakt")).to_be_visible()
    expect(dialog.locator("[data-size=original]")).to_have_count(0)
    dialog.locator("[data-size=web]").click()
    expect(dialog.locator(".frame-stage img")).to_have_attribute("src", re.compile("^blob:"))
    assert serious(page) == []
    shot(page, "redacted-desk")
    with page.expect_download() as waiting:
        dialog.locator("[data-take=web]").click()
    assert re.fullmatch(r"photo-[0-9a-f]{8}-redacted\.jpg", waiting.value.suggested_filename)
    taken = Image.open(waiting.value.path()).convert("RGB")
    whole = Image.open(io.BytesIO(two()))
    apart = [_apart(taken, whole, box) for box in ((180, 70, 270, 180), (754, 70, 844, 180))]
    assert apart[0] < 8 < 25 < apart[1]


def _apart(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How much two pictures differ within a box, per channel."""
    parts = [picture.crop(box).tobytes() for picture in (one, other)]
    return sum(abs(a - b) for a, b in zip(*parts, strict=True)) / len(parts[0])


def test_a_selection_leaves_as_one_zip_and_says_what_stays_behind(
    house: Running, photos: dict[str, str], open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{house.origin}/library/?folder={photos['folder']}")
    for photo in (photos["zip-astronaut.jpg"], photos["zip-wall.jpg"]):
        page.locator(f'.tile[data-id="{photo}"]').hover()
        page.locator(f'.tile[data-id="{photo}"] .pick').click()
    page.locator(".actions .btn-primary").click()
    dialog = page.locator("dialog.zip")
    dialog.locator("select").first.select_option("website")
    expect(dialog.locator(".zip-verdict")).to_contain_text("1 foto mag mee")
    expect(dialog.locator(".zip-verdict")).to_contain_text("1 blijft hier")
    expect(dialog.locator(".zip-staying")).to_contain_text("zip-wall.jpg")
    dialog.locator("select").nth(1).select_option("instagram")
    expect(dialog.locator(".zip-strip .glimpse > span")).to_have_count(1)
    assert serious(page) == []
    shot(page, "zip-dialog")
    with page.expect_download() as waiting:
        dialog.locator(".btn-primary").click()
    whole = zipfile.ZipFile(waiting.value.path())
    assert waiting.value.suggested_filename.startswith("Website ")
    told = json.loads(whole.read("manifest.json"))
    assert [entry["file"] for entry in told["files"]] == [name for name in whole.namelist() if name.endswith(".jpg")]
    assert [(one["name"], one["code"]) for one in told["left_out"]] == [("zip-wall.jpg", "clearance_refused")]
    expect(page.locator(".downloads [data-zip=done]")).to_contain_text("1 niet erbij")
    shot(page, "zip-done")

    # The photo turns up elsewhere, crushed: it names this download.
    leaked = io.BytesIO()
    Image.open(io.BytesIO(whole.read(told["files"][0]["file"]))).save(leaked, "JPEG", quality=60)
    page.goto(f"{house.origin}/trace/")
    page.set_input_files("input[type=file]", {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": leaked.getvalue()})
    expect(page.locator(f"[data-download='{told['files'][0]['download_id']}']")).to_contain_text("Eva Kuipers")
    assert serious(page) == []
    shot(page, "trace-found")
    page.set_input_files("input[type=file]", {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": nobody(2)})
    expect(page.locator("[role=status] h2")).to_contain_text("Geen download gevonden")


def test_admins_make_sizes_and_watermarks(house: Running, photos: dict[str, str], open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{house.origin}/admin/presets/")
    page.get_by_role("button", name="Nieuw formaat").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=label_nl]").fill("Bovenbalk")
    dialog.locator("[name=label_en]").fill("Top banner")
    dialog.locator("[name=width]").fill("300")
    dialog.locator("[name=height]").fill("7")
    dialog.locator("[name=fills]").check()
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_contain_text("Een getal van 16 tot 12.000")
    dialog.locator("[name=height]").fill("100")
    shot(page, "presets-dialog")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".ad-list li", has_text="Bovenbalk")).to_contain_text("300 × 100")
    page.get_by_role("button", name="Nieuwe tekst").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=name]").fill("Huisnaam")
    dialog.locator("[name=words]").fill("© Lindewaard")
    expect(dialog.locator(".pr-preview img")).to_be_visible()
    shot(page, "watermark-dialog")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".ad-list li", has_text="“© Lindewaard”")).to_contain_text("Huisnaam")
    assert serious(page) == []
    page.locator(".ad-list li", has_text="Bovenbalk").locator("select").select_option(label="Huisnaam")
    expect(page.locator(".ad-list li", has_text="Bovenbalk").locator("select")).not_to_have_value("")
    shot(page, "presets")
    dialog = sizes(page, house, photos["zip-astronaut.jpg"])
    with page.expect_download() as waiting:
        dialog.locator("[data-size=top_banner]").click()
        dialog.locator("[data-take=top_banner]").click()
    assert Image.open(io.BytesIO(waiting.value.path().read_bytes())).size == (300, 100)

"""Face models on the screen: a pack installed by its checksum, its licence acknowledged before it is filled, given up again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PHONE, TABLET, serious, shot
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def pack() -> bytes:
    """A pack of the right form, whose model nobody can load."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("recognise.onnx", b"model")
        archive.writestr("pack.json", json.dumps({"title": "Proefmodel", "licence": "Proef 1.0", "research_only": True}))
    return out.getvalue()


def test_a_pack_is_installed_by_its_checksum_and_filled_once_its_licence_is_acknowledged(
    house: Running, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{house.origin}/admin/face-models/")
    page.get_by_role("button", name="Pakket installeren").click()
    form, content = page.locator("dialog[open]"), pack()
    form.locator("input[type=file]").set_input_files({"name": "Proef.zip", "mimeType": "application/zip", "buffer": content})
    form.get_by_label("Controlesom (SHA-256)").fill("0" * 64)
    form.get_by_role("button", name="Installeren").click()
    expect(form.locator(".error")).to_contain_text("De controlesom is niet die van het bestand")
    assert serious(page) == []
    shot(page, "models-install")
    form.get_by_label("Controlesom (SHA-256)").fill(hashlib.sha256(content).hexdigest())
    form.get_by_role("button", name="Installeren").click()
    expect(form).to_have_count(0)
    row = page.locator(".fm-packs li", has_text="Proefmodel")
    expect(row).to_contain_text("Alleen onderzoek")
    row.get_by_role("button").click()
    page.locator("dialog[open]").get_by_role("button", name="Vullen").click()
    expect(page.locator("dialog[open] [role=alert]")).to_contain_text("Lees eerst de licentie")
    assert serious(page) == []
    shot(page, "models-licence")
    page.locator("dialog[open]").get_by_label("Ik heb de licentie gelezen").check()
    page.locator("dialog[open]").get_by_role("button", name="Vullen").click()
    model = page.locator(".fm-model", has_text="Proefmodel")
    expect(model).to_contain_text("Wordt gevuld")
    expect(model).to_contain_text("erkend op")
    expect(model.get_by_role("button", name="Overschakelen")).to_have_count(0)
    model.get_by_role("button", name="Sjablonen verwijderen").click()
    page.locator("dialog[open]").get_by_role("button", name="Sjablonen verwijderen").click()
    expect(model).to_contain_text("Opzij gezet")


def test_every_width_light_and_dark(house: Running, open_page: OpenPage) -> None:
    for name, viewport in (("390", PHONE), ("820", TABLET), ("1440", DESK)):
        for scheme in ("light", "dark"):
            page = open_page(viewport=viewport, color_scheme=scheme)
            page.goto(f"{house.origin}/admin/face-models/")
            page.wait_for_selector(".fm-list, .fm-packs")
            assert serious(page) == [], (name, scheme)
            shot(page, f"models-{name}-{scheme}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
            page.close()

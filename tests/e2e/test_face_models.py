"""Face models on the screen: a pack installed by its checksum, its licence acknowledged before it is filled, measured beside the one in use,
switched to without losing a name, and fallen back from."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import PATIENT, api, at_every_width, send, serious, shot, until
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
REASON = "Vastgesteld door de functionaris gegevensbescherming op 2 november 2026."
OPEN, SMALL = "YuNet + dlib ResNet", "insightface-small"
NAMES = {"Kim Klaver": "Kim_Clijsters", "Lars Holt": "Lleyton_Hewitt"}
EACH = 10  # a model is measured from twenty confirmed faces on


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


@pytest.fixture
def named(house: Running, open_page: OpenPage, samples: Path | None) -> Iterator[tuple[Page, dict[str, str]]]:
    """Two people with ten confirmed faces each, in a house that wrote down its ground for recognising them; both by name and id."""
    if samples is None or not (samples / "models" / SMALL).is_dir():
        pytest.skip("needs the shared faces and the small pack (PHOTOBANK_TEST_DATA)")
    page = open_page()
    page.goto(f"{house.origin}/library/")
    api(page, "PUT", f"{V1}/biometrics/rule", {"basis": "documented", "reason": REASON})
    folder = api(page, "POST", f"{V1}/folders", {"name": "Modelproef"})["id"]
    sent = {}
    for name, source in NAMES.items():
        files = sorted((samples / "data" / "faces" / source).glob("*.jpg"))[:EACH]
        sent[name] = [send(page, folder, file.name, file.read_bytes()) for file in files]
    people = {}
    for name, assets in sent.items():
        people[name] = api(page, "POST", f"{V1}/people", {"name": name})["id"]
        for asset in assets:
            found = until(lambda asset=asset: api(page, "GET", f"{V1}/faces?asset_id={asset}")["items"])
            largest = max(found, key=lambda face: face["box"][2] * face["box"][3])["id"]
            api(page, "POST", f"{V1}/faces/{largest}/confirm", {"person_id": people[name]})
    yield page, people
    api(page, "PUT", f"{V1}/biometrics/rule", {"basis": "opt_in"})


def model(page: Page, title: str) -> Locator:
    return page.locator(".fm-model", has_text=title)


def switch(page: Page, title: str) -> None:
    """To the model of that title, once it is filled."""
    model(page, title).get_by_role("button", name="Overschakelen").click(timeout=PATIENT)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Alles wat mensen beslisten, blijft")
    dialog.get_by_role("button", name="Overschakelen").click()
    expect(page.locator(".card", has_text="In gebruik").first).to_contain_text(title)


def names_stand(page: Page, house: Running, people: dict[str, str]) -> None:
    for name, person in people.items():
        page.goto(f"{house.origin}/person/?id={person}")
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(page.locator(".pe-photo")).to_have_count(EACH)


def test_another_model_is_filled_scored_switched_to_and_fallen_back_from_and_names_stay(
    house: Running, named: tuple[Page, dict[str, str]], samples: Path
) -> None:
    page, people = named
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted((samples / "models" / SMALL).glob("*.onnx")):
            archive.write(file, file.name)
    page.goto(f"{house.origin}/admin/face-models/")
    page.get_by_role("button", name="Pakket installeren").click()
    form = page.locator("dialog[open]")
    form.locator("input[type=file]").set_input_files(
        {"name": f"{SMALL}.zip", "mimeType": "application/zip", "buffer": out.getvalue()}
    )
    form.get_by_label("Controlesom (SHA-256)").fill(hashlib.sha256(out.getvalue()).hexdigest())
    form.get_by_role("button", name="Installeren").click()
    expect(form).to_have_count(0)
    page.locator(".fm-packs li", has_text=SMALL).get_by_role("button").click()
    page.locator("dialog[open]").get_by_label("Ik heb de licentie gelezen").check()
    page.locator("dialog[open]").get_by_role("button", name="Vullen").click()
    expect(model(page, SMALL)).to_contain_text(re.compile(r"[0-9]+ van [0-9]+ gezichten"), timeout=PATIENT)
    expect(model(page, SMALL).get_by_role("button", name="Overschakelen")).to_be_visible(timeout=PATIENT)
    for title in (OPEN, SMALL):
        model(page, title).get_by_role("button", name="meten").click()
        expect(model(page, title)).to_contain_text(re.compile("Gemeten op [0-9]+ bevestigde gezichten"), timeout=PATIENT)
        expect(model(page, title)).to_contain_text("Eerste voorstel juist")
    shot(page, "models-beside")
    switch(page, SMALL)
    names_stand(page, house, people)
    page.goto(f"{house.origin}/admin/face-models/")
    model(page, OPEN).get_by_role("button", name="Weer vullen").click()
    page.locator("dialog[open]").get_by_role("button", name="Vullen").click()
    switch(page, OPEN)
    names_stand(page, house, people)


def test_every_width_light_and_dark(house: Running, open_page: OpenPage) -> None:
    at_every_width(open_page(), f"{house.origin}/admin/face-models/", ".fm-list, .fm-packs", "models")

"""A photo on another site: it is there while its consent lasts, and a grey picture stands in its place afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import api, serious, shot
from tests.e2e.running import Running
from tests.e2e.test_library import send, taken
from tests.e2e.test_shares import V1, ready

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Another origin; not one out in the world, from which browsers let no page ask this machine for anything.
SITE = "http://localhost:9/"
SHAPE = "one => Math.round(10 * one.naturalWidth / one.naturalHeight) / 10"


def test_a_photo_on_another_site_goes_with_the_consent(house: Running, open_page: OpenPage) -> None:
    eva = open_page()
    eva.goto(f"{house.origin}/library/")
    folder = api(eva, "POST", f"{V1}/folders", {"name": "Voor de site"})["id"]
    photo = send(eva, folder, taken(2025, 3, 95))
    ready(eva, photo)
    person = api(eva, "POST", f"{V1}/people", {"name": "Mees"})["id"]
    api(eva, "POST", f"{V1}/assets/{photo}/faces", {"box": [0.3, 0.3, 0.2, 0.2], "person_id": person})
    consent = api(eva, "POST", f"{V1}/consents", {"person_id": person, "uses": ["website"]})["id"]
    eva.goto(f"{house.origin}/photo/{photo}/")
    eva.get_by_role("button", name="Meer", exact=True).click()
    eva.get_by_role("menuitem", name="Op een site zetten").click()
    dialog = eva.locator("dialog[open]")
    dialog.locator("#alt").fill("Grind in het voorjaar")
    dialog.get_by_role("button", name="Maak regels").click()
    lines = dialog.locator("#snippet").input_value()
    assert serious(eva) == []
    site = open_page(storage_state=None)
    site.route(
        SITE,
        lambda route: route.fulfill(body=f"<!doctype html><h1>Nieuws</h1>{lines}", content_type="text/html"),
    )
    site.goto(SITE, wait_until="commit")
    picture = site.get_by_alt_text("Grind in het voorjaar")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate(SHAPE) == 1
    api(eva, "POST", f"{V1}/consents/{consent}/withdraw", {})
    site.reload()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate(SHAPE) == 1.5, "the grey one in its place"
    shot(site, "embed-over")

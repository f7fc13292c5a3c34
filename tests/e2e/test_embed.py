"""A photo on another site: it is there while its consent lasts, and a grey picture stands in its place afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import api, serious, shot
from tests.e2e.running import Running
from tests.e2e.test_library import send, taken
from tests.e2e.test_shares import V1, ready

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHAPE = """ratio => {
    const one = document.querySelector("img");
    return one.complete && Math.abs(one.naturalWidth / one.naturalHeight - ratio) < 0.05;
}"""


@contextmanager
def another_site(page: str) -> Iterator[str]:
    """A site of somebody else: a real server, since browsers let no page of an unknown place ask this machine for anything."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to tell."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


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
    with another_site(f"<!doctype html><h1>Nieuws</h1>{lines}") as address:
        site.goto(address)
        expect(site.get_by_alt_text("Grind in het voorjaar")).to_be_visible()
        site.wait_for_function(SHAPE, arg=1)
        api(eva, "POST", f"{V1}/consents/{consent}/withdraw", {})
        site.reload()
        site.wait_for_function(SHAPE, arg=1.5)  # the grey one in its place
        shot(site, "embed-over")

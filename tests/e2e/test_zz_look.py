from __future__ import annotations
import io
import pytest
from PIL import Image
from skimage import data
from playwright.sync_api import expect
from tests.e2e.helpers import DESK, PHONE, TABLET, api, serious, shot
from tests.e2e.test_library import send
from tests.e2e.test_shares import ready, V1


def jpg(a, k):
    out = io.BytesIO()
    Image.fromarray(a).convert("RGB").resize((1500, 1000 + 150 * k)).save(out, "JPEG")
    return out.getvalue()


def test_look(house, open_page):
    eva = open_page()
    eva.goto(f"{house.origin}/library/")
    folder = api(eva, "POST", f"{V1}/folders", {"name": "Kijken"})["id"]
    ids = [
        send(eva, folder, jpg(a, k))
        for k, a in enumerate((data.coffee(), data.chelsea(), data.rocket(), data.gravel(), data.retina()))
    ]
    for one in ids:
        ready(eva, one)
    api(eva, "POST", f"{V1}/assets/no-people", {"asset_ids": ids})
    made = api(
        eva, "POST", f"{V1}/shares", {"asset_ids": ids, "use": "website", "title": "Open dag verpleging", "download_limit": 20}
    )
    big = api(eva, "POST", f"{V1}/shares", {"asset_ids": ids[:3], "use": "website", "largest_side": None, "recipient": "De Krant"})
    for scheme in ("light", "dark"):
        for name, size in (("desk", DESK), ("tablet", TABLET), ("phone", PHONE)):
            guest = open_page(viewport=size, storage_state=None, color_scheme=scheme, locale="en-GB")
            for what, url in (("one", made["url"]), ("two", big["url"])):
                guest.goto(url)
                guest.wait_for_load_state("networkidle")
                assert serious(guest) == []
                shot(guest, f"look-{what}-{name}-{scheme}")
                if name == "phone" and what == "one":
                    with guest.expect_download() as d:
                        guest.get_by_role("button", name="Download all").click()
                    print(d.value.suggested_filename, d.value.path().stat().st_size)
            page = open_page(viewport=size, color_scheme=scheme, locale="en-GB")
            page.goto(f"{house.origin}/shares/")
            page.locator(".sh-list li").first.wait_for()
            shot(page, f"look-shares-{name}-{scheme}")
            page.locator(".chips .chip").nth(4).click()
            page.wait_for_timeout(1500)
            assert serious(page) == []
            shot(page, f"look-all-{name}-{scheme}")
            page.goto(f"{house.origin}/admin/presets/")
            page.locator(".pr-head .btn").last.click()
            d = page.locator("dialog[open]")
            d.locator("[name=name]").fill("Name")
            d.locator("[name=words]").fill("Lindewaard")
            expect(d.locator(".pr-preview img")).to_be_visible()
            page.wait_for_timeout(800)
            assert serious(page) == []
            shot(page, f"look-mark-{name}-{scheme}")

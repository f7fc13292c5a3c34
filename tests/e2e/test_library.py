"""Two people with different grants look at the library: each counts, sees and hears of their own photos only, everywhere."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from skimage import data

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, add_account, api, at_every_width, csrf, serious, shot, sign_in
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CHARLIE, PASSWORD = "charlie@lindewaard.example", "een lange zin over treinen"
V1 = "/api/v1"


def taken(year: int, month: int, shade: int = 0) -> bytes:
    """A picture of gravel, made on the fifth of that month."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{year}:{month:02}:05 12:00:00"
    out = io.BytesIO()
    Image.fromarray(data.gravel()).point(lambda value: min(255, value + shade)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def send(page: Page, folder: str, content: bytes) -> str:
    """Over REST, as the person on this page."""
    origin = "/".join(page.url.split("/")[:3])
    answer = page.context.request.post(
        f"{origin}{V1}/assets?folder_id={folder}&on_duplicate=keep",
        data=content,
        headers={"X-CSRF-Token": csrf(page), "Origin": origin, "Upload-Filename": "gravel.jpg", "Content-Type": "image/jpeg"},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def decoded(page: Page, *ids: str) -> None:
    """Wait until the photos stand at the date they were taken."""
    deadline = time.monotonic() + 120
    while any(api(page, "GET", f"{V1}/assets/{id_}")["taken_at"] is None for id_ in ids):
        assert time.monotonic() < deadline, "not decoded in time"
        time.sleep(0.3)


@dataclass
class Two:
    """Eva is admin; Charlie may look into the folder `given`, and knows nothing of `kept`."""

    eva: Page
    charlie: Page
    given: str
    kept: str
    grant: str
    ids: list[str]


@pytest.fixture(scope="module")
def two(house: Running, admin: Path, chromium: Browser) -> Iterator[Two]:
    add_account(house, CHARLIE, "Charlie", "viewer", PASSWORD)
    eva = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    eva.goto(f"{house.origin}/library/")
    given, kept = (api(eva, "POST", f"{V1}/folders", {"name": name})["id"] for name in ("Open dag", "Directie"))
    user = next(one["id"] for one in api(eva, "GET", f"{V1}/users")["items"] if one["email"] == CHARLIE)
    to_charlie = {"principal_kind": "user", "principal": user, "permission": "view"}
    grant = api(eva, "POST", f"{V1}/folders/{given}/grants", to_charlie)["id"]
    ids = [
        send(eva, folder, taken(*at))
        for folder, at in ((given, (2024, 5)), (given, (2025, 6)), (kept, (2025, 6, 40)), (kept, (2023, 3)))
    ]
    decoded(eva, *ids)
    charlie = chromium.new_context(viewport=DESK, locale="nl-NL").new_page()  # type: ignore[arg-type]
    sign_in(charlie, house.origin, CHARLIE, PASSWORD)
    yield Two(eva, charlie, given, kept, grant, ids)
    eva.context.close()
    charlie.context.close()


def months(page: Page) -> dict[str, int]:
    return {one["month"][:7]: one["count"] for one in api(page, "GET", f"{V1}/assets/months")["items"]}


def test_each_counts_what_that_person_may_see(house: Running, two: Two) -> None:
    for page in (two.eva, two.charlie):
        page.goto(f"{house.origin}/library/")
        page.wait_for_selector(".tile")
    total, less = (api(page, "GET", f"{V1}/assets/count")["count"] for page in (two.eva, two.charlie))
    assert total - less >= 2
    for page, count in ((two.eva, total), (two.charlie, less)):
        expect(page.locator(".head .count")).to_have_text(f"{count} foto’s")

    # Months: over REST, in the headings, and in the scrubber.
    hers, his = months(two.eva), months(two.charlie)
    assert sum(hers.values()) == total
    assert sum(his.values()) == less
    assert (hers["2025-06"], his["2025-06"]) == (2, 1)
    assert "2023-03" in hers
    assert "2023-03" not in his
    for page, known in ((two.eva, hers), (two.charlie, his)):
        scrub = page.get_by_role("slider", name="Naar een maand")
        page.set_viewport_size({"width": 1440, "height": 2400})
        expect(scrub).to_have_count(0)  # all of it is in sight: there is nowhere to jump to
        page.set_viewport_size({"width": 1440, "height": 420})
        expect(scrub).to_have_attribute("aria-valuemax", str(len(known) - 1))
        scrub.press("End")
        last = {"2023-03": "Maart 2023", "2024-05": "Mei 2024"}[min(known)]
        expect(page.locator(".month", has_text=last)).to_contain_text("1 foto")
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
    shot(two.charlie, "library-charlie")

    # The folder tree: over REST, and in the menu.
    trees = [{row["id"]: row["photos"] for row in api(page, "GET", f"{V1}/folders")["items"]} for page in (two.eva, two.charlie)]
    assert (trees[0][two.given], trees[0][two.kept]) == (2, 2)
    assert trees[1][two.given] == 2
    assert two.kept not in trees[1]
    picker = two.eva.get_by_role("button", name="Map", exact=True)
    picker.press("Enter")
    expect(two.eva.get_by_role("treeitem", name="Directie")).to_contain_text("2")
    assert serious(two.eva) == []
    shot(two.eva, "folder-tree")
    # From the keyboard: typed, found anywhere in the tree, chosen with Enter; Escape gives the focus back.
    two.eva.keyboard.type("direc")
    expect(two.eva.get_by_role("treeitem")).to_have_count(1)
    two.eva.keyboard.press("Escape")
    expect(picker).to_be_focused()
    picker.press("Enter")
    two.eva.get_by_role("combobox", name="Zoek een map").fill("direc")
    expect(two.eva.get_by_role("treeitem")).to_have_count(1)
    two.eva.keyboard.press("Enter")
    expect(two.eva.locator(".chips .chip", has_text="Directie")).to_be_visible()
    expect(two.eva.locator(".head .count")).to_have_text("2 foto’s")

    # The list itself, and one photo.
    assert two.ids[2] not in {item["id"] for item in api(two.charlie, "GET", f"{V1}/assets?limit=200")["items"]}
    assert two.charlie.context.request.get(f"{house.origin}{V1}/assets/{two.ids[2]}").status == 404
    assert serious(two.charlie) == []


def test_each_hears_of_what_that_person_may_see(house: Running, two: Two) -> None:
    heard: list[str] = []
    two.charlie.on("websocket", lambda socket: socket.on("framereceived", lambda sent: heard.append(str(sent))))
    two.charlie.goto(f"{house.origin}/library/")
    two.eva.goto(f"{house.origin}/library/")
    for page in (two.eva, two.charlie):
        page.wait_for_selector(".tile")
        page.wait_for_timeout(300)
    before = {page: api(page, "GET", f"{V1}/assets/count")["count"] for page in (two.eva, two.charlie)}
    secret = send(two.eva, two.kept, taken(2026, 10, 60))
    expect(two.eva.locator(".head .count")).to_have_text(f"{before[two.eva] + 1} foto’s")
    open_ = send(two.eva, two.given, taken(2026, 10, 80))
    expect(two.charlie.locator(f"[data-id='{open_}']")).to_be_visible()
    expect(two.charlie.locator(".head .count")).to_have_text(f"{before[two.charlie] + 1} foto’s")
    expect(two.charlie.locator(f"[data-id='{secret}']")).to_have_count(0)
    decoded(two.eva, secret, open_)
    expect(two.eva.locator(".month", has_text="Oktober 2026")).to_contain_text("2 foto’s")
    expect(two.charlie.locator(".month", has_text="Oktober 2026")).to_contain_text("1 foto")
    assert any(open_ in frame for frame in heard)
    assert not any(secret in frame for frame in heard)

    # What is no longer granted leaves the open page, counts and all.
    api(two.eva, "DELETE", f"{V1}/folders/{two.given}/grants/{two.grant}")
    expect(two.charlie.locator(f"[data-id='{open_}']")).to_have_count(0)
    left = api(two.charlie, "GET", f"{V1}/assets/count")["count"]
    assert left == before[two.charlie] - 2
    if left:
        expect(two.charlie.locator(".head .count")).to_contain_text(str(left))


def test_the_library_at_every_width(house: Running, two: Two, open_page: OpenPage) -> None:
    at_every_width(open_page(), f"{house.origin}/library/", ".tile img.in", "library")

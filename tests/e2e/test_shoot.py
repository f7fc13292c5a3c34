"""An evening's shoot: two hundred photos survive a cut network, a reload and a restarted server, and arrive byte for byte."""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PHONE, TABLET, api, serious, shot
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COUNT = 200
PACE = 400_000  # bytes a second, so that there is a middle to disturb


def shoot(folder: Path, count: int, seed: int, tail: int = 9_000) -> list[Path]:
    """Small photos, no two the same, with a tail that makes them worth sending in pieces."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        out = io.BytesIO()
        Image.effect_noise((48, 32), 40).convert("RGB").point(lambda value, n=number: (value + n) % 256).save(
            out, "JPEG", quality=60
        )
        path = folder / f"DSC_{seed:02}{number:04}.jpg"
        path.write_bytes(out.getvalue() + dice.randbytes(tail))
        found.append(path)
    return found


def batch_of(page: Page) -> dict[str, Any]:
    return api(page, "GET", "/api/v1/batches?limit=1")["items"][0]


def until(what: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


def arrived(page: Page) -> int:
    counts = batch_of(page)["counts"]
    return int(sum(counts.values()) - counts.get("sending", 0))


def pace(line: CDPSession, *, offline: bool = False, upload: int = PACE) -> None:
    told = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
    line.send("Network.emulateNetworkConditions", told)


def test_two_hundred_photos_survive_what_may_happen_in_an_evening(house: Running, open_page: OpenPage, tmp_path: Path) -> None:
    files = shoot(tmp_path, COUNT, 1)
    page = open_page(viewport=DESK, locale="nl-NL")
    page.goto(f"{house.origin}/upload/")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    pace(line)
    page.set_input_files(".drop-card input[type=file] >> nth=0", files)
    expect(page.locator(".total")).to_be_visible()
    page.fill(".batch input[name=event]", "Open dag")
    page.keyboard.press("Enter")
    until(lambda: batch_of(page)["files"] == COUNT and arrived(page) >= 15)

    # The network goes, and comes back.
    pace(line, offline=True)
    expect(page.locator(".total .eta")).to_contain_text("Geen verbinding")
    had = arrived(page)
    pace(line)
    until(lambda: arrived(page) >= had + 15)
    expect(page.locator(".up-foot")).to_contain_text("bewaart deze browser versleuteld")
    shot(page, "shoot-under-way")

    # The page is loaded again: it goes on by itself, without anything being chosen again.
    page.reload()
    expect(page.locator("h1")).to_have_text("Open dag")
    had = arrived(page)
    until(lambda: arrived(page) >= had + 15)

    # The server is stopped, and started again.
    house.stop()
    house.start()
    pace(line, upload=-1)
    expect(page.locator(".up-foot")).to_contain_text("Alles is aangekomen", timeout=120_000)

    batch = batch_of(page)
    assert (batch["files"], sum(batch["counts"].values())) == (COUNT, COUNT)
    assert not batch["counts"].keys() & {"sending", "here", "gone", "rejected"}
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    for start in range(0, COUNT, 100):
        asked = [{"sha256": digest, "size": 1, "filename": "x"} for digest in digests[start : start + 100]]
        known = api(page, "POST", f"/api/v1/batches/{batch['id']}/check", {"files": asked})["items"]
        # What is stored was hashed after it was read back: its SHA-256 is that of the file on disk, byte for byte.
        assert all(one["sent"] for one in known)
    until(lambda: batch_of(page)["closed_at"] is not None)


def test_an_answer_that_never_came_is_no_second_upload(house: Running, open_page: OpenPage, tmp_path: Path) -> None:
    files = shoot(tmp_path, 4, 4)
    page = open_page(viewport=DESK)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.fetch().headers["location"])
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/uploads", lose)
    page.goto(f"{house.origin}/upload/")
    page.set_input_files(".drop-card input[type=file] >> nth=0", files)
    expect(page.locator(".up-foot")).to_contain_text("Alles is aangekomen", timeout=60_000)
    assert lost
    batch = batch_of(page)
    assert (batch["files"], sum(batch["counts"].values())) == (4, 4)
    assert "sending" not in batch["counts"]


def test_the_same_folder_again_goes_on_where_it_was_also_in_another_browser(
    house: Running, open_page: OpenPage, tmp_path: Path
) -> None:
    files = shoot(tmp_path, 8, 2, 900_000)
    first = open_page(viewport=DESK)
    sent: set[str] = set()

    def only_two(route: Route) -> None:
        """The bytes of two files go through; those of the others stay under way for as long as this page lives."""
        if len(sent | {route.request.url}) <= 2:
            sent.add(route.request.url)
            route.continue_()

    first.route("**/api/v1/uploads/*", only_two)
    first.goto(f"{house.origin}/upload/")
    first.set_input_files(".drop-card input[type=file] >> nth=0", files)
    until(lambda: batch_of(first)["files"] == 8 and arrived(first) >= 1)
    first.context.close()

    second = open_page(viewport=PHONE)
    second.goto(f"{house.origin}/upload/")
    earlier = second.locator(".earlier li").first
    expect(earlier).to_contain_text("nog niet verzonden")
    earlier.get_by_role("button").click()
    expect(second.locator(".up-one.elsewhere, .up-one.processing, .up-one.ready").first).to_be_visible()
    expect(second.locator(".up-left")).to_contain_text("nog niet verzonden")
    shot(second, "shoot-go-on-phone")
    assert serious(second) == []
    second.set_input_files(".up-acts input[type=file] >> nth=0", files)
    expect(second.locator(".up-foot")).to_contain_text("Alles is aangekomen", timeout=120_000)
    batch = batch_of(second)
    assert sum(batch["counts"].values()) == 8
    assert not batch["counts"].keys() & {"sending", "here"}


def test_from_the_keyboard_with_copies_and_what_is_no_photo(house: Running, open_page: OpenPage, tmp_path: Path) -> None:
    files = shoot(tmp_path, 3, 3)
    twice = tmp_path / "twice.jpg"
    twice.write_bytes(files[0].read_bytes())
    psd = tmp_path / "poster.psd"
    psd.write_bytes(b"8BPS" * 300)
    page = open_page(viewport=DESK, color_scheme="dark")
    page.goto(f"{house.origin}/upload/")
    page.set_input_files(".drop-card input[type=file] >> nth=0", [*files, twice, psd])
    expect(page.locator(".issue", has_text="poster.psd")).to_contain_text("geen foto die wij kunnen bewaren")
    expect(page.locator(".issue", has_text="Twee keer gekozen")).to_be_visible()
    page.locator(".batch input[name=tags]").focus()
    page.keyboard.type("open day,")
    expect(page.locator(".tagc")).to_have_text("open day")
    skip = page.locator(".issue", has_text="Twee keer gekozen").get_by_role("button", name="Overslaan")
    skip.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".issue", has_text="Twee keer gekozen")).to_have_count(0)
    page.locator(".issue", has_text="poster.psd").get_by_role("button", name="Weghalen").press("Enter")
    expect(page.locator(".up-foot")).to_contain_text("Alles is aangekomen", timeout=120_000)
    until(lambda: batch_of(page)["tags"] == ["open day"])
    # What was refused is not half sent: nothing of it stays behind.
    until(lambda: "sending" not in batch_of(page)["counts"])
    expect(page.locator(".up-one", has_text="poster.psd")).to_have_count(0)
    shot(page, "shoot-done-dark")
    assert serious(page) == []
    page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    shot(page, "shoot-done-tablet")
    # Below a desk's width the details are a sheet.
    page.locator(".batch-btn").press("Enter")
    expect(page.locator("dialog[open] input[name=event]")).to_be_visible()
    assert serious(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shot(page, "shoot-details-phone")
    page.keyboard.press("Escape")
    expect(page.locator(".batch-btn")).to_be_focused()
    shot(page, "shoot-done-phone")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    # The same three again: they are here already, and the link leads to them.
    page.get_by_role("button", name="Volgende reeks").press("Enter")
    page.set_input_files(".drop-card input[type=file] >> nth=0", files)
    expect(page.locator(".issue", has_text="Al aanwezig")).to_have_count(3)
    assert page.locator(".issue a").first.get_attribute("href", timeout=5_000)
    page.get_by_role("button", name="Alle 3 overslaan").press("Enter")
    expect(page.locator(".issue", has_text="Al aanwezig")).to_have_count(0)
    assert batch_of(page)["counts"] == {"here": 3}


DROP = """(count) => {
  const dropped = new DataTransfer();
  const options = (n) => ({ type: "image/jpeg", lastModified: n + 1 });
  for (let n = 0; n < count; n += 1) dropped.items.add(new File([String(n).padEnd(400)], `DSC_${n}.jpg`, options(n)));
  window.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
}"""
SCROLL = """async () => {
  const list = document.querySelector(".main");
  let worst = 0;
  for (let step = 0; step < 40; step += 1) {
    const before = performance.now();
    list.scrollTop += 700;
    await new Promise(requestAnimationFrame);
    worst = Math.max(worst, performance.now() - before);
  }
  return { worst, top: list.scrollTop };
}"""


def test_two_thousand_files_are_a_handful_of_rows_in_the_page(house: Running, open_page: OpenPage) -> None:
    page = open_page(viewport=DESK)
    page.goto(f"{house.origin}/upload/")
    expect(page.locator(".drop-card")).to_be_visible()
    page.context.set_offline(True)
    page.evaluate(DROP, 2000)
    expect(page.locator(".up-sec .num").first).to_have_text("2.000")
    scrolled = page.evaluate(SCROLL)
    assert scrolled["top"] > 10_000
    assert page.locator(".up-one").count() < 120
    assert scrolled["worst"] < 1_000, "a frame took a second"

"""Scrolling the library at a million photos in Chromium: frame times and rows that were not there yet, beside a plain page of pictures.

A whole Photobank serves the generated rows; pictures are answered with generated WebP files in the browser, since the rows have no
bytes. The page is scrolled by script at a steady pace, as a wheel or a finger would, from four places in the library; jumps are
measured by the scrubber, from the key to the first row of photos. BENCH_PHOTOS changes the size.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright
from pydantic import SecretStr

from benchmarks import library_rows
from photobank.access.actor import system
from photobank.accounts import users
from photobank.bootstrap import open_container
from photobank.db import migrate
from photobank.library import setup
from photobank.models.accounts import Role
from photobank.runtime import frontend
from photobank.runtime.servers import ensure_servers, owner_url
from photobank.settings import Settings, load

PHOTOS = int(os.environ.get("BENCH_PHOTOS", "1000000"))
PACES = (("normal, 2,000 px/s", 2000), ("fast, 6,000 px/s", 6000))
SECONDS = 6
JUMPS = 12
EMAIL, PASSWORD = "eva@lelie.example", "een lange zin over fietsen"

# Scrolls the element at `pace` and looks at every frame what stands in the middle of eight rows.
SCROLL = """
async ({pace, seconds, selector}) => {
  const main = document.querySelector(selector);
  const box = main.getBoundingClientRect();
  const frames = []; let unread = 0, blank = 0, grey = 0, looked = 0; let last = performance.now(); const end = last + seconds * 1000;
  while (last < end) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    main.scrollTop += Math.min(now - last, 100) * pace / 1000;
    last = now;
    for (let n = 0; n < 8; n += 1) {
      const at = document.elementFromPoint(box.left + box.width * 0.3, box.top + 20 + n * (box.height - 40) / 7);
      looked += 1;
      const tile = at && at.closest('.tile, .plain');
      if (tile) { const img = tile.querySelector('img'); if (!img || !img.complete) grey += 1; }
      else if (at && at.closest('.shape')) unread += 1;
      else if (at && at.closest('.month, .rows, main, .main')) { if (!document.querySelector('.tile, .plain')) blank += 1; }
      else blank += 1;
    }
  }
  return {frames, unread, blank, grey, looked};
}
"""


def main() -> None:
    """Prepare, start, measure, print."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    if not frontend.is_current():
        frontend.build()
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder) / "data")
        asyncio.run(_prepare(settings))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        env = os.environ | {
            "PHOTOBANK_DATA_DIR": str(settings.data_dir),
            "PHOTOBANK_PORT": str(port),
            "PHOTOBANK_LOG_LEVEL": "warning",
        }
        server = subprocess.Popen([sys.executable, "-m", "photobank.cli.main", "serve"], env=env, stdout=subprocess.DEVNULL)
        try:
            origin = f"http://127.0.0.1:{port}"
            ready(origin)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _measure(browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB"), origin)
                browser.close()
        finally:
            server.terminate()
            server.wait(60)


async def _prepare(settings: Settings) -> None:
    async with ensure_servers(settings) as (database, cache):
        given = settings.model_copy(update={"database_url": SecretStr(database), "redis_url": SecretStr(cache)})
        await migrate.upgrade(owner_url(settings, database), database)
        async with open_container(given) as container, container.scope(system()) as scope:
            await setup.ensure_house(scope)
            await users.create(scope, EMAIL, "Eva", Role.admin, PASSWORD)
        await asyncio.to_thread(library_rows.fill, owner_url(settings, database), PHOTOS)


def ready(origin: str) -> None:
    """Wait until the house answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{origin}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("Photobank was not ready in time")


def _pictures(context: BrowserContext) -> list[bytes]:
    """Forty generated thumbnails, which every request for a picture gets."""
    pictures = []
    for n in range(40):
        out = io.BytesIO()
        Image.effect_noise((400, 267), 40 + n).resize((400, 267)).convert("RGB").save(out, "WEBP", quality=70)
        pictures.append(out.getvalue())
    asked = iter(range(sys.maxsize))

    def answer(route: Route) -> None:
        route.fulfill(body=pictures[next(asked) % 40], content_type="image/webp", headers={"Cache-Control": "max-age=600"})

    context.route("**/renditions/**", answer)
    return pictures


def _measure(context: BrowserContext, origin: str) -> None:
    _pictures(context)
    page = context.new_page()
    page.goto(f"{origin}/sign-in/")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".tile img.in", timeout=60_000)
    plain = _plain(context, origin)
    for words, pace in PACES:
        plain.bring_to_front()  # a page behind another is given a frame a second
        peer = plain.evaluate(SCROLL, {"pace": pace, "seconds": SECONDS, "selector": "main"})
        ours: dict[str, Any] = {"frames": [], "unread": 0, "blank": 0, "grey": 0, "looked": 0}
        page.bring_to_front()
        for place in (0, 0.25, 0.5, 0.9):
            page.evaluate(
                "part => { const m = document.querySelector('.main'); m.scrollTop = part * (m.scrollHeight - m.clientHeight); }",
                place,
            )
            page.wait_for_timeout(1500)
            found = page.evaluate(SCROLL, {"pace": pace, "seconds": SECONDS, "selector": ".main"})
            ours = {name: ours[name] + found[name] for name in ours}
        mine, other = _p95(ours["frames"]), _p95(peer["frames"])
        name = f"scrolling {PHOTOS:,} photos, {words}"
        _say(f"{name}: frame time, p95", mine, other, "a static page of 600 pictures", "ms")
        rows = 100 * (ours["unread"] + ours["blank"]) / ours["looked"]
        _say(f"{name}: rows not there yet", rows, 100 * peer["blank"] / peer["looked"], "a static page of 600 pictures", "%")
        sys.stderr.write(f"{name}: {len(ours['frames'])} frames, median {statistics.median(ours['frames']):.1f} ms; ")
        sys.stderr.write(f"{ours['unread']} shapes, {ours['blank']} blank, {ours['grey']} without picture of {ours['looked']}\n")
    nodes, heap = page.evaluate("[document.querySelectorAll('.tile').length, performance.memory.usedJSHeapSize / 1e6]")
    sys.stderr.write(f"after that {nodes} tiles and {heap:.0f} MB of JavaScript\n")
    took = _jumps(page)
    _say(f"jumping in {PHOTOS:,} photos: from key to photos, p95", _p95(took), 150, "the aim", "ms")


def _jumps(page: Page) -> list[float]:
    """From a key on the scrubber to the first photo of the month."""
    page.locator(".scrub").focus()  # in whatever language the account has
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    took = []
    for _ in range(JUMPS):
        took.append(
            page.evaluate(
                """async () => { const scrub = document.querySelector('.scrub'); const began = performance.now();
                scrub.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown', bubbles: true}));
                const top = document.querySelector('.main').getBoundingClientRect().top;
                for (;;) { await new Promise(requestAnimationFrame);
                  const at = document.elementFromPoint(400, top + 120);
                  if (at && at.closest('.tile') || performance.now() - began > 10000) return performance.now() - began; } }"""
            )
        )
        page.wait_for_timeout(400)
    return took


def _plain(context: BrowserContext, origin: str) -> Page:
    """The same pictures in a page that does nothing."""
    page = context.new_page()
    page.goto(f"{origin}/robots.txt")
    page.set_content(
        "<main style='height:100vh;overflow:auto;display:flex;flex-wrap:wrap;gap:6px'>"
        + "".join(
            f"<a class=plain><img width=230 height=153 src='{origin}/api/v1/assets/{n}/renditions/thumb'></a>" for n in range(1800)
        )
        + "</main>"
    )
    page.wait_for_timeout(3000)
    return page


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _say(name: str, ours: float, peer: float, peer_name: str, unit: str) -> None:
    ratio = round(ours / peer, 3) if peer else None
    line = {"name": name, "ours": round(ours, 1), "peer": round(peer, 1), "peer_name": peer_name, "ratio": ratio, "unit": unit}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

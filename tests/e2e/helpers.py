"""What browser tests do again and again: sign in, upload, wait for a photo, ask axe, keep a screenshot."""

from __future__ import annotations

import functools
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from skimage import data

from tests.e2e.running import ROOT, Running

EMAIL = "eva@lindewaard.example"
PASSWORD = "een lange zin over fietsen"
DESK = {"width": 1440, "height": 900}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
PATIENT = 120_000
FARTHEST = 90  # presses of Tab from one thing to the next, on any page
AXE = Axe()
LOOK = "axe.run({ resultTypes: ['violations'] })"
REST = """Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => null)))"""

# Pages come prerendered; what one clicks before their scripts run is lost. React leaves its mark on each element that it takes over,
# while it goes through the page, and says at the root when it is through.
TAKEN_OVER = """() => {
    if (!document.querySelector('link[rel=modulepreload]')) return true;
    const all = [...document.querySelectorAll('body button, body input, body h1')];
    const its = (one, mark) => one[Object.keys(one).find((key) => key.startsWith(mark))];
    if (!all.length || !all.every((one) => its(one, '__reactProps'))) return false;
    let fiber = its(all[0], '__reactFiber');
    while (fiber.return) fiber = fiber.return;
    return !fiber.stateNode.current.memoizedState.isDehydrated;
}"""


def listening(go: Callable[..., Any]) -> Callable[..., Any]:
    """`Page.goto` or `Page.reload` that comes back once the page's scripts run and what it loads on opening has come."""

    @functools.wraps(go)
    def went(page: Page, *args: Any, **options: Any) -> Any:
        answer = go(page, *args, **options)
        page.wait_for_function(TAKEN_OVER)
        page.wait_for_function("() => !document.querySelector('main[aria-busy=true]')")
        return answer

    return went


def astronaut(shade: float = 1.0) -> bytes:
    """Eileen Collins, by NASA and so in the public domain, as scikit-image carries her; another `shade` gives another file."""
    picture = Image.fromarray(data.astronaut()).point(lambda value: min(255, int(value * shade)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def nobody(turned: int = 0) -> bytes:
    """A picture without people: a brick wall. Turned by so many quarters it is another one."""
    out = io.BytesIO()
    Image.fromarray(data.brick()).convert("RGB").rotate(90 * turned).save(out, "JPEG", quality=90)
    return out.getvalue()


def sign_in(page: Page, origin: str, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Through the sign-in page, up to the library."""
    page.goto(f"{origin}/sign-in/")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/library/")


def add_account(house: Running, email: str, name: str, role: str, password: str) -> None:
    """Somebody more in the house, through the command line."""
    command = [sys.executable, "-m", "photobank.cli.main", "users", "create", "--email", email, "--name", name, "--role", role]
    env = os.environ | {"PHOTOBANK_DATA_DIR": str(house.data_dir)}
    subprocess.run([*command, "--password-stdin"], input=password, text=True, check=True, cwd=ROOT, env=env, capture_output=True)


def set_up(page: Page, link: str, *, language: str = "nl") -> None:
    """Through the four steps of the one-time link, up to the upload page."""
    page.goto(link)
    page.fill("#organisation", "Ziekenhuis Lindewaard")
    page.check("input[name=sector][value=healthcare]")
    page.click("button[type=submit]")
    page.fill("#name", "Eva Kuipers")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.check(f"input[name=language][value={language}]")
    shot(page, "set-up")
    page.click("button[type=submit]")
    expect(page.locator(".ticks")).to_be_visible(timeout=30_000)
    page.click("button[type=submit]")
    page.wait_for_url("**/upload/")


def upload(page: Page, origin: str, *files: tuple[str, bytes]) -> None:
    """Through the upload page, until each has left the queue as ready or rejected."""
    page.goto(f"{origin}/upload/")
    page.wait_for_selector(".drop-card")
    page.set_input_files(
        "input[type=file] >> nth=0", [{"name": name, "mimeType": "image/jpeg", "buffer": content} for name, content in files]
    )
    expect(page.locator(".flow .up-one.ready, .flow .issue:not(.before)")).to_have_count(len(files), timeout=PATIENT)


def fill_consent(page: Page, *uses: str, extent: str = "all") -> Locator:
    """The open dialog for a consent, filled in for so many uses and two years from today; sending it is the caller's."""
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("input:checked")).to_have_count(0)
    dialog.locator("input[name=regime][value=consent]").check()
    for use in uses:
        dialog.locator(f"input[name=use_{use}]").check()
    dialog.locator(".chips .chip").nth(1).click()
    dialog.locator(f"input[name=extent][value={extent}]").check()
    return dialog


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what is shown at `selector`, and is seen there."""
    expect(page.locator(selector).first).to_be_visible()
    for _ in range(FARTHEST):
        if page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            break
        page.keyboard.press("Tab")
    there = page.locator(":focus")
    assert there.evaluate("(at, selector) => at.matches(selector)", selector), f"Tab never reached {selector}"
    shown = "(at) => { const style = getComputedStyle(at); return style.outlineStyle !== 'none' || style.boxShadow !== 'none'; }"
    assert there.evaluate(shown), f"no visible focus on {selector}"


def csrf(page: Page) -> str:
    """The token that unsafe requests of this session carry."""
    return next(str(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] == "pb_csrf")


def api(page: Page, method: str, path: str, body: Any = None) -> Any:
    """A REST call as the person signed in on this page; gives the JSON."""
    origin = "/".join(page.url.split("/")[:3])
    answer = page.context.request.fetch(
        origin + path, method=method, data=body, headers={"X-CSRF-Token": csrf(page), "Origin": origin}
    )
    assert answer.ok, (answer.status, answer.text()[:500])
    return answer.json() if answer.body() else None


def send(page: Page, folder: str, name: str, content: bytes) -> str:
    """A photo over REST, as the person signed in on this page, even if it is here already; gives its id."""
    origin = "/".join(page.url.split("/")[:3])
    headers = {"X-CSRF-Token": csrf(page), "Origin": origin, "Upload-Filename": name, "Content-Type": "image/jpeg"}
    answer = page.context.request.post(
        f"{origin}/api/v1/assets?folder_id={folder}&on_duplicate=keep", data=content, headers=headers, timeout=PATIENT
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def until(what: Callable[[], Any], seconds: float = 180) -> Any:
    """What it gives once that is something; for what no page shows."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.4)
    return found


def asset_named(page: Page, filename: str) -> dict[str, Any]:
    """The photo of that name, as lists show it."""
    return next(item for item in api(page, "GET", "/api/v1/assets?limit=200")["items"] if item["filename"] == filename)


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe finds serious or worse on the page as it stands, once what moves or fades has come to rest."""
    page.evaluate(REST)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate(LOOK)["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]


def at_every_width(page: Page, address: str, ready: str, name: str) -> None:
    """The page on a phone, a tablet and at a desk, light and dark: axe finds nothing serious, and nothing sticks out sideways."""
    for size in (PHONE, TABLET, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_selector(ready)
        light_and_dark(page, f"{name}-{size['width']}")


def light_and_dark(page: Page, name: str) -> None:
    """The page as it stands, in both looks: axe finds nothing serious, and nothing sticks out sideways."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_class(re.compile(look))
        assert serious(page) == [], (name, look)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, look)
        shot(page, f"{name}-{look}")


def shot(page: Page, name: str) -> None:
    """Keep a screenshot where PHOTOBANK_TEST_SHOTS says, if it says so."""
    folder = os.environ.get("PHOTOBANK_TEST_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")

"""A scripted reviewer settles the labelled faces through the review page in Chromium, by keyboard alone, following the labels.

Prints keys and minutes; the peer is naming each face on its own: two keys and a name that is typed once a person. BENCH_FACES photos are
uploaded first (300; the whole set takes longer than `make bench` gives one module). Without the shared data there is nothing to review.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks._faces import FACES, rows, say
from benchmarks.scrolling import EMAIL, PASSWORD, ready
from photobank.runtime import frontend

PHOTOS = int(os.environ.get("BENCH_FACES", "300"))
STRANGER = ""
V1 = "/api/v1"
REASON = "Labelled photos of a benchmark, of no real organisation."
LOOK = """() => ({name: document.querySelector('.rv-ask h1')?.firstChild?.textContent || '',
  faces: [...document.querySelectorAll('.rv-cand[data-face]')].map((one) => [one.dataset.face, one.getAttribute('aria-pressed') === 'true']),
  done: Boolean(document.querySelector('.rv-done')), at: [...document.querySelectorAll('.rv-cand')].findIndex((one) => one.tabIndex === 0)})"""


@dataclass
class Reviewer:
    """Presses keys and counts them."""

    page: Page
    label: dict[str, str]
    keys: int = 0
    answers: int = 0
    known: set[str] = field(default_factory=set)

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.keys += 1

    def settle(self) -> bool:
        """One question; False when there is none left."""
        seen = self._question()
        if seen is None:
            return False
        faces: list[tuple[str, bool]] = [(face, on) for face, on in seen["faces"]]
        want, _ = Counter(self.label[face] for face, _ in faces).most_common(1)[0]
        self._select(faces, want, seen["at"])
        if want == STRANGER:
            self.press("i")
        elif f" {want}?" in seen["name"]:
            self.press("Enter")
        else:
            self._name(want, asked=bool(self.page.locator(".rv-prob").count()))
        self.answers += 1
        self._gone(faces[0][0], len(faces))
        return True

    def _question(self) -> dict[str, Any] | None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            seen: dict[str, Any] = self.page.evaluate(LOOK)
            if seen["faces"]:
                return seen
            if seen["done"]:
                self.page.wait_for_timeout(3000)  # something may still come back, or be suggested anew
                if self.page.evaluate(LOOK)["done"]:
                    return None
            self.page.wait_for_timeout(30)
        return None

    def _select(self, faces: list[tuple[str, bool]], want: str, at: int) -> None:
        """Who belongs is selected, who does not is not, by the shorter way: one by one, or all and then the odd ones."""
        right = [self.label[face] == want for face, _ in faces]
        odd = [place for place, (_, on) in enumerate(faces) if on != right[place]]
        if odd and all(right) and len(odd) > 1:
            self.press("a")
            return
        if at < 0:
            at = 0
        fresh = True
        for place in odd:
            step = "ArrowRight" if place >= at else "ArrowLeft"
            for _ in range(abs(place - at) + (1 if fresh and step == "ArrowRight" else 0)):
                self.press(step)
            at, fresh = place, False
            self.press(" ")

    def _name(self, name: str, *, asked: bool) -> None:
        self.press("n" if asked else "Enter")
        self.page.wait_for_selector("dialog[open] input")
        typed = 0
        while typed < len(name):
            self.page.keyboard.type(name[typed])
            self.keys += 1
            typed += 1
            if name in self.known and typed >= 3:
                self.page.wait_for_selector("dialog[open] [role=listbox][aria-busy=false]")
                first = self.page.locator("dialog[open] [role=option][aria-selected=true] .grow")
                if first.count() and first.first.inner_text() == name:
                    break
        self.page.wait_for_selector("dialog[open] [role=listbox][aria-busy=false]")
        self.press("Enter")
        self.known.add(name)

    def _gone(self, face: str, count: int) -> None:
        """The next question stands there, or what was left of this one."""
        self.page.wait_for_function(
            "([face, count]) => { const all = [...document.querySelectorAll('.rv-cand[data-face]')];"
            " return !all.some((one) => one.dataset.face === face) || all.length < count; }",
            arg=[face, count],
            timeout=60_000,
        )


def main() -> None:
    """Start a house, fill it, review it, print."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or not FACES.is_dir():
        sys.exit("Needs Chromium and the shared faces (PHOTOBANK_TEST_DATA).")
    if not frontend.is_current():
        frontend.build()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        env = os.environ | {"PHOTOBANK_DATA_DIR": str(Path(folder) / "data"), "PHOTOBANK_PORT": str(port)}
        env["PHOTOBANK_LOG_LEVEL"] = "warning"
        server = subprocess.Popen([sys.executable, "-m", "photobank.cli.main", "serve"], env=env, stdout=subprocess.DEVNULL)
        try:
            origin = f"http://127.0.0.1:{port}"
            ready(origin)
            command = [sys.executable, "-m", "photobank.cli.main", "users", "create", "--email", EMAIL, "--name", "Eva"]
            command += ["--role", "admin", "--password-stdin"]
            subprocess.run(command, input=PASSWORD, text=True, check=True, env=env, capture_output=True)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _measure(browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page(), origin)
                browser.close()
        finally:
            server.terminate()
            server.wait(60)


def _api(page: Page, method: str, path: str, body: Any = None, **headers: str) -> Any:
    origin = "/".join(page.url.split("/")[:3])
    token = next(str(one["value"]) for one in page.context.cookies() if one["name"] == "pb_csrf")
    answer = page.context.request.fetch(
        origin + V1 + path, method=method, data=body, headers={"X-CSRF-Token": token, "Origin": origin} | headers, timeout=120_000
    )
    if not answer.ok:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.text()[:200]}")
    return answer.json()


def _fill(page: Page) -> dict[str, str]:
    """Upload, wait for the workers; who each face is: the largest of a photo is the one that the label names."""
    folder = _api(page, "POST", "/folders", {"name": "Labelled"})["id"]
    who: dict[str, str] = {}
    photos = [row for row in rows("portrait", "tightcrop") if row["identity"]][:PHOTOS]
    for row in photos:
        sent = _api(
            page, "POST", f"/assets?folder_id={folder}&on_duplicate=keep", (FACES / row["file"]).read_bytes(),
            **{"Upload-Filename": Path(row["file"]).name, "Content-Type": "image/jpeg"},
        )  # fmt: skip
        who[sent["id"]] = row["identity"].replace("_", " ")
    faces: dict[str, list[tuple[float, str]]] = {}
    while len(faces) < len(photos):
        time.sleep(5)
        faces = defaultdict(list)
        cursor = ""
        while True:
            found = _api(page, "GET", f"/faces?limit=200{f'&cursor={cursor}' if cursor else ''}")
            for one in found["items"]:
                faces[one["asset_id"]].append((one["box"][2] * one["box"][3], one["id"]))
            cursor = found["next_cursor"]
            if not cursor:
                break
    label = {}
    for asset, here in faces.items():
        for place, (_, face) in enumerate(sorted(here, reverse=True)):
            label[face] = who[asset] if place == 0 else STRANGER
    return label


def _measure(page: Page, origin: str) -> None:
    page.goto(f"{origin}/sign-in/")
    page.wait_for_timeout(2000)
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/library/")
    _api(page, "PUT", "/biometrics/rule", {"basis": "documented", "reason": REASON, "days": 30})
    label = _fill(page)
    page.goto(f"{origin}/review/")
    page.wait_for_selector(".rv-cand img", timeout=120_000)
    one = Reviewer(page, label)
    began = time.monotonic()
    while one.settle():
        pass
    minutes = (time.monotonic() - began) / 60
    page.wait_for_timeout(5000)
    left = _api(page, "GET", "/review/progress")["faces"]
    wrong, settled = _wrong(page, label)
    names = sum(len(name) for name in one.known)
    sys.stderr.write(f"{settled} faces of {len(one.known)} people in {one.answers} answers, {one.keys} keys, {minutes:.1f} min; ")
    sys.stderr.write(f"{settled / minutes:.0f} faces a minute; {left} left, {wrong} wrong\n")
    if wrong:
        sys.exit(f"{wrong} faces were confirmed as somebody else")
    say(
        f"review page, {settled} labelled faces: keys a face",
        one.keys / settled,
        2 + names / settled,
        "each face on its own",
        "keys",
    )
    say(f"review page, {settled} labelled faces: faces a minute", settled / minutes, 30, "one face in two seconds", "faces")


def _wrong(page: Page, label: dict[str, str]) -> tuple[int, int]:
    """Confirmed as somebody whom the label does not name; and how many faces are settled."""
    wrong = settled = 0
    cursor = ""
    while True:
        found = _api(page, "GET", f"/faces?limit=200{f'&cursor={cursor}' if cursor else ''}")
        for one in found["items"]:
            settled += one["state"] in ("confirmed", "ignored")
            wrong += one["state"] == "confirmed" and one["person_name"] != label[one["id"]]
            wrong += one["state"] == "ignored" and label[one["id"]] != STRANGER
        cursor = found["next_cursor"]
        if not cursor:
            return wrong, settled


if __name__ == "__main__":
    main()

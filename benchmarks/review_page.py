"""A scripted reviewer settles a thousand faces of the labelled set through the review page in Chromium, by keyboard alone, as labelled.

Prints keys and minutes; the peer is naming each face on its own: two keys and a name that is typed once a person. Each answer is timed in
the page, from the key to the frame that shows the next question. Photos with BENCH_FACES faces come in first, in two vision workers; whom
no label names is set aside. `PHOTOBANK_FACE_PACK` chooses the engine. Without the shared data there is nothing to review.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright

from benchmarks._faces import FACES, rows, say
from benchmarks.scrolling import EMAIL, PASSWORD, ready
from photobank.runtime import frontend
from photobank.vision.matching import overlap

WANTED = int(os.environ.get("BENCH_FACES", "1000"))
SENDERS = 4
PATIENT = 10_000
MOST_REFUSED = 20
PAINT = 50.0  # milliseconds from a decision to the next face, as the product asks
STRANGER = ""
V1 = "/api/v1"
REASON = "Labelled photos of a benchmark, of no real organisation."
LOOK = """() => ({name: document.querySelector('.rv-ask h1')?.firstChild?.textContent || '',
  faces: [...document.querySelectorAll('.rv-cand[data-face]')].map((one) => [one.dataset.face, one.getAttribute('aria-pressed') === 'true']),
  done: Boolean(document.querySelector('.rv-done')), at: [...document.querySelectorAll('.rv-cand')].findIndex((one) => one.tabIndex === 0)})"""

# From the key that answers to the frame that shows another first face: [milliseconds, faces whose pictures were there, faces in sight].
WATCH = """() => {
  window.painted = [];
  const cells = () => [...document.querySelectorAll('.rv-cand[data-face]')];
  let turn = 0;
  window.addEventListener('keydown', (event) => {
    const mine = ++turn;
    const before = cells()[0]?.dataset.face;
    const look = () => {
      const now = cells();
      if (mine !== turn || performance.now() - event.timeStamp > 10_000) return;
      if (!now.length || now[0].dataset.face === before) { requestAnimationFrame(look); return; }
      const seen = now.filter((one) => one.getBoundingClientRect().top < innerHeight);
      const there = seen.filter((one) => one.querySelector('img')?.complete).length;
      const after = new MessageChannel();
      after.port1.onmessage = () => window.painted.push([performance.now() - event.timeStamp, there, seen.length]);
      after.port2.postMessage(0);
    };
    if (['Enter', 'i', 'r'].includes(event.key)) requestAnimationFrame(look);
  }, true);
}"""


@dataclass
class Reviewer:
    """Presses keys and counts them."""

    page: Page
    label: dict[str, str]
    left: Callable[[], int]
    keys: int = 0
    answers: int = 0
    refused: int = 0
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
                if not self.left():  # what is on its way has arrived, and nothing came back or was suggested anew
                    return None
                self.page.wait_for_timeout(500)
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
            for _ in range(abs(place - at) + (1 if fresh and at == 0 else 0)):  # the first step goes to the first face
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
        """The next question stands there, or what was left of this one. Where neither comes the house said no: told, and tried again."""
        gone = (
            "([face, count]) => { const all = [...document.querySelectorAll('.rv-cand[data-face]')];"
            " return !all.some((one) => one.dataset.face === face) || all.length < count; }"
        )
        try:
            self.page.wait_for_function(gone, arg=[face, count], timeout=PATIENT)
        except PlaywrightError:
            self.refused += 1
            said = self.page.locator(".rv-said, dialog[open] h2").all_inner_texts()
            sys.stderr.write(f"no other question after {PATIENT / 1000:.0f} s: {said} {self.page.evaluate(LOOK)}\n")
            if self.refused > MOST_REFUSED:
                raise
            self.page.keyboard.press("Escape")


@dataclass
class House:
    """The house over REST, with a key: fills it, and looks at the end what became of each face."""

    client: httpx.Client

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; gives the JSON."""
        answer = self.client.request(method, V1 + path, **options)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()

    def faces(self) -> Iterator[dict[str, Any]]:
        """Every face."""
        cursor = ""
        while True:
            found = self.call("GET", f"/faces?limit=200{f'&cursor={cursor}' if cursor else ''}")
            yield from found["items"]
            cursor = found["next_cursor"]
            if not cursor:
                return

    def fill(self) -> dict[str, str]:
        """Send photos and wait for the workers; gives who each face is by its label."""
        self.call("PUT", "/biometrics/rule", json={"basis": "documented", "reason": REASON, "days": 30})
        folder = self.call("POST", "/folders", json={"name": "Labelled"})["id"]

        def send(row: dict[str, str]) -> str:
            headers = {"Upload-Filename": Path(row["file"]).name, "Content-Type": "image/jpeg"}
            content = (FACES / row["file"]).read_bytes()
            return str(self.call("POST", f"/assets?folder_id={folder}&on_duplicate=keep", content=content, headers=headers)["id"])

        chosen = photos()
        with ThreadPoolExecutor(SENDERS) as pool:
            rows_of = dict(zip(pool.map(send, chosen), chosen, strict=True))
        found: dict[str, list[dict[str, Any]]] = {}
        while len(found) < len(rows_of):  # on each of them is somebody
            time.sleep(5)
            found = defaultdict(list)
            for face in self.faces():
                found[face["asset_id"]].append(face)
        label = {}
        for asset, here in found.items():
            row = rows_of[asset]
            sureness, named = max((overlap(face["box"], _labelled(row)), face["id"]) for face in here)
            for face in here:
                meant = sureness > 0 and face["id"] == named
                label[face["id"]] = row["identity"].replace("_", " ") if meant else STRANGER
        return label

    def judged(self, label: dict[str, str]) -> tuple[int, int, int]:
        """Faces confirmed as somebody whom the label does not name, or set aside though it names them; named faces; those set aside."""
        wrong = named = aside = 0
        for one in self.faces():
            named += one["state"] == "confirmed"
            aside += one["state"] == "ignored"
            wrong += one["state"] == "confirmed" and one["person_name"] != label[one["id"]]
            wrong += one["state"] == "ignored" and label[one["id"]] != STRANGER
        return wrong, named, aside


def photos() -> list[dict[str, str]]:
    """Photos with a labelled person, alone or with others, until there are enough faces on them; mixed, but always the same."""
    found = [row for row in rows("portrait", "tightcrop", "multi") if row["identity"]]
    random.Random(4).shuffle(found)
    chosen, faces = [], 0
    for row in found:
        if faces >= WANTED:
            break
        chosen.append(row)
        faces += int(row["n_faces"])
    return chosen


def _labelled(row: dict[str, str]) -> tuple[float, float, float, float]:
    """The labelled face, as the product writes boxes."""
    left, top, right, bottom = (float(part) for part in row["bbox"].split())
    width, height = float(row["width"]), float(row["height"])
    return left / width, top / height, (right - left) / width, (bottom - top) / height


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
        env |= {"PHOTOBANK_LOG_LEVEL": "warning", "PHOTOBANK_VISION_WORKERS": "2"}

        def command(*words: str, given: str = "") -> str:
            line = [sys.executable, "-m", "photobank.cli.main", *words]
            return subprocess.run(line, input=given, text=True, check=True, env=env, capture_output=True).stdout

        server = subprocess.Popen([sys.executable, "-m", "photobank.cli.main", "serve"], env=env, stdout=subprocess.DEVNULL)
        try:
            origin = f"http://127.0.0.1:{port}"
            ready(origin)
            command("users", "create", "--email", EMAIL, "--name", "Eva", "--role", "admin", "--password-stdin", given=PASSWORD)
            key = json.loads(command("keys", "create", "--user", EMAIL, "--name", "benchmark", "--json"))["key"]
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=origin, headers=headers, timeout=120) as client, sync_playwright() as playwright:
                house, began = House(client), time.monotonic()
                label = house.fill()
                sys.stderr.write(f"{len(label)} faces came in in {(time.monotonic() - began) / 60:.1f} min\n")
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _measure(
                    browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page(), origin, house, label
                )
                browser.close()
        finally:
            server.terminate()
            server.wait(60)


def _measure(page: Page, origin: str, house: House, label: dict[str, str]) -> None:
    page.goto(f"{origin}/sign-in/")
    page.wait_for_timeout(2000)
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/library/")
    page.goto(f"{origin}/review/")
    page.wait_for_selector(".rv-cand img", timeout=120_000)
    page.evaluate(WATCH)
    one = Reviewer(page, label, lambda: int(house.call("GET", "/review/progress")["faces"]))
    began = time.monotonic()
    while one.settle():
        pass
    minutes = (time.monotonic() - began) / 60
    left = one.left()
    wrong, named, aside = house.judged(label)
    settled = named + aside
    painted = page.evaluate("window.painted")
    times = sorted(time for time, _, _ in painted)
    pictures = sum(there for _, there, _ in painted) / max(1, sum(seen for _, _, seen in painted))
    sys.stderr.write(
        f"{named} faces of {len(one.known)} people, {aside} set aside, in {one.answers} answers, {one.keys} keys, {minutes:.1f} min; "
    )
    sys.stderr.write(
        f"{settled / minutes:.0f} faces a minute; {left} left, {wrong} wrong, {one.refused} not taken; next question painted after "
    )
    sys.stderr.write(
        f"{times[0]:.0f} to {times[-1]:.0f} ms, {sum(time <= PAINT for time in times)} of {len(times)} within {PAINT:.0f}; "
    )
    sys.stderr.write(f"pictures there {pictures:.2f}\n")
    if wrong or left:
        sys.exit(f"{wrong} faces were settled against their label, {left} are left")
    about = f"review page, {settled} labelled faces"
    names = sum(len(name) for name in one.known)
    say(f"{about}: keys a face", one.keys / settled, 2 + names / settled, "each face on its own", "keys")
    say(f"{about}: faces a minute", settled / minutes, 30, "one face in two seconds", "faces")
    say(f"{about}: next question painted, median", statistics.median(times), PAINT, "aim", "ms")
    say(f"{about}: next question painted, p95", times[int(len(times) * 0.95)], PAINT, "aim", "ms")


if __name__ == "__main__":
    main()

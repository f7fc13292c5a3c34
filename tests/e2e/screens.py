"""Screenshots of the pages of the library in their states, at three widths, light and dark: to be looked at by people.

`python -m tests.e2e.screens FOLDER --photos DIRECTORY [--only WORD …] [--language en]` fills a house with the photos of that directory
(`Somebody/1.jpg`: folders are taken as names), opens every page of the list below and writes `page.state-width-look.png`. Which pages
and states there are stands in `SCREENS`; docs/screens.md says when they were last looked at.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright

from tests.e2e.helpers import DESK, PATIENT, PHONE, REST, TABLET, add_account, api, listening, send, set_up, sign_in, until
from tests.e2e.running import Running, running

WIDTHS = {"1440": DESK, "820": TABLET, "390": PHONE}
NOBODY, PASSWORD = "noor@lindewaard.example", "een lange zin over treinen"
SHAPES = ((3, 2), (2, 3), (4, 3), (1, 1), (16, 9), (3, 2), (4, 5))
V1 = "/api/v1"


@dataclass
class Filled:
    """What there is to look at: ids by what they are for."""

    ids: list[str] = field(default_factory=list)
    collection: str = ""
    folder: str = ""
    stacked: str = ""
    person: str = ""
    portrait: bytes = b""
    """A picture of that person."""


Do = Callable[[Page, Filled], None]


@dataclass(frozen=True)
class Screen:
    """One page in one state. `before` runs ahead of opening it, `then` afterwards; `who` opens it."""

    name: str
    path: str
    ready: str
    then: Do | None = None
    before: Do | None = None
    who: str = "eva"


def _choose(page: Page, _: Filled) -> None:
    """Four photos selected, by keyboard."""
    page.locator(".tile a.open").nth(2).focus()
    page.keyboard.press("Space")
    for _n in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
        page.keyboard.press("Space")
    page.wait_for_selector(".actions")


def _act(name: str) -> Do:
    def do(page: Page, filled: Filled) -> None:
        _choose(page, filled)
        page.locator(f".actions .acts .btn:has(use[href$='#i-{name}'])").first.click()
        page.wait_for_selector("dialog[open]")

    return do


def _click(selector: str, shown: str) -> Do:
    def do(page: Page, _: Filled) -> None:
        page.locator(selector).locator("visible=true").first.click()
        page.wait_for_selector(shown)

    return do


def _stay(pattern: str) -> Do:
    """What these addresses give never comes."""

    def do(page: Page, _: Filled) -> None:
        page.route(re.compile(pattern), lambda route: None)

    return do


def _fail(pattern: str) -> Do:
    def do(page: Page, _: Filled) -> None:
        page.route(pattern, lambda route: route.fulfill(status=503, json={"code": "unavailable"}))

    return do


def _send_two(page: Page, _: Filled) -> None:
    """One that comes, one that is no picture, one that is here already."""
    page.route("**/api/v1/uploads/**", lambda route: None if route.request.method == "PATCH" else route.continue_())
    good = io.BytesIO()
    Image.effect_noise((900, 600), 60).convert("RGB").save(good, "JPEG")
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/jpeg", "buffer": content}
        for name, content in (("straks.jpg", good.getvalue()), ("geen foto.jpg", b"niets"), ("verslag.pdf", b"%PDF-1.4"))
    ]
    page.set_input_files("input[type=file] >> nth=0", files)
    page.wait_for_selector(".up-one")


def _ask(which: str, *keys: str) -> Do:
    """The first suggestion, or the first unknown group, and then these keys: a dialog, or a choice. On a phone it is what comes first."""

    def do(page: Page, _: Filled) -> None:
        narrow = page.locator(".rv-queue:visible").count() == 0
        if not narrow:
            page.locator(".rv-queue .seg button").nth(1 if which == "suggested" else 2).click()
            heading = page.locator(".rv-ask h1")
            expect(heading if which == "suggested" else page.locator(".rv-desk")).to_contain_text("?", timeout=PATIENT)
        page.wait_for_selector(".rv-cand img")
        page.evaluate("document.activeElement?.blur()")
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(300)

    return do


def _undo_asked(page: Page, filled: Filled) -> None:
    _ask("unknown", "h")(page, filled)
    page.locator(".rv-history .btn").first.click()
    page.wait_for_selector(".rv-strip")


def _by_picture(page: Page, filled: Filled) -> None:
    """A picture held up of somebody who is known."""
    page.locator("main .head .btn").first.click()
    page.set_input_files("dialog[open] input[type=file]", {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": filled.portrait})
    page.wait_for_selector(".bp-found .p-row", timeout=PATIENT)


SCREENS = (
    Screen("library.full", "/library/", ".tile img.in"),
    Screen("library.selection", "/library/", ".tile img.in", _choose),
    Screen("library.describe", "/library/", ".tile img.in", _act("pen")),
    Screen("library.move", "/library/", ".tile img.in", _act("move")),
    Screen("library.collect", "/library/", ".tile img.in", _act("collect")),
    Screen("library.download", "/library/", ".tile img.in", _act("download")),
    Screen("library.share", "/library/", ".tile img.in", _act("share")),
    Screen("library.folder", "/library/?folder={folder}", ".tile img.in"),
    Screen("library.shields", "/library/", ".tile img.in", _click(".shields-for", ".menu-list")),
    Screen("library.loading", "/library/", ".photos", before=_stay(r"/api/v1/assets(\?|/months|/blocks)")),
    Screen("library.error", "/library/", ".photos .state, .photos [role=alert]", before=_fail("**/api/v1/assets/months*")),
    Screen("library.empty", "/library/", ".lib", who="noor"),
    Screen("photo.permissions", "/photo/{first}/", ".canvas img.in"),
    Screen("photo.details", "/photo/{first}/", ".canvas img.in", _click("[role=tab] >> nth=1", "[role=tabpanel]")),
    Screen("photo.activity", "/photo/{first}/", ".canvas img.in", _click("[role=tab] >> nth=2", "[role=tabpanel]")),
    Screen("photo.versions", "/photo/{first}/", ".canvas img.in", _click("[role=tab] >> nth=3", "[role=tabpanel]")),
    Screen("photo.download", "/photo/{first}/", ".canvas img.in", _click(".download-btn", ".dl")),
    Screen("photo.stack", "/photo/{stacked}/", ".photo-stack"),
    Screen("photo.gone", "/photo/00000000-0000-7000-8000-000000000000/", "main h1, main h2"),
    Screen("folders.full", "/admin/folders/", ".ad-tree"),
    Screen("collections.full", "/collections/", ".og-card"),
    Screen("collections.empty", "/collections/", "main", who="noor"),
    Screen("collection.full", "/collection/?id={collection}", ".tile img.in"),
    Screen("favourites.full", "/favourites/", ".tile img.in"),
    Screen("favourites.empty", "/favourites/", "main", who="noor"),
    Screen("archive.full", "/archive/", ".tile img.in"),
    Screen("trash.full", "/trash/", ".tile img.in"),
    Screen("trash.empty", "/trash/", "main", who="noor"),
    Screen("duplicates.full", "/duplicates/", ".dup-two"),
    Screen("duplicates.bursts", "/duplicates/", "main .seg", _click("main .seg :is(button, a, label) >> nth=1", "main")),
    Screen("upload.empty", "/upload/", ".drop-card"),
    Screen("upload.going", "/upload/", ".drop-card", _send_two),
    Screen("fields.full", "/admin/fields/", "main h1"),
    Screen("presets.folder", "/admin/presets/", ".pr-choose .fp-face", _click(".pr-choose .fp-face", ".fp-rows li")),
    Screen("presets.full", "/admin/presets/", ".pr-head"),
    Screen("review.suggestion", "/review/", ".rv-cand", _ask("suggested")),
    Screen("review.unknown", "/review/", ".rv-cand", _ask("unknown")),
    Screen("review.name", "/review/", ".rv-cand", _ask("unknown", "Enter")),
    Screen("review.merge", "/review/", ".rv-cand", _ask("suggested", "m")),
    Screen("review.undo", "/review/", ".rv-cand", _undo_asked),
    Screen("people.full", "/people/", ".face-tile"),
    Screen("people.found", "/people/", ".face-tile", _by_picture),
    Screen("person.full", "/person/?id={person}", ".pe-recog"),
    Screen("biometrics.full", "/admin/biometrics/", ".card .kv"),
    Screen("biometrics.rule", "/admin/biometrics/", ".card .kv", _click("main .head .btn-primary", "dialog[open]")),
    Screen("models.full", "/admin/face-models/", ".fm-list"),
    Screen("models.install", "/admin/face-models/", ".fm-list", _click("main .head .btn-primary", "dialog[open]")),
    Screen("requests.new", "/shares/", "main h1", _click("main .head .btn-primary", "dialog[open]")),
)


def main() -> None:
    """Fill a house, open every page, keep the pictures."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--photos", type=Path, required=True)
    options.add_argument("--count", type=int, default=60)
    options.add_argument("--only", nargs="*", default=[])
    options.add_argument("--widths", nargs="*", default=list(WIDTHS))
    options.add_argument("--looks", nargs="*", default=["light", "dark"])
    options.add_argument("--language", default="nl", choices=["nl", "en"])
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    Page.goto = listening(Page.goto)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as place, running(Path(place)) as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        cookies = {name: Path(place) / f"{name}.json" for name in ("eva", "noor")}
        filled = _fill(browser, house, chosen, cookies)
        wanted = [one for one in SCREENS if not chosen.only or any(word in one.name for word in chosen.only)]
        for width in chosen.widths:
            for look in chosen.looks:
                _take(browser, house, wanted, filled, cookies, chosen, width, look)
        browser.close()


def _take(
    browser: Browser,
    house: Running,
    wanted: list[Screen],
    filled: Filled,
    cookies: dict[str, Path],
    chosen: Any,
    width: str,
    look: str,
) -> None:
    places = {"first": filled.ids[0], "stacked": filled.stacked, "collection": filled.collection, "folder": filled.folder}
    places["person"] = filled.person
    for one in wanted:
        context = _context(browser, chosen.language, WIDTHS[width], look, cookies[one.who])
        page = context.new_page()
        said: set[str] = set()
        page.on("console", lambda message, said=said: said.add(message.text[:200]) if message.type == "error" else None)
        try:
            if one.before:
                one.before(page, filled)
            page.goto(house.origin + one.path.format(**places))
            page.wait_for_selector(one.ready, timeout=20_000)
            if one.then:
                one.then(page, filled)
            page.wait_for_timeout(500)
            page.evaluate(REST)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                sys.stderr.write(f"{one.name} at {width}: {wide} px too wide\n")
        except Exception as problem:  # a page that does not come is a finding; the others are still wanted
            sys.stderr.write(f"{one.name} at {width}, {look}: {str(problem).splitlines()[0]}\n")
        for line in sorted(said):
            sys.stderr.write(f"{one.name} at {width}, {look}, console: {line}\n")
        page.screenshot(path=chosen.folder / f"{one.name}-{width}-{look}.png")
        context.close()


def _context(browser: Browser, language: str, size: Any, look: Any, cookies: Path | None) -> BrowserContext:
    state: dict[str, Any] = {"storage_state": cookies} if cookies else {}
    return browser.new_context(viewport=size, color_scheme=look, locale={"nl": "nl-NL", "en": "en-GB"}[language], **state)


def _pictures(folder: Path, count: int) -> Iterator[tuple[str, str, bytes]]:
    """Name, person and bytes: cut to all shapes, dated, about six to a month."""
    chance = random.Random(4)
    files = sorted(folder.rglob("*.jpg"))
    for n, file in enumerate(chance.sample(files, min(count, len(files)))):
        wide, high = SHAPES[n % len(SHAPES)]
        with Image.open(file) as opened:
            picture = opened.convert("RGB").resize((1500, 1500), Image.Resampling.LANCZOS)
        across, down = (1500, 1500 * high // wide) if wide >= high else (1500 * wide // high, 1500)
        left, top = (1500 - across) // 2, (1500 - down) // 3
        picture = picture.crop((left, top, left + across, top + down))
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"{2026 - n // 30}:{11 - n % 30 // 6:02}:{1 + n % 27:02} 1{n % 9}:00:00"
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=88, exif=exif)
        yield file.name, file.parent.name.replace("_", " "), out.getvalue()


def _fill(browser: Browser, house: Running, chosen: Any, cookies: dict[str, Path]) -> Filled:
    context = _context(browser, chosen.language, DESK, "light", None)
    page = context.new_page()
    set_up(page, house.set_up_link, language=chosen.language)
    filled = Filled()
    folders = [
        api(page, "POST", f"{V1}/folders", {"name": name})["id"]
        for name in ("Open dag 2026", "Portretten", "Jaarverslag", "Symposium")
    ]
    filled.folder = folders[1]
    below = api(page, "POST", f"{V1}/folders", {"name": "Kinderafdeling", "parent_id": folders[0]})["id"]
    names = {}
    whole = list(_pictures(chosen.photos, chosen.count))
    for n, (name, person, content) in enumerate(whole):
        id_ = send(page, [*folders, below][n % 5], name, content)
        filled.ids.append(id_)
        names[id_] = person
    smaller = io.BytesIO()
    Image.open(io.BytesIO(whole[0][2])).resize((700, 466)).save(smaller, "JPEG", quality=60)
    copy = send(page, folders[0], "kopie van portret.jpg", smaller.getvalue())
    known = [*filled.ids, copy]
    until(lambda: all(api(page, "GET", f"{V1}/assets/{id_}")["state"] == "ready" for id_ in known), 600)
    _people(page, filled, names)
    who = api(page, "GET", f"{V1}/people/{filled.person}")["name"]
    filled.portrait = next(content for _, person, content in whole if person == who)
    filled.collection = api(page, "POST", f"{V1}/collections", {"name": "Campagne najaar", "kind": "team"})["id"]
    api(page, "POST", f"{V1}/collections/{filled.collection}/assets", {"asset_ids": filled.ids[5:17]})
    empty = api(page, "POST", f"{V1}/collections", {"name": "Nog uit te zoeken", "kind": "personal"})
    assert empty["id"]
    api(page, "POST", f"{V1}/watermarks", {"name": "Huisnaam", "words": "© Lindewaard"})
    for id_ in filled.ids[2:9]:
        api(page, "PUT", f"{V1}/assets/{id_}/favourite")
    for n, id_ in enumerate(filled.ids[3:7]):
        api(page, "PUT", f"{V1}/assets/{id_}/rating", {"stars": 2 + n})
    for id_ in filled.ids[-4:-2]:
        api(page, "POST", f"{V1}/assets/{id_}/archive")
    for id_ in filled.ids[-2:]:
        api(page, "DELETE", f"{V1}/assets/{id_}")
    together = [filled.ids[n] for n in range(0, 20, 5)]
    api(page, "POST", f"{V1}/stacks", {"asset_ids": together})
    filled.stacked = together[0]
    context.storage_state(path=cookies["eva"])
    add_account(house, NOBODY, "Noor de Wit", "viewer", PASSWORD)
    other = _context(browser, chosen.language, DESK, "light", None)
    sign_in(other.new_page(), house.origin, NOBODY, PASSWORD)
    other.storage_state(path=cookies["noor"])
    expect(page.locator("body")).to_be_visible(timeout=PATIENT)
    context.close()
    other.close()
    return filled


def _people(page: Page, filled: Filled, names: dict[str, str]) -> None:
    """Half of the faces have names; who has one allowed something, and some of that was withdrawn. The rest is suggested, on a ground that
    was written down."""
    api(
        page,
        "PUT",
        f"{V1}/biometrics/rule",
        {"basis": "documented", "reason": "Vastgesteld op 2 november 2026, om naar te kijken."},
    )
    known: dict[str, str] = {}
    for n, id_ in enumerate(filled.ids[: len(filled.ids) * 2 // 3]):
        faces = api(page, "GET", f"{V1}/assets/{id_}")["faces"]
        if not faces:
            continue
        name = names[id_]
        if name not in known:
            known[name] = api(page, "POST", f"{V1}/people", {"name": name})["id"]
            until_ = "2026-12-20T00:00:00Z" if n % 4 == 1 else "2029-01-01T00:00:00Z"
            uses = ["website", "social", "internal"] if n % 3 else ["internal"]
            given = api(page, "POST", f"{V1}/consents", {"person_id": known[name], "uses": uses, "valid_until": until_})
            if n % 7 == 6:
                api(page, "POST", f"{V1}/consents/{given['id']}/withdraw", {})
        api(page, "POST", f"{V1}/faces/{faces[0]['id']}/confirm", {"person_id": known[name]})
    filled.person = next(iter(known.values()), "")


if __name__ == "__main__":
    main()

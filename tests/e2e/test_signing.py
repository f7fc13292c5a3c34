"""Consent without paper: asked at the desk, mailed, signed on a phone, sealed, green at the desk; renewed when it ends; withdrawn, red."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.e2e.helpers import DESK, PATIENT, PHONE, api, asset_named, astronaut, serious, set_up, shot, sign_in, upload
from tests.e2e.post import Postman, code_in, link_in, post_office
from tests.e2e.running import ROOT, Running, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME, ADDRESS = "Eileen Collins", "eileen@post.example"
FILE = "eileen-aan-het-werk.jpg"
LARGEST = 200_000
FELT = 100  # milliseconds in which a tap is answered
YEAR = timedelta(days=365)
TURNED = Path(__file__).parent / "turned"
ASK_AGAIN = (
    "from photobank.cli import house; from workers import consents; house.run(lambda c: consents.ask_again({'container': c}))"
)
# Slow 3G as DevTools has it, and a processor four times as slow.
SLOW_LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
TAPS = """(kind) => { window.taps = [];
    document.addEventListener(kind, (event) => requestAnimationFrame(() => setTimeout(
        () => window.taps.push(performance.now() - event.timeStamp))), true); }"""

WATCH = """(mark) => { const look = () => { if (!window.redAt && document.querySelector(mark)) window.redAt = Date.now(); };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true }); }"""


@dataclass
class House:
    """A house of its own, that mails, and whose clock can be turned."""

    running: Running
    postman: Postman
    ahead: Path

    @property
    def origin(self) -> str:
        return self.running.origin

    def today(self) -> date:
        """The day it is there."""
        ahead = float(self.ahead.read_text()) if self.ahead.exists() else 0.0
        return (datetime.now(UTC) + timedelta(seconds=ahead)).date()

    def turn(self, by: timedelta) -> None:
        """All its processes are so much further from now on; then what is asked by the clock is asked, as every half hour."""
        self.ahead.write_text(str(by.total_seconds()))
        done = subprocess.run([sys.executable, "-c", ASK_AGAIN], cwd=ROOT, env=self.running.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("post")
    ahead = folder / "ahead"
    with post_office() as (postman, settings), pytest.MonkeyPatch.context() as patch:
        patch.setenv("TURNED_CLOCK", str(ahead))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(TURNED), os.environ.get("PYTHONPATH")])))
        with running(folder / "data", **settings) as one:
            yield House(one, postman, ahead)


@contextmanager
def a_context(chromium: Browser, **options: Any) -> Iterator[BrowserContext]:
    context = chromium.new_context(**({"locale": "nl-NL"} | options))
    try:
        yield context
    finally:
        context.close()


def test_from_request_to_withdrawal(house: House, chromium: Browser, record_property: Callable[[str, object], None]) -> None:
    with (
        a_context(chromium, viewport=DESK) as staff,
        a_context(chromium, viewport=PHONE, has_touch=True, is_mobile=True) as pocket,
    ):
        desk, phone = staff.new_page(), pocket.new_page()
        set_up(desk, house.running.set_up_link)
        upload(desk, house.origin, (FILE, astronaut(0.97)))
        photo = f"{house.origin}/photo/{asset_named(desk, FILE)['id']}/"
        person = api(desk, "POST", "/api/v1/people", {"name": NAME})["id"]
        api(desk, "PATCH", f"/api/v1/people/{person}", {"email": ADDRESS})
        for face in api(desk, "GET", f"/api/v1/assets/{asset_named(desk, FILE)['id']}")["faces"]:
            api(desk, "POST", f"/api/v1/faces/{face['id']}/confirm", {"person_id": person})

        # Asked from the photo that lacks consent.
        desk.goto(photo)
        desk.locator(".steps button", has_text="vragen").first.click()
        dialog = desk.locator("dialog[open]")
        dialog.locator("select[name=template]").select_option(label="Toestemming portret")
        shot(desk, "sign-ask")
        dialog.locator("button[type=submit]").click()
        expect(desk.locator("dialog[open]")).to_have_count(0)
        asked = house.postman.wait("Mogen wij", ADDRESS)
        assert asked["From"] == "Ziekenhuis Lindewaard <photos@lindewaard.example>"
        board = staff.new_page()
        board.goto(f"{house.origin}/consents/")
        card = board.locator(".cs-card", has_text=NAME)
        expect(card).to_contain_text("Verstuurd")

        # Signed on a phone: a slow one, on a slow line.
        figures = on_a_slow_phone(pocket, phone, link_in(asked))
        expect(card).to_contain_text("Geopend")
        draw(phone)
        expect(phone.locator("[data-count]")).to_have_text("2 van 6 gekozen")
        shot(phone, "sign-filled")
        phone.get_by_role("button", name="Ondertekenen").tap()
        expect(phone.locator("#code")).to_be_visible()
        assert serious(phone) == []
        shot(phone, "sign-code")
        expect(desk.locator(".verdict h2")).to_contain_text("Nog nergens")
        phone.fill("#code", code_in(house.postman.wait("Uw code", ADDRESS)))
        pressed = time.monotonic()
        phone.get_by_role("button", name="Bevestigen").tap(no_wait_after=True)
        expect(desk.locator(".verdict h2")).to_contain_text("website")
        figures["green_ms"] = (time.monotonic() - pressed) * 1000
        expect(phone.locator(".note.good")).to_contain_text("Getekend")
        shot(desk, "sign-green")
        figures |= own_page(pocket, phone)

        # The copy in the mail is the proof that the desk fetches, and its seal holds for others' eyes.
        (attached,) = house.postman.wait("Uw kopie", ADDRESS).iter_attachments()
        consent = api(desk, "GET", f"/api/v1/consents?person_id={person}")["items"][0]
        fetched = staff.request.get(f"{house.origin}/api/v1/consents/{consent['id']}/evidence")
        assert fetched.body() == attached.get_content()
        assert_sealed(fetched.body(), house.ahead.parent)

        # 29 days before the end the person is asked to renew. The staff's sessions ended long before.
        until = datetime.fromisoformat(consent["valid_until"])
        assert until - datetime.now(UTC) > YEAR
        house.turn(until - timedelta(days=29) - datetime.now(UTC))
        renewal = house.postman.wait("loopt af", ADDRESS)
        sign_in(desk, house.origin)
        board.goto(f"{house.origin}/consents/")
        expect(card.filter(has_text="Verstuurd")).to_be_visible()
        phone.goto(link_in(renewal))
        choose(phone, "Website", "Sociale media")
        phone.get_by_role("button", name="Typen").tap()
        phone.fill("#typed", NAME)
        phone.get_by_role("button", name="Ondertekenen").tap()
        phone.fill("#code", code_in(house.postman.wait("Uw code", ADDRESS, 2)))
        phone.get_by_role("button", name="Bevestigen").tap()
        expect(phone.locator(".note.good")).to_contain_text("Getekend")
        renewed = [one for one in api(desk, "GET", f"/api/v1/consents?person_id={person}")["items"] if one["status"] == "signed"]
        assert [datetime.fromisoformat(one["valid_until"]) > until for one in renewed] == [True]

        # Taken back from the same page: three open screens of the staff see it at once.
        desk.goto(photo)
        expect(desk.locator(".matrix thead")).to_contain_text("Patiëntverhaal")  # a use of the organisation's own, by its name
        file = staff.new_page()
        file.goto(f"{house.origin}/person/?id={person}")
        red = {desk: ".canvas .face.s-revoked", board: ".cs-board > :last-child .cs-card", file: ".portrait.lg.s-revoked"}
        for page, mark in red.items():
            expect(page.locator(".avatar, .portrait, .canvas .face, .cs-card").first).to_be_visible()
            expect(page.locator(mark)).to_have_count(0)
            page.evaluate(WATCH, mark)
        figures["red_ms"] = withdraw(phone, list(red))
        expect(card.filter(has_text="Ingetrokken")).to_be_visible()
        house.postman.wait("toestemming ingetrokken", ADDRESS)
        assert serious(board) == []
        shot(board, "sign-board")
        shot(file, "sign-person")
        for name, value in figures.items():
            record_property(name, round(value, 1))
        sys.stdout.write(f"\nsigning: {', '.join(f'{name} {value:.0f}' for name, value in figures.items())}\n")
        says_nothing(chromium, link_in(renewal))


def on_a_slow_phone(pocket: BrowserContext, phone: Page, link: str) -> dict[str, float]:
    """Open the form and choose, with the line and the processor of a phone that is slow; what it weighed and how long it took."""
    with slowed(pocket, phone) as weights:
        began = time.monotonic()
        phone.goto(link)
        expect(phone.locator("h1")).to_contain_text(NAME)
        usable = time.monotonic() - began
        phone.wait_for_load_state("networkidle")
        assert sum(weights.values()) <= LARGEST, weights
        assert phone.locator("input:checked").count() == 0
        phone.evaluate(TAPS, "change")
        choose(phone, "Website", "Sociale media")
        phone.wait_for_function("() => window.taps.length >= 3")
        slowest = felt(phone)
    assert serious(phone) == []
    shot(phone, "sign-form")
    return {"bytes": sum(weights.values()), "usable_on_3g_ms": usable * 1000, "slowest_tap_ms": slowest}


def felt(phone: Page) -> float:
    """The slowest of the taps, in milliseconds. That most of them are quick enough must hold however busy this machine is."""
    taps: list[float] = sorted(phone.evaluate("window.taps"))
    assert taps[len(taps) // 2] <= FELT, taps
    return taps[-1]


@contextmanager
def slowed(pocket: BrowserContext, phone: Page) -> Iterator[dict[str, int]]:
    """A slow line and a slow processor; gives what every answer weighed."""
    weights: dict[str, int] = {}
    phone.on("response", lambda answer: weights.__setitem__(answer.url, answer.request.sizes()["responseBodySize"]))
    tools = pocket.new_cdp_session(phone)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW_LINE)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    yield weights
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    tools.send("Network.emulateNetworkConditions", SLOW_LINE | {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def choose(phone: Page, *uses: str) -> None:
    """Tick these uses, and two years."""
    for use in uses:
        phone.locator("label.choice", has_text=use).first.tap()
    phone.locator("label.choice.short", has_text="2 jaar").tap()


def draw(phone: Page) -> None:
    """A signature, as a finger would."""
    canvas = phone.locator("[data-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 40, box["y"] + 60)
    phone.mouse.down()
    for at in range(1, 14):
        phone.mouse.move(box["x"] + 40 + at * 15, box["y"] + 60 + (at % 3) * 18)
    phone.mouse.up()


def own_page(pocket: BrowserContext, phone: Page) -> dict[str, float]:
    """The photo is there for the person, also on a slow phone; narrow, and with text at twice its size, nothing is cut off sideways."""
    with slowed(pocket, phone) as weights:
        began = time.monotonic()
        phone.reload(wait_until="commit")
        expect(phone.locator("h1")).to_be_visible()
        usable = time.monotonic() - began
        phone.locator(".mine img").scroll_into_view_if_needed()
        phone.wait_for_function("() => document.querySelector('.mine img').naturalWidth > 0")
        assert sum(weights.values()) <= LARGEST, weights
        phone.evaluate(TAPS, "click")
        for tapped in (".asks summary >> nth=0", ".not-me summary >> nth=0", ".asks summary >> nth=0"):
            phone.locator(tapped).tap()
        phone.wait_for_function("() => window.taps.length >= 3")
        slowest = felt(phone)
    expect(phone.locator(".not-me[open]")).to_contain_text("gaat van uw pagina")
    assert FILE not in phone.content()
    assert serious(phone) == []
    shot(phone, "sign-own-page")
    phone.set_viewport_size({"width": 320, "height": 640})
    for size in ("100%", "200%"):
        phone.evaluate("(size) => { document.documentElement.style.fontSize = size; }", size)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    shot(phone, "sign-own-page-narrow")
    phone.evaluate("document.documentElement.style.fontSize = ''")
    phone.set_viewport_size(PHONE)
    return {"own_bytes": sum(weights.values()), "own_on_3g_ms": usable * 1000, "own_tap_ms": slowest}


def withdraw(phone: Page, open_pages: list[Page]) -> float:
    """Take everything back; milliseconds from the tap's request until the last of these pages showed it, by one clock."""
    phone.locator("a.door", has_text="Intrekken").tap()
    sent: list[float] = []
    phone.on("request", lambda asked: sent.append(time.time() * 1000) if asked.url.split("?")[0].endswith("/withdraw") else None)
    phone.get_by_role("button", name="Intrekken wat is aangekruist").tap(no_wait_after=True)
    for page in open_pages:
        page.wait_for_function("() => window.redAt > 0")
    expect(phone.locator(".note.good")).to_contain_text("Ingetrokken")
    shot(phone, "sign-withdrawn")
    return max(float(page.evaluate("window.redAt")) for page in open_pages) - sent[0]


def assert_sealed(pdf: bytes, folder: Path) -> None:
    """pyHanko's validator and, where it is installed, Poppler's."""
    (seal,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trust = ValidationContext(trust_roots=[seal.signer_cert])
    with ThreadPoolExecutor(1) as apart:  # it runs a loop of its own, and Playwright has one here
        found = apart.submit(validate_pdf_signature, seal, trust).result()
    assert found.bottom_line, found.summary()
    if tool := shutil.which("pdfsig"):
        file = folder / "proof.pdf"
        file.write_bytes(pdf)
        said = subprocess.run([tool, "-nocert", str(file)], capture_output=True, text=True, check=False)
        assert "Signature is Valid" in said.stdout, said


def says_nothing(chromium: Browser, link: str) -> None:
    """The door of a used link, to a stranger, on a narrow screen with text at twice its size: no name, and nothing cut off sideways."""
    with a_context(chromium, viewport={"width": 320, "height": 640}, locale="en-GB") as context:
        page = context.new_page()
        page.goto(link)
        expect(page.locator("h1")).to_have_text("Bent u het?")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert NAME not in page.content()
        assert serious(page) == []


def test_at_an_event_a_stranger_scans_signs_and_takes_a_selfie(house: House, chromium: Browser) -> None:
    who = {"name": "Gijs van Dam", "email": "gijs@post.example"}
    with a_context(chromium) as staff, a_context(chromium, viewport=PHONE, has_touch=True, is_mobile=True) as pocket:
        desk, phone = staff.new_page(), pocket.new_page()
        sign_in(desk, house.origin)
        folder = api(desk, "GET", "/api/v1/folders")["items"][0]["id"]
        form = next(one["id"] for one in api(desk, "GET", "/api/v1/consent-templates")["items"] if one["regime"] == "consent")
        about = {"template_id": form, "folder_id": folder, "title": "Open dag", "last_day": str(house.today() + timedelta(days=1))}
        code = api(desk, "POST", "/api/v1/event-codes", about)["id"]
        phone.goto(api(desk, "GET", f"/api/v1/event-codes/{code}/address")["url"])
        expect(phone.locator(".lead").first).to_have_text("Open dag")
        assert serious(phone) == []
        for name, value in who.items():
            phone.fill(f"#{name}", value)
        phone.locator("label.choice").tap()
        phone.get_by_role("button", name="Verder").tap()
        choose(phone, "Website")
        phone.locator("input[name=biometric]").check()
        phone.get_by_role("button", name="Typen").tap()
        phone.fill("#typed", who["name"])
        phone.get_by_role("button", name="Ondertekenen").tap()
        phone.fill("#code", code_in(house.postman.wait("Uw code", who["email"])))
        phone.get_by_role("button", name="Bevestigen").tap()
        expect(phone.locator(".note.good")).to_contain_text("Getekend")
        for content, said in ((b"no picture", "[data-selfie] .wrong"), (astronaut(0.91), ".note.good >> text=Gelukt")):
            picture: Any = {"name": "selfie.jpg", "mimeType": "image/jpeg", "buffer": content}
            phone.set_input_files("[data-selfie] input[type=file]", picture)
            expect(phone.locator(said)).to_be_visible(timeout=PATIENT)
        expect(phone.locator(".take")).to_have_text("Nieuwe selfie")
        assert serious(phone) == []


def test_the_editor_makes_a_new_version_and_shows_it(house: House, chromium: Browser) -> None:
    with a_context(chromium, viewport=DESK) as staff:
        page = staff.new_page()
        sign_in(page, house.origin)
        page.goto(f"{house.origin}/consents/forms/")
        page.locator(".ad-list a", has_text="Toestemming patiënt").click()
        expect(page.locator(".ft-show h2")).to_contain_text("Anna de Vries")
        page.locator("#nl_title").fill("Mogen wij foto’s van {person} gebruiken?")
        page.locator("button[type=submit]").click()
        expect(page.locator(".head")).to_contain_text("versie 2", timeout=PATIENT)
        expect(page.locator(".ft-show h2")).to_have_text("Mogen wij foto’s van Anna de Vries gebruiken?")
        assert serious(page) == []
        shot(page, "sign-forms")

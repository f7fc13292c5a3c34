"""Consent without paper: asked at the desk, mailed over SMTP, signed on a phone, sealed, green at the desk, withdrawn, red."""

from __future__ import annotations

import email
import email.policy
import io
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.e2e.helpers import DESK, PATIENT, PHONE, api, asset_named, astronaut, serious, set_up, shot, upload
from tests.e2e.running import Running, free_port, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME = "Eileen Collins"
ADDRESS = "eileen@post.example"
LARGEST = 200_000


class Postman:
    """Takes every mail, and keeps it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._news = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with self._news:
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
            self._news.notify_all()
        return "250 OK"

    def wait(self, subject: str, after: int = 0) -> EmailMessage:
        """The first mail with this in its subject that came as number `after` or later."""
        with self._news:
            found = self._news.wait_for(lambda: [one for one in self.mails[after:] if subject in str(one["Subject"])], 60)
        assert found, [str(one["Subject"]) for one in self.mails]
        return found[0]


@contextmanager
def post_office() -> Iterator[tuple[Postman, str]]:
    """An SMTP server on a free port."""
    postman = Postman()
    port = free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postman, str(port)
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Postman]]:
    """A house of its own, that mails."""
    with post_office() as (postman, port):
        mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "photos@lindewaard.example"}
        with running(tmp_path_factory.mktemp("post"), **mail) as house:
            yield house, postman


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r", "")


def test_from_request_to_withdrawal(
    post: tuple[Running, Postman], chromium: Browser, record_property: Callable[[str, object], None]
) -> None:
    house, postman = post
    desk_context = chromium.new_context(viewport=DESK, locale="nl-NL")  # type: ignore[arg-type]
    phone_context = chromium.new_context(viewport=PHONE, locale="nl-NL", has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    desk, phone = desk_context.new_page(), phone_context.new_page()
    set_up(desk, house.set_up_link)
    upload(desk, house.origin, ("eileen.jpg", astronaut()))
    asset_id = asset_named(desk, "eileen.jpg")["id"]
    person = api(desk, "POST", "/api/v1/people", {"name": NAME})
    api(desk, "PATCH", f"/api/v1/people/{person['id']}", {"email": ADDRESS})
    for face in api(desk, "GET", f"/api/v1/assets/{asset_id}")["faces"]:
        api(desk, "POST", f"/api/v1/faces/{face['id']}/confirm", {"person_id": person["id"]})

    # Asked from the photo that lacks consent.
    desk.goto(f"{house.origin}/photo/{asset_id}/")
    desk.locator(".steps button", has_text="vragen").first.click()
    dialog = desk.locator("dialog[open]")
    expect(dialog.locator("select[name=template] option")).not_to_have_count(0)
    dialog.locator("select[name=template]").select_option(label="Toestemming portret")
    shot(desk, "sign-ask")
    dialog.locator("button[type=submit]").click()
    expect(desk.locator("dialog[open]")).to_have_count(0)
    asked = postman.wait("Mogen wij")
    assert asked["From"] == "Ziekenhuis Lindewaard <photos@lindewaard.example>"
    link = re.search(r"http\S+/c/\S+", text_of(asked))
    assert link
    board = desk_context.new_page()
    board.goto(f"{house.origin}/consents/")
    expect(board.locator(".cs-card", has_text=NAME)).to_contain_text("Verstuurd")

    # Signed on a phone.
    weights: dict[str, int] = {}
    phone.on("response", lambda answer: weights.__setitem__(answer.url, answer.request.sizes()["responseBodySize"]))
    began = time.monotonic()
    phone.goto(link.group())
    expect(phone.locator("h1")).to_contain_text(NAME)
    phone.wait_for_load_state("networkidle")
    assert sum(weights.values()) <= LARGEST, weights
    assert phone.locator("input:checked").count() == 0
    assert serious(phone) == []
    shot(phone, "sign-form")
    expect(board.locator(".cs-card", has_text=NAME)).to_contain_text("Geopend")
    phone.locator("label.choice", has_text="Website").tap()
    phone.locator("label.choice", has_text="Sociale media").tap()
    phone.locator("label.choice.short", has_text="2 jaar").tap()
    draw(phone)
    expect(phone.locator("[data-count]")).to_have_text("2 van 6 gekozen")
    shot(phone, "sign-filled")
    phone.get_by_role("button", name="Ondertekenen").tap()
    expect(phone.locator("#code")).to_be_visible()
    assert serious(phone) == []
    shot(phone, "sign-code")
    code = re.search(r"^ {4}(\d{6})$", text_of(postman.wait("Uw code")), re.MULTILINE)
    assert code
    desk.goto(f"{house.origin}/photo/{asset_id}/")
    expect(desk.locator(".verdict h2")).not_to_contain_text("website")
    phone.fill("#code", code[1])
    pressed = time.monotonic()
    phone.get_by_role("button", name="Bevestigen").tap(no_wait_after=True)
    expect(desk.locator(".verdict h2")).to_contain_text("website")
    green = time.monotonic() - pressed
    expect(phone.locator(".note.good")).to_contain_text("Getekend")
    took = time.monotonic() - began
    assert serious(phone) == []
    shot(phone, "sign-thanks")
    shot(desk, "sign-green")

    # The copy in the mail is the proof that the desk fetches, and its seal holds.
    copy = postman.wait("Uw kopie")
    (attached,) = copy.iter_attachments()
    pdf = attached.get_content()
    consent = api(desk, "GET", f"/api/v1/consents?person_id={person['id']}")["items"][0]
    fetched = desk.context.request.get(f"{house.origin}/api/v1/consents/{consent['id']}/evidence")
    assert fetched.body() == pdf
    (seal,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    found = validate_pdf_signature(seal, ValidationContext(trust_roots=[seal.signer_cert]))
    assert found.bottom_line, found.summary()

    # Taken back from the same link; the desk sees it at once.
    phone.locator("a.door", has_text="Intrekken").tap()
    pressed = time.monotonic()
    phone.get_by_role("button", name="Intrekken wat is aangekruist").tap(no_wait_after=True)
    expect(desk.locator(".canvas .face.s-revoked")).to_have_count(1)
    red = time.monotonic() - pressed
    expect(phone.locator(".note.good")).to_contain_text("Ingetrokken")
    shot(phone, "sign-withdrawn")
    postman.wait("Bevestiging: toestemming ingetrokken")
    expect(board.locator(".cs-card", has_text=NAME)).to_contain_text("Ingetrokken")
    assert serious(board) == []
    shot(board, "sign-board")
    board.goto(f"{house.origin}/consents/forms/")
    board.locator(".ad-list a", has_text="Toestemming patiënt").click()
    expect(board.locator(".ft-show h2")).to_contain_text("Anna de Vries")
    board.locator("#nl_title").fill("Mogen wij foto’s van {person} gebruiken?")
    board.locator("button[type=submit]").click()
    expect(board.locator(".head")).to_contain_text("versie 2", timeout=PATIENT)
    expect(board.locator(".ft-show h2")).to_have_text("Mogen wij foto’s van Anna de Vries gebruiken?")
    assert serious(board) == []
    shot(board, "sign-forms")
    for name, value in (("signing_s", took), ("green_ms", green * 1000), ("red_ms", red * 1000)):
        record_property(name, round(value, 1))
    sys.stdout.write(
        f"\nsigning page {sum(weights.values())} B; opened to signed {took:.1f} s; green at the desk after {green * 1000:.0f} ms, "
        f"red after {red * 1000:.0f} ms\n"
    )
    stays_usable(chromium, link.group())
    desk_context.close()
    phone_context.close()


def draw(phone: Page) -> None:
    """A signature with the mouse, as a finger would."""
    box = phone.locator("[data-canvas]").bounding_box()
    assert box is not None
    phone.locator("[data-canvas]").scroll_into_view_if_needed()
    box = phone.locator("[data-canvas]").bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 40, box["y"] + 60)
    phone.mouse.down()
    for at in range(1, 14):
        phone.mouse.move(box["x"] + 40 + at * 15, box["y"] + 60 + (at % 3) * 18)
    phone.mouse.up()


def stays_usable(chromium: Browser, link: str) -> None:
    """The door of a used link on a narrow screen with text at twice its size: nothing is cut off sideways."""
    context = chromium.new_context(viewport={"width": 320, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.goto(link)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert NAME not in page.content()
    shot(page, "sign-door-320")
    context.close()
